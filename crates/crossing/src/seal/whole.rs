// SPDX-License-Identifier: Apache-2.0
//! Whole files in the format of age (age-encryption.org/v1).

use super::keys;
use crate::CrossingError;
use crate::record::Output;
use crate::sink::{finish_below, new_below};
use comity_border::Manifest;
use std::fs::{self, File};
use std::path::Path;

/// The ending of encrypted files.
const ENDING: &str = "age";

/// Encrypts whole files.
pub(super) struct Whole(Vec<age::x25519::Recipient>);

impl Whole {
    /// What encrypts to the recipients of a manifest; none where it names none.
    pub(super) fn new(manifest: &Manifest) -> Result<Option<Self>, CrossingError> {
        let keys = keys(&manifest.encrypt_to)?;
        Ok((!keys.is_empty()).then_some(Self(keys)))
    }

    /// Puts an encrypted file in place of each other one.
    pub(super) fn seal(&self, folder: &Path, outputs: &mut [Output]) -> Result<(), CrossingError> {
        for output in outputs.iter_mut() {
            let clear = folder.join(&output.name);
            let name = format!("{}.{ENDING}", output.name);
            let path = folder.join(&name);
            let failed = |error| CrossingError::file("cannot encrypt", &clear)(error);
            let encryptor = age::Encryptor::with_recipients(self.0.iter().map(|key| key as &dyn age::Recipient))
                .map_err(|error| failed(std::io::Error::other(error.to_string())))?;
            let (below, draft) = new_below(&path)?;
            let mut sealed = encryptor.wrap_output(below).map_err(failed)?;
            std::io::copy(&mut File::open(&clear).map_err(failed)?, &mut sealed).map_err(failed)?;
            let file = finish_below(sealed.finish().map_err(failed)?, &draft, &path)?;
            fs::remove_file(&clear).map_err(CrossingError::file("cannot remove", &clear))?;
            output.replace(name, file);
        }
        only_sealed(folder)
    }
}

/// Whether a folder has encrypted files alone.
fn only_sealed(folder: &Path) -> Result<(), CrossingError> {
    for entry in fs::read_dir(folder).map_err(CrossingError::file("cannot read", folder))? {
        let path = entry.map_err(CrossingError::file("cannot read", folder))?.path();
        if path.extension().is_none_or(|ending| ending != ENDING) && path.file_name().is_none_or(|name| name != crate::record::NAME) {
            return Err(CrossingError::Clear(path));
        }
    }
    Ok(())
}
