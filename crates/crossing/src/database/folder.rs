// SPDX-License-Identifier: Apache-2.0
//! Where copies of tables are kept while they cross: a folder that nobody else can look into, and that is gone at the end.

use crate::CrossingError;
use crate::files::{Digested, digest, write_whole};
use comity_border::plan::Input;
use comity_evidence::Hash;
use serde_json::{Value, json};
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// The copies of a crossing, in its staging folder.
const SOURCE: &str = "source";
/// What says which copies there are; it is written last.
const NOTE: &str = "source.json";
/// Where a crossing has begun.
const BEGUN: &str = "plan.json";

/// A copy of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Copy {
    /// The file.
    pub(super) path: PathBuf,
    /// What was asked for.
    pub(super) asked: Hash,
    /// What the plan names: the table, and the digest of what the server sent.
    pub(super) input: Input,
}

/// The folder of copies.
pub(super) struct Folder {
    path: PathBuf,
    /// The staging folder that it is in, if it is in one.
    staging: Option<PathBuf>,
    _lock: File,
}

fn private(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// An empty file that only its owner can read; it keeps that when it is written.
pub(super) fn private_file(path: &Path) -> Result<(), CrossingError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop).map_err(CrossingError::file("cannot write", path))
}

impl Folder {
    /// A folder among the temporary ones.
    pub(super) fn temporary() -> Result<Self, CrossingError> {
        let base = std::env::temp_dir();
        for number in 0_u32.. {
            let path = base.join(format!("comity-{}-{number}", std::process::id()));
            match private(&path) {
                Ok(()) => return Self::locked(path, None),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(CrossingError::file("cannot write", &path)(error)),
            }
        }
        Err(CrossingError::file("cannot write", &base)(io::ErrorKind::AlreadyExists.into()))
    }

    /// The folder in the staging folder of a crossing, with the copies that an interrupted one has left there.
    pub(super) fn in_staging(staging: &Path) -> Result<(Self, Option<Vec<Copy>>), CrossingError> {
        let path = staging.join(SOURCE);
        let begun = staging.join(BEGUN).exists();
        if begun && !path.exists() {
            // It was begun of files.
            return Err(CrossingError::Begun(staging.to_path_buf()));
        }
        fs::create_dir_all(staging).map_err(CrossingError::file("cannot write", staging))?;
        match private(&path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(CrossingError::file("cannot write", &path)(error)),
            _ => {}
        }
        let folder = Self::locked(path, Some(staging.to_path_buf()))?;
        if begun {
            let copies = folder.noted()?;
            return Ok((folder, Some(copies)));
        }
        // What a killed process left behind is of no plan: other rows may be there by now.
        for entry in fs::read_dir(&folder.path).map_err(CrossingError::file("cannot read", &folder.path))? {
            let left = entry.map_err(CrossingError::file("cannot read", &folder.path))?.path();
            if left.file_name().is_some_and(|name| name != "lock") {
                fs::remove_file(&left).map_err(CrossingError::file("cannot remove", &left))?;
            }
        }
        Ok((folder, None))
    }

    fn locked(path: PathBuf, staging: Option<PathBuf>) -> Result<Self, CrossingError> {
        let name = path.join("lock");
        let lock = File::create(&name).map_err(CrossingError::file("cannot write", &name))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path, staging, _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(CrossingError::Busy(name)),
            Err(TryLockError::Error(error)) => Err(CrossingError::file("cannot lock", &name)(error)),
        }
    }

    /// The file of the copy of a table; it is not there yet.
    pub(super) fn file(&self, number: usize) -> PathBuf {
        self.path.join(format!("table-{number:03}.parquet"))
    }

    /// Notes which copies there are, all of them whole.
    pub(super) fn note(&self, copies: &[(Copy, Digested)]) -> Result<(), CrossingError> {
        let noted: Vec<Value> = copies
            .iter()
            .map(|(copy, file)| {
                let input = &copy.input;
                json!({
                    "file": copy.path.file_name().map(|name| name.to_string_lossy()), "size": file.size, "digest": file.digest.to_hex(),
                    "asked": copy.asked.to_hex(),
                    "input": {"name": input.name, "size": input.size, "digest": input.digest.to_hex()},
                })
            })
            .collect();
        write_whole(&self.path.join(NOTE), Value::Array(noted).to_string().as_bytes())
    }

    /// The copies that are noted, which are as they were noted.
    fn noted(&self) -> Result<Vec<Copy>, CrossingError> {
        let wrong = || {
            let staging = self.path.parent().unwrap_or(&self.path);
            CrossingError::table(
                &self.path,
                format!(
                    "the copy of the table that this crossing was begun with is not there, or has changed; remove `{}` to begin anew",
                    staging.display()
                ),
            )
        };
        let text = fs::read_to_string(self.path.join(NOTE)).map_err(|_| wrong())?;
        let noted: Value = serde_json::from_str(&text).map_err(|_| wrong())?;
        let mut copies = Vec::new();
        for value in noted.as_array().ok_or_else(wrong)? {
            let (copy, file) = self.read(value).ok_or_else(wrong)?;
            if !copy.path.exists() || digest(&copy.path)? != file {
                return Err(wrong());
            }
            copies.push(copy);
        }
        Ok(copies)
    }

    fn read(&self, value: &Value) -> Option<(Copy, Digested)> {
        let of = |value: &Value| Some((value.get("size")?.as_u64()?, Hash::from_hex(value.get("digest")?.as_str()?)?));
        let (size, digest) = of(value)?;
        let input = value.get("input")?;
        let (came, hash) = of(input)?;
        // A name of a file, and nothing that leads elsewhere.
        let name = Path::new(value.get("file")?.as_str()?).file_name()?;
        let input = Input { name: input.get("name")?.as_str()?.to_owned(), size: came, digest: hash };
        let asked = Hash::from_hex(value.get("asked")?.as_str()?)?;
        Some((Copy { path: self.path.join(name), asked, input }, Digested { size, digest }))
    }
}

impl Drop for Folder {
    /// Copies outlive the work only where a crossing has begun that may go on with them.
    fn drop(&mut self) {
        if self.staging.as_ref().is_some_and(|staging| staging.join(BEGUN).exists()) {
            return;
        }
        // Where it was published, the whole staging folder is gone already.
        let _gone = fs::remove_dir_all(&self.path);
        if let Some(staging) = &self.staging {
            // Only if it is empty.
            let _other = fs::remove_dir(staging);
        }
    }
}
