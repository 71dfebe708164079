// SPDX-License-Identifier: Apache-2.0
//! The days on which an instrument changes: between two of them one compilation serves every day.

use comity_law::ast::{Age, Condition, ConditionKind, InForce, Instrument, TermSet};
use comity_law::{Library, Recognition};
use comity_terms::{Term, vocabulary};
use jiff::civil::Date;
use std::collections::BTreeSet;

/// The segments of days of one instrument.
pub(crate) struct Segments {
    /// Their first days, in order.
    starts: Vec<Date>,
    /// Whether the instrument, or what it refers to, counts back from the day of the flow ("filed for ten days"):
    /// then each day is compiled by itself.
    counts_back: bool,
}

impl Segments {
    /// The changes of the instrument, and of all instruments, rows of tables and groups of places that it refers to.
    pub(crate) fn of(library: &Library, instrument: &Instrument) -> Self {
        let mut walk =
            Walk { library, days: BTreeSet::new(), counts_back: false, seen: BTreeSet::new(), rows: BTreeSet::new(), waiting: Vec::new() };
        walk.instrument(instrument);
        // What another instrument refers to counts too: its conditions are compiled with it.
        while let Some(other) = walk.waiting.pop() {
            walk.instrument(other);
        }
        Self { starts: walk.days.into_iter().collect(), counts_back: walk.counts_back }
    }

    /// The day under which the compilation for a day is kept: the first of its segment, or the day itself where it counts.
    pub(crate) fn since(&self, day: Date) -> Date {
        if self.counts_back {
            return day;
        }
        let position = self.starts.partition_point(|start| *start <= day);
        position.checked_sub(1).and_then(|position| self.starts.get(position)).copied().unwrap_or(Date::MIN)
    }
}

struct Walk<'l> {
    library: &'l Library,
    days: BTreeSet<Date>,
    counts_back: bool,
    /// Instruments that were looked at.
    seen: BTreeSet<&'l str>,
    /// Rows of the tables that were looked at.
    rows: BTreeSet<usize>,
    waiting: Vec<&'l Instrument>,
}

impl<'l> Walk<'l> {
    fn instrument(&mut self, instrument: &'l Instrument) {
        if !self.seen.insert(&instrument.id.text) {
            return;
        }
        instrument.in_force.into_iter().for_each(|force| self.force(force));
        for provision in &instrument.provisions {
            provision.in_force.into_iter().for_each(|force| self.force(force));
            provision.clauses.iter().for_each(|clause| self.condition(&clause.condition));
        }
    }

    fn force(&mut self, force: InForce) {
        self.days.extend([Some(force.from), force.until].into_iter().flatten());
    }

    fn condition(&mut self, condition: &'l Condition) {
        match &condition.kind {
            ConditionKind::All(parts) | ConditionKind::Any(parts) => parts.iter().for_each(|part| self.condition(part)),
            ConditionKind::Not(inner) => self.condition(inner),
            ConditionKind::In(_, set)
            | ConditionKind::Meets(_, set)
            | ConditionKind::Within(_, set)
            | ConditionKind::Several(_, _, set) => {
                self.set(set);
            }
            ConditionKind::Item(_, set, age) => {
                self.set(set);
                match age {
                    // Whether an item dated before a day can still be had depends on the side of that day.
                    Some(Age::Before(day) | Age::From(day)) => {
                        self.days.insert(*day);
                    }
                    Some(Age::AtLeast(_) | Age::Within(_)) => self.counts_back = true,
                    None => {}
                }
            }
            ConditionKind::Counter(counter) => self.set(&counter.of),
            ConditionKind::Instrument(name) => self.waiting.extend(self.library.instrument(&name.text)),
            ConditionKind::Recognition(party, kind) => self.recognitions(*party, kind),
            ConditionKind::Flag(_)
            | ConditionKind::Empty(_)
            | ConditionKind::Compare(..)
            | ConditionKind::Definition(_)
            | ConditionKind::Mechanisms(..)
            | ConditionKind::Reading(..) => {}
        }
    }

    fn set(&mut self, set: &TermSet) {
        for group in set.groups.iter().filter_map(|group| vocabulary().group(group)) {
            for member in &group.members {
                self.days.extend(member.until.into_iter().chain([member.from]));
            }
        }
        for party in &set.recognized_by {
            self.recognitions(*party, "adequacy");
        }
    }

    fn recognitions(&mut self, party: Term, kind: &str) {
        let rows = self.library.recognitions.iter().enumerate().filter(|(_, row)| row.by == party && row.kind == kind);
        for (number, row) in rows {
            if self.rows.insert(number) {
                self.row(row);
            }
        }
    }

    fn row(&mut self, row: &'l Recognition) {
        self.force(row.in_force);
        self.set(&row.of);
        row.scope.iter().for_each(|scope| self.condition(scope));
    }
}
