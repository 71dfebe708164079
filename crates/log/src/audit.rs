// SPDX-License-Identifier: Apache-2.0
//! Deriving a whole log again from its entries, and naming the first file that is not what it should be.

use crate::files::CHECKPOINT;
use crate::{Files, LogError, Reader};
use comity_evidence::note::VerifyingKey;
use comity_evidence::tile::{self, Kind, Tile};
use comity_evidence::{Checkpoint, CheckpointError, Edge, Hash, NoteError, tree};

/// A log that was derived again and found whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audited {
    /// Its checkpoint.
    pub checkpoint: Checkpoint,
    /// Tiles, bundles and partial ones that were compared.
    pub files: u64,
    /// Files under the prefix that are none of a log.
    pub strange: Vec<String>,
}

/// The first file that is damaged, in the order of the entries.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{file}`: {problem}")]
pub struct Damage {
    /// Its path under the log's prefix.
    pub file: String,
    /// What is wrong with it.
    pub problem: String,
    /// The first entry that it concerns.
    pub entry: u64,
}

/// Derives a log again: every entry is hashed, every tile compared, the root held to the signed checkpoint.
///
/// `progress` is told, now and then, of how many entries of how many have been read.
///
/// # Errors
///
/// [`LogError::Store`] if a store fails; [`LogError::Checkpoint`] if there is no checkpoint that one of `keys` has signed.
pub fn audit<F: Files>(
    reader: &Reader<F>,
    keys: &[VerifyingKey],
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Result<Audited, Damage>, LogError> {
    let note = match reader.checkpoint() {
        Ok(note) => note.ok_or_else(|| LogError::Missing(CHECKPOINT.to_owned()))?,
        Err(LogError::Note(error)) => return Ok(Err(Damage { file: CHECKPOINT.to_owned(), problem: error.to_string(), entry: 0 })),
        Err(other) => return Err(other),
    };
    match note.verify(keys) {
        Ok(_) => {}
        Err(error @ NoteError::WrongSignature(_)) => {
            return Ok(Err(Damage { file: CHECKPOINT.to_owned(), problem: error.to_string(), entry: 0 }));
        }
        Err(error) => return Err(CheckpointError::from(error).into()),
    }
    let checkpoint: Checkpoint = note.text().parse()?;
    let mut auditing = Auditing { reader, checkpoint, edge: Edge::default(), files: 0 };
    match auditing.entries(progress).and_then(|()| auditing.end()).and_then(|()| auditing.partial_files()) {
        Ok(strange) => Ok(Ok(Audited { checkpoint: auditing.checkpoint, files: auditing.files, strange })),
        Err(Found::Damage(damage)) => Ok(Err(damage)),
        Err(Found::Failure(error)) => Err(error),
    }
}

struct Auditing<'a, F> {
    reader: &'a Reader<F>,
    checkpoint: Checkpoint,
    edge: Edge,
    files: u64,
}

enum Found {
    Damage(Damage),
    Failure(LogError),
}

/// A file that is missing or unreadable is damaged; a store that fails is not the log's fault.
fn found(error: LogError, entry: u64) -> Found {
    match error {
        LogError::Missing(file) => Found::Damage(Damage { file, problem: "it is not there".to_owned(), entry }),
        LogError::Damaged { file, problem } => Found::Damage(Damage { file, problem, entry }),
        other => Found::Failure(other),
    }
}

fn damage(tile: Tile, problem: &str, entry: u64) -> Found {
    Found::Damage(Damage { file: tile.to_string(), problem: problem.to_owned(), entry })
}

impl<F: Files> Auditing<'_, F> {
    /// Bundle by bundle: entries against their tile, and each tile that they complete against its own file.
    fn entries(&mut self, progress: &mut dyn FnMut(u64, u64)) -> Result<(), Found> {
        let size = self.checkpoint.size();
        for index in 0.. {
            let Some(bundle) = Tile::of_tree(Kind::Entries, index, size) else { break };
            let first = index * tile::WIDTH;
            let leaves_tile = Tile { kind: Kind::Hashes(0), ..bundle };
            let entries = self.reader.entries(bundle).map_err(|error| found(error, first))?;
            let stated = self.reader.hashes(leaves_tile).map_err(|error| found(error, first))?;
            let leaves: Vec<Hash> = entries.iter().map(|entry| Hash::of_leaf(entry)).collect();
            if let Some(place) = leaves.iter().zip(&stated).position(|(derived, stated)| derived != stated) {
                let entry = first + u64::try_from(place).unwrap_or_default();
                return Err(self.whose_fault(bundle, leaves_tile, &stated, entry));
            }
            let mut full: Vec<(Tile, Vec<Hash>)> = Vec::new();
            for leaf in leaves {
                self.edge.push(leaf, &mut |tile, hashes| full.push((tile, hashes.to_vec())));
            }
            // Of level 0 the hashes have just been compared.
            for (tile, hashes) in full.into_iter().filter(|(tile, _)| tile.kind != Kind::Hashes(0)) {
                self.compare(tile, &hashes, first)?;
            }
            self.files += 2;
            if index.is_multiple_of(64) {
                progress(self.edge.size(), size);
            }
        }
        progress(size, size);
        Ok(())
    }

    /// Entries and tile disagree: the one that the levels above vouch for is whole.
    fn whose_fault(&self, bundle: Tile, leaves: Tile, stated: &[Hash], entry: u64) -> Found {
        let above = Tile::of_tree(Kind::Hashes(1), bundle.index / tile::WIDTH, self.checkpoint.size()).filter(|_| !bundle.is_partial());
        let vouched = match above.map(|above| self.reader.hashes(above)) {
            Some(Ok(hashes)) => {
                let place = usize::try_from(bundle.index % tile::WIDTH).unwrap_or_default();
                hashes.get(place) == Some(&tile::root_of(stated))
            }
            Some(Err(_)) => false,
            // The last tile stands under the checkpoint itself.
            None => tree::root(self.checkpoint.size(), &mut self.reader.nodes(self.checkpoint.size()))
                .is_ok_and(|root| root == *self.checkpoint.root()),
        };
        if vouched {
            damage(bundle, "an entry is not the one that was signed", entry)
        } else {
            damage(leaves, "a hash is not that of the entry", entry)
        }
    }

    fn compare(&mut self, tile: Tile, derived: &[Hash], entry: u64) -> Result<(), Found> {
        let stated = self.reader.hashes(tile).map_err(|error| found(error, entry))?;
        self.files += 1;
        if stated == derived { Ok(()) } else { Err(damage(tile, "its hashes are not those of the tiles below it", entry)) }
    }

    /// The unfinished tiles, and the root.
    fn end(&mut self) -> Result<(), Found> {
        let size = self.checkpoint.size();
        let partial: Vec<(Tile, Vec<Hash>)> = self.edge.partial().map(|(tile, hashes)| (tile, hashes.to_vec())).collect();
        for (tile, hashes) in partial.into_iter().filter(|(tile, _)| tile.kind != Kind::Hashes(0)) {
            self.compare(tile, &hashes, size)?;
        }
        if self.edge.root() == *self.checkpoint.root() {
            return Ok(());
        }
        let problem = "its root is not that of the entries, which agree with all tiles".to_owned();
        Err(Found::Damage(Damage { file: CHECKPOINT.to_owned(), problem, entry: size }))
    }

    /// Files beside those of this checkpoint: narrower ones of earlier checkpoints must begin those that were compared.
    fn partial_files(&mut self) -> Result<Vec<String>, Found> {
        let size = self.checkpoint.size();
        let mut strange = Vec::new();
        for path in self.reader.files().list().map_err(|error| Found::Failure(error.into()))? {
            let Some(tile) = Tile::from_path(&path) else {
                if path != CHECKPOINT {
                    strange.push(path);
                }
                continue;
            };
            // Wider ones were written and not signed yet: the writer compares them when it signs.
            let Some(now) = Tile::of_tree(tile.kind, tile.index, size).filter(|now| tile.width < now.width) else { continue };
            let entry = tile.index * tile::WIDTH;
            let same = match tile.kind {
                Kind::Entries => begins(
                    &self.reader.entries(tile).map_err(|error| found(error, entry))?,
                    &self.reader.entries(now).map_err(|error| found(error, entry))?,
                ),
                Kind::Hashes(_) => begins(
                    &self.reader.hashes(tile).map_err(|error| found(error, entry))?,
                    &self.reader.hashes(now).map_err(|error| found(error, entry))?,
                ),
            };
            self.files += 1;
            if !same {
                return Err(damage(tile, "it does not begin the wider one", entry));
            }
        }
        strange.sort_unstable();
        Ok(strange)
    }
}

fn begins<T: PartialEq>(narrow: &[T], wide: &[T]) -> bool {
    wide.starts_with(narrow)
}
