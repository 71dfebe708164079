// SPDX-License-Identifier: Apache-2.0
//! The events of one exhibit, each linked to the one before.

use super::{Action, Event, EventError, Time};
use crate::Hash;

/// A chain of custody that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
// INVARIANT: `new` has checked every event and every link, and there is at least one event.
pub struct Chain {
    events: Vec<Event>,
}

/// Why events are no chain of custody: the first event that does not fit, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("event {number}: {problem}")]
pub struct ChainError {
    /// The number of the event, counted from one.
    pub number: usize,
    /// What is wrong with it.
    pub problem: Break,
}

/// What breaks a chain.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Break {
    /// There is no event.
    #[error("there is none: a chain of custody begins with `acquired`")]
    Empty,
    /// The event is none by itself.
    #[error(transparent)]
    Event(#[from] EventError),
    /// The first event is not the acquisition.
    #[error("a chain of custody begins with `acquired`, found `{0}`")]
    Beginning(Action),
    /// The first event names one before it.
    #[error("it names a previous event ({}), and none stands before it: the beginning of the chain is missing", .0.to_hex())]
    NotFirst(Hash),
    /// The event is about another exhibit.
    #[error("it is about exhibit `{found}`, and the chain about `{expected}`")]
    Exhibit {
        /// The exhibit of the chain.
        expected: String,
        /// That of the event.
        found: String,
    },
    /// Something was done with what had been destroyed.
    #[error("`{0}` after the exhibit was destroyed")]
    AfterDestruction(Action),
    /// The event does not name the one before it.
    #[error(
        "`previous` is not the hash of event {}: expected {}, found {}; one was changed, left out, added or moved",
        .before, .expected.to_hex(), .found.map_or_else(|| "none".to_owned(), |found| found.to_hex())
    )]
    Link {
        /// The number of the event before.
        before: usize,
        /// Its hash.
        expected: Hash,
        /// What the event names.
        found: Option<Hash>,
    },
    /// The event is earlier than the one before it.
    #[error("it happened at {found}, before event {before} at {expected}")]
    Time {
        /// The number of the event before.
        before: usize,
        /// When that happened.
        expected: Time,
        /// When this one did.
        found: Time,
    },
    /// The exhibit is another, although nothing was done that changes it.
    #[error("`{action}` leaves the exhibit as it is, but its digest was {} and is {}", .expected.to_hex(), .found.to_hex())]
    Digest {
        /// What was done.
        action: Action,
        /// The digest after the event before.
        expected: Hash,
        /// The digest after this one.
        found: Hash,
    },
    /// The exhibit is the same, although it was transformed.
    #[error("`transformed` makes something else of the exhibit, but its digest is still {}", .0.to_hex())]
    Unchanged(Hash),
}

impl Chain {
    /// The chain of these events, which stand in the order in which they happened.
    ///
    /// # Errors
    ///
    /// [`ChainError`] for the first event that does not fit: it is none by itself; the first is not `acquired` or names
    /// a previous one; another is about another exhibit, comes after `destroyed`, does not name the hash of the one before,
    /// is earlier than it, or has another digest without `transformed`, or the same digest with it.
    pub fn new(events: Vec<Event>) -> Result<Self, ChainError> {
        if events.is_empty() {
            return Err(ChainError { number: 1, problem: Break::Empty });
        }
        let mut checked: Vec<Event> = Vec::with_capacity(events.len());
        for (number, event) in (1..).zip(events) {
            let fits = event.checked().map_err(Break::from).and_then(|event| {
                match checked.last() {
                    None => begins(&event)?,
                    Some(before) => follows(&event, number - 1, before)?,
                }
                Ok(event)
            });
            checked.push(fits.map_err(|problem| ChainError { number, problem })?);
        }
        Ok(Self { events: checked })
    }

    /// The events, in the order in which they happened.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// The id of the exhibit.
    #[must_use]
    pub fn exhibit(&self) -> &str {
        self.events.first().map_or("", |event| &event.exhibit)
    }

    /// The last event.
    #[must_use]
    pub fn last(&self) -> Option<&Event> {
        self.events.last()
    }

    /// Whether the chain has ended: the exhibit was destroyed.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.last().is_some_and(|event| event.action == Action::Destroyed)
    }
}

fn begins(event: &Event) -> Result<(), Break> {
    match event.previous {
        Some(previous) => Err(Break::NotFirst(previous)),
        None if event.action != Action::Acquired => Err(Break::Beginning(event.action)),
        None => Ok(()),
    }
}

fn follows(event: &Event, number: usize, before: &Event) -> Result<(), Break> {
    if event.exhibit != before.exhibit {
        return Err(Break::Exhibit { expected: before.exhibit.clone(), found: event.exhibit.clone() });
    }
    if before.action == Action::Destroyed {
        return Err(Break::AfterDestruction(event.action));
    }
    if event.previous != Some(before.hash()) {
        return Err(Break::Link { before: number, expected: before.hash(), found: event.previous });
    }
    if event.at < before.at {
        return Err(Break::Time { before: number, expected: before.at.clone(), found: event.at.clone() });
    }
    match (event.action == Action::Transformed, event.digest == before.digest) {
        (true, true) => Err(Break::Unchanged(event.digest)),
        (false, false) => Err(Break::Digest { action: event.action, expected: before.digest, found: event.digest }),
        _ => Ok(()),
    }
}
