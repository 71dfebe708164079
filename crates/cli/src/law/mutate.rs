// SPDX-License-Identifier: Apache-2.0
//! `comity law mutate`: whether the cases of an instrument notice small changes of its text.

use super::show::source_of;
use crate::args::{Format, LibraryArgs};
use crate::exit::Status;
use crate::library::unknown;
use crate::out::{Out, Progress};
use crate::render::doc::{Block, Line, Tone, count};
use comity_judge::mutation::{self, Mutant};
use comity_law::Library;
use comity_law::ast::{Instrument, Kind};
use comity_law::diagnostic::position;
use jiff::civil::Date;
use serde_json::json;
use std::io;

/// The share of mutants that the cases of an instrument have to notice.
const PERCENT: usize = 90;

/// Makes the mutants of the instruments, or of every law and treaty that has cases.
pub fn run(ids: &[String], suggest: bool, args: &LibraryArgs, format: Format, today: Date, out: &mut Out) -> io::Result<Status> {
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
    let chosen = |instrument: &&Instrument| match ids {
        [] => matches!(instrument.kind, Kind::Law | Kind::Treaty) && !instrument.cases.is_empty(),
        ids => ids.contains(&instrument.id.text),
    };
    let mut status = Status::Fine;
    let (mut killed, mut total) = (0, 0);
    for instrument in library.instruments.iter().filter(chosen) {
        let id = &instrument.id.text;
        if broken.contains(&instrument.source) {
            status = status.and(Status::Invalid);
            out.error(&format!("`{id}` has errors, so it was left alone; `comity law check {id}` shows them"))?;
            continue;
        }
        let progress = Progress::new(None);
        let made = mutation::run(library, instrument, today, suggest, |done, of| progress.say(&format!("{id}: {done} of {of} mutants")));
        drop(progress);
        let mutants = match made {
            Ok(mutants) => mutants,
            Err(failing) => {
                status = status.and(Status::No);
                let mut owners: Vec<&str> = failing.cases.iter().map(|(owner, _)| owner.as_str()).collect();
                owners.dedup();
                out.error(&format!("`{id}`: {failing}; `comity law test {}` shows why", owners.join(" ")))?;
                continue;
            }
        };
        let noticed = mutants.iter().filter(|mutant| mutant.killed).count();
        killed += noticed;
        total += mutants.len();
        if noticed * 100 < mutants.len() * PERCENT {
            status = status.and(Status::No);
        }
        if format == Format::Json {
            out.json(&as_json(library, instrument, &mutants))?;
        } else {
            out.blocks(&[document(library, instrument, &mutants, suggest)], format)?;
        }
        // Each instrument takes a while: its result is shown when it is there.
        out.flush()?;
    }
    // Where no mutant was made there is nothing to add up.
    if format != Format::Json && total > 0 {
        let tone = if killed * 100 >= total * PERCENT { Tone::Good } else { Tone::Bad };
        let line = Line::default().toned(tone, format!("{killed} of {total}")).then(format!(" mutants noticed{}", share(killed, total)));
        out.blocks(&[Block::Sentence(line)], format)?;
    }
    Ok(status)
}

fn share(part: usize, whole: usize) -> String {
    (part * 100).checked_div(whole).map_or_else(String::new, |share| format!(" ({share} %)"))
}

/// The file and line of a change.
fn place(library: &Library, instrument: &Instrument, mutant: &Mutant) -> (String, usize) {
    let provision = instrument.provision(&mutant.provision);
    let source = provision.and_then(|provision| source_of(library, instrument, provision)).or_else(|| library.source(instrument.source));
    source.map_or_else(|| (String::new(), 0), |source| (source.name.clone(), position(&source.text, mutant.span.start).0))
}

fn document(library: &Library, instrument: &Instrument, mutants: &[Mutant], suggest: bool) -> Block {
    let killed = mutants.iter().filter(|mutant| mutant.killed).count();
    let tone = if killed * 100 >= mutants.len() * PERCENT { Tone::Good } else { Tone::Bad };
    let head = Line::strong(instrument.id.text.clone())
        .then(": ")
        .toned(tone, format!("{killed} of {}", count(mutants.len(), "mutant")))
        .then(format!(" noticed{}", share(killed, mutants.len())));
    let survivors = mutants.iter().filter(|mutant| !mutant.killed).map(|mutant| {
        let (file, line) = place(library, instrument, mutant);
        let head =
            Line::faint(format!("{file}:{line}: ")).toned(Tone::Strong, mutant.provision.clone()).then(format!(": {}", mutant.change));
        let body = match &mutant.witness {
            // It is source text, kept line by line; the reader copies it.
            Some(case) => case.lines().map(|line| Block::say(Line::of(line.trim_end().to_owned()))).collect(),
            None if suggest => vec![Block::say(Line::faint("no flow near the cases tells it apart"))],
            None => Vec::new(),
        };
        Block::Item(head, body)
    });
    Block::Group(head, survivors.collect())
}

fn as_json(library: &Library, instrument: &Instrument, mutants: &[Mutant]) -> serde_json::Value {
    let killed = mutants.iter().filter(|mutant| mutant.killed).count();
    let survivors = mutants.iter().filter(|mutant| !mutant.killed).map(|mutant| {
        let (file, line) = place(library, instrument, mutant);
        json!({"provision": mutant.provision, "change": mutant.change, "file": file, "line": line, "case": mutant.witness})
    });
    json!({
        "instrument": instrument.id.text, "mutants": mutants.len(), "killed": killed,
        "survivors": survivors.collect::<Vec<_>>(),
    })
}
