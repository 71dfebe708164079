// SPDX-License-Identifier: Apache-2.0
//! The lock in an object store that writes on conditions.

use super::Lock;
use crate::StoreError;
use crate::s3::{Bucket, Fault, said};

/// One object, written on the condition that it still has the tag that it had when it was read.
pub struct S3Lock {
    bucket: Bucket,
}

impl S3Lock {
    /// The lock in the object whose key is the prefix of this bucket.
    /// Whether the store refuses what it must refuse is tried out with an object beside it: one that ignores conditions would let two writers sign.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store cannot be reached, or knows no conditions.
    pub fn open(bucket: Bucket) -> Result<Self, StoreError> {
        let lock = Self { bucket };
        let key = lock.bucket.as_key();
        if key.is_empty() {
            return Err(StoreError::new("use", lock.bucket.name(""), "a lock is one object: expected `s3://BUCKET/KEY`"));
        }
        let tried = format!("{key}.tried");
        let refuses = || {
            lock.bucket.put_if(&tried, ("if-none-match", "*"), b"tried\n")?;
            let twice = lock.bucket.put_if(&tried, ("if-none-match", "*"), b"tried twice\n")?;
            let other = lock.bucket.put_if(&tried, ("if-match", "\"00000000000000000000000000000000\""), b"tried otherwise\n")?;
            if twice || other { Err(Fault::NoConditions) } else { Ok(()) }
        };
        refuses().map_err(|fault| lock.failed("use", &fault))?;
        Ok(lock)
    }

    fn failed(&self, doing: &'static str, fault: &Fault) -> StoreError {
        StoreError::new(doing, self.bucket.name("").trim_end_matches('/'), said(fault))
    }

    fn held(&self) -> Result<Option<(String, Option<String>)>, StoreError> {
        let found = self.bucket.get_key(self.bucket.as_key()).map_err(|fault| self.failed("read", &fault))?;
        let text = |body| String::from_utf8(body).map_err(|error| StoreError::new("read", self.bucket.name(""), error));
        found.map(|answer| Ok((text(answer.body)?, answer.tag))).transpose()
    }
}

impl Lock for S3Lock {
    fn last(&mut self) -> Result<Option<String>, StoreError> {
        Ok(self.held()?.map(|(note, _)| note))
    }

    fn swap(&mut self, old: Option<&str>, new: &str) -> Result<bool, StoreError> {
        let held = self.held()?;
        if held.as_ref().map(|(note, _)| note.as_str()) != old {
            return Ok(false);
        }
        let key = self.bucket.as_key();
        let swapped = match held {
            None => self.bucket.put_if(key, ("if-none-match", "*"), new.as_bytes()),
            Some((_, Some(tag))) => self.bucket.put_if(key, ("if-match", &tag), new.as_bytes()),
            Some((_, None)) => Err(Fault::NoConditions),
        };
        swapped.map_err(|fault| self.failed("swap", &fault))
    }
}
