// SPDX-License-Identifier: Apache-2.0
//! What follows from the file by the rules of the format, and what in it cannot be true together.

use crate::reader::Reader;
use crate::safeguards::in_place;
use crate::{Flow, Item, Value};
use comity_terms::{Bits, KeyId, Scheme};
use std::collections::BTreeMap;

/// Measures under which the importer does not read clear text, unless it is stated that it does.
pub(crate) const EXCLUDE_CLEAR_TEXT: [&str; 3] = ["keys-held-by-exporter", "keys-held-by-trusted-third-party", "provider-has-no-access"];
pub(crate) const CLEAR_TEXT: &str = "importer-reads-clear-text";

/// Fills in what the format defines for silence, naming each use in [`Flow::assumed`], and notes contradictions.
pub(crate) fn fill(reader: &mut Reader, flow: &mut Flow) {
    if !reader.places.contains_key("on") {
        flow.assumed.push("`on` is absent: today is meant".to_owned());
    }
    if !reader.places.contains_key("onward") {
        flow.assumed.push("`onward` is absent: no later recipient is meant".to_owned());
    }
    for (position, leg) in flow.onward.iter().enumerate() {
        if !reader.places.contains_key(&format!("onward[{position}].from")) {
            let name = if leg.name.is_empty() { format!("entry {}", position + 1) } else { format!("`{}`", leg.name) };
            flow.assumed.push(format!("`from` of {name} in `onward` is absent: the importer is meant"));
        }
    }
    fill_places(reader, flow);
    fill_clear_text(reader, flow);
    let count = |flow: &Flow, path: &str| match flow.facts.get(&reader.words.key(path)?)? {
        Value::Count(count) => Some(*count),
        _ => None,
    };
    if let (Some(flowing), Some(year)) = (count(flow, "subjects.count"), count(flow, "subjects.count_12_months"))
        && flowing > year
        && let Some(at) = reader.places.get("subjects.count_12_months").copied()
    {
        let message =
            format!("`subjects.count_12_months`: expected at least `subjects.count`, which is {flowing}, found the number `{year}`");
        reader.problem(at, message, Some("the count of twelve months takes in this flow".to_owned()));
    }
}

/// Establishments are where the seat is, and behavior is observed where people are targeted, unless stated.
fn fill_places(reader: &Reader, flow: &mut Flow) {
    let words = reader.words;
    // A key that is stated wrongly is a problem already and no silence.
    let silent = |path: &str| words.key(path).filter(|_| !reader.places.contains_key(path));
    if let Some(established) = silent("exporter.established_in")
        && let Some(Value::One(seat)) = words.key("exporter.seat").and_then(|key| flow.facts.get(&key))
    {
        flow.assumed.push(format!("`exporter.established_in` is absent: the seat, `{}`, is meant", words.id(*seat)));
        let seat = Bits::single(seat.index());
        flow.facts.insert(established, Value::Many(seat));
    }
    if let Some(monitors) = silent("exporter.monitors")
        && let Some(targets) = words.key("exporter.targets").and_then(|key| flow.facts.get(&key)).cloned()
    {
        flow.assumed.push("`exporter.monitors` is absent: the same places as `exporter.targets` are meant".to_owned());
        flow.facts.insert(monitors, targets);
    }
}

fn fill_clear_text(reader: &mut Reader, flow: &mut Flow) {
    let (Some(key), Some(measures)) = (reader.words.key("importer.reads_clear_text"), reader.words.key("safeguards.measures")) else {
        return;
    };
    let placed = in_place_of(&flow.items, measures, flow);
    if let Some(measure) = imply(reader, "importer.reads_clear_text", key, &placed, &mut flow.facts) {
        flow.assumed.push(format!("`importer.reads_clear_text` is absent: follows from the measure `{measure}`"));
    }
    let legs: Vec<Bits> = flow.onward.iter().map(|leg| in_place_of(&leg.items, measures, flow)).collect();
    for (position, (leg, placed)) in flow.onward.iter_mut().zip(legs).enumerate() {
        imply(reader, &format!("onward[{position}].reads_clear_text"), key, &placed, &mut leg.facts);
    }
}

fn in_place_of(items: &[Item], key: KeyId, flow: &Flow) -> Bits {
    let items: Vec<Item> = items.iter().filter(|item| item.key == key).cloned().collect();
    in_place(&items, flow.on)
}

/// Sets the fact where a measure decides it, and returns that measure.
fn imply(reader: &mut Reader, path: &str, key: KeyId, measures: &Bits, facts: &mut BTreeMap<KeyId, Value>) -> Option<&'static str> {
    let words = reader.words;
    let among = |id: &str| words.find(Scheme::Measure, id).is_some_and(|term| measures.contains(term));
    let stated_at = reader.places.get(path).copied();
    if among(CLEAR_TEXT) {
        if let (Some(Value::Flag(false)), Some(at)) = (facts.get(&key), stated_at) {
            let shown = path.replace(|letter: char| letter.is_ascii_digit() || "[]".contains(letter), "");
            let message = format!("`{shown}`: expected `true`, because the measure `{CLEAR_TEXT}` says so, found `false`");
            reader.problem(at, message, Some("state it once: here, or as the measure".to_owned()));
        }
        if stated_at.is_none() {
            facts.insert(key, Value::Flag(true));
            return Some(CLEAR_TEXT);
        }
    } else if stated_at.is_none()
        && let Some(measure) = EXCLUDE_CLEAR_TEXT.into_iter().find(|id| among(id))
    {
        facts.insert(key, Value::Flag(false));
        return Some(measure);
    }
    None
}
