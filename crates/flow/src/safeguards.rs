// SPDX-License-Identifier: Apache-2.0
//! The table `[safeguards]`: what is in place, and since when.

use crate::declared::Declared;
use crate::facts::{Table, fact_names, read_facts};
use crate::node::{Entry, Kind, Node};
use crate::problem::with_article;
use crate::reader::Reader;
use crate::{Flow, Item, Value};
use comity_terms::{Bits, KeyId, KeyKind, Scheme};
use jiff::civil::Date;

pub(crate) const TABLE: &str = "safeguards";
pub(crate) const ASSESSMENT: &str = "safeguards.assessment";
pub(crate) const CONSENT: &str = "safeguards.consent";
const ITEM_KEYS: &[&str] = &["id", "on", "until", "ref"];
const REFERENCE: &str = "ref";

impl Item {
    /// Whether it is in place on the day; without a day, it is.
    #[must_use]
    pub fn in_place(&self, on: Option<Date>) -> bool {
        on.is_none_or(|on| self.on.is_none_or(|from| from <= on) && self.until.is_none_or(|until| on < until))
    }
}

/// Reads the table; without one, nothing is in place.
pub(crate) fn read_safeguards(reader: &mut Reader, table: Option<&Entry>, flow: &mut Flow) {
    let entries = table.and_then(|entry| reader.table(TABLE, &entry.value)).unwrap_or_default();
    let lists = lists(reader);
    let names = lists.iter().map(|(name, ..)| *name).chain(["contracts_signed_on", "assessment", "consent"]);
    let names: Vec<&str> = names.collect();
    let found = read_facts(reader, &Table::plain(TABLE), entries, &names, &mut flow.facts);
    let named = |name: &str| found.iter().find(|entry| entry.name == name);

    let signed_on = named("contracts_signed_on").and_then(|entry| reader.day("safeguards.contracts_signed_on", &entry.value));
    for (name, key, scheme) in lists {
        let default = signed_on.filter(|_| name == "contracts");
        let items =
            named(name).map(|entry| read_items(reader, &format!("{TABLE}.{name}"), key, scheme, &entry.value, default)).unwrap_or_default();
        flow.facts.insert(key, Value::Many(in_place(&items, flow.on)));
        flow.items.extend(items);
    }
    read_assessment(reader, named("assessment").copied(), flow);
    read_consent(reader, named("consent").copied(), flow);
}

/// The lists of the table: name, key, scheme.
fn lists(reader: &Reader) -> Vec<(&'static str, KeyId, Scheme)> {
    let words = reader.words;
    fact_names(words, TABLE)
        .filter_map(|name| {
            let key = words.key(&format!("{TABLE}.{name}"))?;
            match words.key_at(key)?.kind {
                KeyKind::Many(scheme) => Some((name, key, scheme)),
                _ => None,
            }
        })
        .collect()
}

/// The terms of the items that are in place on the day.
pub(crate) fn in_place(items: &[Item], on: Option<Date>) -> Bits {
    items.iter().filter(|item| item.in_place(on)).map(|item| item.term.index()).collect()
}

/// Reads a list whose entries are ids, or tables with an id and days.
pub(crate) fn read_items(reader: &mut Reader, path: &str, key: KeyId, scheme: Scheme, node: &Node, signed_on: Option<Date>) -> Vec<Item> {
    read_list(reader, path, (key, scheme), node, ITEM_KEYS, signed_on).unwrap_or_default()
}

/// Reads a list whose entries are ids, or tables with an id and some of the other keys.
pub(crate) fn read_list(
    reader: &mut Reader,
    path: &str,
    of: (KeyId, Scheme),
    node: &Node,
    keys: &[&str],
    signed_on: Option<Date>,
) -> Option<Vec<Item>> {
    let expected = format!("a list, each entry {}", with_article(of.1.noun()));
    let entries = reader.list(path, node, &expected)?;
    Some(entries.iter().filter_map(|entry| item(reader, path, of, entry, keys, signed_on)).collect())
}

fn item(reader: &mut Reader, path: &str, of: (KeyId, Scheme), node: &Node, keys: &[&str], signed_on: Option<Date>) -> Option<Item> {
    let (key, scheme) = of;
    let Kind::Table(entries) = &node.kind else {
        let term = reader.term(path, scheme, node)?;
        return Some(Item { key, term, on: signed_on, until: None, reference: None });
    };
    let (mut id, mut on, mut until, mut reference) = (None, signed_on, None, None);
    for entry in entries {
        let path = format!("{path}.{}", entry.name);
        match entry.name.as_str() {
            name if !keys.contains(&name) => {
                reader.unknown_key(path.rsplit_once('.').map_or("", |(table, _)| table), entry, keys);
            }
            "id" => id = Some(reader.term(&path, scheme, &entry.value)),
            "on" => on = reader.day(&path, &entry.value),
            "until" => until = reader.day(&path, &entry.value),
            _ => reference = reader.text(&path, &entry.value),
        }
    }
    if id.is_none() {
        let message = format!("`{path}`: expected the key `id`, found none");
        reader.problem(node.at, message, Some(format!("an entry is a text or a table with an `id`, {}", with_article(scheme.noun()))));
    }
    if let (Some(first), Some(end)) = (on, until)
        && end <= first
    {
        let message = format!("`{path}`: expected `until` to be after `on`, found {end} and {first}");
        reader.problem(node.at, message, Some("`until` is the first day on which it is no longer in place".to_owned()));
    }
    Some(Item { key, term: id??, on, until, reference })
}

fn read_assessment(reader: &mut Reader, table: Option<&Entry>, flow: &mut Flow) {
    let table = table.and_then(|entry| reader.table(ASSESSMENT, &entry.value));
    let others = read_facts(reader, &Table::plain(ASSESSMENT), table.unwrap_or_default(), &["on", REFERENCE], &mut flow.facts);
    let other = |name: &str| others.iter().find(|entry| entry.name == name);
    flow.assessed_on = other("on").and_then(|entry| reader.day("safeguards.assessment.on", &entry.value));
    read_reference(reader, ASSESSMENT, other(REFERENCE).copied(), flow);
    let made = table.is_some() && flow.on.zip(flow.assessed_on).is_none_or(|(on, assessed)| assessed <= on);
    let words = reader.words;
    if let Some(key) = words.key(ASSESSMENT) {
        flow.facts.insert(key, Value::Flag(made));
    }
    if made {
        return;
    }
    for (path, scheme) in
        [("safeguards.assessment.kind", Scheme::AssessmentKind), ("safeguards.assessment.result", Scheme::AssessmentResult)]
    {
        if let (Some(key), Some(none)) = (words.key(path), words.find(scheme, "none")) {
            flow.facts.insert(key, Value::One(none));
        }
    }
}

/// What the assessment or consent rests on.
fn read_reference(reader: &mut Reader, table: &str, entry: Option<&Entry>, flow: &mut Flow) {
    let text = entry.and_then(|entry| reader.text(&format!("{table}.{REFERENCE}"), &entry.value));
    // A text with nothing to read names nothing.
    let text = text.filter(|text| !text.trim().is_empty());
    if let (Some(key), Some(text)) = (reader.words.key(table), text) {
        flow.references.insert(Declared { onward: None, key, term: None }, text);
    }
}

fn read_consent(reader: &mut Reader, table: Option<&Entry>, flow: &mut Flow) {
    let table = table.and_then(|entry| reader.table(CONSENT, &entry.value));
    let others = read_facts(reader, &Table::plain(CONSENT), table.unwrap_or_default(), &[REFERENCE], &mut flow.facts);
    read_reference(reader, CONSENT, others.first().copied(), flow);
    let words = reader.words;
    if let Some(key) = words.key(CONSENT) {
        flow.facts.insert(key, Value::Flag(table.is_some()));
    }
    for name in fact_names(words, CONSENT) {
        if let Some(key) = words.key(&format!("{CONSENT}.{name}")) {
            flow.facts.entry(key).or_insert(Value::Flag(false));
        }
    }
}
