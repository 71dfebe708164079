// SPDX-License-Identifier: Apache-2.0
//! Hashes of a Merkle tree as RFC 6962, section 2.1, defines them: SHA-256, with a byte that keeps leaves and nodes apart.

use crate::text;
use sha2::{Digest, Sha256};
use std::fmt;

/// A SHA-256 value: of a leaf, of a node, or the root of a tree. Written in standard base64.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash([u8; Hash::LENGTH]);

impl Hash {
    /// Bytes of a hash.
    pub const LENGTH: usize = 32;

    /// The hash with these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; Self::LENGTH]) -> Self {
        Self(bytes)
    }

    /// The hash with these bytes; `None` if they are not 32.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The bytes of the hash.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; Self::LENGTH] {
        &self.0
    }

    /// The hash written in standard base64 with padding; `None` for anything else.
    #[must_use]
    pub fn from_base64(written: &str) -> Option<Self> {
        Self::from_slice(&text::from_base64(written)?)
    }

    /// SHA-256 of bytes, without any prefix: the digest of a document.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// SHA-256 of everything that a reader gives, in little memory: the digest of a document of any size.
    ///
    /// # Errors
    ///
    /// Those of the reader.
    pub fn of_reader(mut reader: impl std::io::Read) -> std::io::Result<Self> {
        let (mut hasher, mut part) = (Sha256::new(), vec![0; 1 << 16]);
        loop {
            match reader.read(&mut part) {
                Ok(0) => return Ok(Self(hasher.finalize().into())),
                Ok(length) => hasher.update(part.get(..length).unwrap_or_default()),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// The hash written in 64 lower-case hexadecimal digits, as file digests are; `None` for anything else.
    #[must_use]
    pub fn from_hex(written: &str) -> Option<Self> {
        Self::from_slice(&text::from_hex(written)?).filter(|hash| hash.to_hex() == written)
    }

    /// The root of a tree without leaves.
    #[must_use]
    pub fn of_empty_tree() -> Self {
        Self::of(b"")
    }

    /// The hash of a leaf: SHA-256 of a zero byte and the entry.
    #[must_use]
    pub fn of_leaf(entry: &[u8]) -> Self {
        Self(Sha256::new().chain_update([0]).chain_update(entry).finalize().into())
    }

    /// The hash of a node above two others: SHA-256 of a one byte, the left and the right.
    #[must_use]
    pub fn of_node(left: &Self, right: &Self) -> Self {
        Self(Sha256::new().chain_update([1]).chain_update(left.0).chain_update(right.0).finalize().into())
    }

    /// The hash in lower-case hexadecimal digits, as file digests are written.
    #[must_use]
    pub fn to_hex(&self) -> String {
        text::to_hex(&self.0)
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&text::to_base64(&self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Hash({self})")
    }
}
