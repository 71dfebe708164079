// SPDX-License-Identifier: Apache-2.0
//! The days on which something changes for an instrument: in between, one day stands for all.

use crate::compile::length;
use comity_clock::{Length, after};
use comity_law::Library;
use comity_law::ast::{Age, Condition, ConditionKind, InForce, Instrument, TermSet};
use comity_terms::vocabulary;
use jiff::civil::Date;
use std::collections::BTreeSet;

/// The first day of each stretch of days on which nothing changes for the instrument, and those that it refers to.
///
/// Where the instrument has no first day, the stretch before the first change is taken too; where nothing ever changes,
/// `today` stands for all days.
pub(crate) fn change_days(library: &Library, instrument: &Instrument, today: Date) -> Vec<Date> {
    let mut walk = Walk { library, days: BTreeSet::new(), seen: BTreeSet::new(), fixed: BTreeSet::new(), periods: Vec::new() };
    walk.instrument(instrument);
    // An item is too old, or old enough, by a day of its own and by a period before the flow: both lines can meet.
    for period in &walk.periods {
        for fixed in &walk.fixed {
            for day in [after(*fixed, *period)].into_iter().flatten() {
                walk.days.insert(day);
                walk.days.extend(day.tomorrow());
            }
        }
    }
    let mut days = walk.days;
    match instrument.in_force {
        Some(force) => {
            days.insert(force.from);
            days = days.split_off(&force.from);
            if let Some(until) = force.until {
                days.split_off(&until);
            }
        }
        None => days.extend(days.first().copied().map_or(Some(today), |first| first.yesterday().ok())),
    }
    days.into_iter().collect()
}

struct Walk<'a> {
    library: &'a Library,
    days: BTreeSet<Date>,
    /// The instruments, and the parties with kinds of recognition, that were taken already.
    seen: BTreeSet<String>,
    /// Days that items are compared with.
    fixed: BTreeSet<Date>,
    /// Periods before the flow that items are compared with.
    periods: Vec<Length>,
}

impl Walk<'_> {
    fn force(&mut self, force: Option<InForce>, published: Option<Date>) {
        self.days.extend(force.into_iter().flat_map(|force| [Some(force.from), force.until]).flatten().chain(published));
    }

    fn instrument(&mut self, instrument: &Instrument) {
        if !self.seen.insert(instrument.id.text.clone()) {
            return;
        }
        self.force(instrument.in_force, instrument.published);
        for provision in &instrument.provisions {
            self.force(provision.in_force, provision.published);
            for clause in &provision.clauses {
                self.condition(&clause.condition);
            }
        }
    }

    fn set(&mut self, set: &TermSet) {
        for group in set.groups.iter().filter_map(|group| vocabulary().group(group)) {
            for member in &group.members {
                self.days.insert(member.from);
                self.days.extend(member.until);
            }
        }
        for party in &set.recognized_by {
            self.rows(*party, "adequacy");
        }
    }

    fn rows(&mut self, party: comity_terms::Term, kind: &str) {
        if !self.seen.insert(format!("{} {kind}", vocabulary().id(party))) {
            return;
        }
        let library = self.library;
        for row in library.recognitions.iter().filter(|row| row.by == party && row.kind == kind) {
            self.force(Some(row.in_force), row.published);
            self.days.extend(row.end_published);
            self.set(&row.of);
            if let Some(scope) = &row.scope {
                self.condition(scope);
            }
        }
    }

    fn condition(&mut self, condition: &Condition) {
        match &condition.kind {
            ConditionKind::All(parts) | ConditionKind::Any(parts) => parts.iter().for_each(|part| self.condition(part)),
            ConditionKind::Not(inner) => self.condition(inner),
            ConditionKind::In(_, set)
            | ConditionKind::Meets(_, set)
            | ConditionKind::Within(_, set)
            | ConditionKind::Several(_, _, set)
            | ConditionKind::Item(_, set, None) => self.set(set),
            ConditionKind::Item(_, set, Some(age)) => {
                self.set(set);
                match age {
                    Age::Before(day) | Age::From(day) => {
                        self.fixed.insert(*day);
                        self.days.insert(*day);
                    }
                    Age::AtLeast(period) | Age::Within(period) => self.periods.extend(length(*period)),
                }
            }
            ConditionKind::Counter(counter) => self.set(&counter.of),
            ConditionKind::Instrument(name) => {
                let library = self.library;
                if let Some(other) = library.instrument(&name.text) {
                    self.instrument(other);
                }
            }
            ConditionKind::Recognition(party, kind) => self.rows(*party, kind),
            ConditionKind::Flag(_)
            | ConditionKind::Empty(_)
            | ConditionKind::Compare(..)
            | ConditionKind::Definition(_)
            | ConditionKind::Mechanisms(..)
            | ConditionKind::Reading(..) => {}
        }
    }
}
