// SPDX-License-Identifier: Apache-2.0
//! Keys of matters in one store, payloads in another.

use super::{Sealed, Vault};
use crate::StoreError;
use comity_evidence::Hash;

/// A vault that keeps the keys of matters in a store that can erase to the last byte, and payloads where there is room.
///
/// A server keeps old rows for a while in its write-ahead log, on its replicas and in its backups.
/// Sealed payloads may stay there: without their key nobody can open them, and their key was never there.
pub struct KeysApart<K, P> {
    keys: K,
    payloads: P,
}

impl<K: Vault, P: Vault> KeysApart<K, P> {
    /// The keys of `keys` with the payloads of `payloads`.
    pub const fn new(keys: K, payloads: P) -> Self {
        Self { keys, payloads }
    }
}

impl<K: Vault, P: Vault> Vault for KeysApart<K, P> {
    fn key(&mut self, matter: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.keys.key(matter)
    }

    fn keep_key(&mut self, matter: &str, wrapped: &[u8]) -> Result<bool, StoreError> {
        self.keys.keep_key(matter, wrapped)
    }

    fn keep(&mut self, payloads: &[Sealed]) -> Result<(), StoreError> {
        self.payloads.keep(payloads)
    }

    fn read(&mut self, leaf: &Hash) -> Result<Option<Sealed>, StoreError> {
        self.payloads.read(leaf)
    }

    fn of_matter(&mut self, matter: &str) -> Result<Vec<Hash>, StoreError> {
        self.payloads.of_matter(matter)
    }

    /// The key goes first: from then on nothing of the matter can be opened, whatever happens to the payloads.
    fn erase(&mut self, matter: &str) -> Result<(), StoreError> {
        self.keys.erase(matter)?;
        self.payloads.erase(matter)
    }
}
