// SPDX-License-Identifier: Apache-2.0
//! The last checkpoint that was signed, in a place of its own.
//!
//! It is what keeps a log from signing two histories, so it is never restored from a backup and never edited:
//! a log that is restored without it refuses to sign.

#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "s3")]
mod s3;
mod sqlite;

#[cfg(feature = "postgres")]
pub use postgres::PostgresLock;
#[cfg(feature = "s3")]
pub use s3::S3Lock;
pub use sqlite::SqliteLock;

use crate::StoreError;

/// A cell that is only ever changed by whoever knows what is in it.
pub trait Lock: Send {
    /// The note that was signed last; `None` before the first.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if it cannot be known.
    fn last(&mut self) -> Result<Option<String>, StoreError>;

    /// Puts `new` in place of `old`; `false`, and nothing is changed, if something else is there.
    /// When this returns `true` the change is durable.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if it is not known whether it was changed: then ask for [`Lock::last`].
    fn swap(&mut self, old: Option<&str>, new: &str) -> Result<bool, StoreError>;
}

impl<L: Lock + ?Sized> Lock for Box<L> {
    fn last(&mut self) -> Result<Option<String>, StoreError> {
        (**self).last()
    }

    fn swap(&mut self, old: Option<&str>, new: &str) -> Result<bool, StoreError> {
        (**self).swap(old, new)
    }
}
