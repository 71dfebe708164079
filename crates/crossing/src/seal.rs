// SPDX-License-Identifier: Apache-2.0
//! Files that only the recipient can read: encrypted by age (age-encryption.org/v1), to keys that the manifest names.
//!
//! What leaves is measured and counted in clear first, in the staging folder of the exporter; then each file is encrypted
//! as a stream, the clear one is removed, and nothing is published as long as a clear one is there.
//!
//! It protects on the way and where files are kept by others. It does not protect against the recipient, nor against the
//! authorities of its country who ask it for the key (EDPB, Recommendations 01/2020, Annex 2, use cases 3 and 6), and is
//! told to no law as a measure.

use crate::CrossingError;
use crate::record::Output;
use comity_border::Manifest;
use std::path::Path;

/// The ending of encrypted files.
#[cfg(feature = "age")]
const ENDING: &str = "age";

/// Encrypts to the recipients of a manifest.
#[cfg(feature = "age")]
pub(crate) struct Seal(Vec<age::x25519::Recipient>);

/// Stands for encryption where it was not built in: there is none.
#[cfg(not(feature = "age"))]
pub(crate) enum Seal {}

/// Whether files can be encrypted to the recipients that a manifest names.
///
/// # Errors
///
/// [`CrossingError::Recipient`] if one is no key of age, [`CrossingError::NoEncryption`] if this was built without encryption.
pub fn recipients(manifest: &Manifest) -> Result<(), CrossingError> {
    Seal::new(manifest).map(drop)
}

impl Seal {
    /// What encrypts to the recipients of a manifest; none where it names none.
    #[cfg(feature = "age")]
    pub(crate) fn new(manifest: &Manifest) -> Result<Option<Self>, CrossingError> {
        let parse = |text: &String| {
            text.parse().map_err(|why: &'static str| CrossingError::Recipient { recipient: text.clone(), why: why.to_owned() })
        };
        let keys = manifest.encrypt_to.iter().map(parse).collect::<Result<Vec<age::x25519::Recipient>, _>>()?;
        Ok((!keys.is_empty()).then_some(Self(keys)))
    }

    #[cfg(not(feature = "age"))]
    pub(crate) fn new(manifest: &Manifest) -> Result<Option<Self>, CrossingError> {
        if manifest.encrypt_to.is_empty() { Ok(None) } else { Err(CrossingError::NoEncryption) }
    }

    /// Puts an encrypted file in place of each clear one.
    #[cfg(feature = "age")]
    pub(crate) fn seal(&self, folder: &Path, outputs: &mut [Output]) -> Result<(), CrossingError> {
        use crate::sink::{finish_below, new_below};
        use std::fs::{self, File};

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
            output.clear = Some((std::mem::replace(&mut output.name, name), std::mem::replace(&mut output.file, file)));
        }
        only_sealed(folder)
    }

    #[cfg(not(feature = "age"))]
    pub(crate) fn seal(&self, _: &Path, _: &mut [Output]) -> Result<(), CrossingError> {
        match *self {}
    }
}

/// Whether a folder has encrypted files alone.
#[cfg(feature = "age")]
fn only_sealed(folder: &Path) -> Result<(), CrossingError> {
    for entry in std::fs::read_dir(folder).map_err(CrossingError::file("cannot read", folder))? {
        let path = entry.map_err(CrossingError::file("cannot read", folder))?.path();
        if path.extension().is_none_or(|ending| ending != ENDING) && path.file_name().is_none_or(|name| name != crate::record::NAME) {
            return Err(CrossingError::Clear(path));
        }
    }
    Ok(())
}
