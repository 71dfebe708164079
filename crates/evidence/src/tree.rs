// SPDX-License-Identifier: Apache-2.0
//! The Merkle tree of RFC 6962: proofs that an entry is in it, and that a larger tree only adds to a smaller one.
//!
//! A tree of `size` leaves is split at the largest power of two below `size`, and so are its parts.
//! Proofs are lists of [`struct@Hash`], from the leaves towards the root.

mod prove;
mod verify;

pub use prove::{Nodes, prove_consistency, prove_inclusion, root};
pub use verify::{
    Subtree, root_from_inclusion, verify_consistency, verify_inclusion, verify_subtree_consistency, verify_subtree_inclusion,
};

use crate::Hash;

/// The longest proof that a tree of 2^64 leaves can need. Longer ones are refused unread.
pub const LONGEST_PROOF: usize = 64;

/// Why a proof does not prove what it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The index lies beyond the tree.
    #[error("index {index} is not in a tree of {size} entries")]
    BeyondTree {
        /// The index asked for.
        index: u64,
        /// Entries of the tree.
        size: u64,
    },
    /// The first tree is larger than the second.
    #[error("a tree of {old} entries cannot be an earlier state of one of {new}")]
    Shrinks {
        /// Size of the tree said to be the earlier.
        old: u64,
        /// Size of the tree said to be the later.
        new: u64,
    },
    /// The first tree has no entries: every tree only adds to it, and nothing is shown.
    #[error("a tree without entries is an earlier state of every tree: nothing can be proved from it")]
    OfNothing,
    /// The range is not a subtree: its start is no multiple of its length rounded up to a power of two, or it ends before it starts.
    #[error("entries {start} to {end} are not a subtree")]
    NotASubtree {
        /// First entry.
        start: u64,
        /// The entry after the last.
        end: u64,
    },
    /// The proof has more or fewer hashes than the shape of the tree asks for.
    #[error("the proof has {found} hashes, the tree asks for another number")]
    Length {
        /// Hashes in the proof.
        found: usize,
    },
    /// The proof leads to another root.
    #[error("the proof leads to root {found}, expected {expected}")]
    OtherRoot {
        /// The root that the checkpoint states.
        expected: Hash,
        /// The root to which the proof leads.
        found: Hash,
    },
}
