// SPDX-License-Identifier: Apache-2.0
//! The proof that an entry is in a log, as one file (C2SP tlog-proof): index, hashes, and the signed checkpoint.

use crate::note::Note;
use crate::policy::{Policy, TrustError, Trusted};
use crate::tree::LONGEST_PROOF;
use crate::{Hash, NoteError, ProofError, text, tree};
use std::fmt;
use std::str::FromStr;

const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1";

/// The proof that some entry is number `index` of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogProof {
    /// Bytes that travel with the proof and are not proved.
    pub extra: Option<Vec<u8>>,
    /// The number of the entry, from zero.
    pub index: u64,
    /// The hashes beside its way to the root.
    pub hashes: Vec<Hash>,
    /// The signed checkpoint, with its cosignatures.
    pub checkpoint: Note,
}

/// Why a file is no proof, or proves nothing of an entry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LogProofError {
    /// A line is not what it should be.
    #[error("line {line} of the proof: {problem}")]
    Malformed {
        /// The line, counted from one.
        line: usize,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The checkpoint in it is no signed note.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The checkpoint in it is not trusted.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// The hashes do not lead to the checkpoint.
    #[error("the entry is not number {index} of the log: {source}")]
    Inclusion {
        /// The number it is said to have.
        index: u64,
        /// What was found.
        source: ProofError,
    },
}

impl LogProof {
    /// Checks that `entry` is number [`LogProof::index`] of a log that the policy trusts.
    ///
    /// # Errors
    ///
    /// [`LogProofError`] if it is not, or the policy does not trust the checkpoint.
    pub fn verify(&self, entry: &[u8], policy: &Policy) -> Result<Trusted, LogProofError> {
        let trusted = policy.trust(&self.checkpoint)?;
        let (size, root) = (trusted.checkpoint.size(), trusted.checkpoint.root());
        let included = tree::verify_inclusion(&Hash::of_leaf(entry), self.index, size, &self.hashes, root);
        included.map_err(|source| LogProofError::Inclusion { index: self.index, source })?;
        Ok(trusted)
    }
}

impl FromStr for LogProof {
    type Err = LogProofError;

    fn from_str(written: &str) -> Result<Self, LogProofError> {
        let wrong = |line: usize, problem| LogProofError::Malformed { line, problem };
        let (head, note) = written.split_once("\n\n").ok_or(wrong(1, "no empty line separates the proof from the checkpoint"))?;
        let mut lines = (1..).zip(head.split('\n')).peekable();
        if lines.next().is_none_or(|(_, first)| first != FIRST_LINE) {
            return Err(wrong(1, "it is not `c2sp.org/tlog-proof@v1`"));
        }
        let mut extra = None;
        if let Some((number, encoded)) = lines.peek().and_then(|(number, line)| Some((*number, line.strip_prefix("extra ")?))) {
            extra = Some(text::from_base64(encoded).ok_or(wrong(number, "after `extra` stands no base64"))?);
            lines.next();
        }
        let (number, line) = lines.next().unwrap_or((2, ""));
        let index = line.strip_prefix("index ").and_then(text::decimal).ok_or(wrong(number, "expected `index NUMBER`"))?;
        let mut hashes = Vec::new();
        for (number, line) in lines {
            hashes.push(Hash::from_base64(line).ok_or(wrong(number, "expected a hash in base64"))?);
            if hashes.len() > LONGEST_PROOF {
                return Err(wrong(number, "no tree needs so many hashes"));
            }
        }
        Ok(Self { extra, index, hashes, checkpoint: note.parse()? })
    }
}

impl fmt::Display for LogProof {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{FIRST_LINE}")?;
        if let Some(extra) = &self.extra {
            writeln!(formatter, "extra {}", text::to_base64(extra))?;
        }
        writeln!(formatter, "index {}", self.index)?;
        self.hashes.iter().try_for_each(|hash| writeln!(formatter, "{hash}"))?;
        write!(formatter, "\n{}", self.checkpoint)
    }
}
