// SPDX-License-Identifier: Apache-2.0
//! The lines that an instrument draws: what it compares each key with, and so which values it can tell apart.
//!
//! Random tests, the search for witnesses of a mutant and summaries of what a law looks at all start here.

use comity_flow::Value;
use comity_law::Library;
use comity_law::ast::{Age, Condition, ConditionKind, InForce, Instrument, Provision, TermSet};
use comity_terms::{Bits, KeyId, KeyKind, Scheme, vocabulary};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// What an instrument, with those it refers to, tests of each key on one day.
#[derive(Clone, Debug, Default)]
pub struct Lines {
    /// Sets that values are compared with.
    pub sets: BTreeMap<KeyId, BTreeSet<Bits>>,
    /// Numbers that counts are compared with.
    pub numbers: BTreeMap<KeyId, BTreeSet<u64>>,
    /// Days on which something changes, and the days before them.
    pub days: BTreeSet<Date>,
    /// Keys that are tested at all.
    pub keys: BTreeSet<KeyId>,
    /// Keys of which the number of members is asked.
    pub counted: BTreeSet<KeyId>,
    /// Readings that are asked: instrument and id.
    pub readings: BTreeSet<(String, String)>,
}

/// How deep references and definitions are followed.
const DEPTH: usize = 6;

impl Lines {
    /// The lines of an instrument.
    #[must_use]
    pub fn of(library: &Library, instrument: &Instrument, day: Date) -> Self {
        let mut lines = Self::default();
        lines.period(instrument.in_force);
        for provision in &instrument.provisions {
            lines.provision(library, instrument, provision, day, 0);
        }
        lines
    }

    /// The lines of one provision.
    #[must_use]
    pub fn of_provision(library: &Library, instrument: &Instrument, provision: &Provision, day: Date) -> Self {
        let mut lines = Self::default();
        lines.provision(library, instrument, provision, day, 0);
        lines
    }

    fn period(&mut self, force: Option<InForce>) {
        for day in force.into_iter().flat_map(|force| [Some(force.from), force.until]).flatten() {
            self.days.insert(day);
            self.days.extend(day.yesterday());
        }
    }

    fn provision(&mut self, library: &Library, instrument: &Instrument, provision: &Provision, day: Date, depth: usize) {
        self.period(provision.in_force);
        for clause in &provision.clauses {
            self.condition(library, instrument, &clause.condition, day, depth);
        }
    }

    fn key(&mut self, key: KeyId, set: Option<Bits>) {
        self.keys.insert(key);
        if let Some(set) = set {
            self.sets.entry(key).or_default().insert(set);
        }
        // On the first leg the sender is the exporter: a line drawn through the one is drawn through the other.
        let words = vocabulary();
        let sender = words.key_at(key).and_then(|key| key.path.strip_prefix("sender."));
        if let Some(exporter) = sender.and_then(|rest| words.key(&format!("exporter.{rest}"))) {
            self.key(exporter, set);
        }
    }

    fn number(&mut self, key: KeyId, value: u64) {
        self.keys.insert(key);
        self.numbers.entry(key).or_default().insert(value);
    }

    fn condition(&mut self, library: &Library, instrument: &Instrument, condition: &Condition, day: Date, depth: usize) {
        if depth > DEPTH {
            return;
        }
        let words = vocabulary();
        match &condition.kind {
            ConditionKind::All(parts) | ConditionKind::Any(parts) => {
                parts.iter().for_each(|part| self.condition(library, instrument, part, day, depth));
            }
            ConditionKind::Not(inner) => self.condition(library, instrument, inner, day, depth),
            ConditionKind::Flag(key) | ConditionKind::Empty(key) => self.key(*key, None),
            ConditionKind::In(key, set) | ConditionKind::Meets(key, set) | ConditionKind::Within(key, set) => {
                self.key(*key, Some(members(library, set, day)));
            }
            ConditionKind::Several(key, _, set) => {
                self.key(*key, Some(members(library, set, day)));
                self.counted.insert(*key);
            }
            ConditionKind::Item(key, set, age) => {
                self.key(*key, Some(members(library, set, day)));
                if let Some(Age::Before(day) | Age::From(day)) = age {
                    self.days.insert(*day);
                }
            }
            ConditionKind::Compare(key, _, value) => self.number(*key, *value),
            ConditionKind::Counter(counter) => {
                if let Some(key) = words.key("subjects.count_12_months") {
                    self.number(key, counter.value);
                }
            }
            ConditionKind::Definition(name) => {
                for definition in instrument.provisions.iter().filter(|provision| provision.id.text == name.text) {
                    self.provision(library, instrument, definition, day, depth + 1);
                }
            }
            ConditionKind::Mechanisms(_, names, _) => {
                for permit in instrument.provisions.iter().filter(|provision| names.iter().any(|name| name.text == provision.id.text)) {
                    self.provision(library, instrument, permit, day, depth + 1);
                }
            }
            ConditionKind::Instrument(name) => {
                if let Some(other) = library.instrument(&name.text) {
                    self.period(other.in_force);
                    for provision in &other.provisions {
                        self.provision(library, other, provision, day, depth + 1);
                    }
                }
            }
            ConditionKind::Recognition(party, kind) => {
                let Some(seat) = words.key("importer.seat") else { return };
                for row in library.recognitions.iter().filter(|row| row.by == *party && row.kind == *kind) {
                    self.period(Some(row.in_force));
                    self.key(seat, Some(members(library, &row.of, day)));
                    if let Some(scope) = &row.scope {
                        self.condition(library, instrument, scope, day, depth + 1);
                    }
                }
            }
            ConditionKind::Reading(reading, _) => {
                self.readings.insert((instrument.id.text.clone(), reading.text.clone()));
            }
        }
    }

    /// One value for each class of values that no test tells apart.
    #[must_use]
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

    /// Every value of a key, up to what the tests tell apart; none for a set with too many classes to list its subsets.
    #[must_use]
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
                let subset =
                    |mask: u32| classes.iter().enumerate().filter(|(bit, _)| mask & (1 << bit) != 0).map(|(_, index)| *index).collect();
                (0..1_u32 << classes.len()).map(|mask| Value::Many(subset(mask))).collect()
            }
            KeyKind::Count => {
                // Counts that are compared with one another need the lines of all of them.
                let around = |number: &u64| [number.saturating_sub(1), *number, number.saturating_add(1)];
                let mut numbers: BTreeSet<u64> = self.numbers.values().flatten().flat_map(around).collect();
                numbers.insert(0);
                numbers.into_iter().map(Value::Count).collect()
            }
            KeyKind::Day => return None,
        })
    }
}

fn members(library: &Library, set: &TermSet, day: Date) -> Bits {
    let words = vocabulary();
    let rows =
        library.recognitions.iter().filter(|row| set.recognized_by.contains(&row.by) && row.scope.is_none() && row.kind == "adequacy");
    rows.filter(|row| row.holds(day, Date::MAX)).fold(set.on(words, day), |all, row| all.or(&row.of.on(words, day)))
}
