// SPDX-License-Identifier: Apache-2.0
//! `comity law compare`: the flows that two laws, or one law on two days, judge differently.

use super::change::{self, Change};
use crate::args::{CompareArgs, Format};
use crate::draft::{self, Draft, is_path};
use crate::exit::Status;
use crate::library::unknown;
use crate::out::Out;
use crate::render::doc::{Block, Line, Tone, count, listed};
use comity_judge::compare::{Comparison, Difference, Side, compare};
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
    let comparison = match compare(*a, *b) {
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
        let mut value = as_json(&names, &comparison);
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
        let mut blocks = document(&names, &comparison);
        if let Some(change) = &change {
            blocks.splice(0..0, [of_change(change), Block::Gap]);
        }
        out.blocks(&blocks, args.format.format)?;
    }
    Ok(Status::Fine)
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

fn behind(difference: &Difference, side: u8) -> Vec<String> {
    let own = difference.behind.iter().filter(|behind| behind.side == side);
    own.take(6).map(|behind| format!("{} ({}) in {:.1} %", behind.provision, behind.cites.join("; "), behind.share * 100.0)).collect()
}

fn as_json(names: &[String; 2], comparison: &Comparison) -> serde_json::Value {
    let differences: Vec<_> = comparison
        .differences
        .iter()
        .map(|difference| {
            json!({"first": difference.first.word(), "second": difference.second.word(), "classes": difference.classes, "share": difference.share,
                   "behind_first": behind(difference, 1), "behind_second": behind(difference, 2), "example": comity_flow::write(&difference.example)})
        })
        .collect();
    json!({"first": names.first(), "second": names.last(), "classes": comparison.classes, "alike": comparison.alike,
           "first_at_least_as_protective": comparison.first_at_least_as_protective,
           "second_at_least_as_protective": comparison.second_at_least_as_protective, "differences": differences})
}

fn document(names: &[String; 2], comparison: &Comparison) -> Vec<Block> {
    let [first, second] = names;
    let mut blocks = vec![Block::say(Line::strong(format!("{first} and {second}")).then(format!(
        " tell apart {:.3e} classes of flows and judge {:.4} % of them alike",
        comparison.classes,
        comparison.alike * 100.0
    )))];
    let protective = match (comparison.first_at_least_as_protective, comparison.second_at_least_as_protective) {
        (true, true) => "they let the same flows go".to_owned(),
        (true, false) => format!("{first} is at least as protective"),
        (false, true) => format!("{second} is at least as protective"),
        (false, false) => "neither is at least as protective as the other".to_owned(),
    };
    blocks.push(Block::say(Line::default().toned(Tone::Strong, protective)));
    for difference in &comparison.differences {
        let mut body = Vec::new();
        for (name, side) in [(first, 1), (second, 2)] {
            let provisions = behind(difference, side);
            if !provisions.is_empty() {
                body.push(Block::group(format!("behind it under {name}"), provisions.into_iter().map(Block::item).collect()));
            }
        }
        let example = comity_flow::write(&difference.example);
        let lines = example.lines().filter(|line| !line.trim().is_empty() && !line.starts_with("id = ")).map(Block::say).collect();
        body.push(Block::group("for example", lines));
        blocks.push(Block::Gap);
        let head = format!(
            "{} under the first, {} under the second: {:.4} % of the classes",
            difference.first.word(),
            difference.second.word(),
            difference.share * 100.0
        );
        blocks.push(Block::group(Line::strong(head), body));
    }
    blocks
}
