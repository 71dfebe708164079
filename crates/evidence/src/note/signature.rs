// SPDX-License-Identifier: Apache-2.0
//! One signature line of a note.

use super::{NoteError, VerifyingKey, key};
use crate::text;
use std::fmt;
use std::str::FromStr;

/// A signature line: the name of the key, its id, and what it signed with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    pub(super) name: String,
    pub(super) id: u32,
    pub(super) bytes: Vec<u8>,
}

/// A key trusted here, and that it signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The key.
    pub key: VerifyingKey,
    /// When it says it signed, in seconds since 1970, if its kind says so.
    pub seconds: Option<u64>,
}

impl Signature {
    /// The name of the key that is said to have signed.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name and the id of the key that is said to have signed.
    #[must_use]
    pub fn signer(&self) -> String {
        format!("{}+{:08x}", self.name, self.id)
    }

    /// What follows the key's id: for a cosignature, the time and the signature proper.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn is_by(&self, key: &VerifyingKey) -> bool {
        self.name == key.name() && self.id == key.id()
    }

    pub(super) fn is_of_same_key(&self, other: &Self) -> bool {
        self.name == other.name && self.id == other.id
    }
}

impl FromStr for Signature {
    type Err = NoteError;

    fn from_str(line: &str) -> Result<Self, NoteError> {
        let wrong = NoteError::Malformed("a line under the text is not `— NAME BASE64`");
        let (name, signature) = line.strip_prefix("— ").and_then(|rest| rest.split_once(' ')).ok_or_else(|| wrong.clone())?;
        let decoded = text::from_base64(signature).ok_or_else(|| wrong.clone())?;
        let (id, bytes) = decoded.split_first_chunk::<4>().ok_or_else(|| wrong.clone())?;
        if bytes.is_empty() || !key::is_name(name) {
            return Err(wrong);
        }
        Ok(Self { name: name.to_owned(), id: u32::from_be_bytes(*id), bytes: bytes.to_vec() })
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes: Vec<u8> = self.id.to_be_bytes().into_iter().chain(self.bytes.iter().copied()).collect();
        write!(formatter, "— {} {}", self.name, text::to_base64(&bytes))
    }
}
