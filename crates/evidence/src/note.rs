// SPDX-License-Identifier: Apache-2.0
//! Signed notes (C2SP signed-note): a text, and lines in which keys sign it.
//!
//! ```
//! use comity_evidence::note::{Algorithm, Note, SigningKey};
//!
//! let key = SigningKey::from_seed("example.org/log", Algorithm::Ed25519, [7; 32])?;
//! let mut note = Note::new("all that was said\n")?;
//! note.sign(&key, 0)?;
//! let read: Note = note.to_string().parse()?;
//! assert_eq!(read.verify(&[key.verifying_key()])?.len(), 1);
//! # Ok::<(), comity_evidence::note::NoteError>(())
//! ```

mod key;
mod ml_dsa;
mod signature;

pub use key::{Algorithm, SigningKey, VerifyingKey};
pub use signature::{Signature, Verified};

use std::fmt;
use std::str::FromStr;

/// The most bytes of a note that are read.
pub const LONGEST: usize = 1 << 20;
/// The most signatures of a note that are read. The specification asks for at least 16.
pub const MOST_SIGNATURES: usize = 64;

/// Why a note, a key or a signature is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// The text is not what a note may hold.
    #[error("not a signed note: {0}")]
    Malformed(&'static str),
    /// A key is not written as it should be.
    #[error("not a key: {0}")]
    Key(&'static str),
    /// The kind of key is none that is known.
    #[error("a key of kind {0:#04x} is not known here")]
    UnknownAlgorithm(u8),
    /// A signature by a known key does not hold: the note was changed, or another key signed it.
    #[error("the signature by `{0}` does not hold: the text or the signature was changed")]
    WrongSignature(String),
    /// The key cannot sign this text.
    #[error("the key of `{key}` cannot sign this: {problem}")]
    Unsigned {
        /// The name of the key.
        key: String,
        /// What it would have to be.
        problem: &'static str,
    },
    /// No known key has signed.
    #[error("none of the keys trusted here has signed (signed by {})", if .signed_by.is_empty() { "nobody".to_owned() } else { .signed_by.join(", ") })]
    NoKnownKey {
        /// Names that stand under the note, with the id of the key.
        signed_by: Vec<String>,
    },
}

/// A text and the signatures under it. Nothing is said of their truth until [`Note::verify`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<Signature>,
}

impl Note {
    /// A note that nobody has signed yet.
    ///
    /// # Errors
    ///
    /// [`NoteError::Malformed`] if the text does not end in a line break or has control characters.
    pub fn new(text: &str) -> Result<Self, NoteError> {
        if !text.ends_with('\n') {
            return Err(NoteError::Malformed("the text does not end in a line break"));
        }
        if text.chars().any(|character| character < ' ' && character != '\n') {
            return Err(NoteError::Malformed("it has a control character"));
        }
        Ok(Self { text: text.to_owned(), signatures: Vec::new() })
    }

    /// The text, its last line break included.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The lines under the text, verified or not.
    #[must_use]
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }

    /// Adds the signature of a key. Kinds of key that state when they signed state `seconds` since 1970; the others leave it out.
    ///
    /// # Errors
    ///
    /// [`NoteError::Unsigned`] if the key signs nothing of this kind; the note is then as it was.
    pub fn sign(&mut self, key: &SigningKey, seconds: u64) -> Result<(), NoteError> {
        let signature = key.sign(&self.text, seconds)?;
        self.add(signature);
        Ok(())
    }

    /// Adds a signature line, in place of an older one by the same key.
    pub fn add(&mut self, signature: Signature) {
        self.signatures.retain(|present| !present.is_of_same_key(&signature));
        self.signatures.push(signature);
    }

    /// The signatures by keys trusted here, all verified. Signatures by other keys are ignored.
    ///
    /// # Errors
    ///
    /// [`NoteError::WrongSignature`] if a line of a trusted key does not hold, [`NoteError::NoKnownKey`] if there is none.
    pub fn verify(&self, trusted: &[VerifyingKey]) -> Result<Vec<Verified>, NoteError> {
        let mut verified: Vec<Verified> = Vec::new();
        for signature in &self.signatures {
            let Some(key) = trusted.iter().find(|key| signature.is_by(key)) else { continue };
            let seconds = key.verify(&self.text, signature)?;
            // Two lines of one key are one signer.
            if !verified.iter().any(|known| known.key == *key) {
                verified.push(Verified { key: key.clone(), seconds });
            }
        }
        if verified.is_empty() {
            let signed_by = self.signatures.iter().map(Signature::signer).collect();
            return Err(NoteError::NoKnownKey { signed_by });
        }
        Ok(verified)
    }

    /// The same note with the lines of trusted keys alone, each verified and standing once: what is worth keeping of a note from a stranger.
    ///
    /// # Errors
    ///
    /// As [`Note::verify`].
    pub fn only(&self, trusted: &[VerifyingKey]) -> Result<Self, NoteError> {
        let verified = self.verify(trusted)?;
        let mut note = Self { text: self.text.clone(), signatures: Vec::new() };
        for signature in self.signatures.iter().filter(|signature| verified.iter().any(|known| signature.is_by(&known.key))) {
            note.add(signature.clone());
        }
        Ok(note)
    }
}

impl FromStr for Note {
    type Err = NoteError;

    fn from_str(written: &str) -> Result<Self, NoteError> {
        if written.len() > LONGEST {
            return Err(NoteError::Malformed("it is longer than a mebibyte"));
        }
        if !written.ends_with('\n') {
            return Err(NoteError::Malformed("it does not end in a line break"));
        }
        // The text may have empty lines of its own: the last one separates it from the signatures.
        let (text, lines) = written.rsplit_once("\n\n").ok_or(NoteError::Malformed("no empty line separates text from signatures"))?;
        let mut note = Self::new(&format!("{text}\n"))?;
        note.signatures = signatures(lines)?;
        if note.signatures.is_empty() {
            return Err(NoteError::Malformed("it has no signature"));
        }
        Ok(note)
    }
}

/// The signature lines of a note, or those that a witness answers with.
///
/// # Errors
///
/// [`NoteError::Malformed`] if a line is no signature, or does not end in a line break.
pub fn signatures(lines: &str) -> Result<Vec<Signature>, NoteError> {
    if lines.is_empty() {
        return Ok(Vec::new());
    }
    // Not `str::lines`: it would take a carriage return at the end for part of the line break, and one note could be written in two ways.
    let lines = lines.strip_suffix('\n').ok_or(NoteError::Malformed("its last line does not end in a line break"))?;
    let signatures: Vec<Signature> = lines.split('\n').map(str::parse).collect::<Result<_, _>>()?;
    if signatures.len() > MOST_SIGNATURES { Err(NoteError::Malformed("it has more than 64 signatures")) } else { Ok(signatures) }
}

impl fmt::Display for Note {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{}", self.text)?;
        self.signatures.iter().try_for_each(|signature| writeln!(formatter, "{signature}"))
    }
}
