// SPDX-License-Identifier: Apache-2.0
//! What keeps a log from being read or written.

use crate::writer::Refusal;
use comity_evidence::tile::TileError;
use comity_evidence::{CheckpointError, NoteError, ProofError};

/// A store that cannot do what was asked: the disk is full, the database cannot be reached.
#[derive(Debug, thiserror::Error)]
#[error("cannot {doing} `{what}`: {source}")]
pub struct StoreError {
    /// What was tried, as in "cannot read".
    pub doing: &'static str,
    /// Which file or table.
    pub what: String,
    /// What the store said.
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

impl StoreError {
    /// What a store said when it was asked to do something with a file or table.
    pub fn new(doing: &'static str, what: impl Into<String>, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self { doing, what: what.into(), source: source.into() }
    }
}

/// Why a log cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// A store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The writer refuses to sign: something would fork, or is damaged.
    #[error(transparent)]
    Refused(#[from] Box<Refusal>),
    /// A file that the log must have is not there.
    #[error("the log has no file `{0}`")]
    Missing(String),
    /// A file of the log does not hold what it should.
    #[error("file `{file}` of the log is damaged: {problem}")]
    Damaged {
        /// Its path under the log's prefix.
        file: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A proof cannot be made.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// The checkpoint is wrong.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// A note or key is wrong.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// An entry cannot be written.
    #[error("the entry cannot be written: {0}")]
    Entry(#[from] TileError),
    /// The thread that appends has ended, after the error it reported.
    #[error("the log is closed: {0}")]
    Closed(String),
}

impl From<Refusal> for LogError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}
