// SPDX-License-Identifier: Apache-2.0
//! `comity terms`: the vocabulary.

use crate::args::{Format, TermsArgs, TermsTable};
use crate::exit::Status;
use crate::out::Out;
use crate::render::doc::{Block, Line, Tone, count};
use comity_terms::{Group, Key, KeyKind, Scheme, nearest, vocabulary};
use jiff::civil::Date;
use serde_json::json;
use std::io;

/// Shows and searches the vocabulary.
pub fn run(args: &TermsArgs, out: &mut Out) -> io::Result<Status> {
    match &args.table {
        None => terms(args.search.as_deref(), args.scheme.as_deref(), args.format.format, out),
        Some(TermsTable::Keys { search, format }) => keys(search.as_deref(), format.format, out),
        Some(TermsTable::Groups { name, on, format }) => groups(name.as_deref(), *on, format.format, out),
        Some(TermsTable::Schemes { format }) => schemes(format.format, out),
        Some(TermsTable::Aliases { word, format }) => aliases(word.as_deref(), format.format, out),
    }
}

/// Whether a word stands in one of the texts, whatever its case.
fn has(word: &str, texts: &[&str]) -> bool {
    let word = word.to_lowercase();
    texts.iter().any(|text| text.to_lowercase().contains(&word))
}

fn scheme_named(id: &str) -> Result<Scheme, String> {
    Scheme::from_id(id).ok_or_else(|| {
        let near = nearest(id, Scheme::ALL.iter().map(|scheme| scheme.id()));
        let near = near.map_or_else(|| "`comity terms schemes` shows all".to_owned(), |near| format!("did you mean `{near}`?"));
        format!("`{id}` is not a scheme; {near}")
    })
}

fn terms(search: Option<&str>, scheme: Option<&str>, format: Format, out: &mut Out) -> io::Result<Status> {
    // The name of a scheme alone asks for the scheme.
    let (search, scheme) = match (search, scheme) {
        (Some(word), None) if Scheme::from_id(word).is_some() => (None, Some(word)),
        other => other,
    };
    let schemes = match scheme.map(scheme_named) {
        None => Scheme::ALL.to_vec(),
        Some(Ok(scheme)) => vec![scheme],
        Some(Err(message)) => {
            out.error(&message)?;
            return Ok(Status::Usage);
        }
    };
    let words = vocabulary();
    let mut found = 0;
    for scheme in schemes {
        let entries = words.entries(scheme).iter();
        let entries: Vec<_> =
            entries.filter(|entry| search.is_none_or(|word| has(word, &[&entry.id, &entry.label, &entry.note]))).collect();
        found += entries.len();
        if entries.is_empty() {
            continue;
        }
        if format == Format::Json {
            for entry in entries {
                out.json(&json!({
                    "scheme": scheme.id(), "id": entry.id, "label": entry.label, "parents": entry.parents,
                    "dpv": entry.dpv, "note": entry.note, "step": entry.step,
                }))?;
            }
            continue;
        }
        let list = entries.into_iter().map(|entry| {
            let mut line = Line::strong(entry.id.clone()).then(format!(": {}", entry.label));
            if !entry.parents.is_empty() {
                line = line.then(format!(", below {}", entry.parents.join(", ")));
            }
            let mut body = Vec::new();
            if !entry.note.is_empty() {
                body.push(Block::say(Line::faint(entry.note.clone())));
            }
            if let Some(dpv) = &entry.dpv {
                body.push(Block::say(Line::faint(dpv.clone())));
            }
            Block::Item(line, body)
        });
        let head = Line::default().toned(Tone::Strong, scheme.id());
        out.blocks(&[Block::Group(head, list.collect()), Block::Gap], format)?;
    }
    if format != Format::Json {
        out.blocks(&[Block::say(count(found, "term"))], format)?;
    }
    Ok(Status::Fine)
}

fn kind(kind: KeyKind) -> String {
    match kind {
        KeyKind::Flag => "yes or no".to_owned(),
        KeyKind::Count => "number".to_owned(),
        KeyKind::Day => "day".to_owned(),
        KeyKind::One(scheme) => format!("one {}", scheme.noun()),
        KeyKind::Many(scheme) => format!("list of {}", scheme.id()),
    }
}

fn keys(search: Option<&str>, format: Format, out: &mut Out) -> io::Result<Status> {
    let keys = vocabulary().keys().iter();
    let keys: Vec<&Key> = keys.filter(|key| search.is_none_or(|word| has(word, &[&key.path, &key.label, &key.question]))).collect();
    if format == Format::Json {
        for key in keys {
            let scheme = match key.kind {
                KeyKind::One(scheme) | KeyKind::Many(scheme) => Some(scheme.id()),
                KeyKind::Flag | KeyKind::Count | KeyKind::Day => None,
            };
            let shape = match key.kind {
                KeyKind::Flag => "flag",
                KeyKind::Count => "count",
                KeyKind::Day => "day",
                KeyKind::One(_) => "one",
                KeyKind::Many(_) => "many",
            };
            out.json(&json!({
                "path": key.path, "kind": shape, "scheme": scheme, "class": key.class.word(), "label": key.label,
                "question": key.question, "effort": key.effort,
            }))?;
        }
        return Ok(Status::Fine);
    }
    let number = keys.len();
    let list = keys.into_iter().map(|key| {
        let line = Line::strong(key.path.clone()).then(format!(": {}, {}", kind(key.kind), key.class.word()));
        Block::Group(line, vec![Block::say(key.question.clone())])
    });
    let mut blocks: Vec<Block> = list.collect();
    blocks.push(Block::Gap);
    blocks.push(Block::say(count(number, "key")));
    out.blocks(&blocks, format)?;
    Ok(Status::Fine)
}

fn groups(name: Option<&str>, on: Option<Date>, format: Format, out: &mut Out) -> io::Result<Status> {
    let words = vocabulary();
    let name = name.map(|name| name.trim_start_matches('@'));
    let chosen: Vec<&Group> = words.groups().iter().filter(|group| name.is_none_or(|name| group.name.eq_ignore_ascii_case(name))).collect();
    if let (Some(name), true) = (name, chosen.is_empty()) {
        let near = nearest(name, words.groups().iter().map(|group| group.name.as_str()));
        let near = near.map_or_else(String::new, |near| format!("; did you mean `@{near}`?"));
        out.error(&format!("`@{name}` is not a group of places{near}"))?;
        return Ok(Status::Usage);
    }
    let listing = name.is_some() || on.is_some() || format == Format::Json;
    for group in chosen {
        let members =
            group.members.iter().filter(|entry| on.is_none_or(|day| entry.from <= day && entry.until.is_none_or(|until| day < until)));
        let members: Vec<_> = members.collect();
        if format == Format::Json {
            let list: Vec<_> = members
                .iter()
                .map(|entry| {
                    json!({"member": words.id(entry.member), "from": entry.from.to_string(), "until": entry.until.map(|day| day.to_string()), "verified": entry.verified})
                })
                .collect();
            out.json(&json!({"group": group.name, "label": group.label, "members": list}))?;
            continue;
        }
        let head = Line::strong(format!("@{}", group.name)).then(format!(": {} ({})", group.label, count(members.len(), "row")));
        let rows = members.iter().map(|entry| {
            let place = words.entry(entry.member).map_or("", |entry| entry.label.as_str());
            let until = entry.until.map_or_else(String::new, |day| format!(", no longer on {day}"));
            let line = Line::of(format!("{} {place}, from {}{until}", words.id(entry.member), entry.from));
            Block::Item(if entry.verified { line } else { line.toned(Tone::Doubt, ", from memory, not checked in a source") }, Vec::new())
        });
        let body = if listing { rows.collect() } else { Vec::new() };
        out.blocks(&[Block::Group(head, body)], format)?;
    }
    Ok(Status::Fine)
}

fn schemes(format: Format, out: &mut Out) -> io::Result<Status> {
    let words = vocabulary();
    let rows: Vec<_> = Scheme::ALL.iter().map(|scheme| (scheme, words.entries(*scheme).len())).collect();
    if format == Format::Json {
        for (scheme, number) in rows {
            out.json(&json!({"scheme": scheme.id(), "noun": scheme.noun(), "terms": number}))?;
        }
        return Ok(Status::Fine);
    }
    let rows = rows.into_iter().map(|(scheme, number)| vec![Line::strong(scheme.id()), Line::of(number.to_string())]);
    out.blocks(&[Block::Table(vec!["scheme", "terms"], rows.collect())], format)?;
    Ok(Status::Fine)
}

fn aliases(word: Option<&str>, format: Format, out: &mut Out) -> io::Result<Status> {
    let all = vocabulary().aliases();
    let rows: Vec<_> = all.into_iter().filter(|(alias, ..)| word.is_none_or(|word| alias.eq_ignore_ascii_case(word))).collect();
    if format == Format::Json {
        for (alias, scheme, id) in rows {
            out.json(&json!({"scheme": scheme.id(), "alias": alias, "id": id}))?;
        }
        return Ok(Status::Fine);
    }
    let Some(word) = word else {
        let number = rows.len();
        let lines = rows.into_iter().map(|(alias, scheme, id)| vec![Line::of(alias), Line::of(scheme.id()), Line::strong(id)]);
        let table = Block::Table(vec!["word", "scheme", "stands for"], lines.collect());
        let total = format!("{number} other {}", if number == 1 { "word" } else { "words" });
        out.blocks(&[table, Block::Gap, Block::say(total)], format)?;
        return Ok(Status::Fine);
    };
    if rows.is_empty() {
        out.blocks(&[Block::say(format!("`{word}` is not another word for a term"))], format)?;
    }
    for (alias, scheme, id) in rows {
        let line = Line::of(format!("{alias} stands for ")).toned(Tone::Strong, id).then(format!(" ({})", scheme.noun()));
        out.blocks(&[Block::Sentence(line)], format)?;
    }
    Ok(Status::Fine)
}
