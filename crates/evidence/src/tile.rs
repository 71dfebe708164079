// SPDX-License-Identifier: Apache-2.0
//! Tiles: the tree cut into files that never change (C2SP tlog-tiles).
//!
//! A full tile holds 256 hashes, eight levels of the tree: those of level 0 are the hashes of leaves,
//! those of each further level are the roots of full tiles of the level below.
//! Beside them stand bundles of 256 entries.

use crate::{Hash, text};
use std::fmt;

/// Hashes in a full tile, entries in a full bundle.
pub const WIDTH: u64 = 256;
/// Levels of the tree in one tile.
pub const HEIGHT: u32 = 8;
/// The longest entry: its length is written in two bytes.
pub const LONGEST_ENTRY: usize = u16::MAX as usize;
/// The highest level of tiles that a tree of 2^64 entries has.
const HIGHEST: u8 = 7;

/// What a file of a log holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Hashes, of this level of tiles.
    Hashes(u8),
    /// Entries.
    Entries,
}

/// One file of a log: a tile or a bundle, full or partial.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tile {
    /// What it holds.
    pub kind: Kind,
    /// Its place in its level.
    pub index: u64,
    /// How many it holds, 1 to 256. Fewer than 256 make it partial.
    pub width: u16,
}

impl Tile {
    /// The tile of a level at an index, as wide as a tree of `size` entries has it; `None` if such a tree has none.
    #[must_use]
    pub fn of_tree(kind: Kind, index: u64, size: u64) -> Option<Self> {
        let level = kind.level();
        let hashes = size.checked_shr(HEIGHT * u32::from(level)).unwrap_or(0);
        let width = hashes.checked_sub(index.checked_mul(WIDTH)?)?.min(WIDTH);
        (width > 0).then(|| Self { kind, index, width: u16::try_from(width).unwrap_or(u16::MAX) })
    }

    /// All tiles and bundles of a tree of `size` entries, from the bundles up; each full one, and at most one partial one for each level.
    pub fn all(size: u64) -> impl Iterator<Item = Self> {
        Kind::all().flat_map(move |kind| (0..).map_while(move |index| Self::of_tree(kind, index, size)))
    }

    /// Whether it holds fewer than 256.
    #[must_use]
    pub const fn is_partial(self) -> bool {
        (self.width as u64) < WIDTH
    }

    /// The same tile, full.
    #[must_use]
    pub const fn full(self) -> Self {
        Self { width: 256, ..self }
    }

    /// The tile at a path such as `tile/0/x001/234.p/5`; `None` for anything else, other ways of writing the same included.
    #[must_use]
    pub fn from_path(path: &str) -> Option<Self> {
        let rest = path.strip_prefix("tile/")?;
        let (kind, rest) = rest.split_once('/')?;
        let kind = if kind == "entries" { Kind::Entries } else { Kind::Hashes(u8::try_from(text::decimal(kind)?).ok()?) };
        let (number, width) = match rest.split_once(".p/") {
            Some((number, width)) => (number, u16::try_from(text::decimal(width)?).ok().filter(|width| (1..256).contains(width))?),
            None => (rest, 256),
        };
        let mut index = 0_u64;
        for part in number.split('/') {
            let digits = part.strip_prefix('x').unwrap_or(part);
            if digits.len() != 3 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            index = index.checked_mul(1000)?.checked_add(digits.parse().ok()?)?;
        }
        let tile = Self { kind, index, width };
        // One tile has one path: leading groups of zeros and misplaced `x` are other spellings of it.
        (kind.level() <= HIGHEST && tile.to_string() == path).then_some(tile)
    }
}

impl Kind {
    /// The bundles, and every level of tiles that a tree can have.
    pub fn all() -> impl Iterator<Item = Self> {
        std::iter::once(Self::Entries).chain((0..=HIGHEST).map(Self::Hashes))
    }

    const fn level(self) -> u8 {
        match self {
            Self::Hashes(level) => level,
            Self::Entries => 0,
        }
    }
}

/// The path of the file under the log's prefix, without a leading slash.
impl fmt::Display for Tile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Kind::Hashes(level) => write!(formatter, "tile/{level}/")?,
            Kind::Entries => write!(formatter, "tile/entries/")?,
        }
        let mut groups = vec![self.index % 1000];
        let mut rest = self.index / 1000;
        while rest > 0 {
            groups.push(rest % 1000);
            rest /= 1000;
        }
        for group in groups.iter().skip(1).rev() {
            write!(formatter, "x{group:03}/")?;
        }
        write!(formatter, "{:03}", self.index % 1000)?;
        if self.is_partial() { write!(formatter, ".p/{}", self.width) } else { Ok(()) }
    }
}

/// Why the content of a tile or a bundle is not what it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TileError {
    /// It holds another number than its path says.
    #[error("expected {expected}, found {found}")]
    Count {
        /// How many the path promises.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// It ends in the middle of a hash or of an entry.
    #[error("it ends in the middle of number {after}")]
    Cut {
        /// The hash or entry that is cut off, counted from zero.
        after: usize,
    },
    /// An entry is longer than two bytes can say.
    #[error("an entry has {length} bytes, at most {LONGEST_ENTRY} fit")]
    TooLong {
        /// Bytes of the entry.
        length: usize,
    },
}

/// The content of a tile of hashes.
#[must_use]
pub fn encode_hashes(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| *hash.as_bytes()).collect()
}

/// The hashes in the content of a tile, which must be `width`.
///
/// # Errors
///
/// [`TileError`] if there are more or fewer.
pub fn decode_hashes(content: &[u8], width: u16) -> Result<Vec<Hash>, TileError> {
    let (hashes, rest) = content.as_chunks::<{ Hash::LENGTH }>();
    if !rest.is_empty() {
        return Err(TileError::Cut { after: hashes.len() });
    }
    counted(hashes.iter().copied().map(Hash::from_bytes).collect(), width)
}

/// The content of a bundle of entries: each with its length before it, in two bytes, the higher first.
///
/// # Errors
///
/// [`TileError::TooLong`].
pub fn encode_entries<E: AsRef<[u8]>>(entries: &[E]) -> Result<Vec<u8>, TileError> {
    let mut content = Vec::with_capacity(entries.iter().map(|entry| entry.as_ref().len() + 2).sum());
    for entry in entries {
        let entry = entry.as_ref();
        let length = u16::try_from(entry.len()).map_err(|_| TileError::TooLong { length: entry.len() })?;
        content.extend_from_slice(&length.to_be_bytes());
        content.extend_from_slice(entry);
    }
    Ok(content)
}

/// The entries in the content of a bundle, which must be `width`.
///
/// # Errors
///
/// [`TileError`] if there are more or fewer, or the last is cut off.
pub fn decode_entries(content: &[u8], width: u16) -> Result<Vec<Vec<u8>>, TileError> {
    let mut entries = Vec::with_capacity(usize::from(width));
    let mut rest = content;
    while !rest.is_empty() {
        let cut = TileError::Cut { after: entries.len() };
        let (length, after) = rest.split_first_chunk::<2>().ok_or(cut)?;
        let (entry, after) = after.split_at_checked(usize::from(u16::from_be_bytes(*length))).ok_or(cut)?;
        entries.push(entry.to_vec());
        rest = after;
    }
    counted(entries, width)
}

/// The root of the whole subtree that a full tile is, or the hash over what a partial one holds.
#[must_use]
pub fn root_of(hashes: &[Hash]) -> Hash {
    match hashes {
        [] => Hash::of_empty_tree(),
        [only] => *only,
        _ => {
            let half = hashes.len().next_power_of_two() / 2;
            let (left, right) = hashes.split_at(half);
            Hash::of_node(&root_of(left), &root_of(right))
        }
    }
}

fn counted<T>(found: Vec<T>, width: u16) -> Result<Vec<T>, TileError> {
    let expected = usize::from(width);
    if found.len() == expected { Ok(found) } else { Err(TileError::Count { expected, found: found.len() }) }
}
