// SPDX-License-Identifier: Apache-2.0
//! Checkpoints (C2SP tlog-checkpoint): which log, how many entries, which root.

use crate::note::{Note, NoteError, Verified, VerifyingKey};
use crate::{Hash, text};
use std::fmt;
use std::str::FromStr;

/// The state of a log. Its text is the text of the note that the log and its witnesses sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    origin: String,
    size: u64,
    root: Hash,
    extensions: Vec<String>,
}

/// Why a text is no checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// The text has not the lines of a checkpoint.
    #[error("not a checkpoint: {0}")]
    Malformed(&'static str),
    /// The note or its signatures are wrong.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The checkpoint is of another log.
    #[error("the checkpoint is of log `{found}`, expected `{expected}`")]
    OtherLog {
        /// The log asked for.
        expected: String,
        /// The log that the checkpoint names.
        found: String,
    },
}

impl Checkpoint {
    /// The state of the log named `origin` at `size` entries.
    ///
    /// # Errors
    ///
    /// [`CheckpointError::Malformed`] if the origin is empty or has a line break or control characters.
    pub fn new(origin: &str, size: u64, root: Hash) -> Result<Self, CheckpointError> {
        if origin.is_empty() || origin.chars().any(char::is_control) {
            return Err(CheckpointError::Malformed("its first line, the origin, is empty or has control characters"));
        }
        Ok(Self { origin: origin.to_owned(), size, root, extensions: Vec::new() })
    }

    /// The name of the log.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Entries of the log.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The root of the tree of these entries.
    #[must_use]
    pub const fn root(&self) -> &Hash {
        &self.root
    }

    /// The checkpoint in a note, if the log's own key signed it.
    ///
    /// # Errors
    ///
    /// [`CheckpointError`] if it is none, is of another log than the key's, or the key did not sign.
    pub fn signed_by(note: &Note, log: &VerifyingKey) -> Result<(Self, Verified), CheckpointError> {
        let checkpoint: Self = note.text().parse()?;
        if checkpoint.origin != log.name() {
            return Err(CheckpointError::OtherLog { expected: log.name().to_owned(), found: checkpoint.origin });
        }
        let verified = note.verify(std::slice::from_ref(log))?;
        let log = verified.into_iter().next().ok_or(NoteError::NoKnownKey { signed_by: Vec::new() })?;
        Ok((checkpoint, log))
    }

    /// The note of this checkpoint, which nobody has signed yet.
    ///
    /// # Errors
    ///
    /// None for a checkpoint that was read or made by [`Checkpoint::new`].
    pub fn to_note(&self) -> Result<Note, NoteError> {
        Note::new(&self.to_string())
    }
}

impl FromStr for Checkpoint {
    type Err = CheckpointError;

    fn from_str(written: &str) -> Result<Self, CheckpointError> {
        let written = written.strip_suffix('\n').ok_or(CheckpointError::Malformed("it does not end in a line break"))?;
        let mut lines = written.split('\n');
        let origin = lines.next().unwrap_or_default();
        let size = lines.next().and_then(text::decimal).ok_or(CheckpointError::Malformed("its second line is no size"))?;
        let root = lines.next().and_then(Hash::from_base64).ok_or(CheckpointError::Malformed("its third line is no hash in base64"))?;
        let extensions: Vec<String> = lines.map(str::to_owned).collect();
        if extensions.iter().any(String::is_empty) {
            return Err(CheckpointError::Malformed("it has an empty line"));
        }
        Ok(Self { extensions, ..Self::new(origin, size, root)? })
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}\n{}\n{}\n", self.origin, self.size, self.root)?;
        self.extensions.iter().try_for_each(|line| writeln!(formatter, "{line}"))
    }
}
