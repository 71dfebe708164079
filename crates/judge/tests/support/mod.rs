// SPDX-License-Identifier: Apache-2.0
//! Random flows that come near the lines an instrument draws, and all completions of a flow.

use comity_flow::{Flow, Item, Value};
use comity_law::Library;
use comity_law::ast::{Age, Condition, ConditionKind, InForce, Instrument};
use comity_law::library::embedded;
use comity_terms::{Bits, Class, KeyId, KeyKind, Scheme, vocabulary};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

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

pub fn library() -> Library {
    Library::read(embedded().iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))).0
}

/// What an instrument tests of each key, on one day.
pub struct Lines {
    /// Sets that values are compared with.
    pub sets: BTreeMap<KeyId, BTreeSet<Bits>>,
    /// Numbers that counts are compared with.
    pub numbers: BTreeMap<KeyId, BTreeSet<u64>>,
    /// Days on which something changes.
    pub days: BTreeSet<Date>,
    /// Keys that are tested at all.
    pub keys: BTreeSet<KeyId>,
    /// Whether a test asks how many members a set has.
    pub counted: BTreeSet<KeyId>,
    /// Whether a finer counter is tested.
    pub readings: BTreeSet<(String, String)>,
}

impl Lines {
    pub fn of(library: &Library, instrument: &Instrument, day: Date) -> Self {
        let mut lines = Self {
            sets: BTreeMap::new(),
            numbers: BTreeMap::new(),
            days: BTreeSet::new(),
            keys: BTreeSet::new(),
            counted: BTreeSet::new(),
            readings: BTreeSet::new(),
        };
        lines.instrument(library, instrument, day, 0);
        lines
    }

    fn period(&mut self, force: Option<InForce>) {
        for day in force.into_iter().flat_map(|force| [Some(force.from), force.until]).flatten() {
            self.days.insert(day);
            self.days.extend(day.yesterday());
        }
    }

    fn instrument(&mut self, library: &Library, instrument: &Instrument, day: Date, depth: usize) {
        self.period(instrument.in_force);
        for provision in &instrument.provisions {
            self.period(provision.in_force);
            for clause in &provision.clauses {
                self.condition(library, instrument, &clause.condition, day, depth);
            }
        }
    }

    fn key(&mut self, key: KeyId, set: Option<Bits>) {
        self.keys.insert(key);
        if let Some(set) = set {
            self.sets.entry(key).or_default().insert(set);
        }
    }

    fn condition(&mut self, library: &Library, instrument: &Instrument, condition: &Condition, day: Date, depth: usize) {
        let words = vocabulary();
        match &condition.kind {
            ConditionKind::All(parts) | ConditionKind::Any(parts) => {
                parts.iter().for_each(|part| self.condition(library, instrument, part, day, depth));
            }
            ConditionKind::Not(inner) => self.condition(library, instrument, inner, day, depth),
            ConditionKind::Flag(key) | ConditionKind::Empty(key) => self.key(*key, None),
            ConditionKind::In(key, set) | ConditionKind::Meets(key, set) | ConditionKind::Within(key, set) => {
                self.key(*key, Some(expand(library, set, day)));
            }
            ConditionKind::Several(key, _, set) => {
                self.key(*key, Some(expand(library, set, day)));
                self.counted.insert(*key);
            }
            ConditionKind::Item(key, set, age) => {
                self.key(*key, Some(expand(library, set, day)));
                if let Some(Age::Before(day) | Age::From(day)) = age {
                    self.days.insert(*day);
                }
            }
            ConditionKind::Compare(key, _, value) => {
                self.keys.insert(*key);
                self.numbers.entry(*key).or_default().insert(*value);
            }
            ConditionKind::Counter(counter) => {
                let key = words.key("subjects.count_12_months").unwrap();
                self.keys.insert(key);
                self.numbers.entry(key).or_default().insert(counter.value);
            }
            ConditionKind::Instrument(name) if depth < 4 => {
                if let Some(other) = library.instrument(&name.text) {
                    self.instrument(library, other, day, depth + 1);
                }
            }
            ConditionKind::Recognition(party, kind) => {
                for row in library.recognitions.iter().filter(|row| row.by == *party && row.kind == *kind) {
                    self.period(Some(row.in_force));
                    self.key(words.key("importer.seat").unwrap(), Some(expand(library, &row.of, day)));
                    if let Some(scope) = &row.scope {
                        self.condition(library, instrument, scope, day, depth);
                    }
                }
            }
            ConditionKind::Reading(reading, _) => {
                self.readings.insert((instrument.id.text.clone(), reading.text.clone()));
            }
            _ => {}
        }
    }

    /// One value for each class of values that no test of the instrument tells apart, at most so many.
    pub fn classes(&self, key: KeyId, scheme: Scheme) -> Vec<u16> {
        let sets: Vec<&Bits> = self.sets.get(&key).into_iter().flatten().collect();
        let mut seen = BTreeSet::new();
        let all = vocabulary().all(scheme);
        all.iter()
            .filter(|index| {
                let signature: Vec<bool> = sets.iter().map(|set| set.has(*index)).collect();
                // A test that counts members tells each from the others.
                let own = self.counted.contains(&key) && signature.contains(&true);
                seen.insert((signature, own.then_some(*index)))
            })
            .collect()
    }

    /// Every value of a key, up to what the instrument tells apart; none if there are too many.
    pub fn values(&self, key: KeyId) -> Option<Vec<Value>> {
        let words = vocabulary();
        Some(match words.key_at(key)?.kind {
            KeyKind::Flag => vec![Value::Flag(false), Value::Flag(true)],
            KeyKind::One(scheme) => {
                self.classes(key, scheme).into_iter().filter_map(|index| words.term_at(scheme, index)).map(Value::One).collect()
            }
            KeyKind::Many(scheme) => {
                let classes = self.classes(key, scheme);
                if classes.len() > 6 {
                    return None;
                }
                (0..1_u32 << classes.len())
                    .map(|mask| Value::Many(classes.iter().enumerate().filter(|(bit, _)| mask & (1 << bit) != 0).map(|(_, index)| *index).collect()))
                    .collect()
            }
            KeyKind::Count => {
                // Counts that are compared with one another need the lines of all of them.
                let mut numbers: BTreeSet<u64> = self.numbers.values().flatten().flat_map(|number| [number.saturating_sub(1), *number, number + 1]).collect();
                numbers.insert(0);
                numbers.into_iter().map(Value::Count).collect()
            }
            KeyKind::Day => return None,
        })
    }
}

fn expand(library: &Library, set: &comity_law::ast::TermSet, day: Date) -> Bits {
    let words = vocabulary();
    let rows = library.recognitions.iter().filter(|row| set.recognized_by.contains(&row.by) && row.scope.is_none() && row.kind == "adequacy");
    rows.filter(|row| row.holds(day, Date::MAX)).fold(set.on(words, day), |all, row| all.or(&row.of.on(words, day)))
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

/// A complete flow near the lines of an instrument: every key that it tests is stated.
pub fn random_flow(dice: &mut Dice, lines: &Lines, instrument: &Instrument, day: Date) -> Flow {
    let words = vocabulary();
    loop {
        let mut flow = Flow { id: "random".to_owned(), on: Some(day), under: vec![instrument.id.text.clone()], ..Flow::default() };
        for key in words.keys() {
            let id = words.key(&key.path).unwrap();
            let value = match key.kind {
                KeyKind::Flag => Value::Flag(dice.chance(30)),
                KeyKind::One(scheme) => {
                    let classes = lines.classes(id, scheme);
                    Value::One(words.term_at(scheme, *dice.pick(&classes)).unwrap())
                }
                KeyKind::Many(scheme) => {
                    let classes = lines.classes(id, scheme);
                    let share = if key.class == Class::Given { 15 } else { 35 };
                    Value::Many(classes.into_iter().filter(|_| dice.chance(share)).collect())
                }
                KeyKind::Count => Value::Count(match lines.values(id) {
                    Some(values) => match dice.pick(&values) {
                        Value::Count(count) => *count,
                        _ => 0,
                    },
                    None => 0,
                }),
                KeyKind::Day => continue,
            };
            flow.facts.insert(id, value);
        }
        settle(&mut flow);
        if !consistent(&flow.facts) {
            continue;
        }
        items(dice, lines, &mut flow, day);
        return flow;
    }
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
fn items(dice: &mut Dice, lines: &Lines, flow: &mut Flow, day: Date) {
    let words = vocabulary();
    let days: Vec<Date> = lines.days.iter().copied().filter(|other| *other <= day).chain([day, day.yesterday().unwrap_or(day)]).collect();
    for key in words.keys() {
        let KeyKind::Many(scheme) = key.kind else { continue };
        let id = words.key(&key.path).unwrap();
        if !(key.path.starts_with("safeguards.") || key.path == "importer.certified") {
            continue;
        }
        let Some(Value::Many(set)) = flow.facts.get(&id) else { continue };
        for index in set.iter() {
            flow.items.push(Item { key: id, term: words.term_at(scheme, index).unwrap(), on: Some(*dice.pick(&days)), until: None, reference: None });
        }
    }
}

/// Takes facts away, so that at most `limit` completions are left; gives the keys that are now unknown.
pub fn forget(dice: &mut Dice, lines: &Lines, flow: &mut Flow, unknown: usize, limit: usize) -> Vec<(KeyId, Vec<Value>)> {
    let words = vocabulary();
    let mut candidates: Vec<KeyId> = lines
        .keys
        .iter()
        .copied()
        .filter(|key| words.key_at(*key).is_some_and(|key| matches!(key.class, Class::Given | Class::Design)))
        .filter(|key| words.key_at(*key).is_some_and(|key| key.path != "onward" && !key.path.starts_with("sender.")))
        .collect();
    let mut forgotten = Vec::new();
    let mut completions = 1;
    while forgotten.len() < unknown && !candidates.is_empty() {
        let key = candidates.swap_remove(dice.below(candidates.len()));
        let Some(values) = lines.values(key) else { continue };
        if completions * values.len() > limit {
            continue;
        }
        completions *= values.len();
        flow.facts.remove(&key);
        flow.items.retain(|item| item.key != key);
        forgotten.push((key, values));
    }
    forgotten
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
