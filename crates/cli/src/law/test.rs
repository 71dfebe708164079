// SPDX-License-Identifier: Apache-2.0
//! `comity law test`: the cases inside instruments, and what they cover.

use crate::args::{Format, LibraryArgs};
use crate::exit::Status;
use crate::library::unknown;
use crate::out::Out;
use crate::render::diagnostic;
use crate::render::doc::{Block, Line, Tone, count};
use comity_judge::cases::{self, CaseOutcome, Coverage};
use comity_law::Library;
use comity_law::ast::Instrument;
use comity_law::diagnostic::position;
use jiff::civil::Date;
use serde_json::json;
use std::io;

/// Runs the cases of the instruments, or of all.
pub fn run(ids: &[String], coverage: bool, args: &LibraryArgs, format: Format, today: Date, out: &mut Out) -> io::Result<Status> {
    let loaded = match super::open(args, today, out)? {
        Ok(loaded) => loaded,
        Err(status) => return Ok(status),
    };
    let library = &loaded.library;
    if let Some(id) = ids.iter().find(|id| library.instrument(id).is_none()) {
        out.error(&unknown(library, id))?;
        return Ok(Status::Usage);
    }
    let broken = loaded.broken();
    let wanted: Vec<&Instrument> =
        library.instruments.iter().filter(|instrument| ids.is_empty() || ids.contains(&instrument.id.text)).collect();
    let mut status = Status::Fine;
    let (mut passed, mut total) = (0, 0);
    for instrument in wanted {
        if broken.contains(&instrument.source) {
            status = status.and(Status::Invalid);
            let look = out.look_of_errors();
            let errors = loaded.errors().filter(|error| error.source == instrument.source);
            let drawn: String = errors.map(|error| diagnostic::of_law(library, error, look)).collect();
            out.complain(&drawn)?;
            out.error(&format!("`{}` has errors, so its cases were not run", instrument.id.text))?;
            continue;
        }
        let (outcomes, seen) = cases::run(library, instrument, today);
        let good = outcomes.iter().filter(|outcome| outcome.faults.is_empty()).count();
        passed += good;
        total += outcomes.len();
        if good < outcomes.len() {
            status = status.and(Status::No);
        }
        if format == Format::Json {
            out.json(&as_json(instrument, &outcomes, &seen))?;
        } else {
            out.blocks(&document(library, instrument, &outcomes, &seen, coverage), format)?;
        }
    }
    if format != Format::Json {
        let elsewhere = broken.iter().filter(|id| !library.instruments.iter().any(|instrument| instrument.source == **id)).count();
        let mut blocks = Vec::new();
        if elsewhere > 0 && ids.is_empty() {
            blocks.push(Block::say(format!("{} cannot be read: `comity law check` shows why", count(elsewhere, "source"))));
            status = status.and(Status::Invalid);
        }
        let tone = if passed == total { Tone::Good } else { Tone::Bad };
        blocks.push(Block::Sentence(Line::default().toned(tone, format!("{passed} of {total}")).then(" cases pass")));
        out.blocks(&blocks, format)?;
    }
    Ok(status)
}

fn document(library: &Library, instrument: &Instrument, outcomes: &[CaseOutcome], seen: &Coverage, all: bool) -> Vec<Block> {
    let good = outcomes.iter().filter(|outcome| outcome.faults.is_empty()).count();
    let tone = if good == outcomes.len() { Tone::Good } else { Tone::Bad };
    let head = Line::strong(instrument.id.text.clone()).then(": ").toned(tone, format!("{good} of {}", outcomes.len())).then(" cases pass");
    let mut body: Vec<Block> = outcomes
        .iter()
        .zip(&instrument.cases)
        .filter(|(outcome, _)| !outcome.faults.is_empty())
        .map(|(outcome, case)| {
            let source = library.source(instrument.source);
            let place =
                source.map_or_else(String::new, |source| format!("{}:{}: ", source.name, position(&source.text, case.span.start).0));
            let line = Line::faint(place).toned(Tone::Bad, format!("\"{}\"", outcome.title));
            Block::Item(line, outcome.faults.iter().map(|fault| Block::say(fault.clone())).collect())
        })
        .collect();
    let names = |keep: fn((bool, bool)) -> bool| -> Vec<&str> {
        seen.provisions.iter().filter(|(_, seen)| keep(**seen)).map(|(id, _)| id.as_str()).collect()
    };
    let mut say = |head: &str, names: &[&str]| {
        if !names.is_empty() {
            body.push(Block::say(format!("{head}: {}", names.join(", "))));
        }
    };
    say("no case saw these holding", &names(|seen| !seen.0));
    say("no case saw these not holding", &names(|seen| seen.0 && !seen.1));
    if all {
        say("seen both ways", &names(|seen| seen == (true, true)));
    }
    vec![Block::Group(head, body)]
}

fn as_json(instrument: &Instrument, outcomes: &[CaseOutcome], seen: &Coverage) -> serde_json::Value {
    json!({
        "instrument": instrument.id.text,
        "passed": outcomes.iter().filter(|outcome| outcome.faults.is_empty()).count(),
        "cases": outcomes.iter().map(|outcome| json!({"title": outcome.title, "passes": outcome.faults.is_empty(), "faults": outcome.faults})).collect::<Vec<_>>(),
        "coverage": seen.provisions.iter().map(|(id, seen)| json!({"provision": id, "seen_holding": seen.0, "seen_not_holding": seen.1})).collect::<Vec<_>>(),
    })
}
