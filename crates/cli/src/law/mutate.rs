// SPDX-License-Identifier: Apache-2.0
//! `comity law mutate`: whether the cases of an instrument notice small changes of it.

use crate::args::{Format, LibraryArgs};
use crate::exit::Status;
use crate::library::unknown;
use crate::out::{Out, Progress};
use crate::render::doc::{Block, Line, Tone};
use comity_judge::mutation;
use comity_law::diagnostic::position;
use jiff::civil::Date;
use serde_json::json;
use std::io;

/// The share of mutants that a case must notice.
const SHARE: usize = 90;

/// Makes the mutants of instruments and shows those that survive.
pub fn run(ids: &[String], suggest: bool, args: &LibraryArgs, format: Format, today: Date, out: &mut Out) -> io::Result<Status> {
    let loaded = match super::open(args, today, out)? {
        Ok(loaded) => loaded,
        Err(status) => return Ok(status),
    };
    let library = &loaded.library;
    for id in ids {
        if library.instrument(id).is_none() {
            out.error(&unknown(library, id))?;
            return Ok(Status::Usage);
        }
    }
    let mut status = Status::Fine;
    let chosen = library
        .instruments
        .iter()
        .filter(|instrument| !instrument.cases.is_empty() && (ids.is_empty() || ids.contains(&instrument.id.text)));
    for instrument in chosen {
        let mut progress = None;
        let mutants =
            mutation::run(library, instrument, today, suggest, |done, total| progress.get_or_insert_with(|| Progress::new(total)).at(done));
        drop(progress);
        let killed = mutants.iter().filter(|mutant| mutant.killed).count();
        if killed * 100 < mutants.len() * SHARE {
            status = Status::No;
        }
        let text = library.source(instrument.source).map_or("", |source| &*source.text);
        let name = library.source(instrument.source).map_or("", |source| source.name.as_str());
        let survivors = mutants.iter().filter(|mutant| !mutant.killed);
        if format == Format::Json {
            let survivors: Vec<_> = survivors
                .map(|mutant| json!({"file": name, "line": position(text, mutant.span.start).0, "provision": mutant.provision, "change": mutant.change, "case": mutant.witness}))
                .collect();
            out.json(&json!({"instrument": instrument.id.text, "mutants": mutants.len(), "killed": killed, "survivors": survivors}))?;
            continue;
        }
        let tone = if killed * 100 < mutants.len() * SHARE { Tone::Bad } else { Tone::Good };
        let head = Line::strong(instrument.id.text.clone())
            .then(": ")
            .toned(tone, format!("{killed} of {}", mutants.len()))
            .then(format!(" mutants noticed ({} %)", killed * 100 / mutants.len().max(1)));
        let body = survivors
            .map(|mutant| {
                let line = format!("{name}:{}: {}: {}", position(text, mutant.span.start).0, mutant.provision, mutant.change);
                let case = mutant.witness.iter().flat_map(|case| case.lines().map(Block::say)).collect();
                Block::Item(Line::of(line), case)
            })
            .collect();
        out.blocks(&[Block::group(head, body)], format)?;
        out.flush()?;
    }
    Ok(status)
}
