// SPDX-License-Identifier: Apache-2.0
//! A log with stores of any kind, and a store that fails when told.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly, its helpers too")]
#![expect(dead_code, reason = "each test uses its part of this")]

pub mod home;
#[cfg(any(feature = "postgres", feature = "s3"))]
pub mod remote;

use comity_evidence::note::{Algorithm, Note, SigningKey};
use comity_evidence::{Checkpoint, Hash, Policy};
use comity_log::{Files, Queue, StoreError, Submission, Writer};
use home::Home;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

pub const ORIGIN: &str = "example.org/log/2026";

pub fn key() -> SigningKey {
    SigningKey::from_seed(ORIGIN, Algorithm::Ed25519, [7; 32]).unwrap()
}

pub fn policy() -> Policy {
    format!("log {}\nquorum none\n", key().verifying_key()).parse().unwrap()
}

pub fn submission(text: &str) -> Submission {
    Submission { entry: text.as_bytes().to_vec(), once: None }
}

/// Takes in so many entries, `entry 0`, `entry 1` and so on, going on from what is there.
pub fn grow(writer: &mut Writer, by: u64) {
    let from = writer.taken_in().unwrap();
    let submissions: Vec<Submission> = (from..from + by).map(|number| submission(&format!("entry {number}"))).collect();
    assert_eq!(writer.append(&submissions).unwrap(), (from..from + by).collect::<Vec<_>>());
}

pub fn checkpoint(note: &Note) -> Checkpoint {
    Checkpoint::signed_by(note, &key().verifying_key()).unwrap().0
}

/// A store that does so many things and then fails at everything, before or after doing the last.
pub struct Faulty<S> {
    pub inner: S,
    pub left: Arc<AtomicI64>,
    pub after: bool,
}

impl<S> Faulty<S> {
    fn tick<T>(&self, does: impl FnOnce(&S) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let failed = || Err(StoreError::new("reach", "the store", "no space left on device"));
        match self.left.fetch_sub(1, Ordering::SeqCst) {
            ..=0 => failed(),
            1 if self.after => does(&self.inner).and_then(|_| failed()),
            1 => failed(),
            _ => does(&self.inner),
        }
    }
}

impl<F: Files> Files for Faulty<F> {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.tick(|inner| inner.read(path))
    }

    fn write(&self, files: &[(String, Vec<u8>)]) -> Result<(), StoreError> {
        // Each file by itself, so that a failure can stand between any two.
        files.iter().try_for_each(|file| self.tick(|inner| inner.write(std::slice::from_ref(file))))
    }

    fn remove_under(&self, folder: &str) -> Result<(), StoreError> {
        self.tick(|inner| inner.remove_under(folder))
    }

    fn list(&self) -> Result<Vec<String>, StoreError> {
        self.tick(Files::list)
    }
}

/// A queue that fails like the files, with the same count.
pub struct FaultyQueue {
    pub inner: Box<dyn Queue>,
    pub faults: Faulty<()>,
}

impl FaultyQueue {
    fn tick<T>(&mut self, does: impl FnOnce(&mut dyn Queue) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let inner = self.inner.as_mut();
        self.faults.tick(|()| does(inner))
    }
}

impl Queue for FaultyQueue {
    fn append(&mut self, submissions: &[Submission]) -> Result<Vec<u64>, StoreError> {
        self.tick(|inner| inner.append(submissions))
    }

    fn next(&mut self) -> Result<u64, StoreError> {
        self.tick(|inner| inner.next())
    }

    fn read(&mut self, from: u64, limit: usize) -> Result<Vec<Vec<u8>>, StoreError> {
        self.tick(|inner| inner.read(from, limit))
    }

    fn forget(&mut self, before: u64) -> Result<(), StoreError> {
        self.tick(|inner| inner.forget(before))
    }
}

/// Every checkpoint that was ever seen must be one of the same history.
pub fn assert_extends(home: &Home, seen: &[Checkpoint]) {
    let reader = home.reader();
    let newest = reader.checkpoint().unwrap().map_or(0, |note| checkpoint(&note).size());
    for earlier in seen {
        let root = comity_evidence::tree::root(earlier.size(), &mut reader.nodes(newest)).unwrap();
        assert_eq!(root, *earlier.root(), "the history forked at {}", earlier.size());
    }
}

/// The log must be whole, of so many entries or more, each what [`grow`] has written.
pub fn assert_whole(home: &Home, at_least: u64) {
    let reader = home.reader();
    let audited = comity_log::audit(&reader, &[key().verifying_key()], &mut |_, _| {}).unwrap().unwrap();
    let size = audited.checkpoint.size();
    assert!(size >= at_least, "{size} entries, {at_least} were acknowledged");
    for number in [0, at_least / 2, at_least.saturating_sub(1), size.saturating_sub(1)].into_iter().filter(|number| *number < size) {
        assert_eq!(reader.entry(number, size).unwrap(), format!("entry {number}").into_bytes());
    }
}

pub fn leaf(text: &str) -> Hash {
    Hash::of_leaf(text.as_bytes())
}
