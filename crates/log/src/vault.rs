// SPDX-License-Identifier: Apache-2.0
//! Payloads of entries, sealed, each with the key of its matter beside it: the only store from which anything is ever erased.

mod apart;
#[cfg(feature = "postgres")]
mod postgres;
mod sqlite;

pub use apart::KeysApart;
#[cfg(feature = "postgres")]
pub use postgres::PostgresVault;
pub use sqlite::SqliteVault;

use crate::StoreError;
use comity_evidence::Hash;

/// A payload as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// What it is found by: the hash of the entry's leaf.
    pub leaf: Hash,
    /// The matter or person whose key seals it.
    pub matter: String,
    /// The sealed bytes.
    pub bytes: Vec<u8>,
}

/// A store that can erase.
pub trait Vault: Send {
    /// The wrapped key of a matter; `None` if it has none (any more).
    ///
    /// # Errors
    ///
    /// [`StoreError`] if it cannot be known.
    fn key(&mut self, matter: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// Keeps the wrapped key of a matter that has none yet; `false` if it has one, which stays.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if it is not kept.
    fn keep_key(&mut self, matter: &str, wrapped: &[u8]) -> Result<bool, StoreError>;

    /// Keeps payloads. When this returns they are durable.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if they are not: then none of them is kept.
    fn keep(&mut self, payloads: &[Sealed]) -> Result<(), StoreError>;

    /// The payload of a leaf; `None` if it was erased or never kept.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if it cannot be known.
    fn read(&mut self, leaf: &Hash) -> Result<Option<Sealed>, StoreError>;

    /// The leaves of which payloads are kept for a matter.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if they cannot be known.
    fn of_matter(&mut self, matter: &str) -> Result<Vec<Hash>, StoreError>;

    /// Erases the key and all payloads of a matter. When this returns the store gives neither out any more;
    /// whether a file of it still has a byte of them, each store says for itself.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if something may remain: then it is to be done again.
    fn erase(&mut self, matter: &str) -> Result<(), StoreError>;
}

impl<V: Vault + ?Sized> Vault for Box<V> {
    fn key(&mut self, matter: &str) -> Result<Option<Vec<u8>>, StoreError> {
        (**self).key(matter)
    }

    fn keep_key(&mut self, matter: &str, wrapped: &[u8]) -> Result<bool, StoreError> {
        (**self).keep_key(matter, wrapped)
    }

    fn keep(&mut self, payloads: &[Sealed]) -> Result<(), StoreError> {
        (**self).keep(payloads)
    }

    fn read(&mut self, leaf: &Hash) -> Result<Option<Sealed>, StoreError> {
        (**self).read(leaf)
    }

    fn of_matter(&mut self, matter: &str) -> Result<Vec<Hash>, StoreError> {
        (**self).of_matter(matter)
    }

    fn erase(&mut self, matter: &str) -> Result<(), StoreError> {
        (**self).erase(matter)
    }
}
