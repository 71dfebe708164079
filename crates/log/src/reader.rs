// SPDX-License-Identifier: Apache-2.0
//! Reading a log from its files: entries, and proofs of any of them.

use crate::files::{CHECKPOINT, Files};
use crate::{LogError, StoreError};
use comity_evidence::note::Note;
use comity_evidence::tile::{self, Kind, Tile};
use comity_evidence::{Checkpoint, Hash, LogProof, TiledNodes, tree};

/// A log as its files show it. Nothing is trusted: what it proves is checked by whoever gets the proof.
pub struct Reader<F> {
    files: F,
}

impl<F: Files> Reader<F> {
    /// The log in these files.
    pub const fn new(files: F) -> Self {
        Self { files }
    }

    /// The published checkpoint, unverified; `None` for a log that has none yet.
    ///
    /// # Errors
    ///
    /// [`LogError`] if it cannot be read or is no note.
    pub fn checkpoint(&self) -> Result<Option<Note>, LogError> {
        let Some(content) = self.files.read(CHECKPOINT)? else { return Ok(None) };
        Ok(Some(text(content, CHECKPOINT)?.parse()?))
    }

    /// The hashes of a tile. A partial one that was removed is read from the full one.
    ///
    /// # Errors
    ///
    /// [`LogError`] if it is missing or does not hold what it should.
    pub fn hashes(&self, tile: Tile) -> Result<Vec<Hash>, LogError> {
        let (content, found) = self.content(tile)?;
        let mut hashes = tile::decode_hashes(&content, found.width).map_err(|error| damaged(found, &error))?;
        hashes.truncate(usize::from(tile.width));
        Ok(hashes)
    }

    /// The entries of a bundle. A partial one that was removed is read from the full one.
    ///
    /// # Errors
    ///
    /// [`LogError`] if it is missing or does not hold what it should.
    pub fn entries(&self, bundle: Tile) -> Result<Vec<Vec<u8>>, LogError> {
        let (content, found) = self.content(bundle)?;
        let mut entries = tile::decode_entries(&content, found.width).map_err(|error| damaged(found, &error))?;
        entries.truncate(usize::from(bundle.width));
        Ok(entries)
    }

    /// Entry `number` of a log of `size` entries.
    ///
    /// # Errors
    ///
    /// [`LogError`] if there is no such entry, or its bundle cannot be read.
    pub fn entry(&self, number: u64, size: u64) -> Result<Vec<u8>, LogError> {
        let beyond = || LogError::Proof(comity_evidence::ProofError::BeyondTree { index: number, size });
        let bundle = Tile::of_tree(Kind::Entries, number / tile::WIDTH, size).ok_or_else(beyond)?;
        let place = usize::try_from(number % tile::WIDTH).map_err(|_| beyond())?;
        self.entries(bundle)?.into_iter().nth(place).ok_or_else(beyond)
    }

    /// The nodes of the tree of `size` entries.
    pub fn nodes(&self, size: u64) -> impl tree::Nodes<Error = LogError> + '_ {
        TiledNodes::new(size, |tile| self.hashes(tile))
    }

    /// The proof that entry `number` is in the log, with the published checkpoint.
    ///
    /// # Errors
    ///
    /// [`LogError`] if there is no checkpoint, no such entry, or a file is missing.
    pub fn prove(&self, number: u64) -> Result<LogProof, LogError> {
        let note = self.checkpoint()?.ok_or_else(|| LogError::Missing(CHECKPOINT.to_owned()))?;
        let checkpoint: Checkpoint = note.text().parse()?;
        let hashes = tree::prove_inclusion(number, checkpoint.size(), &mut self.nodes(checkpoint.size()))?;
        Ok(LogProof { extra: None, index: number, hashes, checkpoint: note })
    }

    /// The files themselves.
    pub const fn files(&self) -> &F {
        &self.files
    }

    /// The content of a tile, or of the full one in its place, and which of them it is.
    fn content(&self, tile: Tile) -> Result<(Vec<u8>, Tile), LogError> {
        for found in [tile, tile.full()] {
            if let Some(content) = self.files.read(&found.to_string())? {
                return Ok((content, found));
            }
        }
        Err(LogError::Missing(tile.to_string()))
    }
}

fn damaged(tile: Tile, problem: &tile::TileError) -> LogError {
    LogError::Damaged { file: tile.to_string(), problem: problem.to_string() }
}

pub fn text(content: Vec<u8>, what: &str) -> Result<String, StoreError> {
    String::from_utf8(content).map_err(|error| StoreError::new("read", what, error))
}
