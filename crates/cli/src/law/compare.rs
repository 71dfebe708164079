// SPDX-License-Identifier: Apache-2.0
//! `comity law compare`: the flows that two laws, or one law on two days, judge differently.

use super::change::{self, Change};
use crate::args::{CompareArgs, Format};
use crate::draft::{self, Draft, is_path};
use crate::exit::Status;
use crate::input::{expand, with_rows};
use crate::library::unknown;
use crate::out::Out;
use crate::register::map_file;
use crate::render::compare::{Corpus, as_json, document};
use crate::render::diagnostic;
use crate::render::doc::{Block, Line, Tone, count, listed};
use comity_flow::Flow;
use comity_judge::compare::{Question, Side, compare_over};
use jiff::civil::Date;
use serde_json::json;
use std::io;
use std::path::Path;

/// Compares and shows every way in which the two differ, with an example.
pub fn run(args: &CompareArgs, today: Date, out: &mut Out) -> io::Result<Status> {
    let loaded = match super::open(&args.library, today, out)? {
        Ok(loaded) => loaded,
        Err(status) => return Ok(status),
    };
    let library = &loaded.library;
    let only = args.second.is_none();
    let mut drafts = Vec::new();
    for argument in [Some(&args.first), args.second.as_ref()].into_iter().flatten() {
        drafts.push(match is_path(argument) {
            true => match draft::read(library, Path::new(argument), today, out)? {
                Ok(draft) => Some(draft),
                Err(status) => return Ok(status),
            },
            false => None,
        });
    }
    // A draft alone is compared with the version of the library.
    if only && matches!(drafts.as_slice(), [Some(_)]) {
        drafts.insert(0, None);
    }
    if let [Some(_)] | [None] = drafts.as_slice() {
        drafts.push(None);
    }
    let (old, new) = match (drafts.first().and_then(Option::as_ref), drafts.get(1).and_then(Option::as_ref)) {
        (None, None) => (args.first.clone(), args.second.clone().unwrap_or_else(|| args.first.clone())),
        (None, Some(new)) => {
            let wanted = (!only).then_some(args.first.as_str());
            match in_draft(new, wanted) {
                Ok(id) => (wanted.map_or_else(|| id.clone(), str::to_owned), id),
                Err(message) => return usage(&message, out),
            }
        }
        (Some(old), None) => match in_draft(old, args.second.as_deref()) {
            Ok(id) => (id, args.second.clone().unwrap_or_default()),
            Err(message) => return usage(&message, out),
        },
        (Some(old), Some(new)) => match in_draft(old, None).and_then(|old| Ok((in_draft(new, Some(&old))?, old))) {
            Ok((new, old)) => (old, new),
            Err(message) => return usage(&message, out),
        },
    };
    let mut sides = Vec::new();
    for ((id, draft), on) in [&old, &new].into_iter().zip(&drafts).zip([args.on, args.against.or(args.on)]) {
        let library = draft.as_ref().map_or(library, |draft| &draft.library);
        let Some(instrument) = library.instrument(id) else {
            out.error(&unknown(library, id))?;
            return Ok(Status::Usage);
        };
        sides.push(Side { library, instrument, day: on.unwrap_or(today), known: today });
    }
    let [a, b] = sides.as_slice() else { return Ok(Status::Failed) };
    let (corpus, flows, status) = match read(args, out)? {
        Ok(read) => read,
        Err(status) => return Ok(status),
    };
    let comparison = match compare_over(*a, *b, &Question { flows: &flows, both_govern: args.both_govern }) {
        Ok(comparison) => comparison,
        Err(error) => {
            out.error(&error.to_string())?;
            return Ok(Status::Failed);
        }
    };
    let named = |id: &str, draft: bool, day: Date| if draft { format!("{id} of the draft on {day}") } else { format!("{id} on {day}") };
    let is_draft = |number: usize| drafts.get(number).is_some_and(Option::is_some);
    let names = [named(&old, is_draft(0), a.day), named(&new, is_draft(1), b.day)];
    // Two versions of one instrument, at least one of them not the library's.
    let change = (old == new && (is_draft(0) || is_draft(1))).then(|| change::between(*a, *b));
    if args.format.format == Format::Json {
        let mut value = as_json(&names, &comparison, corpus.as_ref());
        if let (Some(change), Some(object)) = (&change, value.as_object_mut()) {
            let gave_up: Vec<String> = change.gave_up.iter().map(Date::to_string).collect();
            object.insert(
                "change".to_owned(),
                json!({"kind": change.kind.word(), "first": change.first.map(|day| day.to_string()),
                "days": change.days, "gave_up": gave_up}),
            );
        }
        out.json(&value)?;
    } else {
        let mut blocks = document(&names, args.both_govern, &comparison, corpus.as_ref());
        if let Some(change) = &change {
            blocks.splice(0..0, [of_change(change), Block::Gap]);
        }
        out.blocks(&blocks, args.format.format)?;
    }
    Ok(status)
}

/// The flows by which the differences are weighed, their names, and the status that their faults have; no names where
/// no flows are asked for.
type Read = (Option<Corpus>, Vec<Flow>, Status);

/// Reads the flows; those with problems are named and left out.
fn read(args: &CompareArgs, out: &mut Out) -> io::Result<Result<Read, Status>> {
    let mut status = Status::Fine;
    if args.flows.is_empty() {
        return Ok(Ok((None, Vec::new(), status)));
    }
    let map = match map_file::open(args.map.as_deref(), out)? {
        Ok(map) => map,
        Err(status) => return Ok(Err(status)),
    };
    let (sources, faults) = expand(&args.flows);
    for fault in faults {
        out.error(&fault)?;
        status = status.and(Status::Failed);
    }
    let (mut corpus, mut flows) = (Corpus::default(), Vec::new());
    for source in with_rows(sources, &map) {
        let text = match source.text() {
            Ok(text) => text,
            Err(message) => {
                out.error(&format!("cannot read `{}`: {message}", source.name()))?;
                corpus.unread += 1;
                status = status.and(Status::Failed);
                continue;
            }
        };
        match source.flow(&text) {
            Ok(flow) => {
                corpus.names.push(if flow.id.is_empty() { source.name() } else { flow.id.clone() });
                flows.push(flow);
            }
            Err(problems) => {
                let drawn: String = diagnostic::of_file(&source.file(), &text, &problems, out.look_of_errors());
                out.complain(&drawn)?;
                corpus.unread += 1;
                status = status.and(Status::Invalid);
            }
        }
    }
    Ok(Ok((Some(corpus), flows, status)))
}

fn usage(message: &str, out: &mut Out) -> io::Result<Status> {
    out.error(message)?;
    Ok(Status::Usage)
}

/// The instrument of a draft that is meant: the one that is named on the other side, or the only one.
fn in_draft(draft: &Draft, wanted: Option<&str>) -> Result<String, String> {
    let all: Vec<&String> = draft.replaced.iter().chain(&draft.added).collect();
    match (all.as_slice(), wanted) {
        ([], _) => Err("the draft has no instrument".to_owned()),
        ([one], _) => Ok((*one).clone()),
        (many, Some(wanted)) if many.iter().any(|id| *id == wanted) => Ok(wanted.to_owned()),
        (many, _) => {
            let names: Vec<&str> = many.iter().map(|id| id.as_str()).collect();
            Err(format!("the draft has several instruments, `{}`: name the one to compare on the other side", names.join("`, `")))
        }
    }
}

/// The kind of a change in one sentence.
fn of_change(change: &Change) -> Block {
    let since = change.first.map_or_else(String::new, |day| format!(", first on {day}"));
    let mut line = Line::default().toned(Tone::Strong, change.kind.word()).then(format!(": {}{since}", change.kind.reason()));
    line = line.then(format!(" ({} looked at)", count(change.days, "day")));
    if !change.gave_up.is_empty() {
        let days: Vec<String> = change.gave_up.iter().map(Date::to_string).collect();
        line = line.toned(Tone::Doubt, format!("; the comparison gave up on {}, so it may be more", listed(&days, "and")));
    }
    Block::Sentence(line)
}
