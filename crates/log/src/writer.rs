// SPDX-License-Identifier: Apache-2.0
//! The one who writes and signs a log.

mod integrate;
mod open;
mod refusal;

pub use refusal::Refusal;

use crate::files::CHECKPOINT;
use crate::{Files, Lock, LogError, Queue, Reader, Submission};
use comity_evidence::note::{Note, SigningKey, VerifyingKey};
use comity_evidence::tile::{LONGEST_ENTRY, TileError};
use comity_evidence::{Checkpoint, Edge};

/// Writes and signs one log. See the [crate](crate) for what each store is trusted with.
pub struct Writer {
    origin: String,
    keys: Vec<SigningKey>,
    reader: Reader<Box<dyn Files>>,
    queue: Box<dyn Queue>,
    lock: Box<dyn Lock>,
    /// The edge of the signed tree.
    edge: Edge,
    /// The entries of the unfinished bundle of the signed tree.
    unfinished: Vec<Vec<u8>>,
    /// What the lock holds: the last note that was signed, without cosignatures.
    signed: Option<Note>,
    /// What was signed, and is in the lock or not: the swap got no answer.
    unsettled: Option<(integrate::Step, Note)>,
}

impl Writer {
    /// The name of the log.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The keys that verify this log's checkpoints.
    #[must_use]
    pub fn verifying_keys(&self) -> Vec<VerifyingKey> {
        self.keys.iter().map(SigningKey::verifying_key).collect()
    }

    /// Takes entries in and gives each its number. When this returns they are durable, and will be in the tree.
    ///
    /// # Errors
    ///
    /// [`LogError`] if none of them was taken in.
    pub fn append(&mut self, submissions: &[Submission]) -> Result<Vec<u64>, LogError> {
        check_lengths(submissions)?;
        Ok(self.queue.append(submissions)?)
    }

    /// How many entries have been taken in, signed or not.
    ///
    /// # Errors
    ///
    /// [`LogError::Store`] if it cannot be known.
    pub fn taken_in(&mut self) -> Result<u64, LogError> {
        Ok(self.queue.next()?)
    }

    /// How many entries the signed tree has.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.edge.size()
    }

    /// The checkpoint that was signed last, without cosignatures.
    #[must_use]
    pub const fn signed(&self) -> Option<&Note> {
        self.signed.as_ref()
    }

    /// The log as everyone can read it.
    #[must_use]
    pub const fn reader(&self) -> &Reader<Box<dyn Files>> {
        &self.reader
    }

    /// Publishes the signed checkpoint with cosignatures that witnesses have given.
    ///
    /// # Errors
    ///
    /// [`LogError`] if the note is not of the checkpoint signed last, or the file cannot be written.
    pub fn publish(&mut self, cosigned: &Note) -> Result<(), LogError> {
        let newest = self.signed.as_ref().map(Note::text);
        if newest != Some(cosigned.text()) {
            let checkpoint: Checkpoint = cosigned.text().parse()?;
            return Err(Refusal::NotTheNewest { size: checkpoint.size(), newest: self.size() }.into());
        }
        cosigned.verify(&self.verifying_keys())?;
        self.reader.files().write(&[(CHECKPOINT.to_owned(), cosigned.to_string().into_bytes())])?;
        Ok(())
    }
}

/// Refuses what no bundle can hold, before it is taken in.
pub fn check_lengths(submissions: &[Submission]) -> Result<(), LogError> {
    let longest = submissions.iter().map(|submission| submission.entry.len()).max().unwrap_or_default();
    if longest > LONGEST_ENTRY { Err(TileError::TooLong { length: longest }.into()) } else { Ok(()) }
}
