// SPDX-License-Identifier: Apache-2.0
//! The notation of a cell: lists with `;` between values, safeguards with days, tables as JSON.
//!
//! A backslash takes the meaning from the character after it, so that every text has a cell.

use super::columns::{Column, Shape};
use super::map::{Map, Order};
use serde_json::Value;

/// What a cell says for an empty list.
const NONE: &str = "none";
/// What begins a formula in a spreadsheet.
const FORMULA: &[char] = &['=', '+', '-', '@', '\t', '\r'];

/// A character, and whether a backslash stands before it.
type Letter = (char, bool);

/// What is wrong with a cell.
#[derive(Debug, PartialEq, Eq)]
pub struct Slip {
    /// What was expected, and what was found.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl From<String> for Slip {
    fn from(message: String) -> Self {
        Self { message, help: None }
    }
}

/// A value in a cell as a value of TOML on one line; none where the cell says that it is not known.
///
/// # Errors
///
/// Why the cell cannot be read, where it does not follow the notation. Whether its words are right is for the reader of
/// flow files to say.
pub fn to_toml(cell: &str, column: &Column, map: &Map) -> Result<Option<String>, Slip> {
    let whole = cell.trim();
    if whole.is_empty() {
        return Ok(None);
    }
    // What is exported comes first, so that no word of a mapping file can change what it means.
    if let Some(value) = literal(whole, column.shape, map)? {
        return Ok(Some(value));
    }
    let meaning = map.word(&column.path, whole);
    let cell = meaning.unwrap_or(cell);
    let whole = cell.trim();
    if whole.is_empty() {
        return Ok(None);
    }
    // What a word stands for is no word again.
    let plain = Map { dates: map.dates, lists: map.lists, ..Map::default() };
    let map = if meaning.is_some() { &plain } else { map };
    if let Some(value) = literal(whole, column.shape, map)? {
        return Ok(Some(value));
    }
    Ok(Some(match column.shape {
        Shape::Text => quoted(cell),
        Shape::Day | Shape::Count | Shape::Tables => quoted(whole),
        Shape::Flag | Shape::Presence => match whole.to_lowercase().as_str() {
            "yes" => "true".to_owned(),
            "no" => "false".to_owned(),
            _ => quoted(whole),
        },
        Shape::One => {
            let part = trimmed(&letters(cell));
            let id = if is_literal(&part) { text(&part) } else { meaning_of(&text(&part), column, map) };
            quoted(&id)
        }
        Shape::Texts | Shape::Many => bracketed(parts(cell, column, map).iter().map(|part| quoted(&text(part)))),
        Shape::Items => {
            let mut items = Vec::new();
            for part in parts(cell, column, map) {
                item(&part, column, map, &mut items)?;
            }
            bracketed(items.into_iter())
        }
    }))
}

/// A value in the form in which it is exported, where the shape has one of its own.
fn literal(whole: &str, shape: Shape, map: &Map) -> Result<Option<String>, Slip> {
    Ok(match shape {
        Shape::Day => day(whole, map)?.map(|day| quoted(&day)),
        Shape::Flag | Shape::Presence => matches!(whole.to_lowercase().as_str(), "true" | "false").then(|| whole.to_lowercase()),
        Shape::Count => {
            let digits = whole.strip_suffix(".0").unwrap_or(whole);
            let number = !digits.is_empty() && digits.len() < 20 && digits.bytes().all(|byte| byte.is_ascii_digit());
            // Leading zeros are no number in TOML.
            digits.parse::<u64>().ok().filter(|_| number).map(|number| number.to_string())
        }
        Shape::Texts | Shape::Many | Shape::Items | Shape::Tables if matches!(whole, NONE | "[]") => Some("[]".to_owned()),
        Shape::Tables if whole.starts_with(['[', '{']) => Some(tables(whole)?),
        _ => None,
    })
}

fn tables(whole: &str) -> Result<String, String> {
    let value: Value = serde_json::from_str(whole)
        .map_err(|error| format!("expected JSON such as `[{{\"…\": …}}]`, found a slip at character {}", error.column()))?;
    match value {
        table @ Value::Object(_) => Ok(format!("[{}]", inline(&table)?)),
        list => inline(&list),
    }
}

/// The day in the one form of flow files; none where the cell is no day.
fn day(whole: &str, map: &Map) -> Result<Option<String>, Slip> {
    let bare = ["T00:00:00", " 00:00:00"].iter().find_map(|midnight| whole.strip_suffix(midnight)).unwrap_or(whole);
    let numbers: Vec<&str> = bare.split(['.', '/', '-', ' ']).filter(|part| !part.is_empty()).collect();
    let [first, second, third] = numbers.as_slice() else { return Ok(None) };
    if !numbers.iter().all(|number| number.bytes().all(|byte| byte.is_ascii_digit())) {
        return Ok(None);
    }
    if first.len() == 4 {
        return Ok(Some(format!("{first}-{second:0>2}-{third:0>2}")));
    }
    let slip = |expected: &str, help: Option<&str>| {
        Err(Slip { message: format!("expected {expected}, found `{whole}`"), help: help.map(str::to_owned) })
    };
    let (date, month) = match map.dates {
        Some(Order::DayMonthYear) => (first, second),
        Some(Order::MonthDayYear) => (second, first),
        None => {
            let help = "a mapping file with `dates = \"day-month-year\"` or `dates = \"month-day-year\"` says how to read it";
            return slip("a day such as `2024-03-01`", Some(help));
        }
    };
    let found = format!("{third}-{month:0>2}-{date:0>2}");
    if third.len() != 4 || found.parse::<jiff::civil::Date>().is_err() {
        let order = Order::ALL.iter().find(|(_, order)| Some(*order) == map.dates).map_or("", |(name, _)| name);
        return slip(&format!("a day as `{order}` with a year of four digits"), None);
    }
    Ok(Some(found))
}

/// The cell that a word stands for, or the word itself.
fn meaning_of(word: &str, column: &Column, map: &Map) -> String {
    map.word(&column.path, word).unwrap_or(word).to_owned()
}

/// Whether a backslash says that what follows is an id and no word of the mapping file.
fn is_literal(part: &[Letter]) -> bool {
    part.first().is_some_and(|(_, marked)| *marked)
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

/// The values of a list; an empty one between two separators is nothing. A word may stand for several values, or for none.
fn parts(cell: &str, column: &Column, map: &Map) -> Vec<Vec<Letter>> {
    let split = |all: &[Letter]| -> Vec<Vec<Letter>> {
        let separator = |letter: &Letter| !letter.1 && (matches!(letter.0, ';' | '\n') || Some(letter.0) == map.lists);
        all.split(separator).map(trimmed).filter(|part| !part.is_empty()).collect()
    };
    let mut out = Vec::new();
    for part in split(&letters(cell)) {
        match map.word(&column.path, &text(&part)) {
            Some(meaning) if !is_literal(&part) => {
                if !matches!(meaning.trim(), NONE | "[]") {
                    out.extend(split(&letters(meaning)));
                }
            }
            _ => out.push(part),
        }
    }
    out
}

/// What stands before an unmarked sign, and what after it.
fn cut(letters: &[Letter], sign: char) -> (Vec<Letter>, Option<Vec<Letter>>) {
    let mut halves = letters.splitn(2, |letter| *letter == (sign, false));
    let first = trimmed(halves.next().unwrap_or_default());
    (first, halves.next().map(trimmed))
}

/// `id @ from..until # reference`, as one or, where the mapping file has a word for several, as several.
fn item(part: &[Letter], column: &Column, map: &Map, out: &mut Vec<String>) -> Result<(), Slip> {
    let (head, reference) = cut(part, '#');
    let (name, days) = cut(&head, '@');
    let mut more = Vec::new();
    if let Some(days) = days {
        let days = text(&days);
        let (from, until) = days.split_once("..").unwrap_or((&days, ""));
        if from.trim().is_empty() && until.trim().is_empty() {
            return Err("expected a day after `@`, such as `eu.scc-2021 @ 2023-02-01`, found none".to_owned().into());
        }
        for (name, written) in [("on", from.trim()), ("until", until.trim())] {
            if !written.is_empty() {
                let day = day(written, map)?.unwrap_or_else(|| written.to_owned());
                more.push(format!("{name} = {}", quoted(&day)));
            }
        }
    }
    if let Some(reference) = reference {
        more.push(format!("ref = {}", quoted(&text(&reference))));
    }
    let names = if is_literal(&name) || more.is_empty() {
        vec![name]
    } else {
        // What a word stands for is no word again.
        parts(&meaning_of(&text(&name), column, map), column, &Map { lists: map.lists, ..Map::default() })
    };
    for name in names {
        let id = quoted(&text(&name));
        out.push(if more.is_empty() { id } else { format!("{{ id = {id}, {} }}", more.join(", ")) });
    }
    Ok(())
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

/// The cell of a value of TOML, in the words of the mapping file.
pub fn from_toml(value: &toml::Value, column: &Column, map: &Map) -> String {
    match (column.shape, value) {
        (Shape::Text, toml::Value::String(text)) => text.clone(),
        (Shape::Presence, _) => "true".to_owned(),
        (Shape::One, toml::Value::String(id)) => named(id, &[], column, map),
        (Shape::Tables, toml::Value::Array(items)) if !items.is_empty() => json(value).to_string(),
        (_, toml::Value::Array(items)) if items.is_empty() => NONE.to_owned(),
        (_, toml::Value::Array(items)) => {
            let joined = |map: &Map| items.iter().map(|item| part(item, column, map)).collect::<Vec<_>>().join("; ");
            let cell = joined(map);
            // A list of the one text `none` is not the empty list, and no list is one word of the mapping file by chance.
            let other = matches!(cell.as_str(), NONE | "[]") || (items.len() > 1 && map.word(&column.path, &cell).is_some());
            if !other {
                return cell;
            }
            let ids = joined(&Map { lists: map.lists, ..Map::default() });
            if ids.starts_with('\\') { ids } else { format!("\\{ids}") }
        }
        (_, other) => scalar(other),
    }
}

/// An id by its word, or marked as an id where a word would hide it.
fn named(id: &str, signs: &[char], column: &Column, map: &Map) -> String {
    let word = map.unword(&column.path, id);
    // A word with a sign in it would not be found again as a part of a list.
    if let Some(word) = word.filter(|word| marked(word, signs) == **word && map.word(&column.path, word) == Some(id)) {
        return word.to_owned();
    }
    let cell = marked(id, signs);
    let hidden = !cell.starts_with('\\') && map.word(&column.path, id).is_some();
    if hidden { format!("\\{cell}") } else { cell }
}

fn part(value: &toml::Value, column: &Column, map: &Map) -> String {
    let mut signs = vec![';', '\n'];
    signs.extend(map.lists);
    if column.shape == Shape::Items {
        signs.extend(['#', '@']);
    }
    match value {
        toml::Value::String(id) => named(id, &signs, column, map),
        toml::Value::Table(table) => {
            let get = |name: &str| table.get(name).map(scalar);
            let mut out = named(&get("id").unwrap_or_default(), &signs, column, map);
            match (get("on"), get("until")) {
                (None, None) => {}
                (on, None) => out.push_str(&format!(" @ {}", on.unwrap_or_default())),
                (on, Some(until)) => out.push_str(&format!(" @ {}..{until}", on.unwrap_or_default())),
            }
            if let Some(reference) = get("ref") {
                out.push_str(&format!(" # {}", marked(&reference, &signs)));
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
