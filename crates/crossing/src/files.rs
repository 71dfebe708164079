// SPDX-License-Identifier: Apache-2.0
//! Files that are whole or not there, and what they hash to.

use crate::CrossingError;
use crate::store::Object;
use comity_evidence::Hash;
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// The ending of a file that is being written.
pub(crate) const DRAFT: &str = "draft";

/// The name of a file while it is being written; no other process writes under it.
pub(crate) fn draft_of(path: &Path) -> PathBuf {
    path.with_extension(format!("{}.{DRAFT}", std::process::id()))
}

/// A file with its size and digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Digested {
    pub(crate) size: u64,
    pub(crate) digest: Hash,
}

/// Whether a path is the URL of something that is no file: an object of a store.
#[must_use]
pub fn is_remote(path: &Path) -> bool {
    path.to_str().is_some_and(|text| text.contains("://"))
}

/// Refuses a URL with a password or a signature, without showing it: it would stand in plans and messages.
pub(crate) fn no_secret_in(path: &Path) -> Result<(), CrossingError> {
    let after = path.to_str().and_then(|text| text.split_once("://")).map_or("", |(_, after)| after);
    let host = after.split('/').next().unwrap_or_default();
    if !host.contains('@') && !after.contains(['?', '#']) {
        return Ok(());
    }
    let problem = "the URL of an object has no user, no password and no query; who asks is in the variables of the environment";
    Err(CrossingError::Store { what: "cannot use", url: "a URL".to_owned(), problem: problem.to_owned() })
}

/// The size and SHA-256 of a file or an object, read in pieces.
pub(crate) fn digest(path: &Path) -> Result<Digested, CrossingError> {
    if is_remote(path) {
        return Object::of(path)?.digest();
    }
    let read = || {
        let file = File::open(path)?;
        Ok(Digested { size: file.metadata()?.len(), digest: Hash::of_reader(file)? })
    };
    read().map_err(CrossingError::file("cannot read", path))
}

/// A writer that counts and hashes what goes through it.
pub(crate) struct Hashing<W: Write> {
    inner: W,
    hasher: Sha256,
    size: u64,
}

impl<W: Write> Hashing<W> {
    pub(crate) fn new(inner: W) -> Self {
        Self { inner, hasher: Sha256::new(), size: 0 }
    }

    /// The writer below, and what went through.
    pub(crate) fn finish(self) -> (W, Digested) {
        let digest = Hash::from_bytes(self.hasher.finalize().into());
        (self.inner, Digested { size: self.size, digest })
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hasher.update(bytes.get(..written).unwrap_or_default());
        self.size += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// A reader that counts and hashes what comes through it. What came is told to whoever holds the other end.
pub(crate) struct Counting<R: Read> {
    inner: R,
    came: Arc<Mutex<(Sha256, u64)>>,
}

/// What came through a reader.
#[derive(Clone)]
pub(crate) struct Came(Arc<Mutex<(Sha256, u64)>>);

impl<R: Read> Counting<R> {
    pub(crate) fn new(inner: R) -> (Self, Came) {
        let came = Arc::new(Mutex::new((Sha256::new(), 0)));
        (Self { inner, came: Arc::clone(&came) }, Came(came))
    }
}

impl Came {
    pub(crate) fn digested(&self) -> Digested {
        let came = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Digested { size: came.1, digest: Hash::from_bytes(came.0.clone().finalize().into()) }
    }
}

impl<R: Read> Read for Counting<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(bytes)?;
        let mut came = self.came.lock().unwrap_or_else(PoisonError::into_inner);
        came.0.update(bytes.get(..read).unwrap_or_default());
        came.1 += read as u64;
        Ok(read)
    }
}

/// Writes a small file, whole or not at all, and durably.
pub(crate) fn write_whole(path: &Path, content: &[u8]) -> Result<(), CrossingError> {
    let failed = |error| CrossingError::file("cannot write", path)(error);
    let draft = draft_of(path);
    let mut file = File::create(&draft).map_err(failed)?;
    file.write_all(content).and_then(|()| file.sync_all()).map_err(failed)?;
    fs::rename(&draft, path).map_err(failed)?;
    sync_folder_of(path)
}

/// Makes the names in the folder of a file durable.
pub(crate) fn sync_folder_of(path: &Path) -> Result<(), CrossingError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(CrossingError::file("cannot synchronize", folder))
}
