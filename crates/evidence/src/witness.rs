// SPDX-License-Identifier: Apache-2.0
//! Witnessing (C2SP tlog-witness): a log shows a witness that its new checkpoint extends the one cosigned before, and gets it cosigned.
//!
//! ```
//! use comity_evidence::note::{Algorithm, SigningKey};
//! use comity_evidence::{Checkpoint, Hash, witness};
//!
//! let log = SigningKey::from_seed("example.org/log", Algorithm::Ed25519, [7; 32])?;
//! let own = SigningKey::from_seed("authority.example/witness", Algorithm::Ed25519Cosignature, [8; 32])?;
//!
//! // The log: its first checkpoint, of one entry.
//! let mut note = Checkpoint::new("example.org/log", 1, Hash::of_leaf(b"first"))?.to_note()?;
//! note.sign(&log, 0)?;
//! let sent = witness::Request::new(0, Vec::new(), note.clone())?.to_string();
//!
//! // The witness, which has cosigned nothing of this log yet.
//! let request: witness::Request = sent.parse()?;
//! request.verify(&[log.verifying_key()], None)?;
//! let answer = witness::answer(&witness::cosign(request.note(), &[own.verifying_key()], &[own], 1_790_000_000)?);
//!
//! // The log again: the checkpoint now carries two signatures.
//! # let own = SigningKey::from_seed("authority.example/witness", Algorithm::Ed25519Cosignature, [8; 32])?;
//! assert_eq!(witness::accept(&mut note, &answer, &own.verifying_key())?, 1_790_000_000);
//! assert_eq!(note.signatures().len(), 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Nothing here remembers: whoever witnesses compares with what it cosigned last, stores the new checkpoint in one step with
//! that comparison, and lets the cosignature go only when it is stored.

use crate::note::{Note, Signature, SigningKey, VerifyingKey, signatures};
use crate::{Checkpoint, CheckpointError, Hash, NoteError, ProofError, text, tree};
use std::fmt;
use std::str::FromStr;

/// The most bytes of a request that are read: a long proof, and a checkpoint with all the signatures that a note may have.
pub const LONGEST_REQUEST: usize = 1 << 18;
/// The most lines of a proof in a request.
pub const MOST_HASHES: usize = 63;
/// The type of an answer that is a size, see [`Refused::Conflict`].
pub const SIZE_TYPE: &str = "text/x.tlog.size";

/// What a log asks of a witness: to cosign a checkpoint, with the proof that it extends an earlier one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    old: u64,
    proof: Vec<Hash>,
    note: Note,
    checkpoint: Checkpoint,
}

/// Why a witness does not cosign.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// A line is not what it should be.
    #[error("line {line} of the request: {problem}")]
    Malformed {
        /// The line, counted from one.
        line: usize,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// What should be a checkpoint is none.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The request starts from more entries than its checkpoint has.
    #[error("the request starts from {old} entries, and its checkpoint has {new}")]
    Shrinks {
        /// Entries from which the request starts.
        old: u64,
        /// Entries of the checkpoint.
        new: u64,
    },
    /// The log is none that is witnessed here.
    #[error("log `{0}` is not witnessed here")]
    UnknownLog(String),
    /// None of the log's keys has signed, or a signature does not hold.
    #[error("the checkpoint is not signed by the log: {0}")]
    Signature(NoteError),
    /// The request does not start from what was cosigned last.
    #[error("the request starts from {old} entries, and {size} were cosigned last")]
    Conflict {
        /// Entries from which the request starts.
        old: u64,
        /// Entries of the checkpoint that was cosigned last.
        size: u64,
    },
    /// The checkpoint does not extend what was cosigned last, or that was not shown.
    #[error("the checkpoint was not shown to extend the one cosigned last: {0}")]
    Inconsistent(ProofError),
}

impl Refused {
    /// The HTTP status that says so.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::Malformed { .. } | Self::Checkpoint(_) | Self::Shrinks { .. } => 400,
            Self::Signature(_) => 403,
            Self::UnknownLog(_) => 404,
            Self::Conflict { .. } => 409,
            Self::Inconsistent(_) => 422,
        }
    }

    /// The type of the answer's body, and the body.
    #[must_use]
    pub fn body(&self) -> (&'static str, String) {
        match self {
            Self::Conflict { size, .. } => (SIZE_TYPE, format!("{size}\n")),
            other => ("text/plain; charset=utf-8", format!("{other}\n")),
        }
    }
}

impl Request {
    /// The request to cosign a note, with the proof from `old` entries to those of its checkpoint.
    ///
    /// # Errors
    ///
    /// [`Refused::Checkpoint`] if the note is no checkpoint, [`Refused::Malformed`] if the proof is too long, [`Refused::Shrinks`].
    pub fn new(old: u64, proof: Vec<Hash>, note: Note) -> Result<Self, Refused> {
        let checkpoint: Checkpoint = note.text().parse()?;
        if proof.len() > MOST_HASHES {
            return Err(Refused::Malformed { line: MOST_HASHES + 2, problem: "a proof has at most 63 hashes" });
        }
        if old > checkpoint.size() {
            return Err(Refused::Shrinks { old, new: checkpoint.size() });
        }
        Ok(Self { old, proof, note, checkpoint })
    }

    /// Entries from which the proof starts.
    #[must_use]
    pub const fn old(&self) -> u64 {
        self.old
    }

    /// The checkpoint to cosign, as it was sent.
    #[must_use]
    pub const fn note(&self) -> &Note {
        &self.note
    }

    /// The checkpoint to cosign.
    #[must_use]
    pub const fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// Whether it may be cosigned: `known` are the keys of all logs witnessed here, `last` is what was cosigned last of this one.
    ///
    /// # Errors
    ///
    /// [`Refused`] if not.
    pub fn verify(&self, known: &[VerifyingKey], last: Option<&Checkpoint>) -> Result<(), Refused> {
        self.verify_signature(known)?;
        let size = last.map_or(0, Checkpoint::size);
        if self.old != size {
            return Err(Refused::Conflict { old: self.old, size });
        }
        let empty = Hash::of_empty_tree();
        let (new, root) = (self.checkpoint.size(), self.checkpoint.root());
        let shown = if size == 0 && new > 0 {
            // Every tree extends the one without entries: there is nothing to show.
            if self.proof.is_empty() { Ok(()) } else { Err(ProofError::Length { found: self.proof.len() }) }
        } else {
            tree::verify_consistency(size, last.map_or(&empty, Checkpoint::root), new, root, &self.proof)
        };
        shown.map_err(Refused::Inconsistent)
    }

    /// Whether one of the log's keys has signed.
    ///
    /// # Errors
    ///
    /// [`Refused::UnknownLog`] if none of the keys is of this log, [`Refused::Signature`].
    pub fn verify_signature(&self, known: &[VerifyingKey]) -> Result<(), Refused> {
        let keys: Vec<VerifyingKey> = known.iter().filter(|key| key.name() == self.checkpoint.origin()).cloned().collect();
        if keys.is_empty() {
            return Err(Refused::UnknownLog(self.checkpoint.origin().to_owned()));
        }
        self.note.verify(&keys).map(drop).map_err(Refused::Signature)
    }
}

impl FromStr for Request {
    type Err = Refused;

    fn from_str(written: &str) -> Result<Self, Refused> {
        let wrong = |line, problem| Refused::Malformed { line, problem };
        if written.len() > LONGEST_REQUEST {
            return Err(wrong(1, "the request is longer than 256 kibibytes"));
        }
        let (head, note) = written.split_once("\n\n").ok_or(wrong(1, "no empty line separates the proof from the checkpoint"))?;
        let mut lines = head.split('\n');
        let old = lines.next().and_then(|line| line.strip_prefix("old ")).and_then(text::decimal);
        let old = old.ok_or(wrong(1, "expected `old SIZE`"))?;
        let mut proof = Vec::new();
        for (number, line) in (2..).zip(lines) {
            if proof.len() == MOST_HASHES {
                return Err(wrong(number, "a proof has at most 63 hashes"));
            }
            proof.push(Hash::from_base64(line).ok_or(wrong(number, "expected a hash in base64"))?);
        }
        Self::new(old, proof, note.parse().map_err(CheckpointError::from)?)
    }
}

/// The body of the request.
impl fmt::Display for Request {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "old {}", self.old)?;
        self.proof.iter().try_for_each(|hash| writeln!(formatter, "{hash}"))?;
        write!(formatter, "\n{}", self.note)
    }
}

/// The cosignatures of a witness's keys under a checkpoint, stated to be of `seconds` since 1970.
///
/// `own` are the same keys as everyone verifies them: a key that was damaged in memory must not speak for the witness.
///
/// # Errors
///
/// [`NoteError::WrongSignature`] if one does not hold, [`NoteError::Unsigned`] or [`NoteError::Key`] if a key is not one that cosigns.
pub fn cosign(note: &Note, own: &[VerifyingKey], keys: &[SigningKey], seconds: u64) -> Result<Vec<Signature>, NoteError> {
    if own.iter().any(|key| !key.algorithm().is_cosignature()) {
        return Err(NoteError::Key("it signs notes and does not cosign"));
    }
    let mut cosigned = Note::new(note.text())?;
    for key in keys {
        cosigned.sign(key, seconds)?;
    }
    let verified = cosigned.verify(own)?;
    if verified.len() == keys.len() {
        Ok(cosigned.signatures().to_vec())
    } else {
        Err(NoteError::Key("a cosigning key is not the one that is told to others"))
    }
}

/// The body of the answer that cosigns.
#[must_use]
pub fn answer(cosignatures: &[Signature]) -> String {
    cosignatures.iter().map(|signature| format!("{signature}\n")).collect()
}

/// Puts the cosignature that a witness answered with under a note, and says when it was made, in seconds since 1970.
/// Lines of other keys are ignored.
///
/// # Errors
///
/// [`NoteError`] if the answer is no list of signatures, or the witness has not cosigned this note in it. The note is then as before.
pub fn accept(note: &mut Note, answer: &str, witness: &VerifyingKey) -> Result<u64, NoteError> {
    let mut alone = Note::new(note.text())?;
    for signature in signatures(answer)? {
        alone.add(signature);
    }
    let alone = alone.only(std::slice::from_ref(witness))?;
    let seconds = alone.verify(std::slice::from_ref(witness))?.into_iter().find_map(|verified| verified.seconds);
    let seconds = seconds.ok_or(NoteError::Key("it signs notes and does not cosign"))?;
    for signature in alone.signatures() {
        note.add(signature.clone());
    }
    Ok(seconds)
}

/// Where a witness shows what it cosigned last of a log, under its prefix: `HEX(SHA-256(origin))/checkpoint`.
#[must_use]
pub fn path_of(origin: &str) -> String {
    format!("{}/checkpoint", Hash::of(origin.as_bytes()).to_hex())
}
