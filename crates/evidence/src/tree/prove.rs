// SPDX-License-Identifier: Apache-2.0
//! Making proofs from the nodes of a tree, wherever they are kept.

use super::ProofError;
use crate::Hash;

/// Where the nodes of a tree are read from.
pub trait Nodes {
    /// Why a node cannot be had.
    type Error: From<ProofError>;

    /// The hash of the node above the 2^`level` entries that start at `index` × 2^`level`, all of which are in the tree.
    ///
    /// # Errors
    ///
    /// What keeps the node from being read.
    fn node(&mut self, level: u32, index: u64) -> Result<Hash, Self::Error>;
}

/// The root of the tree of the first `size` entries.
///
/// # Errors
///
/// What keeps a node from being read.
pub fn root<N: Nodes>(size: u64, nodes: &mut N) -> Result<Hash, N::Error> {
    if size == 0 { Ok(Hash::of_empty_tree()) } else { range(0, size, nodes) }
}

/// The proof that entry `index` is in the tree of the first `size` entries (RFC 6962, section 2.1.1).
///
/// # Errors
///
/// [`ProofError::BeyondTree`], or what keeps a node from being read.
pub fn prove_inclusion<N: Nodes>(index: u64, size: u64, nodes: &mut N) -> Result<Vec<Hash>, N::Error> {
    if index >= size {
        return Err(ProofError::BeyondTree { index, size }.into());
    }
    let (mut start, mut end) = (0, size);
    let mut proof = Vec::new();
    while end - start > 1 {
        let middle = start + split(end - start);
        if index < middle {
            proof.push(range(middle, end, nodes)?);
            end = middle;
        } else {
            proof.push(range(start, middle, nodes)?);
            start = middle;
        }
    }
    proof.reverse();
    Ok(proof)
}

/// The proof that the tree of the first `new` entries only adds to that of the first `old` (RFC 6962, section 2.1.2).
///
/// # Errors
///
/// [`ProofError::Shrinks`], or what keeps a node from being read.
pub fn prove_consistency<N: Nodes>(old: u64, new: u64, nodes: &mut N) -> Result<Vec<Hash>, N::Error> {
    if old > new {
        return Err(ProofError::Shrinks { old, new }.into());
    }
    if old == 0 {
        return Ok(Vec::new());
    }
    let (mut start, mut end) = (0, new);
    let mut proof = Vec::new();
    while end != old {
        let middle = start + split(end - start);
        if old <= middle {
            proof.push(range(middle, end, nodes)?);
            end = middle;
        } else {
            proof.push(range(start, middle, nodes)?);
            start = middle;
        }
    }
    // The verifier knows the root of the old tree; any other node it has to be told.
    if start != 0 {
        proof.push(range(start, end, nodes)?);
    }
    proof.reverse();
    Ok(proof)
}

/// The hash over the entries from `start` to before `end`, which are a subtree: whole nodes, folded from the right.
fn range<N: Nodes>(start: u64, end: u64, nodes: &mut N) -> Result<Hash, N::Error> {
    let mut rest = end - start;
    let mut folded: Option<Hash> = None;
    while rest != 0 {
        let level = rest.trailing_zeros();
        rest &= rest - 1;
        let left = nodes.node(level, (start + rest) >> level)?;
        folded = Some(folded.map_or(left, |right| Hash::of_node(&left, &right)));
    }
    Ok(folded.unwrap_or_else(Hash::of_empty_tree))
}

/// The largest power of two below a length of two or more.
const fn split(length: u64) -> u64 {
    1 << (u64::BITS - 1 - (length - 1).leading_zeros())
}
