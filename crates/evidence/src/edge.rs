// SPDX-License-Identifier: Apache-2.0
//! The right edge of a growing tree: the unfinished tile of each level, from which the next tree follows.

use crate::tile::{self, Kind, Tile};
use crate::{Hash, ProofError, tree};

/// The unfinished tiles of a tree. What a writer keeps in memory: at most 255 hashes for each level.
///
/// ```
/// use comity_evidence::{Edge, Hash};
///
/// let mut edge = Edge::default();
/// edge.push(Hash::of_leaf(b"first"), &mut |_, _| {});
/// edge.push(Hash::of_leaf(b"second"), &mut |_, _| {});
/// assert_eq!(edge.size(), 2);
/// assert_eq!(edge.root(), Hash::of_node(&Hash::of_leaf(b"first"), &Hash::of_leaf(b"second")));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edge {
    size: u64,
    levels: Vec<Vec<Hash>>,
}

impl Edge {
    /// The edge of the tree of `size` entries whose partial tiles `read` gives, level by level.
    ///
    /// # Errors
    ///
    /// What `read` fails with.
    pub fn read<E>(size: u64, mut read: impl FnMut(Tile) -> Result<Vec<Hash>, E>) -> Result<Self, E> {
        let mut levels = Vec::new();
        for kind in Kind::all().filter(|kind| *kind != Kind::Entries) {
            let last = Tile::last_of(kind, size);
            if last.is_none() {
                break;
            }
            levels.push(match last.filter(|tile| tile.is_partial()) {
                Some(tile) => read(tile)?,
                None => Vec::new(),
            });
        }
        Ok(Self { size, levels })
    }

    /// Entries of the tree.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Adds the hash of a leaf; `full` is told of each tile that it completes.
    pub fn push(&mut self, leaf: Hash, full: &mut impl FnMut(Tile, &[Hash])) {
        let mut hash = leaf;
        let mut level = 0_u8;
        loop {
            while self.levels.len() <= usize::from(level) {
                self.levels.push(Vec::new());
            }
            let Some(hashes) = self.levels.get_mut(usize::from(level)) else { break };
            hashes.push(hash);
            if hashes.len() < 256 {
                break;
            }
            let index = self.size >> (tile::HEIGHT * (u32::from(level) + 1));
            full(Tile { kind: Kind::Hashes(level), index, width: 256 }, hashes);
            hash = tile::root_of(hashes);
            hashes.clear();
            level += 1;
        }
        self.size += 1;
    }

    /// The partial tiles of the tree as it is.
    pub fn partial(&self) -> impl Iterator<Item = (Tile, &[Hash])> {
        self.levels.iter().enumerate().filter(|(_, hashes)| !hashes.is_empty()).filter_map(|(level, hashes)| {
            let kind = Kind::Hashes(u8::try_from(level).ok()?);
            Some((Tile::last_of(kind, self.size)?, hashes.as_slice()))
        })
    }

    /// The root of the tree as it is.
    #[must_use]
    pub fn root(&self) -> Hash {
        let mut folded: Option<Hash> = None;
        for hashes in &self.levels {
            // A level's hashes are roots of whole subtrees, the larger ones to the left: folded from the right, smallest first.
            let mut rest = hashes.as_slice();
            while !rest.is_empty() {
                let unit = 1 << rest.len().trailing_zeros();
                let (left, last) = rest.split_at(rest.len() - unit);
                let hash = tile::root_of(last);
                folded = Some(folded.map_or(hash, |right| Hash::of_node(&hash, &right)));
                rest = left;
            }
        }
        folded.unwrap_or_else(Hash::of_empty_tree)
    }
}

impl Tile {
    /// The last tile of a level in a tree of `size` entries; `None` if it has none.
    #[must_use]
    pub fn last_of(kind: Kind, size: u64) -> Option<Self> {
        let level = match kind {
            Kind::Hashes(level) => u32::from(level),
            Kind::Entries => 0,
        };
        let hashes = size.checked_shr(tile::HEIGHT * level).unwrap_or(0);
        Self::of_tree(kind, hashes.checked_sub(1)? / tile::WIDTH, size)
    }
}

/// The nodes of a tree, read from its tiles.
pub struct TiledNodes<R> {
    size: u64,
    read: R,
}

impl<R, E> TiledNodes<R>
where
    R: FnMut(Tile) -> Result<Vec<Hash>, E>,
    E: From<ProofError>,
{
    /// The nodes of the tree of `size` entries whose tiles `read` gives.
    pub const fn new(size: u64, read: R) -> Self {
        Self { size, read }
    }
}

impl<R, E> tree::Nodes for TiledNodes<R>
where
    R: FnMut(Tile) -> Result<Vec<Hash>, E>,
    E: From<ProofError>,
{
    type Error = E;

    fn node(&mut self, level: u32, index: u64) -> Result<Hash, E> {
        let beyond = ProofError::BeyondTree { index, size: self.size };
        let tile_level = level / tile::HEIGHT;
        // A node within a tile stands over 2^within of its hashes.
        let within = level % tile::HEIGHT;
        let first = index.checked_shl(within).ok_or(beyond)?;
        let kind = Kind::Hashes(u8::try_from(tile_level).map_err(|_| beyond)?);
        let tile = Tile::of_tree(kind, first / tile::WIDTH, self.size).ok_or(beyond)?;
        let hashes = (self.read)(tile)?;
        let start = usize::try_from(first % tile::WIDTH).map_err(|_| beyond)?;
        let covered = hashes.get(start..start + (1 << within)).ok_or(beyond)?;
        Ok(tile::root_of(covered))
    }
}
