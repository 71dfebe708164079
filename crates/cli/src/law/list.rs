// SPDX-License-Identifier: Apache-2.0
//! `comity law list`: the instruments of the library.

use crate::args::{Format, LibraryArgs};
use crate::exit::Status;
use crate::out::Out;
use crate::render::doc::{Block, Line, Tone, count};
use comity_law::ast::Instrument;
use jiff::civil::Date;
use serde_json::json;
use std::io;

/// Lists them.
pub fn run(args: &LibraryArgs, format: Format, today: Date, out: &mut Out) -> io::Result<Status> {
    let loaded = match super::open(args, today, out)? {
        Ok(loaded) => loaded,
        Err(status) => return Ok(status),
    };
    let instruments = &loaded.library.instruments;
    if format == Format::Json {
        for instrument in instruments {
            let (verified, all) = super::verified(instrument);
            out.json(&json!({
                "id": instrument.id.text, "title": instrument.title, "kind": instrument.kind.word(), "cite": instrument.cites.join("; "),
                "in_force": instrument.in_force.map(|force| json!({"from": force.from.to_string(), "until": force.until.map(|day| day.to_string())})),
                "published": instrument.published.map(|day| day.to_string()),
                "provisions": all, "verified": verified, "cases": instrument.cases.len(), "readings": instrument.readings.len(),
                "digest": loaded.library.digest(instrument),
            }))?;
        }
        return Ok(Status::Fine);
    }
    let rows = instruments.iter().map(row).collect();
    let errors = loaded.errors().count();
    let mut blocks = vec![
        Block::Table(vec!["id", "title", "kind", "in force", "provisions", "seen in a source", "cases"], rows),
        Block::Gap,
        Block::say(count(instruments.len(), "instrument")),
    ];
    if errors > 0 {
        let text = format!("the library has {}: `comity law check` shows them", count(errors, "error"));
        blocks.push(Block::Sentence(Line::default().toned(Tone::Bad, text)));
    }
    out.blocks(&blocks, format)?;
    Ok(Status::Fine)
}

fn row(instrument: &Instrument) -> Vec<Line> {
    let (verified, all) = super::verified(instrument);
    let share = (verified * 100).checked_div(all).map_or_else(String::new, |share| format!("{share} %"));
    vec![
        Line::strong(instrument.id.text.clone()),
        Line::of(instrument.title.clone()),
        Line::of(instrument.kind.word()),
        Line::of(super::days(instrument.in_force)),
        Line::of(all.to_string()),
        Line::of(share),
        Line::of(instrument.cases.len().to_string()),
    ]
}
