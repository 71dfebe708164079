// SPDX-License-Identifier: Apache-2.0
//! Groups of places whose members change over time.

use crate::bits::Bits;
use crate::vocabulary::Term;
use jiff::civil::Date;

/// One member of a group, from a day until a day.
#[derive(Clone, Debug)]
pub struct Membership {
    /// The place.
    pub member: Term,
    /// The first day of membership.
    pub from: Date,
    /// The first day without membership, where it ended.
    pub until: Option<Date>,
    /// Whether the dates were seen in a source (`false`: recalled).
    pub verified: bool,
}

/// A named set of places over time, written `@NAME`.
#[derive(Clone, Debug)]
pub struct Group {
    /// The name without the `@`.
    pub name: String,
    /// What the group is, in a few words.
    pub label: String,
    /// Everyone who is or was a member.
    pub members: Vec<Membership>,
}

impl Group {
    /// The places that are members on the day, as given in the table (parts below them are added by the vocabulary).
    #[must_use]
    pub fn on(&self, day: Date) -> Bits {
        self.members
            .iter()
            .filter(|entry| entry.from <= day && entry.until.is_none_or(|until| day < until))
            .map(|entry| entry.member.index())
            .collect()
    }
}
