// SPDX-License-Identifier: Apache-2.0
//! Files in a folder of this machine, which any web server can serve as they are.

use super::Files;
use crate::StoreError;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The ending of a file that is being written. What a crash leaves of them is overwritten or ignored.
const UNFINISHED: &str = ".unfinished";

/// A folder. Each file is written beside its place, synchronized, and renamed; then its folder is synchronized.
#[derive(Clone, Debug)]
pub struct Folder {
    root: PathBuf,
}

impl Folder {
    /// The folder at a path, which is made when the first file is written.
    #[must_use]
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// Makes a folder and those above it, each durable in the one above.
    fn make(&self, folder: &Path) -> io::Result<()> {
        if folder.is_dir() {
            return Ok(());
        }
        if let Some(above) = folder.parent().filter(|above| !above.as_os_str().is_empty()) {
            self.make(above)?;
        }
        match fs::create_dir(folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        folder.parent().filter(|above| !above.as_os_str().is_empty()).map_or(Ok(()), |above| File::open(above)?.sync_all())
    }
}

fn unfinished(path: &Path) -> PathBuf {
    let mut name: OsString = path.as_os_str().to_owned();
    name.push(UNFINISHED);
    PathBuf::from(name)
}

impl Files for Folder {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, StoreError> {
        match fs::read(self.root.join(path)) {
            Ok(content) => Ok(Some(content)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(StoreError::new("read", path, error)),
        }
    }

    fn write(&self, files: &[(String, Vec<u8>)]) -> Result<(), StoreError> {
        let mut folders = BTreeSet::new();
        for (path, content) in files {
            let place = self.root.join(path);
            let written = || {
                if let Some(folder) = place.parent() {
                    self.make(folder)?;
                }
                let mut file = File::create(unfinished(&place))?;
                file.write_all(content)?;
                file.sync_data()
            };
            written().map_err(|error| StoreError::new("write", path, error))?;
        }
        for (path, _) in files {
            let place = self.root.join(path);
            fs::rename(unfinished(&place), &place).map_err(|error| StoreError::new("write", path, error))?;
            folders.extend(place.parent().map(Path::to_owned));
        }
        for folder in folders {
            let synchronized = File::open(&folder).and_then(|folder| folder.sync_all());
            synchronized.map_err(|error| StoreError::new("synchronize", folder.display().to_string(), error))?;
        }
        Ok(())
    }

    fn remove_under(&self, folder: &str) -> Result<(), StoreError> {
        match fs::remove_dir_all(self.root.join(folder)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(StoreError::new("remove", folder, error)),
            _ => Ok(()),
        }
    }

    fn list(&self) -> Result<Vec<String>, StoreError> {
        let mut found = Vec::new();
        let mut folders = vec![self.root.clone()];
        while let Some(folder) = folders.pop() {
            let failed = |error| StoreError::new("list", folder.display().to_string(), error);
            let entries = match fs::read_dir(&folder) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                entries => entries.map_err(failed)?,
            };
            for entry in entries {
                let entry = entry.map_err(failed)?;
                let path = entry.path();
                if entry.file_type().map_err(failed)?.is_dir() {
                    folders.push(path);
                } else if let Some(path) =
                    path.strip_prefix(&self.root).ok().and_then(Path::to_str).filter(|path| !path.ends_with(UNFINISHED))
                {
                    found.push(path.to_owned());
                }
            }
        }
        Ok(found)
    }
}
