// SPDX-License-Identifier: Apache-2.0
//! Why a writer does not sign, and what to do.

use comity_evidence::Hash;

/// A state in which signing could show two histories, or hide a loss. Nothing is written or signed until a person has looked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There are signed files and no lock.
    #[error(
        "the log has a checkpoint of {size} entries, and the lock knows of none: the files were moved or restored without it. \
         Bring the lock back from the machine that wrote the log; it must not come from a backup. \
         If it is lost, end this log and begin a new one that cites it"
    )]
    NoLock {
        /// Entries of the published checkpoint.
        size: u64,
    },
    /// The files are older than what was signed.
    #[error(
        "{signed} entries were signed, and the files hold {files}: they were restored from a backup. \
         Signing now would show two histories. Bring back the newer files (any mirror has them), \
         or end this log at {files} entries and begin a new one that cites it"
    )]
    FilesBehind {
        /// Entries of the last signed checkpoint.
        signed: u64,
        /// Entries of the published one.
        files: u64,
    },
    /// The lock is older than what was published.
    #[error(
        "a checkpoint of {files} entries is published, and the lock knows of {signed}: the lock was restored or edited, which it must never be. \
         End this log and begin a new one that cites the checkpoint of {files} entries"
    )]
    LockBehind {
        /// Entries of the note in the lock.
        signed: u64,
        /// Entries of the published checkpoint.
        files: u64,
    },
    /// The queue is older than what was signed.
    #[error(
        "{signed} entries were signed, and the queue has given out {queue} numbers: it was restored from a backup. \
         Entries acknowledged since may be lost. Bring back the newer queue, or end this log at {signed} entries and begin a new one that cites it"
    )]
    QueueBehind {
        /// Entries of the last signed checkpoint.
        signed: u64,
        /// Numbers that the queue has given out.
        queue: u64,
    },
    /// An acknowledged entry is not there.
    #[error(
        "entry {number} was acknowledged, and the queue has lost it: restore the queue's file from before the damage, with the lock as it is"
    )]
    EntryLost {
        /// The number of the entry.
        number: u64,
    },
    /// Two roots for one size.
    #[error(
        "two histories of {size} entries: {by} has root {theirs}, this log has {ours}. Keep both checkpoints: together they prove the fork. Sign nothing until it is explained"
    )]
    Fork {
        /// Entries of both trees.
        size: u64,
        /// Who has the other: the published checkpoint, the lock or a witness.
        by: String,
        /// The root there.
        theirs: Hash,
        /// The root of the files here.
        ours: Hash,
    },
    /// A witness has seen more.
    #[error(
        "{by} has cosigned {theirs} entries of this log, and {ours} are here: this is a restored backup, or a second writer. \
         Bring back the newer state, or end this log and begin a new one that cites the checkpoint of {theirs} entries"
    )]
    WitnessAhead {
        /// The witness.
        by: String,
        /// Entries that it has cosigned.
        theirs: u64,
        /// Entries signed here.
        ours: u64,
    },
    /// Another process has signed meanwhile.
    #[error("another writer has signed this log: only one may run. This one stops without having signed")]
    OtherWriter,
    /// A file that never changes would change.
    #[error(
        "file `{0}` is there with other content than the queue gives it: another queue has written to these files, or they are damaged. Nothing was signed"
    )]
    OtherContent(String),
    /// What was written is not what can be read.
    #[error("what was written to `{file}` is not what is read from it ({problem}): the disk or its memory is faulty. Nothing was signed")]
    ReadBack {
        /// The file.
        file: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The note is not the newest.
    #[error("the checkpoint is of {size} entries, {newest} are signed: only the newest is published")]
    NotTheNewest {
        /// Entries of the note.
        size: u64,
        /// Entries of the newest.
        newest: u64,
    },
    /// No key, or keys of other names.
    #[error("the keys of a log carry its name: expected a key named `{origin}`, found {found}")]
    OtherKey {
        /// The name of the log.
        origin: String,
        /// The name of the key, or that there is none.
        found: String,
    },
}
