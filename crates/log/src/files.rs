// SPDX-License-Identifier: Apache-2.0
//! Where the files of a log are kept: a folder, or an object store.

mod folder;
#[cfg(feature = "s3")]
mod s3;

pub use folder::Folder;
#[cfg(feature = "s3")]
pub use s3::S3Files;

use crate::StoreError;

/// The name of the file with the signed state of the log.
pub const CHECKPOINT: &str = "checkpoint";

/// Files by their path under the log's prefix, such as `tile/0/000`.
pub trait Files: Send {
    /// The content of a file; `None` if there is none.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if it cannot be known.
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// Writes files, each whole or not at all. When this returns they are durable.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if one of them is not.
    fn write(&self, files: &[(String, Vec<u8>)]) -> Result<(), StoreError>;

    /// Removes all files whose path begins with a folder, such as `tile/0/000.p/`; none is none.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if one of them remains.
    fn remove_under(&self, folder: &str) -> Result<(), StoreError>;

    /// The paths of all files, in no order.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if they cannot be known.
    fn list(&self) -> Result<Vec<String>, StoreError>;
}

impl<F: Files + ?Sized> Files for Box<F> {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, StoreError> {
        (**self).read(path)
    }

    fn write(&self, files: &[(String, Vec<u8>)]) -> Result<(), StoreError> {
        (**self).write(files)
    }

    fn remove_under(&self, folder: &str) -> Result<(), StoreError> {
        (**self).remove_under(folder)
    }

    fn list(&self) -> Result<Vec<String>, StoreError> {
        (**self).list()
    }
}
