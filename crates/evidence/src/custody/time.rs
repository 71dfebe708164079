// SPDX-License-Identifier: Apache-2.0
//! When an event of custody happened: a second in UTC, with one way of being written.

use crate::Hash;
use crate::entry::{Entry, Kind};
use std::fmt;
use std::str::FromStr;

/// A second in UTC, written as in `2026-11-24T09:30:00Z`: the form of RFC 3339 with `T`, `Z`, and no fraction.
///
/// Leap seconds are refused: the sources of time that are in use do not agree on them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
// INVARIANT: of this form, in which the order of texts is the order of times.
pub struct Time(String);

/// Why a text is no time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a second in UTC such as 2026-11-24T09:30:00Z, found `{0}`")]
pub struct TimeError(String);

impl Time {
    /// The day, as the entry of the event has it.
    #[must_use]
    pub fn day(&self) -> &str {
        self.0.split('T').next().unwrap_or_default()
    }

    /// The time as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Time {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for Time {
    type Err = TimeError;

    fn from_str(written: &str) -> Result<Self, TimeError> {
        let parts = written.strip_suffix('Z').and_then(|rest| rest.split_once('T'));
        let valid = parts.is_some_and(|(day, clock)| is_day(day) && is_clock(clock));
        if valid { Ok(Self(written.to_owned())) } else { Err(TimeError(written.to_owned())) }
    }
}

/// A day of an event is one that the entry of the event can have.
fn is_day(text: &str) -> bool {
    Entry::of_payload(Kind::Custody, text, Hash::of_empty_tree()).is_ok()
}

fn is_clock(text: &str) -> bool {
    let below = |part: Option<&str>, limit: u8| {
        part.is_some_and(|part| {
            part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit()) && part.parse::<u8>().is_ok_and(|value| value < limit)
        })
    };
    let mut parts = text.split(':');
    below(parts.next(), 24) && below(parts.next(), 60) && below(parts.next(), 60) && parts.next().is_none()
}
