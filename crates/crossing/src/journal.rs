// SPDX-License-Identifier: Apache-2.0
//! The journal of a crossing: which units are done, and what they hash to.
//!
//! ```text
//! TO.crossing/            beside the folder that is published, on the same file system
//!   lock                  held by the process at work
//!   plan.json             what the crossing was begun with
//!   unit-000001.json      a unit that is done, written after its parts are durable
//!   data/part-000001.csv  what leaves of it
//!   apart/part-000001.csv what is kept apart of it
//!   attempts/             where others than this process work: a folder for each attempt at a unit, which has a journal
//!     000001-…/           of its own, with `unit-000001.json`, `data` and `apart`
//! ```

use crate::CrossingError;
use crate::files::{DRAFT, Digested, digest, write_whole};
use comity_border::Tally;
use comity_evidence::Hash;
use serde_json::{Value, json};
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// So often is the journal removed while somebody writes into it.
const ENDINGS: usize = 20;

/// A file that a unit wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) rows: u64,
    pub(crate) file: Digested,
}

/// A unit that is done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Done {
    pub(crate) tally: Tally,
    /// Rows that could not be read; they are kept apart.
    pub(crate) broken: u64,
    pub(crate) data: Option<Part>,
    pub(crate) apart: Option<Part>,
}

/// The folder of a crossing that is under way.
pub(crate) struct Journal {
    pub(crate) folder: PathBuf,
    /// Held by the one who publishes; whoever makes an attempt at a unit has a folder that nobody else knows.
    _lock: Option<File>,
}

/// What the crossing was begun with.
pub(crate) const BEGUN: &str = "plan.json";

impl Journal {
    /// Opens the journal, or begins it.
    pub(crate) fn open(folder: &Path, plan: &str) -> Result<Self, CrossingError> {
        let failed = |error| CrossingError::file("cannot write", folder)(error);
        fs::create_dir_all(folder).map_err(failed)?;
        let path = folder.join("lock");
        let lock = File::create(&path).map_err(CrossingError::file("cannot write", &path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(CrossingError::Busy(path)),
            Err(TryLockError::Error(error)) => return Err(CrossingError::file("cannot lock", &path)(error)),
        }
        let begun = folder.join(BEGUN);
        match fs::read_to_string(&begun) {
            Ok(text) if text == plan => {}
            Ok(_) => return Err(CrossingError::Begun(folder.to_path_buf())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => write_whole(&begun, plan.as_bytes())?,
            Err(error) => return Err(CrossingError::file("cannot read", &begun)(error)),
        }
        for part in ["data", "apart"] {
            fs::create_dir_all(folder.join(part)).map_err(failed)?;
        }
        // What a killed process left half written must not be published with the rest. The lock is held: nobody else writes.
        for place in [folder.to_path_buf(), folder.join("data"), folder.join("apart")] {
            for entry in fs::read_dir(&place).map_err(failed)? {
                let path = entry.map_err(failed)?.path();
                if path.extension().is_some_and(|ending| ending == DRAFT) {
                    fs::remove_file(&path).map_err(CrossingError::file("cannot remove", &path))?;
                }
            }
        }
        Ok(Self { folder: folder.to_path_buf(), _lock: Some(lock) })
    }

    /// The journal of one attempt, as it stands there or will.
    pub(crate) fn attempt(folder: PathBuf) -> Self {
        Self { folder, _lock: None }
    }

    /// Begins an attempt. The folder above must be there: it goes when the crossing is published, and is not made again.
    pub(crate) fn begin(folder: PathBuf) -> Result<Self, CrossingError> {
        let made = [folder.clone(), folder.join("data"), folder.join("apart")];
        for place in made {
            fs::create_dir(&place).map_err(CrossingError::file("cannot make", &place))?;
        }
        Ok(Self::attempt(folder))
    }

    /// Where attempts are made.
    pub(crate) fn attempts(&self) -> PathBuf {
        self.folder.join("attempts")
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    pub(crate) fn apart(&self) -> PathBuf {
        self.folder.join("apart")
    }

    /// The note that a unit is done.
    pub(crate) fn entry(&self, unit: usize) -> PathBuf {
        self.folder.join(format!("unit-{unit:06}.json"))
    }

    /// What is noted of a unit, if its parts are as they were noted.
    pub(crate) fn done(&self, unit: usize) -> Result<Option<Done>, CrossingError> {
        let path = self.entry(unit);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(CrossingError::file("cannot read", &path)(error)),
        };
        let Some(done) = serde_json::from_str(&text).ok().as_ref().and_then(read) else { return Ok(None) };
        for (folder, part) in [(self.data(), &done.data), (self.apart(), &done.apart)] {
            let Some(part) = part else { continue };
            let path = folder.join(&part.name);
            // A part that is not what was noted is made again.
            if !path.exists() || digest(&path)? != part.file {
                return Ok(None);
            }
        }
        Ok(Some(done))
    }

    /// Notes that a unit is done. Its parts are durable already.
    pub(crate) fn note(&self, unit: usize, done: &Done) -> Result<(), CrossingError> {
        write_whole(&self.entry(unit), of(done).to_string().as_bytes())
    }

    /// Ends the journal after everything was published.
    pub(crate) fn end(self) -> Result<(), CrossingError> {
        let failed = CrossingError::file("cannot remove", &self.folder);
        // Whoever was slower with a unit that somebody else did may still be writing; without its folder it cannot begin anew.
        for _ in 0..ENDINGS {
            match fs::remove_dir_all(&self.folder) {
                Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => {}
                ended => return ended.map_err(failed),
            }
        }
        fs::remove_dir_all(&self.folder).map_err(failed)
    }
}

fn of_part(part: &Part) -> Value {
    json!({"name": part.name, "rows": part.rows, "size": part.file.size, "digest": part.file.digest.to_hex()})
}

fn of(done: &Done) -> Value {
    let tally = &done.tally;
    json!({
        "rows": tally.rows,
        "unknown": tally.unknown,
        "small": tally.small,
        "passed": tally.passed,
        "quarantined": tally.quarantined,
        "dropped": tally.dropped,
        "broken": done.broken,
        "data": done.data.as_ref().map(of_part),
        "apart": done.apart.as_ref().map(of_part),
    })
}

fn part(value: &Value) -> Option<Option<Part>> {
    if value.is_null() {
        return Some(None);
    }
    let digest = Hash::from_hex(value.get("digest")?.as_str()?)?;
    let file = Digested { size: value.get("size")?.as_u64()?, digest };
    Some(Some(Part { name: value.get("name")?.as_str()?.to_owned(), rows: value.get("rows")?.as_u64()?, file }))
}

fn read(value: &Value) -> Option<Done> {
    let number = |key: &str| value.get(key)?.as_u64();
    let tally = Tally {
        rows: value.get("rows")?.as_array()?.iter().map(Value::as_u64).collect::<Option<_>>()?,
        unknown: number("unknown")?,
        small: number("small")?,
        passed: number("passed")?,
        quarantined: number("quarantined")?,
        dropped: number("dropped")?,
    };
    Some(Done { tally, broken: number("broken")?, data: part(value.get("data")?)?, apart: part(value.get("apart")?)? })
}
