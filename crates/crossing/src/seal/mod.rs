// SPDX-License-Identifier: Apache-2.0
//! What only the recipient can read: whole files, or columns of them, encrypted to keys of age that the manifest names.
//!
//! What leaves is measured and counted in clear first, in the staging folder of the exporter; then it is encrypted as a
//! stream, the clear file is removed, and nothing is published as long as a clear one is there.
//!
//! It protects on the way and where files are kept by others. It does not protect against the recipient, nor against the
//! authorities of its country who ask it for the key (EDPB, Recommendations 01/2020, Annex 2, use cases 3 and 6), and is
//! told to no law as a measure.

#[cfg(feature = "age")]
mod columns;
#[cfg(feature = "age")]
mod whole;

use crate::record::Output;
use crate::{CrossingError, Format};
use comity_border::Manifest;
use std::path::Path;

/// Encrypts to the recipients of a manifest.
#[cfg(feature = "age")]
pub(crate) struct Seal {
    columns: Option<columns::Columns>,
    whole: Option<whole::Whole>,
}

/// Stands for encryption where it was not built in: there is none.
#[cfg(not(feature = "age"))]
pub(crate) enum Seal {}

/// Whether what a manifest names can be encrypted to the recipients that it names.
///
/// # Errors
///
/// [`CrossingError::Recipient`] if one is no key of age, [`CrossingError::NoEncryption`] if this was built without encryption.
pub fn recipients(manifest: &Manifest) -> Result<(), CrossingError> {
    Seal::new(manifest).map(drop)
}

/// The keys, if they are any.
#[cfg(feature = "age")]
fn keys(texts: &[String]) -> Result<Vec<age::x25519::Recipient>, CrossingError> {
    let parse =
        |text: &String| text.parse().map_err(|why: &'static str| CrossingError::Recipient { recipient: text.clone(), why: why.to_owned() });
    texts.iter().map(parse).collect()
}

impl Seal {
    /// What encrypts to the recipients of a manifest; none where it names none.
    #[cfg(feature = "age")]
    pub(crate) fn new(manifest: &Manifest) -> Result<Option<Self>, CrossingError> {
        let seal = Self { columns: columns::Columns::new(manifest)?, whole: whole::Whole::new(manifest)? };
        Ok((seal.columns.is_some() || seal.whole.is_some()).then_some(seal))
    }

    #[cfg(not(feature = "age"))]
    pub(crate) fn new(manifest: &Manifest) -> Result<Option<Self>, CrossingError> {
        let columns = manifest.columns.iter().any(|column| !column.encrypt_to.is_empty());
        if manifest.encrypt_to.is_empty() && !columns { Ok(None) } else { Err(CrossingError::NoEncryption) }
    }

    /// Whether what is encrypted can be in this format.
    #[cfg(feature = "age")]
    pub(crate) fn fits(&self, format: Format) -> Result<(), CrossingError> {
        let parquet = self.columns.is_none() || format == Format::Parquet;
        if parquet { Ok(()) } else { Err(CrossingError::SealedColumns(format.ending())) }
    }

    #[cfg(not(feature = "age"))]
    pub(crate) fn fits(&self, _: Format) -> Result<(), CrossingError> {
        match *self {}
    }

    /// Puts an encrypted file in place of each clear one.
    #[cfg(feature = "age")]
    pub(crate) fn seal(&self, folder: &Path, outputs: &mut [Output]) -> Result<(), CrossingError> {
        if let Some(columns) = &self.columns {
            columns.seal(folder, outputs)?;
        }
        self.whole.as_ref().map_or(Ok(()), |whole| whole.seal(folder, outputs))
    }

    #[cfg(not(feature = "age"))]
    pub(crate) fn seal(&self, _: &Path, _: &mut [Output]) -> Result<(), CrossingError> {
        match *self {}
    }
}
