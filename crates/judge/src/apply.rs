// SPDX-License-Identifier: Apache-2.0
//! Writing changes into a flow, so that what a route leaves can be judged like any other flow.

use crate::ask::About;
use crate::change::Change;
use crate::store::{Domain, YES};
use comity_clock::{Length, before};
use comity_flow::{Counter, Flow, Item, Value};
use comity_terms::{Bits, KeyId, KeyKind, vocabulary};

/// Writes one change; `leg` is the number of a later recipient plus one, 0 or none for the flow itself.
pub(crate) fn change(flow: &mut Flow, leg: Option<usize>, change: &Change) {
    let onward = leg.and_then(|leg| leg.checked_sub(1));
    match change {
        Change::Add(key, index) | Change::Renew(key, index) => add(flow, onward, *key, *index),
        Change::Set(key, domain) => set(flow, onward, *key, domain),
        // Waiting moves the flow: two weeks cover ten working days, the longest standstill there is so far.
        Change::Wait => flow.on = flow.on.and_then(|on| on.checked_add(jiff::Span::new().days(15)).ok()),
    }
}

fn add(flow: &mut Flow, onward: Option<usize>, key: KeyId, index: u16) {
    let words = vocabulary();
    let Some(info) = words.key_at(key) else { return };
    let KeyKind::Many(scheme) = info.kind else { return };
    let Some(term) = words.term_at(scheme, index) else { return };
    let item = Item { key, term, on: flow.on, until: None, reference: None };
    let member = |facts: &mut std::collections::BTreeMap<KeyId, Value>| {
        let mut all = match facts.get(&key) {
            Some(Value::Many(set)) => *set,
            _ => Bits::EMPTY,
        };
        all.insert(index);
        facts.insert(key, Value::Many(all));
    };
    let listed = info.path.starts_with("safeguards.");
    match onward.and_then(|number| flow.onward.get_mut(number)) {
        Some(entry) if listed => entry.items.push(item),
        Some(entry) => member(&mut entry.facts),
        None => {
            member(&mut flow.facts);
            if listed {
                flow.items.push(item);
            }
        }
    }
}

fn set(flow: &mut Flow, onward: Option<usize>, key: KeyId, domain: &Domain) {
    let words = vocabulary();
    let Some(info) = words.key_at(key) else { return };
    let value = match (info.kind, domain) {
        (KeyKind::Flag, Domain::One(value)) => Some(Value::Flag(value.has(YES))),
        (KeyKind::One(scheme), Domain::One(value)) => value.lowest().and_then(|index| words.term_at(scheme, index)).map(Value::One),
        (KeyKind::Many(_), Domain::Many { yes, .. }) => Some(Value::Many(*yes)),
        (KeyKind::Count, Domain::Range { low, .. }) => Some(Value::Count(*low)),
        _ => None,
    };
    let Some(value) = value else { return };
    match onward.and_then(|number| flow.onward.get_mut(number)) {
        Some(entry) => entry.facts.insert(key, value),
        None => flow.facts.insert(key, value),
    };
}

/// The flow with the answer to a question of [`crate::ask`].
///
/// A reading is no fact of the flow, so it leaves the flow as it is; so does a value that is not of the kind asked for.
#[must_use]
pub fn tell(flow: &Flow, about: &About, value: &Value) -> Flow {
    let mut next = flow.clone();
    match (about, value) {
        (About::Fact(key, onward), value) => {
            let listed = vocabulary().key_at(*key).is_some_and(|key| key.path.starts_with("safeguards."));
            let (facts, items) = match onward.and_then(|number| next.onward.get_mut(number)) {
                Some(entry) => (&mut entry.facts, &mut entry.items),
                None => (&mut next.facts, &mut next.items),
            };
            facts.insert(*key, value.clone());
            if let (true, Value::Many(set), Some(KeyKind::Many(scheme))) = (listed, value, vocabulary().key_at(*key).map(|key| key.kind)) {
                items.retain(|item| item.key != *key || set.has(item.term.index()));
                for term in set.iter().filter_map(|index| vocabulary().term_at(scheme, index)) {
                    if !items.iter().any(|item| item.key == *key && item.term == term) {
                        items.push(Item { key: *key, term, on: None, until: None, reference: None });
                    }
                }
            }
            settle(&mut next);
        }
        (About::Count { of, unit, months }, Value::Count(number)) => {
            let since = flow.on.and_then(|on| before(on, Length::Months(*months)));
            next.counts.push(Counter { of: *of, unit: *unit, since, at_least: *number, at_most: Some(*number) });
        }
        (About::Day(key, term, onward), Value::Day(day)) => {
            let items = match onward.and_then(|number| next.onward.get_mut(number)) {
                Some(entry) => &mut entry.items,
                None => &mut next.items,
            };
            for item in items.iter_mut().filter(|item| item.key == *key && item.term == *term && item.on.is_none()) {
                item.on = Some(*day);
            }
        }
        _ => {}
    }
    next
}

/// Makes wholes and parts agree: who states a result has made an assessment; who states a quality has obtained consent.
pub(crate) fn settle(flow: &mut Flow) {
    let words = vocabulary();
    for whole in ["safeguards.assessment", "safeguards.consent"] {
        let Some(whole_key) = words.key(whole) else { continue };
        let parts: Vec<(KeyId, KeyKind)> = words
            .keys()
            .iter()
            .filter(|key| key.path.starts_with(whole) && key.path != whole)
            .filter_map(|key| Some((words.key(&key.path)?, key.kind)))
            .collect();
        let is_none = |value: Option<&Value>| matches!(value, Some(Value::One(term)) if words.id(*term) == "none");
        let stated = parts.iter().any(|(part, kind)| match kind {
            KeyKind::Flag => flow.facts.get(part) == Some(&Value::Flag(true)),
            _ => flow.facts.contains_key(part) && !is_none(flow.facts.get(part)),
        });
        if !stated {
            continue;
        }
        flow.facts.insert(whole_key, Value::Flag(true));
        for (part, kind) in parts {
            if matches!(kind, KeyKind::One(_)) && is_none(flow.facts.get(&part)) {
                flow.facts.remove(&part);
            }
        }
    }
}
