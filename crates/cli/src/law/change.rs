// SPDX-License-Identifier: Apache-2.0
//! What kind of change a new version of an instrument is, from the flows that it judges differently.

use crate::out::Progress;
use comity_judge::Options;
use comity_judge::compare::{Comparison, Side, compare};
use comity_judge::verdicts;
use comity_law::ast::{InForce, Instrument};
use jiff::civil::Date;
use std::collections::BTreeSet;

/// The kind of a change, which gives the new version its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// No verdict changes.
    Patch,
    /// Verdicts change only where the old version left them open, or was not in force.
    Minor,
    /// Some decided verdict changes.
    Major,
}

/// A change with what is to be said of it.
pub struct Change {
    /// Its kind, as far as it is known.
    pub kind: Kind,
    /// The first day on which a verdict changes, where one does.
    pub first: Option<Date>,
    /// How many days were looked at: every one on which a version changes.
    pub days: usize,
    /// The days on which the comparison gave up.
    pub gave_up: Vec<Date>,
}

impl Kind {
    /// The word of version numbers.
    pub fn word(self) -> &'static str {
        match self {
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Major => "major",
        }
    }

    /// Why.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Patch => "no verdict changes",
            Self::Minor => "verdicts change only where the old version left them open or was not in force",
            Self::Major => "some decided verdict changes",
        }
    }
}

/// The kind of the change between two versions, over every day on which one of them changes.
pub fn between(old: Side, new: Side) -> Change {
    let mut days: BTreeSet<Date> = [old.day].into();
    days.extend(days_of(old.instrument).chain(days_of(new.instrument)));
    let mut change = Change { kind: Kind::Patch, first: None, days: days.len(), gave_up: Vec::new() };
    let progress = Progress::new(None);
    for (done, day) in days.iter().enumerate() {
        progress.say(&format!("{done} of {} days", days.len()));
        let (old, new) = (Side { day: *day, ..old }, Side { day: *day, ..new });
        let kind = match compare(old, new) {
            Ok(comparison) => of(old, &comparison),
            Err(_) => {
                change.gave_up.push(*day);
                continue;
            }
        };
        if kind > Kind::Patch && change.first.is_none() {
            change.first = Some(*day);
        }
        change.kind = change.kind.max(kind);
    }
    change
}

/// The kind on one day.
fn of(old: Side, comparison: &Comparison) -> Kind {
    if comparison.differences.is_empty() {
        return Kind::Patch;
    }
    if !old.instrument.in_force_on(old.day, old.known) {
        return Kind::Minor;
    }
    // Without competing readings a complete flow is decided. With them, the old version decides it where all readings agree.
    let options = Options { on: Some(old.day), known_on: Some(old.known), ..Options::today(old.known) };
    let decided = comparison.differences.iter().any(|difference| {
        old.instrument.readings.is_empty() || verdicts(old.library, old.instrument, &difference.example, &options).0.decided().is_some()
    });
    if decided { Kind::Major } else { Kind::Minor }
}

/// Every day on which a version changes.
fn days_of(instrument: &Instrument) -> impl Iterator<Item = Date> {
    let of = |force: &InForce| [Some(force.from), force.until];
    let own = instrument.in_force.iter().chain(instrument.provisions.iter().filter_map(|provision| provision.in_force.as_ref()));
    own.flat_map(of).flatten()
}
