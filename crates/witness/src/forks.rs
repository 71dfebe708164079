// SPDX-License-Identifier: Apache-2.0
//! Proofs of forks, kept as files that can be handed to anyone.

use comity_evidence::{Fork, Hash};
use comity_log::Files;
use comity_log::StoreError;
use comity_log::files::Folder;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The folder of proofs, in that of a witness or a follower.
pub const FOLDER: &str = "forks";
const ENDING: &str = ".comity-fork.json";
/// So many proofs are kept: one is enough to convict a log, and a log that signs without end must not fill the disk.
const MOST: usize = 1000;

/// Keeps a proof, which is durable when this returns, and says where. One that is kept already is not written again.
///
/// # Errors
///
/// [`StoreError`] if it cannot be written.
pub fn keep(folder: &Path, fork: &Fork) -> Result<PathBuf, StoreError> {
    let of = Hash::of(format!("{}\n{}", fork.smaller.text(), fork.larger.text()).as_bytes()).to_hex();
    let name = format!("{FOLDER}/{}{ENDING}", of.get(..16).unwrap_or(&of));
    let path = folder.join(&name);
    if !path.exists() && files(folder)?.len() < MOST {
        Folder::new(folder).write(&[(name, fork.to_string().into_bytes())])?;
    }
    Ok(path)
}

/// The files with proofs, in the order of their names.
///
/// # Errors
///
/// [`StoreError`] if they cannot be listed.
pub fn files(folder: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let folder = folder.join(FOLDER);
    let failed = |error| StoreError::new("list", folder.display().to_string(), error);
    let entries = match fs::read_dir(&folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(failed)?,
    };
    let paths = entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<PathBuf>>>();
    let mut paths = paths.map_err(failed)?;
    paths.retain(|path| path.to_str().is_some_and(|path| path.ends_with(ENDING)));
    paths.sort_unstable();
    Ok(paths)
}
