// SPDX-License-Identifier: Apache-2.0
//! A flow that two versions of an instrument judge differently, found near the cases there are, as the text of a case.

use crate::cases::{flow_of, owner};
use crate::finding::Judgment;
use crate::judgment::{Options, judge, verdicts};
use crate::lines::Lines;
use comity_flow::{Flow, Value};
use comity_law::Library;
use comity_law::ast::{Case, CaseFact, CaseValue, Instrument, Name};
use comity_terms::{KeyId, KeyKind, Term, vocabulary};
use jiff::civil::Date;
use std::cell::Cell;

/// How many flows are tried for each mutant.
const TRIES: usize = 6_000;

/// One change of a case.
#[derive(Clone)]
enum Change {
    Day(Date),
    Fact(KeyId, CaseValue),
    Reading(Name, Name),
}

/// Looks near the cases of the instrument for one that the other version judges differently, with as few changes as possible.
pub(crate) fn find(
    library: &Library,
    instrument: &Instrument,
    other_library: &Library,
    other: &Instrument,
    provision: &str,
    today: Date,
) -> Option<String> {
    let tries = Cell::new(0);
    for depth in 0..3 {
        for case in &instrument.cases {
            if tries.get() >= TRIES {
                return None;
            }
            let day = case.on?;
            let changes = changes(library, instrument, provision, day);
            let found = search(&Search { library, instrument, other_library, other, today, tries: &tries }, case, &changes, depth, 0);
            if let Some(mut case) = found {
                case.title = title(case_title(&case.title), &case, known_facts(instrument, &case.title));
                let judgment = judge(library, &flow_of(instrument, &case), &options(library, &case, instrument, today)).ok()?;
                return Some(text(instrument, &case, &judgment));
            }
        }
    }
    None
}

/// The title up to what an earlier suggestion added to it.
fn case_title(title: &str) -> &str {
    title.split(", but ").next().unwrap_or(title)
}

/// The facts of the case that a suggestion started from.
fn known_facts<'a>(instrument: &'a Instrument, title: &str) -> Option<&'a Case> {
    instrument
        .cases
        .iter()
        .find(|case| case.title == case_title(title))
        .or_else(|| instrument.cases.iter().find(|case| case.title == title))
}

/// A title that says in what the case differs from the one it started from.
fn title(start: &str, case: &Case, from: Option<&Case>) -> String {
    let words = vocabulary();
    let mut parts = Vec::new();
    for (reading, option) in case.readings.iter().filter(|reading| from.is_none_or(|from| !from.readings.contains(reading))) {
        parts.push(format!("reading {} {}", reading.text, option.text));
    }
    if let Some(day) = case.on.filter(|day| from.is_none_or(|from| from.on != Some(*day))) {
        parts.push(format!("on {day}"));
    }
    for fact in case.facts.iter().filter(|fact| from.is_none_or(|from| !from.facts.contains(fact))) {
        if let CaseFact::Value(key, value) = fact {
            let label = words.key_at(*key).map_or("", |key| key.path.as_str());
            parts.push(fact_text(label, value, is_many(*key)).replace(" = ", " "));
        }
    }
    if parts.is_empty() { start.to_owned() } else { format!("{start}, but {}", parts.join(" and ")) }
}

struct Search<'a> {
    library: &'a Library,
    instrument: &'a Instrument,
    other_library: &'a Library,
    other: &'a Instrument,
    today: Date,
    tries: &'a Cell<usize>,
}

fn options(library: &Library, case: &Case, instrument: &Instrument, today: Date) -> Options {
    let fixed =
        case.readings.iter().map(|(id, option)| (owner(library, instrument, &id.text), id.text.clone(), option.text.clone())).collect();
    Options { known_on: case.known, readings: fixed, ..Options::today(today) }
}

/// Applies that many changes, each further down the list than the one before.
fn search(search_: &Search, case: &Case, changes: &[Change], depth: usize, from: usize) -> Option<Case> {
    if depth == 0 {
        search_.tries.set(search_.tries.get() + 1);
        return differs(search_, case).then(|| case.clone());
    }
    if search_.tries.get() >= TRIES {
        return None;
    }
    changes
        .iter()
        .enumerate()
        .skip(from)
        .find_map(|(position, change)| search(search_, &changed(case, change), changes, depth - 1, position + 1))
}

fn changed(case: &Case, change: &Change) -> Case {
    let mut next = case.clone();
    match change {
        Change::Day(day) => next.on = Some(*day),
        Change::Reading(reading, option) => next.readings.push((reading.clone(), option.clone())),
        Change::Fact(key, value) => {
            next.facts.retain(|fact| !matches!(fact, CaseFact::Value(known, _) if known == key));
            next.facts.push(CaseFact::Value(*key, value.clone()));
        }
    }
    next
}

fn differs(search: &Search, case: &Case) -> bool {
    let flow = flow_of(search.instrument, case);
    let options = options(search.library, case, search.instrument, search.today);
    let (before, exact) = verdicts(search.library, search.instrument, &flow, &options);
    // A case is to be read by a person: a verdict, not a choice of several.
    if !exact || before.decided().is_none() {
        return false;
    }
    let (after, _) = verdicts(search.other_library, search.other, &flow_of(search.other, case), &options);
    before != after || (first_leg_differs(search, case, &flow, &options))
}

/// The same verdict, and another mechanism or other duties.
fn first_leg_differs(search: &Search, case: &Case, flow: &Flow, options: &Options) -> bool {
    let face = |judgment: Judgment| -> Vec<(Option<String>, Vec<String>)> {
        let duties = |finding: &crate::Finding| finding.duties.iter().map(|duty| duty.id.clone()).collect();
        judgment.findings.iter().map(|finding| (finding.mechanism.clone(), duties(finding))).collect()
    };
    let before = judge(search.library, flow, options).map(face);
    let after = judge(search.other_library, &flow_of(search.other, case), options).map(face);
    before != after
}

fn changes(library: &Library, instrument: &Instrument, provision: &str, day: Date) -> Vec<Change> {
    let mut changes = Vec::new();
    for provision in instrument.provisions.iter().filter(|other| other.id.text == provision) {
        let lines = Lines::of_provision(library, instrument, provision, day);
        changes.extend(lines.days.iter().take(12).map(|day| Change::Day(*day)));
        for (owner, id) in &lines.readings {
            let reading = library.instrument(owner).and_then(|owner| owner.readings.iter().find(|reading| reading.id.text == *id));
            let options =
                reading.into_iter().flat_map(|reading| reading.options.iter().map(|option| (reading.id.clone(), option.id.clone())));
            changes.extend(options.map(|(reading, option)| Change::Reading(reading, option)));
        }
        for key in &lines.keys {
            changes.extend(values(&lines, *key).into_iter().map(|value| Change::Fact(*key, value)));
        }
    }
    changes.truncate(240);
    changes
}

/// Values worth trying: single members of sets, not all their subsets.
fn values(lines: &Lines, key: KeyId) -> Vec<CaseValue> {
    let words = vocabulary();
    let Some(kind) = words.key_at(key).filter(|key| key.path != "onward" && !key.path.starts_with("sender.")).map(|key| key.kind) else {
        return Vec::new();
    };
    let term = |scheme, index| words.term_at(scheme, index).map(|term: Term| (term, None));
    match kind {
        KeyKind::Flag => vec![CaseValue::Flag(true), CaseValue::Flag(false)],
        KeyKind::One(scheme) => {
            lines.classes(key, scheme).into_iter().filter_map(|index| Some(CaseValue::Terms(vec![term(scheme, index)?]))).collect()
        }
        KeyKind::Many(scheme) => {
            let mut all = vec![CaseValue::Terms(Vec::new())];
            let classes: Vec<_> = lines.classes(key, scheme).into_iter().filter_map(|index| term(scheme, index)).collect();
            for (position, first) in classes.iter().enumerate().take(5) {
                all.extend(classes.iter().skip(position + 1).take(5).map(|second| CaseValue::Terms(vec![*first, *second])));
            }
            all.extend(lines.classes(key, scheme).into_iter().filter_map(|index| Some(CaseValue::Terms(vec![term(scheme, index)?]))));
            all
        }
        KeyKind::Count => match lines.values(key) {
            Some(values) => values
                .into_iter()
                .filter_map(|value| if let Value::Count(count) = value { Some(CaseValue::Count(count)) } else { None })
                .collect(),
            None => Vec::new(),
        },
        KeyKind::Day => Vec::new(),
    }
}

fn text(instrument: &Instrument, case: &Case, judgment: &Judgment) -> String {
    let words = vocabulary();
    let mut out = format!("  case \"{}\" {{\n", case.title);
    if let Some(day) = case.on {
        out.push_str(&format!("    on {day}\n"));
    }
    if let Some(day) = case.known {
        out.push_str(&format!("    known {day}\n"));
    }
    for (reading, option) in &case.readings {
        out.push_str(&format!("    reading {} is {}\n", reading.text, option.text));
    }
    for fact in &case.facts {
        match fact {
            CaseFact::Value(key, value) => {
                let path = words.key_at(*key).map_or("", |key| key.path.as_str());
                out.push_str(&format!("    {}\n", fact_text(path, value, is_many(*key))));
            }
            CaseFact::Counter(of, unit, count) => {
                let of: Vec<&str> = of.terms.iter().map(|term| words.id(*term)).collect();
                out.push_str(&format!("    count of {{ {} }} in {} = {count}\n", of.join(", "), words.id(*unit)));
            }
            CaseFact::Onward(values) => {
                out.push_str("    onward {\n");
                for (key, value) in values {
                    let path = words.key_at(*key).map_or("", |key| key.path.as_str());
                    let name = if path == "purpose.of" { "purpose" } else { path.split_once('.').map_or(path, |(_, name)| name) };
                    out.push_str(&format!("      {}\n", fact_text(name, value, is_many(*key))));
                }
                out.push_str("    }\n");
            }
        }
    }
    out.push_str(&format!("  }} => {}", judgment.word()));
    let finding = judgment.findings.iter().find(|finding| finding.instrument == instrument.id.text);
    if let Some(mechanism) = finding.and_then(|finding| finding.mechanism.as_deref()) {
        out.push_str(&format!(" by {mechanism}"));
    } else if let Some(missing) = finding.and_then(|finding| finding.missing.first()) {
        out.push_str(&format!(" by {}", missing.aim));
    }
    out.push('\n');
    out
}

fn is_many(key: KeyId) -> bool {
    vocabulary().key_at(key).is_some_and(|key| matches!(key.kind, KeyKind::Many(_)))
}

fn fact_text(path: &str, value: &CaseValue, many: bool) -> String {
    let words = vocabulary();
    let item = |(term, day): &(Term, Option<Date>)| match day {
        Some(day) => format!("{} on {day}", words.id(*term)),
        None => words.id(*term).to_owned(),
    };
    match value {
        CaseValue::Unknown => format!("unknown {path}"),
        CaseValue::Flag(flag) => format!("{path} = {flag}"),
        CaseValue::Count(count) => format!("{path} = {count}"),
        CaseValue::Terms(terms) if !many => format!("{path} = {}", terms.iter().map(item).collect::<String>()),
        CaseValue::Terms(terms) if terms.is_empty() => format!("{path} = {{}}"),
        CaseValue::Terms(terms) => format!("{path} = {{ {} }}", terms.iter().map(item).collect::<Vec<_>>().join(", ")),
    }
}
