// SPDX-License-Identifier: Apache-2.0
//! What keeps a witness from working.

use comity_evidence::{CheckpointError, NoteError};
use comity_log::{PlaceError, StoreError};

/// Why a witness cannot be made, opened or asked. A request that is refused is no such error.
#[derive(Debug, thiserror::Error)]
pub enum WitnessError {
    /// A file or database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A key cannot be read, or others can read it too.
    #[error(transparent)]
    Key(#[from] PlaceError),
    /// There is one already.
    #[error("`{0}` is a witness already")]
    Exists(String),
    /// There is none.
    #[error("`{0}` is no witness: it has no file `logs.policy` (`comity-witness init` makes one)")]
    NotAWitness(String),
    /// A file is not as it should be.
    #[error("`{file}`: {problem}")]
    Malformed {
        /// The file.
        file: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A note or key is wrong.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// What is kept of a log is no checkpoint.
    #[error("the database holds what is no checkpoint: {0}")]
    Checkpoint(#[from] CheckpointError),
}
