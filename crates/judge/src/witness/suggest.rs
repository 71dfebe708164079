// SPDX-License-Identifier: Apache-2.0
//! A case as the text of an instrument, with a title that says in what it differs from the case it started from.

use comity_law::ast::{Case, CaseFact, CaseValue, Expectation, Instrument};
use comity_terms::{KeyId, KeyKind, Term, vocabulary};
use jiff::civil::Date;

/// The title up to what an earlier suggestion added to it.
fn first_part(title: &str) -> &str {
    title.split(", but ").next().unwrap_or(title)
}

/// A title that says in what the case differs from the one it started from.
pub(crate) fn title(instrument: &Instrument, start: &Case, case: &Case) -> String {
    let first = first_part(&start.title);
    let from = instrument.cases.iter().find(|case| case.title == first).unwrap_or(start);
    let mut parts = Vec::new();
    for (reading, option) in case.readings.iter().filter(|reading| !from.readings.contains(reading)) {
        parts.push(format!("reading {} {}", reading.text, option.text));
    }
    if let Some(day) = case.on.filter(|day| from.on != Some(*day)) {
        parts.push(format!("on {day}"));
    }
    for fact in case.facts.iter().filter(|fact| !from.facts.contains(fact)) {
        match fact {
            CaseFact::Value(key, value) => parts.push(fact_text(path_of(*key), value, is_many(*key)).replace(" = ", " ")),
            CaseFact::Onward(_) => parts.push("handed on".to_owned()),
            CaseFact::Counter(..) => parts.push("counted".to_owned()),
        }
    }
    if parts.is_empty() { first.to_owned() } else { format!("{first}, but {}", parts.join(" and ")) }
}

/// The case in the instrument language.
pub(crate) fn text(case: &Case) -> String {
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
            CaseFact::Value(key, value) => out.push_str(&format!("    {}\n", fact_text(path_of(*key), value, is_many(*key)))),
            CaseFact::Counter(of, unit, count) => {
                let of: Vec<&str> = of.terms.iter().map(|term| words.id(*term)).collect();
                out.push_str(&format!("    count of {{ {} }} in {} = {count}\n", of.join(", "), words.id(*unit)));
            }
            CaseFact::Onward(values) => {
                out.push_str("    onward {\n");
                for (key, value) in values {
                    let path = path_of(*key);
                    let name = if path == "purpose.of" { "purpose" } else { path.split_once('.').map_or(path, |(_, name)| name) };
                    out.push_str(&format!("      {}\n", fact_text(name, value, is_many(*key))));
                }
                out.push_str("    }\n");
            }
        }
    }
    out.push_str(&format!("  }} => {}\n", outcome(&case.expected)));
    out
}

fn outcome(expected: &Expectation) -> String {
    let mut out = expected.verdict.clone();
    for (word, name) in [("by", &expected.by), ("missing", &expected.missing), ("asks", &expected.asks)] {
        if let Some(name) = name {
            out.push_str(&format!(" {word} {name}"));
        }
    }
    for (word, names) in [("owes", &expected.owes), ("spares", &expected.spares)] {
        names.iter().for_each(|name| out.push_str(&format!(" {word} {name}")));
    }
    if let Some(cite) = &expected.cite {
        out.push_str(&format!(" cite \"{cite}\""));
    }
    out
}

fn path_of(key: KeyId) -> &'static str {
    vocabulary().key_at(key).map_or("", |key| key.path.as_str())
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
        CaseValue::Terms(terms) if terms.is_empty() => format!("{path} = {{ }}"),
        CaseValue::Terms(terms) => format!("{path} = {{ {} }}", terms.iter().map(item).collect::<Vec<_>>().join(", ")),
    }
}
