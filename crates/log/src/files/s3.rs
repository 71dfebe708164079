// SPDX-License-Identifier: Apache-2.0
//! Files in an object store, which can serve them to everyone as they are.

use super::{CHECKPOINT, Files};
use crate::StoreError;
use crate::s3::{Bucket, Fault, said};

/// A bucket, or what begins with a prefix in one. An object is there whole or not at all, and for everyone, when its writing is answered.
pub struct S3Files {
    bucket: Bucket,
}

impl S3Files {
    /// The files in a bucket.
    #[must_use]
    pub const fn new(bucket: Bucket) -> Self {
        Self { bucket }
    }

    fn failed(&self, doing: &'static str, path: &str, fault: &Fault) -> StoreError {
        StoreError::new(doing, self.bucket.name(path), said(fault))
    }
}

/// Only the checkpoint ever changes.
fn caching(path: &str) -> &'static str {
    if path == CHECKPOINT { "no-cache" } else { "public, max-age=31536000, immutable" }
}

impl Files for S3Files {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let found = self.bucket.get(path).map_err(|fault| self.failed("read", path, &fault))?;
        Ok(found.map(|answer| answer.body))
    }

    fn write(&self, files: &[(String, Vec<u8>)]) -> Result<(), StoreError> {
        self.bucket.put_all(files, caching).map_err(|(path, fault)| self.failed("write", &path, &fault))
    }

    fn remove_under(&self, folder: &str) -> Result<(), StoreError> {
        let paths = self.bucket.list(folder).map_err(|fault| self.failed("list", folder, &fault))?;
        self.bucket.delete_all(&paths).map_err(|(path, fault)| self.failed("remove", &path, &fault))
    }

    fn list(&self) -> Result<Vec<String>, StoreError> {
        self.bucket.list("").map_err(|fault| self.failed("list", "", &fault))
    }
}
