// SPDX-License-Identifier: Apache-2.0
//! Whether a document that somebody has is the one that a receipt speaks of.
//!
//! A receipt shows fields, not files. A document belongs to it in one of three ways: it is the entry itself, it is the payload
//! whose fields are shown, or a shown field has its SHA-256 digest.

use crate::{Checked, Hash, Payload, text};
use serde_json::Value;

/// In which way a document belongs to an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Match {
    /// It is the entry, byte for byte.
    Entry,
    /// It has the fields of the payload, and the value of each that the receipt shows.
    Payload,
    /// A field that the receipt shows has its digest.
    Digest {
        /// The name of the field.
        field: String,
    },
}

/// Why a document does not belong to an entry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// It is a payload of the same fields, and one has another value.
    #[error("the document has another value for `{field}` than was recorded")]
    OtherValue {
        /// The name of the field.
        field: String,
    },
    /// Nothing that the receipt shows names it.
    #[error("nothing that the receipt shows names this document: its SHA-256 is {digest}")]
    Unnamed {
        /// Its SHA-256 in hexadecimal digits.
        digest: String,
    },
}

impl Checked {
    /// In which way a document belongs to the entry that the receipt proves.
    ///
    /// A digest is found where a shown value is, or holds, a text of 64 hexadecimal digits, with or without `sha256:` before it.
    ///
    /// # Errors
    ///
    /// [`DocumentError`] if it does not belong to it.
    pub fn is_of(&self, document: &[u8]) -> Result<Match, DocumentError> {
        if document == self.entry.to_bytes() {
            return Ok(Match::Entry);
        }
        let digest = Hash::of(document);
        if let Some((name, _)) = self.shown.iter().find(|(_, value)| names(value, &digest)) {
            return Ok(Match::Digest { field: name.clone() });
        }
        let unnamed = DocumentError::Unnamed { digest: digest.to_hex() };
        let payload = std::str::from_utf8(document).ok().and_then(|document| Payload::parse(document).ok()).ok_or(unnamed.clone())?;
        let known = |name: &String| self.shown.iter().any(|(shown, _)| shown == name) || self.hidden.contains(name);
        let all = payload.fields().len() == self.shown.len() + self.hidden.len();
        if self.shown.is_empty() || !all || !payload.fields().iter().all(|(name, _)| known(name)) {
            return Err(unnamed);
        }
        match payload.fields().iter().find(|(name, value)| self.shown.iter().any(|(shown, other)| shown == name && other != value)) {
            Some((field, _)) => Err(DocumentError::OtherValue { field: field.clone() }),
            None => Ok(Match::Payload),
        }
    }
}

/// Whether a value is or holds a digest.
fn names(value: &Value, digest: &Hash) -> bool {
    match value {
        Value::String(written) => {
            text::from_hex(written.strip_prefix("sha256:").unwrap_or(written)).is_some_and(|bytes| bytes == digest.as_bytes())
        }
        Value::Array(items) => items.iter().any(|item| names(item, digest)),
        Value::Object(object) => object.values().any(|item| names(item, digest)),
        _ => false,
    }
}
