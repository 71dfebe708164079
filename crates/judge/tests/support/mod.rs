// SPDX-License-Identifier: Apache-2.0
//! Random flows that come near the lines an instrument draws, and all completions of a flow.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail loudly")]
#![allow(dead_code, reason = "each test binary uses a part of this module")]

use comity_flow::{Flow, Item, Value};
use comity_judge::lines::Lines;
use comity_law::Library;
use comity_law::ast::Instrument;
use comity_law::library::embedded;
use comity_terms::{Bits, Class, KeyId, KeyKind, Scheme, vocabulary};
use jiff::civil::Date;
use std::collections::BTreeMap;

/// A small generator with a seed: the tests must be the same on every machine.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// A number below `bound` (xorshift).
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % bound.max(1)
    }

    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub fn pick<'t, T>(&mut self, items: &'t [T]) -> &'t T {
        &items[self.below(items.len())]
    }
}

/// The library: the embedded one, or the folder that `COMITY_LAW` names, so that trying a change needs no build.
pub fn library() -> Library {
    let Some(folder) = std::env::var_os("COMITY_LAW") else {
        return Library::read(embedded().iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))).0;
    };
    let mut files = Vec::new();
    for place in std::fs::read_dir(folder).unwrap() {
        for file in std::fs::read_dir(place.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            let name = format!("{}/{}", path.parent().unwrap().display(), path.file_name().unwrap().to_string_lossy());
            files.push((name, std::fs::read_to_string(path).unwrap()));
        }
    }
    Library::read(files).0
}

/// Whether the vocabulary allows these facts together.
pub fn consistent(facts: &BTreeMap<KeyId, Value>) -> bool {
    let words = vocabulary();
    let count = |path: &str| match facts.get(&words.key(path).unwrap()) {
        Some(Value::Count(count)) => Some(*count),
        _ => None,
    };
    let most = |less: &str, more: &str| count(less).zip(count(more)).is_none_or(|(less, more)| less <= more);
    most("subjects.count", "subjects.count_12_months") && most("subjects.sensitive_count_this_year", "subjects.count_this_year")
}

/// The values that the lines of an instrument tell apart, looked up once for many flows.
pub struct Palette {
    keys: Vec<(KeyId, Class, Choices)>,
    days: Vec<Date>,
    /// The keys that can be forgotten, with all their values.
    askable: Vec<(KeyId, Option<Vec<Value>>)>,
}

enum Choices {
    Flag,
    One(Scheme, Vec<u16>),
    Many(Vec<u16>),
    Counts(Vec<Value>),
}

impl Palette {
    pub fn of(lines: &Lines) -> Self {
        let words = vocabulary();
        let keys = words.keys().iter().filter_map(|key| {
            let id = words.key(&key.path).unwrap();
            let choices = match key.kind {
                KeyKind::Flag => Choices::Flag,
                KeyKind::One(scheme) => Choices::One(scheme, lines.classes(id, scheme)),
                KeyKind::Many(scheme) => Choices::Many(lines.classes(id, scheme)),
                KeyKind::Count => Choices::Counts(lines.values(id).unwrap_or_default()),
                KeyKind::Day => return None,
            };
            Some((id, key.class, choices))
        });
        let askable = lines
            .keys
            .iter()
            .copied()
            .filter(|key| words.key_at(*key).is_some_and(|key| matches!(key.class, Class::Given | Class::Design)))
            .filter(|key| words.key_at(*key).is_some_and(|key| key.path != "onward" && !key.path.starts_with("sender.")))
            .map(|key| (key, lines.values(key)));
        Self { keys: keys.collect(), days: lines.days.iter().copied().collect(), askable: askable.collect() }
    }

    /// A complete flow near the lines: every key that the instrument tests is stated.
    pub fn flow(&self, dice: &mut Dice, instrument: &Instrument, day: Date) -> Flow {
        let words = vocabulary();
        loop {
            let mut flow = Flow { id: "random".to_owned(), on: Some(day), under: vec![instrument.id.text.clone()], ..Flow::default() };
            for (id, class, choices) in &self.keys {
                let value = match choices {
                    Choices::Flag => Value::Flag(dice.chance(30)),
                    Choices::One(scheme, classes) => Value::One(words.term_at(*scheme, *dice.pick(classes)).unwrap()),
                    Choices::Many(classes) => {
                        let share = if *class == Class::Given { 15 } else { 35 };
                        Value::Many(classes.iter().copied().filter(|_| dice.chance(share)).collect())
                    }
                    Choices::Counts(values) if values.is_empty() => Value::Count(0),
                    Choices::Counts(values) => dice.pick(values).clone(),
                };
                flow.facts.insert(*id, value);
            }
            settle(&mut flow);
            if !consistent(&flow.facts) {
                continue;
            }
            items(dice, &self.days, &mut flow, day);
            return flow;
        }
    }

    /// Takes facts away, so that at most `limit` completions are left; gives the keys that are now unknown.
    pub fn forget(&self, dice: &mut Dice, flow: &mut Flow, unknown: usize, limit: usize) -> Vec<(KeyId, Vec<Value>)> {
        let mut candidates: Vec<&(KeyId, Option<Vec<Value>>)> = self.askable.iter().collect();
        let mut forgotten = Vec::new();
        let mut completions = 1;
        while forgotten.len() < unknown && !candidates.is_empty() {
            let (key, values) = candidates.swap_remove(dice.below(candidates.len()));
            let Some(values) = values else { continue };
            if completions * values.len() > limit {
                continue;
            }
            completions *= values.len();
            flow.facts.remove(key);
            flow.items.retain(|item| item.key != *key);
            forgotten.push((*key, values.clone()));
        }
        forgotten
    }
}

/// A complete flow near the lines of an instrument: every key that it tests is stated.
pub fn random_flow(dice: &mut Dice, lines: &Lines, instrument: &Instrument, day: Date) -> Flow {
    Palette::of(lines).flow(dice, instrument, day)
}

/// Keeps wholes and parts together, as the flow format does.
fn settle(flow: &mut Flow) {
    let words = vocabulary();
    for whole in ["safeguards.assessment", "safeguards.consent"] {
        let made = flow.facts[&words.key(whole).unwrap()] == Value::Flag(true);
        for part in words.keys().iter().filter(|part| part.path.starts_with(whole) && part.path != whole) {
            let id = words.key(&part.path).unwrap();
            match part.kind {
                KeyKind::One(scheme) => {
                    let none = words.find(scheme, "none").unwrap();
                    let other = words.all(scheme).minus(&Bits::single(none.index())).lowest().unwrap();
                    let stated = flow.facts[&id] != Value::One(none);
                    if !made {
                        flow.facts.insert(id, Value::One(none));
                    } else if !stated {
                        flow.facts.insert(id, Value::One(words.term_at(scheme, other).unwrap()));
                    }
                }
                _ if !made => {
                    flow.facts.insert(id, Value::Flag(false));
                }
                _ => {}
            }
        }
    }
}

/// Every safeguard listed is an item with a day.
fn items(dice: &mut Dice, days: &[Date], flow: &mut Flow, day: Date) {
    let words = vocabulary();
    let days: Vec<Date> = days.iter().copied().filter(|other| *other <= day).chain([day, day.yesterday().unwrap_or(day)]).collect();
    for key in words.keys() {
        let KeyKind::Many(scheme) = key.kind else { continue };
        let id = words.key(&key.path).unwrap();
        if !(key.path.starts_with("safeguards.") || key.path == "importer.certified") {
            continue;
        }
        let Some(Value::Many(set)) = flow.facts.get(&id) else { continue };
        for index in set.iter() {
            flow.items.push(Item {
                key: id,
                term: words.term_at(scheme, index).unwrap(),
                on: Some(*dice.pick(&days)),
                until: None,
                reference: None,
            });
        }
    }
}

/// Takes facts away, so that at most `limit` completions are left; gives the keys that are now unknown.
pub fn forget(dice: &mut Dice, lines: &Lines, flow: &mut Flow, unknown: usize, limit: usize) -> Vec<(KeyId, Vec<Value>)> {
    Palette::of(lines).forget(dice, flow, unknown, limit)
}

/// All completions of a flow over the forgotten keys.
pub fn completions(flow: &Flow, forgotten: &[(KeyId, Vec<Value>)]) -> Vec<Flow> {
    let mut all = vec![flow.clone()];
    for (key, values) in forgotten {
        all = all
            .into_iter()
            .flat_map(|flow| {
                values.iter().map(move |value| {
                    let mut next = flow.clone();
                    next.facts.insert(*key, value.clone());
                    next
                })
            })
            .collect();
    }
    all.retain(|flow| consistent(&flow.facts));
    all
}

/// Every combination of options of the readings, at most so many.
pub fn readings(library: &Library, lines: &Lines) -> Vec<Vec<(String, String, String)>> {
    let mut all = vec![Vec::new()];
    for (instrument, id) in &lines.readings {
        let reading = library.instrument(instrument).unwrap().readings.iter().find(|reading| reading.id.text == *id).unwrap();
        all = all
            .into_iter()
            .flat_map(|fixed: Vec<(String, String, String)>| {
                reading.options.iter().map(move |option| {
                    let mut next = fixed.clone();
                    next.push((instrument.clone(), id.clone(), option.id.text.clone()));
                    next
                })
            })
            .collect();
    }
    all
}
