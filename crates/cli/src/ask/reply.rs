// SPDX-License-Identifier: Apache-2.0
//! What a person types for an answer.

use comity_flow::Value;
use comity_judge::ask::About;
use comity_terms::{Bits, KeyKind, Scheme, Term, nearest, vocabulary};
use jiff::civil::Date;

/// So many answers are listed with a number.
pub const LISTED: usize = 12;

/// What was meant.
#[derive(Debug, PartialEq)]
pub enum Reply {
    /// A value.
    Value(Value),
    /// An option of a reading.
    Option(String),
    /// Several terms fit: they can be chosen by number.
    Choose(Vec<Term>),
    /// It could not be read, with what was expected.
    Wrong(String),
}

/// The terms that a question can be answered with.
pub fn terms(about: &About) -> Vec<Term> {
    let (About::Fact(key, _), words) = (about, vocabulary()) else { return Vec::new() };
    let Some(KeyKind::One(scheme) | KeyKind::Many(scheme)) = words.key_at(*key).map(|key| key.kind) else { return Vec::new() };
    // An assessment that was not made is said where it is asked for, and not by its kind.
    let hidden = |id: &str| id == "none" && matches!(scheme, Scheme::AssessmentKind | Scheme::AssessmentResult);
    let all = (0_u16..).zip(words.entries(scheme)).filter(|(_, entry)| !hidden(&entry.id));
    all.filter_map(|(index, _)| words.term_at(scheme, index)).collect()
}

/// The id as a flow file writes it.
pub fn id(term: Term) -> &'static str {
    let id = vocabulary().id(term);
    id.strip_suffix("/*").unwrap_or(id)
}

/// The id with its label.
pub fn named(term: Term) -> String {
    let label = vocabulary().entry(term).map_or("", |entry| entry.label.as_str());
    if label.is_empty() { id(term).to_owned() } else { format!("{} ({label})", id(term)) }
}

/// Reads an answer. `numbered` are the terms that were listed with numbers.
pub fn read(about: &About, text: &str, numbered: &[Term]) -> Reply {
    let kind = match about {
        About::Fact(key, _) => vocabulary().key_at(*key).map(|key| key.kind),
        About::Count { .. } => Some(KeyKind::Count),
        About::Day(..) => Some(KeyKind::Day),
        About::Reading(_, _, options) => return option(options, text),
    };
    match kind {
        Some(KeyKind::Flag) => match text.to_lowercase().as_str() {
            "1" | "y" | "yes" | "true" => Reply::Value(Value::Flag(true)),
            "2" | "n" | "no" | "false" => Reply::Value(Value::Flag(false)),
            _ => wrong("`yes` or `no`", text),
        },
        Some(KeyKind::Count) => {
            let digits: String = text.chars().filter(|letter| !matches!(letter, ' ' | '_')).collect();
            digits.parse().map_or_else(|_| wrong("a whole number such as `12000`", text), |number| Reply::Value(Value::Count(number)))
        }
        Some(KeyKind::Day) => {
            text.parse::<Date>().map_or_else(|_| wrong("a day such as `2024-03-01`", text), |day| Reply::Value(Value::Day(day)))
        }
        Some(KeyKind::One(scheme)) => match term(about, scheme, text, numbered) {
            Ok(term) => Reply::Value(Value::One(term)),
            Err(reply) => reply,
        },
        Some(KeyKind::Many(scheme)) => {
            if matches!(text.to_lowercase().as_str(), "none" | "[]") {
                return Reply::Value(Value::Many(Bits::EMPTY));
            }
            let mut set = Bits::EMPTY;
            for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
                match term(about, scheme, part, numbered) {
                    Ok(term) => set.insert(term.index()),
                    Err(reply) => return reply,
                }
            }
            if set.is_empty() { wrong("names with commas between them, or `none`", text) } else { Reply::Value(Value::Many(set)) }
        }
        None => wrong("an answer", text),
    }
}

fn wrong(expected: &str, found: &str) -> Reply {
    Reply::Wrong(format!("expected {expected}, found `{found}`; `?` helps"))
}

fn option(options: &[String], text: &str) -> Reply {
    let numbered = text.parse::<usize>().ok().and_then(|number| options.get(number.checked_sub(1)?));
    match numbered.or_else(|| options.iter().find(|option| *option == text)) {
        Some(option) => Reply::Option(option.clone()),
        None => wrong(&format!("one of `{}`", options.join("`, `")), text),
    }
}

/// The term that is meant: by number, by id, by name, or as the only one that has the text in its name.
fn term(about: &About, scheme: Scheme, text: &str, numbered: &[Term]) -> Result<Term, Reply> {
    let words = vocabulary();
    if let Ok(number) = text.parse::<usize>() {
        let found = number.checked_sub(1).and_then(|index| numbered.get(index)).copied();
        return found.ok_or_else(|| wrong(&format!("a number up to {}, or a name", numbered.len()), text));
    }
    let all = terms(about);
    let lower = text.to_lowercase();
    let exact = all.iter().find(|term| id(**term).to_lowercase() == lower);
    let label = |term: &Term| words.entry(*term).map(|entry| entry.label.to_lowercase()).unwrap_or_default();
    if let Some(term) = exact.or_else(|| all.iter().find(|term| label(term) == lower)) {
        return Ok(*term);
    }
    // A part of a country, or a name of an organization, that is not listed by itself.
    if scheme == Scheme::Place
        && let Some(place) = words.place(text)
    {
        return Ok(place);
    }
    let fits: Vec<Term> =
        all.iter().filter(|term| id(**term).to_lowercase().contains(&lower) || label(term).contains(&lower)).copied().collect();
    match fits.as_slice() {
        [one] => Ok(*one),
        [] => {
            let near = nearest(text, all.iter().map(|term| id(*term))).map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            Err(Reply::Wrong(format!("no {} has `{text}` in its name{near}", scheme.noun())))
        }
        many if many.len() > 3 * LISTED => Err(Reply::Wrong(format!("{} fit `{text}`: type more of the name", many.len()))),
        _ => Err(Reply::Choose(fits)),
    }
}
