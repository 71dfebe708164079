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
    match &condition.kind {
        ConditionKind::All(parts) | ConditionKind::Any(parts) => parts.iter().for_each(|part| walk(part, then)),
        ConditionKind::Not(inner) => walk(inner, then),
        ConditionKind::Item(_, _, Some(age)) => then(*age),
        _ => {}
    }
}

/// Whether an instrument, or one that it may refer to, counts back from the day of the flow ("filed for ten days").
pub(super) fn counts_back(library: &Library, instrument: &Instrument) -> bool {
    let mut found = false;
    let own = instrument.provisions.iter().flat_map(|provision| &provision.clauses).map(|clause| &clause.condition);
    let scopes = library.recognitions.iter().filter_map(|row| row.scope.as_ref());
    let served = library.instruments.iter().flat_map(|other| &other.provisions);
    let served = served.filter(|provision| provision.effect == comity_law::ast::Effect::Serves);
    let served = served.flat_map(|provision| &provision.clauses).map(|clause| &clause.condition);
    for condition in own.chain(scopes).chain(served) {
        walk(condition, &mut |age| found |= matches!(age, Age::AtLeast(_) | Age::Within(_)));
    }
    found
}
