// SPDX-License-Identifier: Apache-2.0
//! The notation of a cell: lists with `;` between values, safeguards with days, tables as JSON.
//!
//! A backslash takes the meaning from the character after it, so that every text has a cell.

use super::columns::Shape;
use serde_json::Value;

/// What a cell says for an empty list.
const NONE: &str = "none";
/// What begins a formula in a spreadsheet.
const FORMULA: &[char] = &['=', '+', '-', '@', '\t', '\r'];

/// A character, and whether a backslash stands before it.
type Letter = (char, bool);

/// A value in a cell as a value of TOML on one line.
///
/// # Errors
///
/// Why the cell cannot be read, where it does not follow the notation. Whether its words are right is for the reader of
/// flow files to say.
pub fn to_toml(cell: &str, shape: Shape, word: &dyn Fn(&str) -> String) -> Result<String, String> {
    let whole = cell.trim();
    Ok(match shape {
        Shape::Text => quoted(cell),
        Shape::Day => quoted(whole.trim_end_matches("T00:00:00").trim_end_matches(" 00:00:00")),
        Shape::Flag | Shape::Presence => match whole.to_lowercase().as_str() {
            "true" | "yes" => "true".to_owned(),
            "false" | "no" => "false".to_owned(),
            _ => match word(whole).as_str() {
                flag @ ("true" | "false") => flag.to_owned(),
                other => quoted(other),
            },
        },
        Shape::Count => {
            let digits = whole.strip_suffix(".0").unwrap_or(whole);
            let number = !digits.is_empty() && digits.len() < 20 && digits.bytes().all(|byte| byte.is_ascii_digit());
            // Leading zeros are no number in TOML; the reader then says what it expects.
            match digits.parse::<u64>() {
                Ok(number_read) if number => number_read.to_string(),
                _ => quoted(whole),
            }
        }
        Shape::One => quoted(&word(&text(&trimmed(&letters(cell))))),
        Shape::Texts | Shape::Many => bracketed(parts(cell).iter().map(|part| quoted(&word(&text(part))))),
        Shape::Items => {
            let items: Result<Vec<String>, String> = parts(cell).iter().map(|part| item(part, word)).collect();
            bracketed(items?.into_iter())
        }
        Shape::Tables if whole == NONE || whole == "[]" => "[]".to_owned(),
        Shape::Tables => {
            let value: Value = serde_json::from_str(whole)
                .map_err(|error| format!("expected JSON such as `[{{\"…\": …}}]`, found a slip at character {}", error.column()))?;
            match value {
                list @ Value::Array(_) => inline(&list)?,
                table @ Value::Object(_) => format!("[{}]", inline(&table)?),
                _ => return Err("expected a JSON list of objects".to_owned()),
            }
        }
    })
}

/// A text on one line of TOML.
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            letter if letter.is_control() => out.push_str(&format!("\\U{:08X}", u32::from(letter))),
            letter => out.push(letter),
        }
    }
    out.push('"');
    out
}

fn bracketed(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(", "))
}

fn letters(cell: &str) -> Vec<Letter> {
    let mut out = Vec::new();
    let mut rest = cell.chars();
    while let Some(letter) = rest.next() {
        match letter {
            '\\' => out.push((rest.next().unwrap_or('\\'), true)),
            letter => out.push((letter, false)),
        }
    }
    out
}

fn text(letters: &[Letter]) -> String {
    letters.iter().map(|(letter, _)| letter).collect()
}

fn trimmed(letters: &[Letter]) -> Vec<Letter> {
    let space = |letter: &&Letter| letter.0.is_whitespace() && !letter.1;
    let start = letters.iter().take_while(space).count();
    let end = letters.iter().rev().take_while(space).count();
    letters.get(start..letters.len().saturating_sub(end)).unwrap_or_default().to_vec()
}

/// The values of a list; an empty one between two separators is nothing.
fn parts(cell: &str) -> Vec<Vec<Letter>> {
    if matches!(cell.trim(), NONE | "[]") {
        return Vec::new();
    }
    let all = letters(cell);
    let split = all.split(|letter| *letter == (';', false)).map(trimmed);
    split.filter(|part| !part.is_empty()).collect()
}

/// What stands before an unmarked sign, and what after it.
fn cut(letters: &[Letter], sign: char) -> (Vec<Letter>, Option<Vec<Letter>>) {
    let mut halves = letters.splitn(2, |letter| *letter == (sign, false));
    let first = trimmed(halves.next().unwrap_or_default());
    (first, halves.next().map(trimmed))
}

/// `id @ from..until # reference`.
fn item(part: &[Letter], word: &dyn Fn(&str) -> String) -> Result<String, String> {
    let (head, reference) = cut(part, '#');
    let (id, days) = cut(&head, '@');
    let id = quoted(&word(&text(&id)));
    let mut more = Vec::new();
    if let Some(days) = days {
        let days = text(&days);
        let (from, until) = days.split_once("..").unwrap_or((&days, ""));
        if from.trim().is_empty() && until.trim().is_empty() {
            return Err("expected a day after `@`, such as `eu.scc-2021 @ 2023-02-01`, found none".to_owned());
        }
        for (name, day) in [("on", from.trim()), ("until", until.trim())] {
            if !day.is_empty() {
                more.push(format!("{name} = {}", quoted(day)));
            }
        }
    }
    if let Some(reference) = reference {
        more.push(format!("ref = {}", quoted(&text(&reference))));
    }
    Ok(if more.is_empty() { id } else { format!("{{ id = {id}, {} }}", more.join(", ")) })
}

/// JSON as inline TOML.
fn inline(value: &Value) -> Result<String, String> {
    Ok(match value {
        Value::Null => return Err("expected a value, found `null`: leave out the key of a fact that is not known".to_owned()),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => quoted(text),
        Value::Array(items) => {
            let items: Result<Vec<String>, String> = items.iter().map(inline).collect();
            bracketed(items?.into_iter())
        }
        Value::Object(entries) => {
            let entries: Result<Vec<String>, String> =
                entries.iter().map(|(name, value)| Ok(format!("{} = {}", quoted(name), inline(value)?))).collect();
            format!("{{ {} }}", entries?.join(", "))
        }
    })
}

/// The cell of a value of TOML.
pub fn from_toml(value: &toml::Value, shape: Shape, word: &dyn Fn(&str) -> String) -> String {
    match (shape, value) {
        (Shape::Text, toml::Value::String(text)) => text.clone(),
        (Shape::Presence, _) => "true".to_owned(),
        (Shape::One, toml::Value::String(text)) => marked(&word(text), &[]),
        (Shape::Tables, value @ toml::Value::Array(items)) => {
            if items.is_empty() {
                NONE.to_owned()
            } else {
                json(value).to_string()
            }
        }
        (shape, toml::Value::Array(items)) => {
            if items.is_empty() {
                return NONE.to_owned();
            }
            let parts: Vec<String> = items.iter().map(|item| part(item, shape, word)).collect();
            let cell = parts.join("; ");
            // A list of the one text `none` is not the empty list.
            if matches!(cell.as_str(), NONE | "[]") { format!("\\{cell}") } else { cell }
        }
        (_, other) => scalar(other),
    }
}

fn part(value: &toml::Value, shape: Shape, word: &dyn Fn(&str) -> String) -> String {
    let signs: &[char] = if shape == Shape::Items { &[';', '#', '@'] } else { &[';'] };
    match value {
        toml::Value::String(text) => marked(&word(text), signs),
        toml::Value::Table(table) => {
            let get = |name: &str| table.get(name).map(scalar);
            let mut out = marked(&word(&get("id").unwrap_or_default()), signs);
            match (get("on"), get("until")) {
                (None, None) => {}
                (on, None) => out.push_str(&format!(" @ {}", on.unwrap_or_default())),
                (on, Some(until)) => out.push_str(&format!(" @ {}..{until}", on.unwrap_or_default())),
            }
            if let Some(reference) = get("ref") {
                out.push_str(&format!(" # {}", marked(&reference, signs)));
            }
            out
        }
        other => scalar(other),
    }
}

/// A value as a cell has it.
pub fn scalar(value: &toml::Value) -> String {
    match json(value) {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

/// The text with a backslash before each sign, and before spaces at its ends.
fn marked(text: &str, signs: &[char]) -> String {
    let (start, end) = (text.len() - text.trim_start().len(), text.trim_end().len());
    let mut out = String::new();
    for (at, letter) in text.char_indices() {
        let edge = letter.is_whitespace() && (at < start || at >= end);
        if letter == '\\' || signs.contains(&letter) || edge {
            out.push('\\');
        }
        out.push(letter);
    }
    out
}

fn json(value: &toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::from(text.as_str()),
        toml::Value::Integer(number) => Value::from(*number),
        toml::Value::Float(number) => Value::from(*number),
        toml::Value::Boolean(flag) => Value::from(*flag),
        toml::Value::Datetime(day) => Value::from(day.to_string()),
        toml::Value::Array(items) => Value::Array(items.iter().map(json).collect()),
        toml::Value::Table(table) => Value::Object(table.iter().map(|(name, value)| (name.clone(), json(value))).collect()),
    }
}

/// A cell that no spreadsheet takes for a formula: whoever opens a register must not run what a stranger wrote into it.
pub fn guarded(cell: String) -> String {
    let formula =
        cell.starts_with(FORMULA) || cell.strip_prefix('\'').is_some_and(|rest| rest.starts_with(FORMULA) || rest.starts_with('\''));
    if formula { format!("'{cell}") } else { cell }
}

/// The cell that was guarded.
pub fn unguarded(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| rest.starts_with(FORMULA) || rest.starts_with('\'')).unwrap_or(cell)
}
