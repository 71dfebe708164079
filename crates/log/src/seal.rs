// SPDX-License-Identifier: Apache-2.0
//! Payloads under a key of their matter, and these keys under the key of the node: to erase a matter is to erase its key.

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use comity_evidence::Hash;
use std::fmt;
use zeroize::Zeroizing;

/// Bytes of a key.
const KEY: usize = 32;
/// Bytes of a nonce, which stand before what they sealed. They are long enough to be random.
pub const NONCE: usize = 24;

/// What was sealed cannot be opened: another key, another place, or changed bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("what is stored cannot be opened with this key: it belongs elsewhere or was changed")]
pub struct SealError;

/// The key of a node, under which it keeps the keys of its matters. It stands outside the stores and their backups.
pub struct MasterKey(Zeroizing<[u8; KEY]>);

/// The key of one matter or person.
pub struct DataKey(Zeroizing<[u8; KEY]>);

impl MasterKey {
    /// The key with these bytes, which must be random.
    #[must_use]
    pub fn new(bytes: [u8; KEY]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The key of a matter as it is stored. `nonce` must be random.
    ///
    /// # Errors
    ///
    /// [`SealError`] never in practice: 32 bytes can always be sealed.
    pub fn wrap(&self, matter: &str, key: &DataKey, nonce: [u8; NONCE]) -> Result<Vec<u8>, SealError> {
        seal(&self.0, matter.as_bytes(), key.0.as_slice(), nonce)
    }

    /// The key of a matter from what is stored.
    ///
    /// # Errors
    ///
    /// [`SealError`] if it is of another matter or node.
    pub fn unwrap(&self, matter: &str, wrapped: &[u8]) -> Result<DataKey, SealError> {
        let bytes = open(&self.0, matter.as_bytes(), wrapped)?;
        Ok(DataKey(Zeroizing::new(bytes.as_slice().try_into().map_err(|_| SealError)?)))
    }
}

impl DataKey {
    /// The key with these bytes, which must be random.
    #[must_use]
    pub fn new(bytes: [u8; KEY]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// 32 bytes that are always the same for this key and name, and tell nothing of either.
    #[must_use]
    pub fn derive(&self, name: &[u8]) -> Hash {
        Hash::of(&Zeroizing::new([b"comity.seal/derive/v1".as_slice(), self.0.as_slice(), name].concat()))
    }

    /// A payload as it is stored, bound to the place where it is stored. `nonce` must be random.
    ///
    /// # Errors
    ///
    /// [`SealError`] if the payload is longer than any disk.
    pub fn seal(&self, place: &[u8], payload: &[u8], nonce: [u8; NONCE]) -> Result<Vec<u8>, SealError> {
        seal(&self.0, place, payload, nonce)
    }

    /// A payload from what is stored.
    ///
    /// # Errors
    ///
    /// [`SealError`] if it is of another matter or place, or was changed.
    pub fn open(&self, place: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        open(&self.0, place, sealed)
    }
}

fn seal(key: &[u8; KEY], place: &[u8], message: &[u8], nonce: [u8; NONCE]) -> Result<Vec<u8>, SealError> {
    let cipher = XChaCha20Poly1305::new(key.into());
    let sealed = cipher.encrypt(&XNonce::from(nonce), Payload { msg: message, aad: place }).map_err(|_| SealError)?;
    Ok([nonce.as_slice(), &sealed].concat())
}

fn open(key: &[u8; KEY], place: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE>().ok_or(SealError)?;
    let cipher = XChaCha20Poly1305::new(key.into());
    let opened = cipher.decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: place });
    opened.map(Zeroizing::new).map_err(|_| SealError)
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("MasterKey(secret)")
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("DataKey(secret)")
    }
}

#[cfg(test)]
mod tests {
    use super::{DataKey, MasterKey, SealError};

    #[test]
    fn a_payload_opens_only_with_its_key_and_in_its_place() {
        let (master, key) = (MasterKey::new([1; 32]), DataKey::new([2; 32]));
        let wrapped = master.wrap("matter-7", &key, [3; 24]).unwrap();
        let sealed = key.seal(b"place", b"payload", [4; 24]).unwrap();
        let again = master.unwrap("matter-7", &wrapped).unwrap();
        assert_eq!(again.open(b"place", &sealed).unwrap().as_slice(), b"payload");
        assert_eq!(again.open(b"other", &sealed).unwrap_err(), SealError);
        assert!(master.unwrap("matter-8", &wrapped).is_err() && MasterKey::new([9; 32]).unwrap("matter-7", &wrapped).is_err());
        for place in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[place] ^= 1;
            assert!(again.open(b"place", &changed).is_err());
        }
        assert!(again.open(b"place", &sealed[..23]).is_err());
    }
}
