// SPDX-License-Identifier: Apache-2.0
//! `comity law timeline`: the days on which something changes for an instrument.

use crate::args::{Format, LibraryArgs};
use crate::exit::Status;
use crate::library::unknown;
use crate::out::Out;
use crate::render::doc::{Block, Line, Tone};
use comity_law::ast::{Condition, ConditionKind, Instrument, TermSet};
use comity_law::{Library, Recognition};
use comity_terms::{Term, vocabulary};
use jiff::civil::Date;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::io;

/// What happens on a day.
struct Event {
    /// `starts`, `ends` or `published`.
    what: &'static str,
    subject: String,
    cite: String,
}

type Timeline = BTreeMap<Date, Vec<Event>>;

/// Lists the days.
pub fn run(id: &str, args: &LibraryArgs, format: Format, today: Date, out: &mut Out) -> io::Result<Status> {
    let loaded = match super::open(args, today, out)? {
        Ok(loaded) => loaded,
        Err(status) => return Ok(status),
    };
    let Some(instrument) = loaded.library.instrument(id) else {
        out.error(&unknown(&loaded.library, id))?;
        return Ok(Status::Usage);
    };
    let days = timeline(&loaded.library, instrument);
    if format == Format::Json {
        for (day, events) in &days {
            for event in events {
                out.json(&json!({"day": day.to_string(), "what": event.what, "subject": event.subject, "cite": event.cite}))?;
            }
        }
        return Ok(Status::Fine);
    }
    let blocks: Vec<Block> = days
        .iter()
        .map(|(day, events)| {
            let tense = if *day > today { " (yet to come)" } else { "" };
            let lines = events.iter().map(|event| {
                let cite = if event.cite.is_empty() { String::new() } else { format!(" ({})", event.cite) };
                let tone = if event.what == "ends" { Tone::Doubt } else { Tone::Normal };
                Block::Sentence(Line::default().toned(tone, event.what).then(format!(": {}{cite}", event.subject)))
            });
            Block::Group(Line::strong(day.to_string()).then(tense), lines.collect())
        })
        .collect();
    out.blocks(&blocks, format)?;
    Ok(Status::Fine)
}

fn timeline(library: &Library, instrument: &Instrument) -> Timeline {
    let mut days = Timeline::new();
    let mut add = |day: Option<Date>, what: &'static str, subject: String, cite: String| {
        if let Some(day) = day {
            days.entry(day).or_default().push(Event { what, subject, cite });
        }
    };
    let whole = || format!("the instrument, {}", instrument.title);
    add(instrument.published, "published", whole(), instrument.cites.join("; "));
    add(instrument.in_force.map(|force| force.from), "starts", whole(), instrument.cites.join("; "));
    add(instrument.in_force.and_then(|force| force.until), "ends", whole(), instrument.cites.join("; "));
    for provision in &instrument.provisions {
        let subject = || format!("{} {}", provision.effect.word(), provision.id.text);
        let cite = || provision.cites.join("; ");
        add(provision.published, "published", subject(), cite());
        add(provision.in_force.map(|force| force.from), "starts", subject(), cite());
        add(provision.in_force.and_then(|force| force.until), "ends", subject(), cite());
    }
    for row in super::show::recognitions(library, instrument) {
        let subject = || recognition(row);
        add(Some(row.in_force.from), "starts", subject(), row.cite.clone());
        add(row.in_force.until, "ends", subject(), row.cite.clone());
        add(
            row.end_published.filter(|day| Some(*day) != row.in_force.until),
            "published",
            format!("the end: {}", subject()),
            row.cite.clone(),
        );
    }
    for (day, what, subject) in memberships(instrument) {
        add(Some(day), what, subject, String::new());
    }
    days
}

fn recognition(row: &Recognition) -> String {
    let words = vocabulary();
    let terms = row.of.terms.iter().map(|term| words.id(*term).to_owned());
    let of: Vec<String> = terms.chain(row.of.groups.iter().map(|group| format!("@{group}"))).collect();
    let scope = if row.scope.is_some() { ", for some flows only" } else { "" };
    format!("{} recognizes {} as {}{scope}", words.id(row.by), of.join(", "), row.kind)
}

/// Who joins and leaves the groups that the instrument names, in its own days in force.
fn memberships(instrument: &Instrument) -> Vec<(Date, &'static str, String)> {
    let words = vocabulary();
    let mut groups: BTreeSet<&str> = BTreeSet::new();
    let mut take = |set: &TermSet| -> Vec<String> { set.groups.clone() };
    let mut named: Vec<String> = instrument.of.as_ref().map(&mut take).unwrap_or_default();
    conditions(instrument, &mut |condition| {
        if let ConditionKind::In(_, set)
        | ConditionKind::Meets(_, set)
        | ConditionKind::Within(_, set)
        | ConditionKind::Several(_, _, set) = &condition.kind
        {
            named.extend(take(set));
        }
    });
    groups.extend(named.iter().map(String::as_str));
    let lives = |day: &Date| instrument.in_force.is_none_or(|force| force.from < *day && force.until.is_none_or(|until| *day <= until));
    let mut events = Vec::new();
    for group in groups.into_iter().filter_map(|group| words.group(group)) {
        for entry in &group.members {
            let name = words.id(entry.member);
            if lives(&entry.from) {
                events.push((entry.from, "starts", format!("{name} belongs to @{}", group.name)));
            }
            if let Some(until) = entry.until.filter(lives) {
                events.push((until, "ends", format!("{name} belongs to @{}", group.name)));
            }
        }
    }
    events
}

/// The parties and kinds of recognition that the instrument asks for.
pub fn asked(instrument: &Instrument) -> Vec<(Term, String)> {
    let mut asked = Vec::new();
    conditions(instrument, &mut |condition| {
        if let ConditionKind::Recognition(by, kind) = &condition.kind {
            let pair = (*by, kind.clone());
            if !asked.contains(&pair) {
                asked.push(pair);
            }
        }
    });
    asked
}

/// Calls `visit` on every condition of the instrument.
fn conditions<'a>(instrument: &'a Instrument, visit: &mut impl FnMut(&'a Condition)) {
    let mut waiting: Vec<&Condition> =
        instrument.provisions.iter().flat_map(|provision| &provision.clauses).map(|clause| &clause.condition).collect();
    while let Some(condition) = waiting.pop() {
        visit(condition);
        match &condition.kind {
            ConditionKind::All(parts) | ConditionKind::Any(parts) => waiting.extend(parts),
            ConditionKind::Not(inner) => waiting.push(inner),
            _ => {}
        }
    }
}
