// SPDX-License-Identifier: Apache-2.0
//! Entries that have been acknowledged and are not in the tree yet.

#[cfg(feature = "postgres")]
mod postgres;
mod sqlite;

#[cfg(feature = "postgres")]
pub use postgres::PostgresQueue;
pub use sqlite::SqliteQueue;

use crate::StoreError;
use comity_evidence::Hash;

/// An entry that is handed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submission {
    /// The bytes of the leaf.
    pub entry: Vec<u8>,
    /// What makes the event one and the same when it is handed in again, after a crash between writing and answering:
    /// the number of the first time is given once more. `None` writes a new entry each time.
    pub once: Option<Hash>,
}

/// A queue that gives each entry its number in the log, for good.
pub trait Queue: Send {
    /// Takes entries in, in order, and gives each its number. When this returns they are durable.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if they are not, or if it is not known: an answer that is lost on its way says nothing.
    /// What has [`Submission::once`] can be handed in again without becoming two.
    fn append(&mut self, submissions: &[Submission]) -> Result<Vec<u64>, StoreError>;

    /// The number that the next new entry gets: how many were ever taken in.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if it cannot be known.
    fn next(&mut self) -> Result<u64, StoreError>;

    /// At most `limit` entries from number `from` on, those that are there without a gap.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if they cannot be read.
    fn read(&mut self, from: u64, limit: usize) -> Result<Vec<Vec<u8>>, StoreError>;

    /// Lets go of the entries before a number: they are in the tree. Their numbers and what made them one stay known.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if they stay.
    fn forget(&mut self, before: u64) -> Result<(), StoreError>;
}

/// The integers of databases are signed; a log of 2^63 entries is beyond every disk.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}

impl<Q: Queue + ?Sized> Queue for Box<Q> {
    fn append(&mut self, submissions: &[Submission]) -> Result<Vec<u64>, StoreError> {
        (**self).append(submissions)
    }

    fn next(&mut self) -> Result<u64, StoreError> {
        (**self).next()
    }

    fn read(&mut self, from: u64, limit: usize) -> Result<Vec<Vec<u8>>, StoreError> {
        (**self).read(from, limit)
    }

    fn forget(&mut self, before: u64) -> Result<(), StoreError> {
        (**self).forget(before)
    }
}
