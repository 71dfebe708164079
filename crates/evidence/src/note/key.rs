// SPDX-License-Identifier: Apache-2.0
//! Keys that sign notes, and the messages that each kind of key signs (C2SP signed-note, tlog-cosignature).

use super::{NoteError, Signature, ml_dsa};
use crate::{Checkpoint, Hash, text};
use ed25519_dalek::Signer as _;
use std::fmt;
use std::str::FromStr;
use zeroize::Zeroizing;

/// A kind of key. The same key of two kinds has two ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Algorithm {
    /// Ed25519 over the text: how a log signs its checkpoints.
    Ed25519 = 0x01,
    /// Ed25519 over time and text: how a witness cosigns.
    Ed25519Cosignature = 0x04,
    /// ML-DSA-44 (FIPS 204) over name, time and tree: how logs and witnesses sign against quantum computers.
    MlDsa44Cosignature = 0x06,
}

impl Algorithm {
    fn from_byte(byte: u8) -> Result<Self, NoteError> {
        let known = [Self::Ed25519, Self::Ed25519Cosignature, Self::MlDsa44Cosignature];
        known.into_iter().find(|known| *known as u8 == byte).ok_or(NoteError::UnknownAlgorithm(byte))
    }

    /// Whether a signature of this kind says when it was made, as witnesses do.
    #[must_use]
    pub const fn is_cosignature(self) -> bool {
        !matches!(self, Self::Ed25519)
    }
}

/// Whether a text may be the name of a key: not empty, without spaces and plus signs.
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(|character| character.is_whitespace() || character == '+' || character < ' ')
}

/// The id of a key: the first four bytes of SHA-256 over name, line break, kind and key.
fn id_of(name: &str, algorithm: Algorithm, key: &[u8]) -> u32 {
    let hashed = Hash::of(&[name.as_bytes(), b"\n", &[algorithm as u8], key].concat());
    hashed.as_bytes().first_chunk::<4>().map_or(0, |id| u32::from_be_bytes(*id))
}

/// A key that verifies signatures of notes. Written as C2SP vkey: `NAME+ID+BASE64`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyingKey {
    name: String,
    id: u32,
    algorithm: Algorithm,
    key: Vec<u8>,
}

impl VerifyingKey {
    fn new(name: &str, algorithm: Algorithm, key: Vec<u8>) -> Result<Self, NoteError> {
        if !is_name(name) {
            return Err(NoteError::Key("its name is empty or has a space or a plus sign"));
        }
        match algorithm {
            Algorithm::Ed25519 | Algorithm::Ed25519Cosignature => {
                ed25519(&key)?;
            }
            Algorithm::MlDsa44Cosignature => ml_dsa::check(&key)?,
        }
        Ok(Self { name: name.to_owned(), id: id_of(name, algorithm, &key), algorithm, key })
    }

    /// The name of the key: of a log, its origin.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The id of the key, by which signature lines name it.
    #[must_use]
    pub const fn id(&self) -> u32 {
        self.id
    }

    /// The kind of key.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The public key alone, without name and kind.
    #[must_use]
    pub fn public_key(&self) -> &[u8] {
        &self.key
    }

    /// Whether these are the bytes of an Ed25519 signature over a message that is no note. False for keys of other kinds.
    pub(crate) fn verify_bytes(&self, message: &[u8], signature: &[u8]) -> bool {
        let Ok(signature) = signature.try_into().map(ed25519_dalek::Signature::from_bytes) else { return false };
        self.algorithm == Algorithm::Ed25519 && ed25519(&self.key).is_ok_and(|key| key.verify_strict(message, &signature).is_ok())
    }

    /// When the signature was made, in seconds since 1970, if it says so and holds.
    pub(super) fn verify(&self, text: &str, signature: &Signature) -> Result<Option<u64>, NoteError> {
        let wrong = || NoteError::WrongSignature(self.name.clone());
        match self.algorithm {
            Algorithm::Ed25519 => {
                let bytes = signature.bytes.as_slice().try_into().map_err(|_| wrong())?;
                let signature = ed25519_dalek::Signature::from_bytes(bytes);
                ed25519(&self.key)?.verify_strict(text.as_bytes(), &signature).map_err(|_| wrong())?;
                Ok(None)
            }
            Algorithm::Ed25519Cosignature => {
                let (seconds, bytes) = timed(&signature.bytes).ok_or_else(wrong)?;
                let signature = ed25519_dalek::Signature::from_bytes(bytes.try_into().map_err(|_| wrong())?);
                ed25519(&self.key)?.verify_strict(&cosigned_text(text, seconds), &signature).map_err(|_| wrong())?;
                Ok(Some(seconds))
            }
            Algorithm::MlDsa44Cosignature => {
                let (seconds, bytes) = timed(&signature.bytes).ok_or_else(wrong)?;
                let message = cosigned_tree(&self.name, text, seconds).ok_or_else(wrong)?;
                if ml_dsa::verify(&self.key, &message, bytes) { Ok(Some(seconds)) } else { Err(wrong()) }
            }
        }
    }
}

fn ed25519(key: &[u8]) -> Result<ed25519_dalek::VerifyingKey, NoteError> {
    let bytes = key.try_into().map_err(|_| NoteError::Key("an Ed25519 key has 32 bytes"))?;
    ed25519_dalek::VerifyingKey::from_bytes(bytes).map_err(|_| NoteError::Key("it is no point of the curve"))
}

/// The time before a cosignature, and the signature proper. Times beyond 2^63 are not allowed.
fn timed(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (seconds, rest) = bytes.split_first_chunk::<8>()?;
    let seconds = u64::from_be_bytes(*seconds);
    i64::try_from(seconds).ok().map(|_| (seconds, rest))
}

/// What an Ed25519 cosignature signs.
fn cosigned_text(text: &str, seconds: u64) -> Vec<u8> {
    format!("cosignature/v1\ntime {seconds}\n{text}").into_bytes()
}

/// What an ML-DSA-44 cosignature signs: the tree of a checkpoint, not its extension lines. `None` if the text is no checkpoint.
fn cosigned_tree(cosigner: &str, text: &str, seconds: u64) -> Option<Vec<u8>> {
    let checkpoint: Checkpoint = text.parse().ok()?;
    let mut message = b"subtree/v1\n\0".to_vec();
    for (name, time_after) in [(cosigner, Some(seconds)), (checkpoint.origin(), None)] {
        message.push(u8::try_from(name.len()).ok()?);
        message.extend_from_slice(name.as_bytes());
        message.extend(time_after.map(u64::to_be_bytes).into_iter().flatten());
    }
    message.extend_from_slice(&0_u64.to_be_bytes());
    message.extend_from_slice(&checkpoint.size().to_be_bytes());
    message.extend_from_slice(checkpoint.root().as_bytes());
    Some(message)
}

impl FromStr for VerifyingKey {
    type Err = NoteError;

    fn from_str(written: &str) -> Result<Self, NoteError> {
        let (name, id, decoded) = parts(written)?;
        let (algorithm, key) = decoded.split_first().ok_or(NoteError::Key("nothing stands after the id"))?;
        let key = Self::new(name, Algorithm::from_byte(*algorithm)?, key.to_vec())?;
        if key.id == id { Ok(key) } else { Err(NoteError::Key("its id does not belong to its name and bytes: one of them was changed")) }
    }
}

/// Name, id and bytes of a key written `NAME+ID+BASE64`.
fn parts(written: &str) -> Result<(&str, u32, Zeroizing<Vec<u8>>), NoteError> {
    let wrong = NoteError::Key("expected `NAME+ID+BASE64`, the id in eight hexadecimal digits");
    let (name, rest) = written.split_once('+').ok_or_else(|| wrong.clone())?;
    let (id, bytes) = rest.split_once('+').ok_or_else(|| wrong.clone())?;
    let id = text::from_hex(id).and_then(|id| id.try_into().ok()).map(u32::from_be_bytes).ok_or_else(|| wrong.clone())?;
    Ok((name, id, Zeroizing::new(text::from_base64(bytes).ok_or(wrong)?)))
}

impl fmt::Display for VerifyingKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes: Vec<u8> = std::iter::once(self.algorithm as u8).chain(self.key.iter().copied()).collect();
        write!(formatter, "{}+{:08x}+{}", self.name, self.id, text::to_base64(&bytes))
    }
}

/// A key that signs notes. It is overwritten in memory when it goes, and shows only its public side.
pub struct SigningKey {
    public: VerifyingKey,
    seed: Zeroizing<[u8; 32]>,
}

impl SigningKey {
    /// The key of a name and kind that grows from a seed of 32 random bytes.
    ///
    /// # Errors
    ///
    /// [`NoteError::Key`] if the name cannot be one.
    pub fn from_seed(name: &str, algorithm: Algorithm, seed: [u8; 32]) -> Result<Self, NoteError> {
        let seed = Zeroizing::new(seed);
        let public = match algorithm {
            Algorithm::Ed25519 | Algorithm::Ed25519Cosignature => {
                ed25519_dalek::SigningKey::from_bytes(&seed).verifying_key().to_bytes().to_vec()
            }
            Algorithm::MlDsa44Cosignature => ml_dsa::public_key(&seed),
        };
        Ok(Self { public: VerifyingKey::new(name, algorithm, public)?, seed })
    }

    /// The key of the same seed and name that cosigns. A key that cosigns already is the same.
    ///
    /// # Errors
    ///
    /// None for a key that exists.
    pub fn to_cosigner(&self) -> Result<Self, NoteError> {
        let algorithm = match self.public.algorithm {
            Algorithm::Ed25519 => Algorithm::Ed25519Cosignature,
            cosigns => cosigns,
        };
        Self::from_seed(&self.public.name, algorithm, *self.seed)
    }

    /// The key that verifies what this one signs.
    #[must_use]
    pub fn verifying_key(&self) -> VerifyingKey {
        self.public.clone()
    }

    /// The signature line under a text. Kinds of key that state when they signed state `seconds` since 1970.
    ///
    /// # Errors
    ///
    /// [`NoteError::Unsigned`] if no verifier would accept the line: the time is beyond 2^63, or the kind of key signs trees and the
    /// text is no checkpoint.
    pub fn sign(&self, text: &str, seconds: u64) -> Result<Signature, NoteError> {
        let refused = |problem| NoteError::Unsigned { key: self.public.name.clone(), problem };
        if self.public.algorithm.is_cosignature() && i64::try_from(seconds).is_err() {
            return Err(refused("a cosignature states a time below 2^63 seconds"));
        }
        let ed25519 = |message: &[u8]| ed25519_dalek::SigningKey::from_bytes(&self.seed).sign(message).to_bytes().to_vec();
        let after_time = |signature: Vec<u8>| [seconds.to_be_bytes().to_vec(), signature].concat();
        let bytes = match self.public.algorithm {
            Algorithm::Ed25519 => ed25519(text.as_bytes()),
            Algorithm::Ed25519Cosignature => after_time(ed25519(&cosigned_text(text, seconds))),
            Algorithm::MlDsa44Cosignature => {
                let message = cosigned_tree(&self.public.name, text, seconds)
                    .ok_or_else(|| refused("it signs checkpoints only, of logs and by keys with a name of at most 255 bytes"))?;
                after_time(ml_dsa::sign(&self.seed, &message).ok_or_else(|| refused("ML-DSA-44 gave no signature"))?)
            }
        };
        Ok(Signature { name: self.public.name.clone(), id: self.public.id, bytes })
    }

    /// The Ed25519 signature of a message that is no note, and can be taken for none. `None` for keys of other kinds.
    pub(crate) fn sign_bytes(&self, message: &[u8]) -> Option<[u8; 64]> {
        let signs = self.public.algorithm == Algorithm::Ed25519;
        signs.then(|| ed25519_dalek::SigningKey::from_bytes(&self.seed).sign(message).to_bytes())
    }

    /// The key as it is kept in a file: `PRIVATE+KEY+NAME+ID+BASE64`, with the seed as last part. It is a secret.
    #[must_use]
    pub fn to_secret_text(&self) -> Zeroizing<String> {
        let bytes = Zeroizing::new(std::iter::once(self.public.algorithm as u8).chain(self.seed.iter().copied()).collect::<Vec<u8>>());
        let seed = Zeroizing::new(text::to_base64(&bytes));
        Zeroizing::new(format!("PRIVATE+KEY+{}+{:08x}+{}", self.public.name, self.public.id, *seed))
    }

    /// The key in the text of a key file.
    ///
    /// # Errors
    ///
    /// [`NoteError::Key`] if it is none; the message never shows it.
    pub fn from_secret_text(written: &str) -> Result<Self, NoteError> {
        let wrong = NoteError::Key("expected `PRIVATE+KEY+NAME+ID+BASE64`");
        let (name, id, decoded) = parts(written.trim_end().strip_prefix("PRIVATE+KEY+").ok_or(wrong.clone())?)?;
        let (algorithm, seed) = decoded.split_first().ok_or(wrong)?;
        let seed = seed.try_into().map_err(|_| NoteError::Key("its secret part has not 32 bytes"))?;
        let key = Self::from_seed(name, Algorithm::from_byte(*algorithm)?, seed)?;
        if key.public.id == id {
            Ok(key)
        } else {
            Err(NoteError::Key("its id does not belong to its name and bytes: one of them was changed"))
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SigningKey({})", self.public)
    }
}
