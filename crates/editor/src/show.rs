// SPDX-License-Identifier: Apache-2.0
//! Things as a few lines of Markdown.

use crate::Shelf;
use crate::names::{Thing, instrument_of_term};
use comity_law::ast::{Effect, InForce, Instrument, Provision, Reading, SourceStatus};
use comity_terms::{Class, Group, KeyId, KeyKind, Scheme, Term, vocabulary};

/// How many lines of a provision are shown.
const LINES: usize = 24;
/// How many terms below one are named.
const BELOW: usize = 12;

/// What to show of a thing.
#[must_use]
pub fn thing(shelf: &Shelf, thing: &Thing<'_>) -> String {
    match thing {
        Thing::Provision(owner, versions) => {
            versions.iter().map(|provision| self::provision(shelf, owner, provision)).collect::<Vec<_>>().join("\n\n---\n\n")
        }
        Thing::Instrument(instrument) => self::instrument(instrument),
        Thing::Reading(owner, reading) => self::reading(owner, reading),
        Thing::Choice(owner, reading, option) => {
            let cites = cited(&option.cites);
            format!("option `{}`: {}\n\n{cites}\n\n{}", option.id.text, option.text, self::reading(owner, reading))
        }
        Thing::Term(term) => match instrument_of_term(shelf, *term) {
            Some(instrument) => format!("{}\n\n---\n\n{}", self::term(*term), self::instrument(instrument)),
            None => self::term(*term),
        },
        Thing::Group(group) => self::group(shelf, group),
        Thing::Key(id) => key(*id),
        Thing::Word(meaning) => (*meaning).to_owned(),
    }
}

/// A key: name, question, who can change it.
#[must_use]
pub fn key(id: KeyId) -> String {
    let Some(key) = vocabulary().key_at(id) else { return String::new() };
    let who = match key.class {
        Class::Given => "nobody changes it for the sake of the flow",
        Class::Design => "how the flow is built",
        Class::Act => "the parties' own act",
        Class::Grant => "another's act, in the ordinary course",
    };
    format!("**`{}`**: {}\n\n{}\n\n{}; *{}*: {who}", key.path, key.label, key.question, takes(key.kind), key.class.word())
}

/// What values a key takes, in words.
#[must_use]
pub fn takes(kind: KeyKind) -> String {
    match kind {
        KeyKind::Flag => "yes or no".to_owned(),
        KeyKind::Count => "a whole number".to_owned(),
        KeyKind::Day => "a day".to_owned(),
        KeyKind::One(scheme) => format!("one {}", scheme.noun()),
        KeyKind::Many(scheme) => format!("a set; each member: {}", scheme.noun()),
    }
}

/// A term: name, remark, what lies above and below it, its IRI in the Data Privacy Vocabulary.
#[must_use]
pub fn term(term: Term) -> String {
    let words = vocabulary();
    let Some(entry) = words.entry(term) else { return String::new() };
    let mut out = format!("**`{}`**: {} ({})", entry.id, entry.label, term.scheme().noun());
    if !entry.note.is_empty() {
        out.push_str(&format!("\n\n{}", entry.note));
    }
    if !entry.parents.is_empty() {
        out.push_str(&format!("\n\nbelow {}", named(entry.parents.iter().map(String::as_str))));
    }
    let children: Vec<&str> =
        words.entries(term.scheme()).iter().filter(|other| other.parents.contains(&entry.id)).map(|other| other.id.as_str()).collect();
    if !children.is_empty() {
        let more = children.len().saturating_sub(BELOW);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        out.push_str(&format!("\n\ntakes in {}{more}", named(children.into_iter().take(BELOW))));
    }
    if let Some(iri) = &entry.dpv {
        out.push_str(&format!("\n\nDPV: <{iri}>"));
    }
    if term.scheme() == Scheme::Place {
        let groups: Vec<String> = words
            .groups()
            .iter()
            .filter(|group| group.members.iter().any(|entry| entry.member == term))
            .map(|group| format!("@{}", group.name))
            .collect();
        if !groups.is_empty() {
            out.push_str(&format!("\n\nis or was a member of {}", named(groups.iter().map(String::as_str))));
        }
    }
    out
}

/// A group of places, with its members on the day of the shelf.
#[must_use]
pub fn group(shelf: &Shelf, group: &Group) -> String {
    let words = vocabulary();
    let members = group.on(shelf.today);
    let ids: Vec<&str> = members.iter().map(|index| words.id_at(Scheme::Place, index)).collect();
    let listed = if ids.is_empty() { "none".to_owned() } else { ids.join(", ") };
    let recalled = group.members.iter().any(|entry| !entry.verified);
    let doubt = if recalled { "\n\nsome of its dates are *recalled*: not yet checked against a source" } else { "" };
    format!("**`@{}`**: {}\n\nmembers on {} ({}): {listed}{doubt}", group.name, group.label, shelf.today, ids.len())
}

/// An instrument: title, citation, days, status, remarks.
#[must_use]
pub fn instrument(instrument: &Instrument) -> String {
    let mut parts =
        vec![format!("**{}** `{}`, {}", instrument.title, instrument.id.text, instrument.kind.word()), cited(&instrument.cites)];
    let mut state = vec![instrument.status.map_or("", status).to_owned(), instrument.in_force.map_or_else(String::new, days)];
    state.extend(instrument.authority.clone());
    if let Some(model) = &instrument.adapts {
        state.push(format!("adapts `{}`", model.text));
    }
    parts.push(joined(&state));
    parts.extend(instrument.notes.iter().map(|note| format!("> {note}")));
    parts.retain(|part| !part.is_empty());
    parts.join("\n\n")
}

/// A provision: citation, status, days, remark, and its text in the language.
#[must_use]
pub fn provision(shelf: &Shelf, owner: &Instrument, provision: &Provision) -> String {
    let words = vocabulary();
    let mechanism = match &provision.effect {
        Effect::Permit(term) | Effect::Require(Some(term)) | Effect::Forbid(Some(term)) => format!(" by `{}`", words.id(*term)),
        _ => String::new(),
    };
    let mut parts =
        vec![format!("{} **`{}`**{mechanism} of `{}`", provision.effect.word(), provision.id.text, owner.id.text), cited(&provision.cites)];
    let mut state = vec![status(owner.status_of(provision)).to_owned()];
    state.extend(owner.force_of(provision).map(days));
    parts.push(joined(&state));
    parts.extend(provision.note.as_ref().map(|note| format!("> {note}")));
    let text = shelf.library.source(provision.source).and_then(|source| source.text.get(provision.span.start..provision.span.end));
    if let Some(text) = text {
        parts.push(format!("```comity-law\n{}\n```", shortened(text)));
    }
    parts.retain(|part| !part.is_empty());
    parts.join("\n\n")
}

/// A reading: the question and the answers that are defended.
#[must_use]
pub fn reading(owner: &Instrument, reading: &Reading) -> String {
    let mut out = format!("reading **`{}`** of `{}`\n\n{}\n", reading.id.text, owner.id.text, reading.question);
    for option in &reading.options {
        out.push_str(&format!("\n- `{}`: {} {}", option.id.text, option.text, cited(&option.cites)));
    }
    out
}

/// The days of something in force.
#[must_use]
pub fn days(force: InForce) -> String {
    match force.until {
        Some(until) => format!("in force from {} until {until}", force.from),
        None => format!("in force from {}", force.from),
    }
}

fn status(status: SourceStatus) -> &'static str {
    match status {
        SourceStatus::Verified => "verified in the source",
        SourceStatus::Recalled => "*recalled*: not yet checked against the source",
    }
}

fn cited(cites: &[String]) -> String {
    if cites.is_empty() { String::new() } else { format!("[{}]", cites.join("; ")) }
}

fn joined(parts: &[String]) -> String {
    parts.iter().filter(|part| !part.is_empty()).map(String::as_str).collect::<Vec<_>>().join("; ")
}

fn named<'a>(ids: impl Iterator<Item = &'a str>) -> String {
    ids.map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ")
}

fn shortened(text: &str) -> String {
    let mut lines: Vec<&str> = text.lines().take(LINES).collect();
    if text.lines().count() > LINES {
        lines.push("…");
    }
    lines.join("\n")
}
