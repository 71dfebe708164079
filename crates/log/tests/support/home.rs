// SPDX-License-Identifier: Apache-2.0
//! The stores of one log, of each kind that there is.
//!
//! `COMITY_POSTGRES` is the URL of a database in which schemas may be made;
//! `COMITY_S3` and `COMITY_S3_ENDPOINT` are a bucket and the server that has it, with credentials in the variables of Amazon.
//! `.ci/stores` starts both. What is not there is skipped, aloud, unless `COMITY_STORES_REQUIRED` is 1.

use super::{ORIGIN, key};
use comity_evidence::note::Note;
use comity_log::files::Folder;
use comity_log::lock::SqliteLock;
use comity_log::queue::SqliteQueue;
use comity_log::vault::SqliteVault;
use comity_log::{Files, Lock, LogError, Queue, Reader, Vault, Writer};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use tempfile::TempDir;

/// Where the stores of a log are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A folder and SQLite.
    Embedded,
    /// Queue, lock and vault in PostgreSQL, files in a folder.
    Postgres,
    /// Files and lock in an object store, the rest in SQLite.
    S3,
}

/// One of the stores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Store {
    Files,
    Queue,
    Lock,
}

impl Kind {
    /// Whether it can be tested here. If not, it says so, or fails if it must be.
    pub fn is_there(self) -> bool {
        let needed: &[&str] = match self {
            Self::Embedded => &[],
            Self::Postgres => &["COMITY_POSTGRES"],
            Self::S3 => &["COMITY_S3", "COMITY_S3_ENDPOINT"],
        };
        let missing: Vec<&&str> = needed.iter().filter(|name| std::env::var_os(name).is_none()).collect();
        if missing.is_empty() {
            return true;
        }
        let required = std::env::var("COMITY_STORES_REQUIRED").is_ok_and(|required| required == "1");
        assert!(!required, "{self:?} must be tested, and {missing:?} is not set: run `.ci/stores`");
        // Past the capture of the test runner, which would keep it quiet.
        let test = std::thread::current().name().unwrap_or_default().to_owned();
        let _ = writeln!(std::io::stderr().lock(), "SKIPPED {test}: {missing:?} is not set; `.ci/stores` runs it");
        false
    }

    /// How many times longer than for a folder things take.
    pub const fn slowness(self) -> usize {
        match self {
            Self::Embedded => 1,
            Self::Postgres => 11,
            Self::S3 => 30,
        }
    }
}

/// Runs each test with the stores of every kind.
#[macro_export]
macro_rules! on_every_store {
    ($($name:ident),* $(,)?) => {
        mod embedded {
            $(#[test] fn $name() { super::$name($crate::support::home::Kind::Embedded); })*
        }
        #[cfg(feature = "postgres")]
        mod postgres {
            $(#[test] fn $name() {
                let kind = $crate::support::home::Kind::Postgres;
                if kind.is_there() { super::$name(kind); }
            })*
        }
        #[cfg(feature = "s3")]
        mod s3 {
            $(#[test] fn $name() {
                let kind = $crate::support::home::Kind::S3;
                if kind.is_there() { super::$name(kind); }
            })*
        }
    };
}

/// The stores of one log.
pub struct Home {
    pub kind: Kind,
    folder: PathBuf,
    /// What no other log in the same database or bucket is called.
    name: String,
    _temporary: Option<TempDir>,
}

impl Home {
    pub fn new(kind: Kind) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let temporary = TempDir::new().unwrap();
        let folder = temporary.path().to_owned();
        let name = format!("test-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        // Numbers of processes come again.
        let name = format!("{name}-{}", folder.file_name().unwrap().to_string_lossy().replace('.', ""));
        Self { kind, folder, name, _temporary: Some(temporary) }
    }

    /// The stores that another process has.
    pub fn of(kind: Kind, folder: &Path, name: &str) -> Self {
        Self { kind, folder: folder.to_owned(), name: name.to_owned(), _temporary: None }
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn files(&self) -> Box<dyn Files> {
        match self.kind {
            #[cfg(feature = "s3")]
            Kind::S3 => Box::new(comity_log::files::S3Files::new(super::remote::bucket(&self.name))),
            _ => Box::new(Folder::new(self.folder.join("public"))),
        }
    }

    pub fn queue(&self) -> Box<dyn Queue> {
        match self.kind {
            #[cfg(feature = "postgres")]
            Kind::Postgres => Box::new(comity_log::queue::PostgresQueue::open(&super::remote::database(), &self.name).unwrap()),
            _ => Box::new(SqliteQueue::open(&self.folder.join("queue.sqlite")).unwrap()),
        }
    }

    pub fn lock(&self) -> Box<dyn Lock> {
        match self.kind {
            #[cfg(feature = "postgres")]
            Kind::Postgres => Box::new(comity_log::lock::PostgresLock::open(&super::remote::database(), &self.name).unwrap()),
            #[cfg(feature = "s3")]
            Kind::S3 => Box::new(comity_log::lock::S3Lock::open(super::remote::bucket(&format!("{}-lock/signed", self.name))).unwrap()),
            _ => Box::new(SqliteLock::open(&self.folder.join("lock.sqlite"), ORIGIN).unwrap()),
        }
    }

    pub fn vault(&self) -> Box<dyn Vault> {
        match self.kind {
            #[cfg(feature = "postgres")]
            Kind::Postgres => Box::new(comity_log::vault::PostgresVault::open(&super::remote::database(), &self.name).unwrap()),
            _ => Box::new(SqliteVault::open(&self.folder.join("vault.sqlite")).unwrap()),
        }
    }

    pub fn reader(&self) -> Reader<Box<dyn Files>> {
        Reader::new(self.files())
    }

    /// The writer, with what witnesses have seen.
    pub fn open_seen(&self, seen: &[(String, Note)]) -> Result<Writer, LogError> {
        Writer::open(ORIGIN, vec![key()], self.files(), self.queue(), self.lock(), seen)
    }

    pub fn open(&self) -> Result<Writer, LogError> {
        self.open_seen(&[])
    }

    pub fn read(&self, file: &str) -> Vec<u8> {
        self.files().read(file).unwrap().unwrap()
    }

    pub fn overwrite(&self, file: &str, content: &[u8]) {
        self.files().write(&[(file.to_owned(), content.to_vec())]).unwrap();
    }

    /// Takes one file away.
    pub fn take_away(&self, file: &str) {
        if self.kind == Kind::S3 {
            // Only what begins with a folder can be removed: what else begins so is put back.
            let others: Vec<String> =
                self.files().list().unwrap().into_iter().filter(|path| path.starts_with(file) && path != file).collect();
            let others: Vec<(String, Vec<u8>)> = others.into_iter().map(|path| (path.clone(), self.read(&path))).collect();
            self.files().remove_under(file).unwrap();
            self.files().write(&others).unwrap();
        } else {
            std::fs::remove_file(self.folder.join("public").join(file)).unwrap();
        }
    }

    /// Removes a store whole.
    pub fn wipe(&self, store: Store) {
        match (store, self.kind) {
            (Store::Files, _) => self.files().remove_under("").unwrap(),
            #[cfg(feature = "postgres")]
            (_, Kind::Postgres) => super::remote::wipe(&self.name, store),
            #[cfg(feature = "s3")]
            (Store::Lock, Kind::S3) => {
                let beside = comity_log::files::S3Files::new(super::remote::bucket(&format!("{}-lock", self.name)));
                beside.remove_under("").unwrap();
            }
            _ => {
                for ending in ["", "-wal", "-shm"] {
                    let _ = std::fs::remove_file(self.folder.join(format!("{}{ending}", sqlite(store))));
                }
            }
        }
    }

    /// Puts what another log has into a store that is wiped or was never used.
    pub fn copy(&self, store: Store, from: &Self) {
        match (store, self.kind) {
            (Store::Files, _) => {
                let theirs = from.files();
                let files: Vec<(String, Vec<u8>)> =
                    theirs.list().unwrap().into_iter().map(|path| (path.clone(), from.read(&path))).collect();
                self.files().write(&files).unwrap();
            }
            #[cfg(feature = "postgres")]
            (_, Kind::Postgres) => super::remote::copy(&self.name, &from.name, store),
            (Store::Lock, _) => {
                if let Some(note) = from.lock().last().unwrap() {
                    assert!(self.lock().swap(None, &note).unwrap());
                }
            }
            (Store::Queue, _) => {
                for ending in ["", "-wal"] {
                    let name = format!("{}{ending}", sqlite(store));
                    let _ = std::fs::copy(from.folder.join(&name), self.folder.join(&name));
                }
            }
        }
    }
}

const fn sqlite(store: Store) -> &'static str {
    match store {
        Store::Lock => "lock.sqlite",
        _ => "queue.sqlite",
    }
}

/// What the tests have made on other machines goes with them.
impl Drop for Home {
    fn drop(&mut self) {
        #[cfg(feature = "postgres")]
        if self.kind == Kind::Postgres && self._temporary.is_some() {
            super::remote::drop_schema(&self.name);
        }
    }
}
