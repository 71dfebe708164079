// SPDX-License-Identifier: Apache-2.0
//! `comity law show`: an instrument in outline.

use crate::args::{Format, LibraryArgs};
use crate::exit::Status;
use crate::library::unknown;
use crate::out::Out;
use crate::render::doc::{Block, Line, Tone, count};
use crate::render::json::{clause_word, status_word};
use comity_judge::period_in_words;
use comity_law::ast::{Effect, Instrument, Provision, SourceStatus, TermSet};
use comity_law::{Library, Recognition, Source};
use comity_terms::{nearest, vocabulary};
use jiff::civil::Date;
use serde_json::json;
use std::io;

/// The effects in the order of the outline, each with its heading.
const PARTS: &[(&str, &str)] = &[
    ("applies", "When it governs a flow"),
    ("outside", "What is outside its scope"),
    ("restrict", "What it restricts"),
    ("forbid", "What it blocks whatever carries it"),
    ("require", "What must be met beside every mechanism"),
    ("permit", "What can carry a restricted flow, the first that is satisfied"),
    ("exception", "Exceptions"),
    ("serves", "What satisfies a reference to it"),
    ("onward", "When its rules follow the data"),
    ("oblige", "Which flows it orders"),
    ("duty", "Duties"),
    ("right", "Rights of persons"),
    ("clock", "Clocks"),
    ("penalty", "Penalties"),
    ("define", "Definitions"),
];

/// Shows an instrument, or one of its provisions.
pub fn run(id: &str, provision: Option<&str>, args: &LibraryArgs, format: Format, today: Date, out: &mut Out) -> io::Result<Status> {
    let loaded = match super::open(args, today, out)? {
        Ok(loaded) => loaded,
        Err(status) => return Ok(status),
    };
    let library = &loaded.library;
    let Some(instrument) = library.instrument(id) else {
        out.error(&unknown(library, id))?;
        return Ok(Status::Usage);
    };
    let shown: Vec<&Provision> = instrument.provisions.iter().filter(|known| provision.is_none_or(|id| known.id.text == id)).collect();
    if let (Some(wanted), true) = (provision, shown.is_empty()) {
        let known = instrument.provisions.iter().map(|provision| provision.id.text.as_str());
        let near = nearest(wanted, known).map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
        out.error(&format!("`{id}` has no provision `{wanted}`{near}"))?;
        return Ok(Status::Usage);
    }
    if format == Format::Json {
        out.json(&as_json(library, instrument, &shown))?;
        return Ok(Status::Fine);
    }
    let blocks = if provision.is_some() {
        let mut blocks = Vec::new();
        for provision in shown {
            blocks.push(provision_block(library, instrument, provision, true));
            let source = text_of(library, instrument, provision).get(provision.span.start..provision.span.end);
            // The source is shown line by line; its own indentation means nothing.
            let lines = source.unwrap_or("").lines().map(|line| Block::say(line.trim())).collect();
            blocks.push(Block::Group(Line::faint("as the instrument writes it"), lines));
        }
        blocks
    } else {
        outline(library, instrument)
    };
    out.blocks(&blocks, format)?;
    Ok(Status::Fine)
}

fn outline(library: &Library, instrument: &Instrument) -> Vec<Block> {
    let mut blocks = vec![Block::Sentence(Line::strong(instrument.id.text.clone()).then(format!(": {}", instrument.title)))];
    let mut say = |head: &str, text: String| {
        if !text.is_empty() {
            blocks.push(Block::say(format!("{head}{text}")));
        }
    };
    say("kind: ", instrument.kind.word().to_owned());
    say("cite: ", instrument.cites.join("; "));
    say("law of: ", instrument.of.as_ref().map_or_else(String::new, members));
    say("authority: ", instrument.authority.clone().unwrap_or_default());
    say("in force: ", super::days(instrument.in_force));
    say("adapts: ", instrument.adapts.as_ref().map_or_else(String::new, |model| model.text.clone()));
    for relation in &instrument.relations {
        say("", format!("{} {} ({})", relation.kind, relation.to.text, relation.cites.join("; ")));
    }
    for note in &instrument.notes {
        say("note: ", note.clone());
    }
    let (verified, all) = super::verified(instrument);
    say("", format!("{}, {verified} of them seen in a source; {}", count(all, "provision"), count(instrument.cases.len(), "case")));
    for (effect, heading) in PARTS {
        let provisions: Vec<Block> = instrument
            .provisions
            .iter()
            .filter(|provision| provision.effect.word() == *effect)
            .map(|provision| provision_block(library, instrument, provision, false))
            .collect();
        if !provisions.is_empty() {
            blocks.push(Block::Gap);
            blocks.push(Block::Group(Line::strong(*heading), provisions));
        }
    }
    if !instrument.readings.is_empty() {
        blocks.push(Block::Gap);
        blocks.push(Block::Group(Line::strong("Competing readings"), instrument.readings.iter().map(reading).collect()));
    }
    let rows: Vec<&Recognition> = recognitions(library, instrument);
    if !rows.is_empty() {
        blocks.push(Block::Gap);
        blocks.push(Block::Group(
            Line::strong("Recognitions that it may ask for"),
            rows.into_iter().map(|row| Block::Item(recognition(row), Vec::new())).collect(),
        ));
    }
    blocks
}

/// A set as the language writes it.
fn members(set: &TermSet) -> String {
    let words = vocabulary();
    let terms = set.terms.iter().map(|term| words.id(*term).to_owned());
    terms.chain(set.groups.iter().map(|group| format!("@{group}"))).collect::<Vec<_>>().join(", ")
}

/// What a provision does, beyond its heading.
fn effect(effect: &Effect) -> String {
    let words = vocabulary();
    match effect {
        Effect::Permit(mechanism) | Effect::Require(Some(mechanism)) | Effect::Forbid(Some(mechanism)) => {
            format!(" by {}", words.id(*mechanism))
        }
        Effect::Exception(names) => {
            format!(" to {}", names.iter().map(|name| name.text.as_str()).collect::<Vec<_>>().join(", "))
        }
        Effect::Duty(bearer, None) => format!(" of the {bearer}"),
        Effect::Duty(bearer, Some((period, trigger))) => format!(" of the {bearer}, within {} of {trigger}", period_in_words(*period)),
        Effect::Clock(period, trigger) => format!(" {} from {trigger}", period_in_words(*period)),
        Effect::Penalty(text) => format!(": {text}"),
        _ => String::new(),
    }
}

fn provision_block(library: &Library, instrument: &Instrument, provision: &Provision, alone: bool) -> Block {
    let head = if alone { format!("{} ", provision.effect.word()) } else { String::new() };
    let mut line = Line::of(head).toned(Tone::Strong, provision.id.text.clone()).then(effect(&provision.effect));
    if !provision.cites.is_empty() {
        line = line.then(format!(" ({})", provision.cites.join("; ")));
    }
    if provision.in_force.is_some() {
        line = line.then(format!(", {}", super::days(provision.in_force)));
    }
    if instrument.status_of(provision) == SourceStatus::Recalled {
        line = line.toned(Tone::Doubt, ", from memory, not checked in a source");
    }
    let mut body = Vec::new();
    if let Some(note) = &provision.note {
        body.push(Block::say(Line::faint(note.clone())));
    }
    for clause in &provision.clauses {
        let cites = if clause.cites.is_empty() { String::new() } else { format!(" ({})", clause.cites.join("; ")) };
        body.push(Block::say(format!(
            "{} {}{cites}",
            clause_word(clause.kind),
            condition(library, instrument, provision, clause.condition.span)
        )));
        if let Some(note) = &clause.note {
            body.push(Block::say(Line::faint(note.clone())));
        }
    }
    Block::Item(line, body)
}

/// A condition as the instrument words it.
fn condition(library: &Library, instrument: &Instrument, provision: &Provision, span: comity_law::Span) -> String {
    let text = text_of(library, instrument, provision).get(span.start..span.end).unwrap_or("");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn text_of<'a>(library: &'a Library, instrument: &'a Instrument, provision: &Provision) -> &'a str {
    source_of(library, instrument, provision).map_or("", |source| &*source.text)
}

/// The source in which a provision stands: an adopted one stands in that of its model.
pub fn source_of<'a>(library: &'a Library, instrument: &'a Instrument, provision: &Provision) -> Option<&'a Source> {
    let mut owner = instrument;
    let same = |known: &Provision| known.id.text == provision.id.text && known.span == provision.span;
    while let Some(model) = owner.adapts.as_ref().and_then(|model| library.instrument(&model.text)) {
        if !model.provisions.iter().any(same) {
            break;
        }
        owner = model;
    }
    library.source(owner.source)
}

fn reading(reading: &comity_law::ast::Reading) -> Block {
    let options = reading.options.iter().map(|option| {
        let cites = if option.cites.is_empty() { String::new() } else { format!(" ({})", option.cites.join("; ")) };
        Block::Sentence(Line::strong(option.id.text.clone()).then(format!(": {}{cites}", option.text)))
    });
    Block::Item(Line::strong(reading.id.text.clone()).then(format!(": {}", reading.question)), options.collect())
}

/// The rows of the parties whose recognition the instrument asks for, in its own time.
pub fn recognitions<'a>(library: &'a Library, instrument: &Instrument) -> Vec<&'a Recognition> {
    let asked = super::timeline::asked(instrument);
    let meets = |row: &Recognition| instrument.in_force.is_none_or(|force| force.overlaps(&row.in_force));
    library.recognitions.iter().filter(|row| meets(row) && asked.iter().any(|(by, kind)| *by == row.by && *kind == row.kind)).collect()
}

/// A row in words.
pub fn recognition(row: &Recognition) -> Line {
    let scope = if row.scope.is_some() { ", for some flows only" } else { "" };
    let words = vocabulary();
    let line = Line::of(format!("{} recognizes ", words.id(row.by))).toned(Tone::Strong, members(&row.of));
    let line = line.then(format!(" as {}{scope} ({}), {}", row.kind, row.cite, super::days(Some(row.in_force))));
    if row.status == SourceStatus::Recalled { line.toned(Tone::Doubt, ", from memory, not checked in a source") } else { line }
}

fn as_json(library: &Library, instrument: &Instrument, shown: &[&Provision]) -> serde_json::Value {
    let provisions: Vec<_> = shown
        .iter()
        .map(|provision| {
            let force = instrument.force_of(provision);
            json!({
                "id": provision.id.text, "effect": provision.effect.word(), "does": format!("{}{}", provision.effect.word(), effect(&provision.effect)),
                "cite": provision.cites.join("; "), "status": status_word(instrument.status_of(provision)), "note": provision.note,
                "from": force.map(|force| force.from.to_string()), "until": force.and_then(|force| force.until).map(|day| day.to_string()),
                "clauses": provision.clauses.iter().map(|clause| json!({
                    "kind": clause_word(clause.kind), "text": condition(library, instrument, provision, clause.condition.span), "cites": clause.cites, "note": clause.note,
                })).collect::<Vec<_>>(),
            })
        })
        .collect();
    json!({
        "id": instrument.id.text, "title": instrument.title, "kind": instrument.kind.word(), "cite": instrument.cites.join("; "),
        "of": instrument.of.as_ref().map(members), "authority": instrument.authority, "notes": instrument.notes,
        "digest": library.digest(instrument), "provisions": provisions,
        "readings": instrument.readings.iter().map(|reading| json!({
            "id": reading.id.text, "question": reading.question,
            "options": reading.options.iter().map(|option| json!({"id": option.id.text, "text": option.text, "cite": option.cites.join("; ")})).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
    })
}
