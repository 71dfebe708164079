// SPDX-License-Identifier: Apache-2.0
//! The days on which anything in the library changes: between two of them one compilation serves every day.

use comity_law::Library;
use comity_law::ast::{Age, Condition, ConditionKind, InForce, Instrument};
use comity_terms::vocabulary;
use jiff::civil::Date;
use std::collections::BTreeSet;

/// The first days of segments, in order.
pub(super) struct Changes(Vec<Date>);

impl Changes {
    /// The changes of the instruments, of all that they may refer to, of the tables and of the groups of places.
    pub(super) fn of(library: &Library, instruments: &[&Instrument]) -> Self {
        let mut days = BTreeSet::new();
        let mut force = |force: InForce| days.extend([Some(force.from), force.until].into_iter().flatten());
        for instrument in library.instruments.iter().chain(instruments.iter().copied()) {
            instrument.in_force.into_iter().for_each(&mut force);
            instrument.provisions.iter().filter_map(|provision| provision.in_force).for_each(&mut force);
        }
        library.recognitions.iter().for_each(|row| force(row.in_force));
        for group in vocabulary().groups() {
            for member in &group.members {
                days.extend(member.until.into_iter().chain([member.from]));
            }
        }
        // Whether an item dated before a day can still be had depends on the side of that day.
        for condition in conditions(library) {
            walk(condition, &mut |age| {
                if let Age::Before(day) | Age::From(day) = age {
                    days.insert(day);
                }
            });
        }
        Self(days.into_iter().collect())
    }

    /// The first day of the segment in which a day lies.
    pub(super) fn since(&self, day: Date) -> Date {
        let position = self.0.partition_point(|change| *change <= day);
        position.checked_sub(1).and_then(|position| self.0.get(position)).copied().unwrap_or(Date::MIN)
    }
}

fn conditions(library: &Library) -> impl Iterator<Item = &Condition> {
    let clauses = library.instruments.iter().flat_map(|instrument| &instrument.provisions).flat_map(|provision| &provision.clauses);
    clauses.map(|clause| &clause.condition).chain(library.recognitions.iter().filter_map(|row| row.scope.as_ref()))
}

fn walk(condition: &Condition, then: &mut impl FnMut(Age)) {
    parts(condition, &mut |part| {
        if let ConditionKind::Item(_, _, Some(age)) = &part.kind {
            then(*age);
        }
    });
}

fn parts<'c>(condition: &'c Condition, then: &mut impl FnMut(&'c Condition)) {
    match &condition.kind {
        ConditionKind::All(inner) | ConditionKind::Any(inner) => inner.iter().for_each(|part| parts(part, then)),
        ConditionKind::Not(inner) => parts(inner, then),
        _ => then(condition),
    }
}

/// Whether an instrument, or one that it refers to, counts back from the day of the flow ("filed for ten days").
pub(super) fn counts_back(library: &Library, instrument: &Instrument) -> bool {
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let mut waiting = vec![instrument];
    let mut found = false;
    while let Some(next) = waiting.pop() {
        if !seen.insert(&next.id.text) {
            continue;
        }
        let clauses = next.provisions.iter().flat_map(|provision| &provision.clauses).map(|clause| &clause.condition);
        let mut conditions: Vec<&Condition> = clauses.collect();
        while let Some(condition) = conditions.pop() {
            parts(condition, &mut |part| match &part.kind {
                ConditionKind::Item(_, _, Some(Age::AtLeast(_) | Age::Within(_))) => found = true,
                ConditionKind::Instrument(name) => waiting.extend(library.instrument(&name.text)),
                _ => {}
            });
            // A recognition has its own condition.
            let mut party = None;
            parts(condition, &mut |part| {
                if let ConditionKind::Recognition(by, kind) = &part.kind {
                    party = Some((*by, kind));
                }
            });
            if let Some((by, kind)) = party {
                let rows = library.recognitions.iter().filter(|row| row.by == by && row.kind == *kind);
                for scope in rows.filter_map(|row| row.scope.as_ref()) {
                    parts(scope, &mut |part| match &part.kind {
                        ConditionKind::Item(_, _, Some(Age::AtLeast(_) | Age::Within(_))) => found = true,
                        ConditionKind::Instrument(name) => waiting.extend(library.instrument(&name.text)),
                        _ => {}
                    });
                }
            }
        }
    }
    found
}
