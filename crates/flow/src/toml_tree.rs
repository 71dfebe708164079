// SPDX-License-Identifier: Apache-2.0
//! The common tree from TOML text, and the few rules needed to write TOML text.

use crate::node::{At, Entry, Kind, Lines, Node};
use crate::problem::Problem;
use jiff::civil::Date;
use toml::Spanned;
use toml::de::{DeInteger, DeTable, DeValue};
use toml::value::Datetime;

/// The entries of the document, or each place where it is not TOML.
pub(crate) fn parse(text: &str, in_profile: bool) -> Result<Vec<Entry>, Vec<Problem>> {
    let lines = Lines::new(text, in_profile);
    let (table, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        return Ok(entries(table.into_inner(), &lines));
    }
    let mut problems: Vec<Problem> = errors
        .into_iter()
        .map(|error| {
            let at = lines.at(error.span().map_or(0, |span| span.start));
            let (what, help) = plain(error.message());
            Problem { line: at.line, column: at.column, message: format!("this is not TOML: {what}"), help }
        })
        .collect();
    // Recovery skips ahead in the line, and what it then meets there is mostly an echo of the first error.
    problems.sort_by_key(|problem| (problem.line, problem.column));
    problems.dedup_by_key(|problem| problem.line);
    Err(problems)
}

/// The error on one line, and what to do about it where the commonest slips are concerned.
fn plain(message: &str) -> (String, Option<String>) {
    let (what, help) = if message.contains("duplicate key") {
        ("duplicate key", "a key stands once in its table: keep one of them")
    } else if message.contains("string values must be quoted") {
        ("a text without quotes", "put it in double quotes")
    } else {
        return (message.replace('\n', " "), None);
    };
    (what.to_owned(), Some(help.to_owned()))
}

fn entries(table: DeTable<'_>, lines: &Lines<'_>) -> Vec<Entry> {
    let mut entries: Vec<Entry> = table
        .into_iter()
        .map(|(name, value)| Entry { at: lines.at(name.span().start), name: name.into_inner().into_owned(), value: node(value, lines) })
        .collect();
    entries.sort_by_key(|entry| entry.at);
    entries
}

fn node(value: Spanned<DeValue<'_>>, lines: &Lines<'_>) -> Node {
    let at: At = lines.at(value.span().start);
    let kind = match value.into_inner() {
        DeValue::String(text) => Kind::Text(text.into_owned()),
        DeValue::Boolean(flag) => Kind::Flag(flag),
        DeValue::Integer(number) => whole(&number),
        DeValue::Float(number) => Kind::Number(number.as_str().to_owned()),
        DeValue::Datetime(moment) => day(&moment),
        DeValue::Array(items) => Kind::List(items.into_iter().map(|item| node(item, lines)).collect()),
        DeValue::Table(table) => Kind::Table(entries(table, lines)),
    };
    Node { at, kind }
}

fn whole(number: &DeInteger<'_>) -> Kind {
    match i128::from_str_radix(number.as_str(), number.radix()) {
        Ok(whole) => Kind::Whole(whole),
        Err(_) => Kind::Number(number.as_str().to_owned()),
    }
}

fn day(moment: &Datetime) -> Kind {
    if let Datetime { date: Some(date), time: None, offset: None } = moment
        && let (Ok(year), Ok(month), Ok(day)) = (date.year.try_into(), date.month.try_into(), date.day.try_into())
        && let Ok(day) = Date::new(year, month, day)
    {
        return Kind::Day(day);
    }
    Kind::Moment(moment.to_string())
}

/// The text as a basic string of TOML.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            letter if letter.is_control() => out.push_str(&format!("\\U{:08X}", u32::from(letter))),
            letter => out.push(letter),
        }
    }
    out.push('"');
    out
}
