// SPDX-License-Identifier: Apache-2.0
//! Keeping watch on somebody else's log: what it shows today must extend what it showed before.
//!
//! A follower keeps a copy of every entry and tile, in the layout of the log itself, so that a copy can also be served,
//! and can give back to a log what it lost.

use crate::cosign::Seen;
use crate::{Client, RemoteFiles, cosign, forks};
use comity_evidence::note::{Note, VerifyingKey};
use comity_evidence::tile::{self, Kind, Tile};
use comity_evidence::{Checkpoint, CheckpointError, Edge, Fork, Hash, NoteError, Policy, TrustError, Trusted, tree};
use comity_log::files::{CHECKPOINT, Folder};
use comity_log::{Files, LogError, Reader, StoreError};
use std::path::{Path, PathBuf};

/// The folder of the copy.
pub const MIRROR: &str = "mirror";
/// So many bundles are read before they are written: bounds the memory for a log that is new here.
const AT_ONCE: usize = 64;

/// Watches one log, and keeps what it saw in a folder.
pub struct Follower {
    folder: PathBuf,
    mirror: Reader<Folder>,
}

/// What one look at a log has shown.
#[derive(Debug)]
pub struct Looked {
    /// The newest checkpoint that was verified, with all that stands under it.
    pub checkpoint: Checkpoint,
    /// Entries that were new; all of them, at the first look.
    pub added: u64,
    /// Whether the policy trusts that checkpoint: the log's signature and the quorum of witnesses.
    pub trusted: Result<Trusted, TrustError>,
    /// Entries that the log shows now, where these are fewer than it has shown before, of the same history.
    pub behind: Option<u64>,
    /// Proofs that the log has shown two histories, where each is kept, and who showed the other.
    pub forks: Vec<(String, PathBuf, Fork)>,
    /// Witnesses that have cosigned more entries than the log shows, with how many.
    pub ahead: Vec<(String, u64)>,
}

/// Why a look at a log has shown nothing.
#[derive(Debug, thiserror::Error)]
pub enum FollowError {
    /// The log or the copy cannot be read or written.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The log's checkpoint is not signed by a key of the policy.
    #[error("the log's checkpoint cannot be trusted: {0}")]
    Untrusted(#[from] TrustError),
    /// What the log shows is not what it signed: a file is damaged, or was changed by whoever stands between.
    #[error("file `{file}` is not what the log has signed: {problem}")]
    Damaged {
        /// The file of the log.
        file: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The copy is not what it was.
    #[error("the copy here is damaged ({0}): bring it back from a copy of it, or begin another folder")]
    Copy(String),
    /// The folder follows another log.
    #[error("this folder follows `{followed}`, and the log is `{found}`: one folder follows one log")]
    OtherLog {
        /// The log that is followed.
        followed: String,
        /// The log that was shown.
        found: String,
    },
}

impl From<StoreError> for FollowError {
    fn from(error: StoreError) -> Self {
        Self::Log(error.into())
    }
}

impl From<NoteError> for FollowError {
    fn from(error: NoteError) -> Self {
        Self::Untrusted(CheckpointError::from(error).into())
    }
}

fn checkpoint_of(note: &Note) -> Result<Checkpoint, FollowError> {
    Ok(note.text().parse().map_err(TrustError::from)?)
}

impl Follower {
    /// The follower in a folder, which is made at the first look.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), mirror: Reader::new(Folder::new(folder.join(MIRROR))) }
    }

    /// The newest checkpoint that was verified; `None` before the first look.
    ///
    /// # Errors
    ///
    /// [`FollowError`] if it cannot be read.
    pub fn seen(&self) -> Result<Option<Note>, FollowError> {
        Ok(self.mirror.checkpoint()?)
    }

    /// Looks at a log: verifies that it extends what was seen before, every new entry and tile, and keeps a copy of them.
    /// `witnesses` are what others hold of the log: they must be of the same history.
    ///
    /// A split view is no error: it is proved, kept, and among what the look has shown. The copy then stays with the history seen first.
    /// `progress` is told, now and then, of how many entries of how many have been read.
    ///
    /// # Errors
    ///
    /// [`FollowError`] if nothing can be said of the log.
    pub fn look<F: Files>(
        &self,
        log: &Reader<F>,
        policy: &Policy,
        witnesses: &[(String, Note)],
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Looked, FollowError> {
        let published = log.checkpoint()?.ok_or_else(|| LogError::Missing(CHECKPOINT.to_owned()))?;
        let shown = checkpoint_of(&published)?;
        let keys = keys_of(policy, shown.origin())?;
        // Lines of strangers are not kept; those of witnesses are.
        let kept: Vec<VerifyingKey> = keys.iter().cloned().chain(policy.witnesses().map(|(_, party)| party.key.clone())).collect();
        published.verify(&keys)?;
        let published = published.only(&kept)?;
        let seen = self.mirror.checkpoint()?;
        let known = seen.as_ref().map(checkpoint_of).transpose()?;
        if let Some(known) = known.as_ref().filter(|known| known.origin() != shown.origin()) {
            return Err(FollowError::OtherLog { followed: known.origin().to_owned(), found: shown.origin().to_owned() });
        }
        let old = known.as_ref().map_or(0, Checkpoint::size);
        let (mut proofs, mut behind, mut newest) = (Vec::new(), None, seen.clone());
        match seen.as_ref().filter(|_| shown.size() <= old) {
            Some(seen) => match Fork::find(&published, seen, &mut self.mirror.nodes(old)).map_err(copy)? {
                Some(fork) => proofs.push(("the log".to_owned(), fork)),
                None if shown.size() < old => behind = Some(shown.size()),
                // The same state again, with other cosignatures perhaps.
                None => {
                    if published.signatures().len() >= seen.signatures().len() && published != *seen {
                        self.publish(&published)?;
                        newest = Some(published.clone());
                    }
                }
            },
            None => match self.advance(log, seen.as_ref(), &published, &keys, progress)? {
                Some(fork) => proofs.push(("the log".to_owned(), fork)),
                None => newest = Some(published.clone()),
            },
        }
        let newest = newest.unwrap_or(published);
        let checkpoint = checkpoint_of(&newest)?;
        let size = checkpoint.size();
        let mut ahead = Vec::new();
        for (by, note) in witnesses {
            note.verify(&keys)?;
            let theirs = checkpoint_of(note)?;
            if theirs.origin() != checkpoint.origin() {
                continue;
            }
            if theirs.size() > size {
                ahead.push((by.clone(), theirs.size()));
            } else if let Some(fork) = Fork::find(note, &newest, &mut self.mirror.nodes(size)).map_err(copy)? {
                proofs.push((by.clone(), fork));
            }
        }
        let mut found = Vec::new();
        for (by, fork) in proofs {
            let path = forks::keep(&self.folder, &fork)?;
            found.push((by, path, fork));
        }
        let added = if newest.text() == seen.as_ref().map_or("", Note::text) { 0 } else { size - old.min(size) };
        Ok(Looked { trusted: policy.trust(&newest), checkpoint, added, behind, forks: found, ahead })
    }

    /// Brings the copy to a larger checkpoint, or proves that it is of another history.
    fn advance<F: Files>(
        &self,
        log: &Reader<F>,
        seen: Option<&Note>,
        published: &Note,
        keys: &[VerifyingKey],
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Option<Fork>, FollowError> {
        let shown = checkpoint_of(published)?;
        let size = shown.size();
        // Before anything is copied: some tiles tell whether the new tree is the one that was signed, and has the old one in it.
        if tree::root(size, &mut log.nodes(size))? != *shown.root() {
            return Err(damaged(CHECKPOINT, "the tiles have another root"));
        }
        let old = seen.map(checkpoint_of).transpose()?;
        let old_size = old.as_ref().map_or(0, Checkpoint::size);
        if let Some(seen) = seen.filter(|_| old_size > 0)
            && let Some(fork) = Fork::find(seen, published, &mut log.nodes(size))?
        {
            // A proof that others would not accept is no proof: then tiles contradict each other.
            return match fork.verify(keys) {
                Ok(_) => Ok(Some(fork)),
                Err(error) => Err(damaged(CHECKPOINT, &error.to_string())),
            };
        }
        let edge = Edge::read(old_size, |tile| self.mirror.hashes(tile)).map_err(copy)?;
        if old.is_some_and(|old| edge.root() != *old.root()) {
            return Err(FollowError::Copy("its tiles are not those of its checkpoint".to_owned()));
        }
        let mut copying = Copying { log, mirror: &self.mirror, edge, size, files: Vec::new() };
        for index in old_size / tile::WIDTH.. {
            let Some(bundle) = Tile::of_tree(Kind::Entries, index, size) else { break };
            copying.bundle(bundle)?;
            if copying.files.len() >= AT_ONCE {
                copying.write()?;
                progress(copying.edge.size(), size);
            }
        }
        copying.partial()?;
        copying.write()?;
        progress(size, size);
        if copying.edge.root() != *shown.root() {
            return Err(damaged(CHECKPOINT, "its root is not that of the entries"));
        }
        self.publish(published)?;
        self.remove_partial(old_size, size)?;
        Ok(None)
    }

    /// From here on the copy is of this checkpoint.
    fn publish(&self, note: &Note) -> Result<(), FollowError> {
        Ok(self.mirror.files().write(&[(CHECKPOINT.to_owned(), note.to_string().into_bytes())])?)
    }

    /// Removes partial files of tiles that are full by now.
    fn remove_partial(&self, before: u64, size: u64) -> Result<(), FollowError> {
        for kind in Kind::all() {
            let Some(partial) = Tile::last_of(kind, before).filter(|tile| tile.is_partial()) else { continue };
            if Tile::of_tree(kind, partial.index, size).is_some_and(|now| !now.is_partial()) {
                self.mirror.files().remove_under(&format!("{}.p/", partial.full()))?;
            }
        }
        Ok(())
    }
}

/// The keys of a log, of which the policy must have one.
fn keys_of(policy: &Policy, origin: &str) -> Result<Vec<VerifyingKey>, FollowError> {
    let keys: Vec<VerifyingKey> = policy.logs().iter().map(|log| log.key.clone()).filter(|key| key.name() == origin).collect();
    if keys.is_empty() {
        let known = policy.logs().iter().map(|log| log.key.name().to_owned()).collect();
        return Err(TrustError::UnknownLog { origin: origin.to_owned(), known }.into());
    }
    Ok(keys)
}

fn damaged(file: &str, problem: &str) -> FollowError {
    FollowError::Damaged { file: file.to_owned(), problem: problem.to_owned() }
}

/// A file that is missing in the copy is not the log's fault.
fn copy(error: LogError) -> FollowError {
    match error {
        LogError::Store(error) => error.into(),
        other => FollowError::Copy(other.to_string()),
    }
}

/// New entries and tiles on their way into the copy. Until the checkpoint is written, nothing of them counts:
/// what an earlier try has left is overwritten.
struct Copying<'a, F> {
    log: &'a Reader<F>,
    mirror: &'a Reader<Folder>,
    edge: Edge,
    size: u64,
    files: Vec<(String, Vec<u8>)>,
}

impl<F: Files> Copying<'_, F> {
    /// The entries of a bundle from the edge on, against the tile that the log shows, and each tile that they complete.
    fn bundle(&mut self, bundle: Tile) -> Result<(), FollowError> {
        let entries = self.log.entries(bundle)?;
        let leaves: Vec<Hash> = entries.iter().map(|entry| Hash::of_leaf(entry)).collect();
        let of_leaves = Tile { kind: Kind::Hashes(0), ..bundle };
        if self.log.hashes(of_leaves)? != leaves {
            return Err(damaged(&bundle.to_string(), "its entries are not those of its tile"));
        }
        let had = usize::try_from(self.edge.size() - bundle.index * tile::WIDTH).unwrap_or(usize::MAX);
        if had > 0 {
            // The first entries of the bundle are here already, of the tree that was verified.
            let before = Tile { width: u16::try_from(had).unwrap_or(u16::MAX), ..of_leaves };
            if !leaves.starts_with(&self.mirror.hashes(before).map_err(copy)?) {
                return Err(damaged(&bundle.to_string(), "entries that were seen before are others now"));
            }
        }
        let mut full: Vec<(Tile, Vec<Hash>)> = Vec::new();
        for leaf in leaves.into_iter().skip(had) {
            self.edge.push(leaf, &mut |tile, hashes| full.push((tile, hashes.to_vec())));
        }
        for (tile, hashes) in full {
            // Of level 0 they have just been compared.
            if tile.kind != Kind::Hashes(0) && self.log.hashes(tile)? != hashes {
                return Err(damaged(&tile.to_string(), "its hashes are not those of the tiles below it"));
            }
            self.files.push((tile.to_string(), tile::encode_hashes(&hashes)));
        }
        self.files.push((bundle.to_string(), tile::encode_entries(&entries).map_err(LogError::from)?));
        Ok(())
    }

    /// The unfinished tiles at the end.
    fn partial(&mut self) -> Result<(), FollowError> {
        let partial: Vec<(Tile, Vec<Hash>)> = self.edge.partial().map(|(tile, hashes)| (tile, hashes.to_vec())).collect();
        for (tile, hashes) in partial {
            if self.log.hashes(tile)? != hashes {
                return Err(damaged(&tile.to_string(), "its hashes are not those of the tiles below it"));
            }
            self.files.push((tile.to_string(), tile::encode_hashes(&hashes)));
        }
        debug_assert_eq!(self.edge.size(), self.size, "every bundle of the tree was read");
        Ok(())
    }

    fn write(&mut self) -> Result<(), FollowError> {
        Ok(self.mirror.files().write(&std::mem::take(&mut self.files))?)
    }
}

/// A look at the log under an address or in a folder, with what the policy's witnesses hold of it.
/// Beside what was seen it gives the witnesses that could not be asked, with the reason.
///
/// # Errors
///
/// [`FollowError`] if nothing can be said of the log.
pub fn look_at(
    follower: &Follower,
    client: &Client,
    log: &str,
    policy: &Policy,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<(Looked, Vec<(String, String)>), FollowError> {
    let reader: Reader<Box<dyn Files>> = Reader::new(if log.contains("://") {
        Box::new(RemoteFiles::new(client.clone(), log))
    } else {
        // One's own log has its public files in a folder of their own; a copy has them as they are.
        let folder = Path::new(log);
        let public = folder.join("public");
        Box::new(Folder::new(if folder.join(comity_log::place::FILE).exists() { public } else { folder.to_owned() }))
    });
    let mut seen = Seen { notes: Vec::new(), unheard: Vec::new() };
    if let Some(published) = reader.checkpoint()? {
        let origin = checkpoint_of(&published)?.origin().to_owned();
        seen = cosign::seen(client, policy, &origin, &keys_of(policy, &origin)?);
    }
    let looked = follower.look(&reader, policy, &seen.notes, progress)?;
    Ok((looked, seen.unheard.into_iter().map(|(name, problem)| (name, problem.to_string())).collect()))
}
