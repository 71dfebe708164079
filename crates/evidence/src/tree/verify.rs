// SPDX-License-Identifier: Apache-2.0
//! Checking proofs: what a stranger does, with nothing but hashes.

use super::{LONGEST_PROOF, ProofError};
use crate::Hash;

/// A run of entries that is a node of some tree, whole or cut off at its right:
/// `start` is a multiple of the length rounded up to a power of two (draft-ietf-plants-merkle-tree-certs, section 4.1).
/// One without entries is part of every tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subtree {
    start: u64,
    end: u64,
}

impl Subtree {
    /// The subtree of entries from `start` to before `end`.
    ///
    /// # Errors
    ///
    /// [`ProofError::NotASubtree`] if no tree has such a node.
    pub fn new(start: u64, end: u64) -> Result<Self, ProofError> {
        let wrong = ProofError::NotASubtree { start, end };
        let length = end.checked_sub(start).ok_or(wrong)?;
        if length == 0 {
            return Ok(Self { start, end });
        }
        // A length above 2^63 rounds up to 2^64, of which only zero is a multiple.
        let aligned = length.checked_next_power_of_two().map_or(start == 0, |unit| start.is_multiple_of(unit));
        if aligned { Ok(Self { start, end }) } else { Err(wrong) }
    }
}

/// The root to which an inclusion proof leads from the hash of the leaf at `index` in a tree of `size` entries.
///
/// # Errors
///
/// [`ProofError`] if the index lies beyond the tree or the proof has the wrong length.
pub fn root_from_inclusion(leaf: &Hash, index: u64, size: u64, proof: &[Hash]) -> Result<Hash, ProofError> {
    if index >= size {
        return Err(ProofError::BeyondTree { index, size });
    }
    let wrong_length = ProofError::Length { found: proof.len() };
    // RFC 9162, section 2.1.3.2, with its names: the position in the current level, and the last position there.
    let (mut position, mut last) = (index, size - 1);
    let mut hash = *leaf;
    for sibling in proof {
        if last == 0 {
            return Err(wrong_length);
        }
        if position % 2 == 1 || position == last {
            hash = Hash::of_node(sibling, &hash);
            while position.is_multiple_of(2) && position != 0 {
                position >>= 1;
                last >>= 1;
            }
        } else {
            hash = Hash::of_node(&hash, sibling);
        }
        position >>= 1;
        last >>= 1;
    }
    if last == 0 { Ok(hash) } else { Err(wrong_length) }
}

/// Checks that the leaf with this hash is entry `index` of the tree with this size and root.
///
/// # Errors
///
/// [`ProofError`] if the proof does not show it.
pub fn verify_inclusion(leaf: &Hash, index: u64, size: u64, proof: &[Hash], root: &Hash) -> Result<(), ProofError> {
    same(root, root_from_inclusion(leaf, index, size, proof)?)
}

/// Checks that the leaf with this hash is entry `index`, counted in the whole tree, of the subtree with this root.
///
/// # Errors
///
/// [`ProofError`] if the proof does not show it.
pub fn verify_subtree_inclusion(leaf: &Hash, index: u64, subtree: Subtree, proof: &[Hash], root: &Hash) -> Result<(), ProofError> {
    let beyond = ProofError::BeyondTree { index, size: subtree.end };
    let within = index.checked_sub(subtree.start).ok_or(beyond)?;
    verify_inclusion(leaf, within, subtree.end - subtree.start, proof, root)
}

/// Checks that the tree of `new` entries and root `new_root` only adds to the tree of `old` entries and root `old_root`.
///
/// The tree without entries is an earlier state of every tree, so no proof shows anything: whoever starts from it must
/// trust the new tree for other reasons, and is told so by [`ProofError::OfNothing`].
///
/// # Errors
///
/// [`ProofError`] if the proof does not show it.
pub fn verify_consistency(old: u64, old_root: &Hash, new: u64, new_root: &Hash, proof: &[Hash]) -> Result<(), ProofError> {
    if old > new {
        return Err(ProofError::Shrinks { old, new });
    }
    if old == 0 {
        if new != 0 {
            return Err(ProofError::OfNothing);
        }
        same(&Hash::of_empty_tree(), *new_root)?;
    }
    verify_subtree_consistency(Subtree::new(0, old)?, old_root, new, new_root, proof)
}

/// Checks that the subtree with this root is part of the tree of `size` entries and root `root`.
///
/// # Errors
///
/// [`ProofError`] if the proof does not show it.
pub fn verify_subtree_consistency(subtree: Subtree, subtree_root: &Hash, size: u64, root: &Hash, proof: &[Hash]) -> Result<(), ProofError> {
    if subtree.end > size {
        return Err(ProofError::Shrinks { old: subtree.end, new: size });
    }
    let wrong_length = ProofError::Length { found: proof.len() };
    if proof.len() > LONGEST_PROOF {
        return Err(wrong_length);
    }
    if subtree.start == subtree.end {
        same(&Hash::of_empty_tree(), *subtree_root)?;
        return if proof.is_empty() { Ok(()) } else { Err(wrong_length) };
    }
    // Positions of the first and the last entry of the subtree and of the last of the tree, in the current level.
    let mut at = Level { first: subtree.start, last: subtree.end - 1, end: size - 1 };
    let at_the_edge = at.last == at.end;
    while at.first != at.last && (at_the_edge || at.last % 2 == 1) {
        at.rise();
    }
    // Where the subtree is a whole node, its root starts the proof; otherwise the proof's first hash does.
    let mut rest = proof.iter();
    let start = if at.first == at.last { *subtree_root } else { *rest.next().ok_or(wrong_length)? };
    let (mut of_subtree, mut of_tree) = (start, start);
    for sibling in rest {
        if at.end == 0 {
            return Err(wrong_length);
        }
        if at.last % 2 == 1 || at.last == at.end {
            if at.first < at.last {
                of_subtree = Hash::of_node(sibling, &of_subtree);
            }
            of_tree = Hash::of_node(sibling, &of_tree);
            while at.last.is_multiple_of(2) && at.last != 0 {
                at.rise();
            }
        } else {
            of_tree = Hash::of_node(&of_tree, sibling);
        }
        at.rise();
    }
    if at.end != 0 {
        return Err(wrong_length);
    }
    same(subtree_root, of_subtree)?;
    same(root, of_tree)
}

/// Positions in one level of the tree.
struct Level {
    first: u64,
    last: u64,
    end: u64,
}

impl Level {
    fn rise(&mut self) {
        self.first >>= 1;
        self.last >>= 1;
        self.end >>= 1;
    }
}

fn same(expected: &Hash, found: Hash) -> Result<(), ProofError> {
    if *expected == found { Ok(()) } else { Err(ProofError::OtherRoot { expected: *expected, found }) }
}
