// SPDX-License-Identifier: Apache-2.0
//! Starting a writer: lock, checkpoint, tiles, queue and witnesses are compared before anything is signed.

use super::{Refusal, Writer};
use crate::files::CHECKPOINT;
use crate::{Files, Lock, LogError, Queue, Reader};
use comity_evidence::note::{Note, SigningKey};
use comity_evidence::tile::{Kind, Tile};
use comity_evidence::{Checkpoint, Edge, Hash, tree};

impl Writer {
    /// Opens the log named `origin`, or begins it in stores that are empty.
    ///
    /// `seen` are the newest checkpoints of this log that witnesses and peers hold, each with the name of who holds it.
    ///
    /// # Errors
    ///
    /// [`LogError::Refused`] if the stores do not fit together: a backup was restored, a file is damaged, another writer has signed.
    pub fn open(
        origin: &str,
        keys: Vec<SigningKey>,
        files: Box<dyn Files>,
        queue: Box<dyn Queue>,
        lock: Box<dyn Lock>,
        seen: &[(String, Note)],
    ) -> Result<Self, LogError> {
        if let Some(found) = other_name(origin, &keys) {
            return Err(Refusal::OtherKey { origin: origin.to_owned(), found }.into());
        }
        let mut writer = Self {
            origin: origin.to_owned(),
            keys,
            reader: Reader::new(files),
            queue,
            lock,
            edge: Edge::default(),
            unfinished: Vec::new(),
            signed: None,
            unsettled: None,
        };
        writer.compare_lock_and_files()?;
        writer.compare_queue()?;
        for (by, note) in seen {
            writer.compare_witness(by, note)?;
        }
        Ok(writer)
    }

    /// The checkpoint in a note, if this log's keys have signed it.
    fn own(&self, note: &Note) -> Result<Checkpoint, LogError> {
        let keys = self.verifying_keys();
        note.verify(&keys)?;
        let checkpoint: Checkpoint = note.text().parse()?;
        if checkpoint.origin() == self.origin {
            Ok(checkpoint)
        } else {
            Err(comity_evidence::CheckpointError::OtherLog { expected: self.origin.clone(), found: checkpoint.origin().to_owned() }.into())
        }
    }

    fn compare_lock_and_files(&mut self) -> Result<(), LogError> {
        let published = self.reader.checkpoint()?.map(|note| self.own(&note)).transpose()?;
        let Some(locked) = self.lock.last()? else {
            return published.map_or(Ok(()), |checkpoint| Err(Refusal::NoLock { size: checkpoint.size() }.into()));
        };
        let note: Note = locked.parse()?;
        let signed = self.own(&note)?;
        let (size, root) = (signed.size(), *signed.root());
        let files = published.as_ref().map_or(0, Checkpoint::size);
        if files > size {
            return Err(Refusal::LockBehind { signed: size, files }.into());
        }
        // A crash between signing and publishing leaves an older checkpoint beside tiles that are complete.
        let behind = published.is_none() || files < size;
        let edge = Edge::read(size, |tile| self.reader.hashes(tile));
        let edge = match edge {
            Err(LogError::Missing(_)) if behind => return Err(Refusal::FilesBehind { signed: size, files }.into()),
            edge => edge?,
        };
        let ours = tree::root(size, &mut self.reader.nodes(size));
        let ours = match ours {
            Err(LogError::Missing(_)) if behind => return Err(Refusal::FilesBehind { signed: size, files }.into()),
            ours => ours?,
        };
        if ours != root || edge.root() != root {
            return Err(Refusal::Fork { size, by: "the lock".to_owned(), theirs: root, ours }.into());
        }
        if let Some(published) = published.filter(|published| published.size() == size && *published.root() != root) {
            return Err(Refusal::Fork { size, by: "the published checkpoint".to_owned(), theirs: *published.root(), ours }.into());
        }
        self.unfinished = self.unfinished_of(size)?;
        self.edge = edge;
        if behind {
            self.reader.files().write(&[(CHECKPOINT.to_owned(), note.to_string().into_bytes())])?;
        }
        self.signed = Some(note);
        Ok(())
    }

    /// The entries of the unfinished bundle, if they are those of the tile.
    fn unfinished_of(&self, size: u64) -> Result<Vec<Vec<u8>>, LogError> {
        let Some(bundle) = Tile::last_of(Kind::Entries, size).filter(|bundle| bundle.is_partial()) else { return Ok(Vec::new()) };
        let entries = self.reader.entries(bundle)?;
        let leaves = self.reader.hashes(Tile { kind: Kind::Hashes(0), ..bundle })?;
        if entries.iter().map(|entry| Hash::of_leaf(entry)).eq(leaves) {
            Ok(entries)
        } else {
            Err(LogError::Damaged { file: bundle.to_string(), problem: "its entries are not those of its tile".to_owned() })
        }
    }

    fn compare_queue(&mut self) -> Result<(), LogError> {
        let (signed, next) = (self.edge.size(), self.queue.next()?);
        if next < signed {
            return Err(Refusal::QueueBehind { signed, queue: next }.into());
        }
        if next > signed && self.queue.read(signed, 1)?.is_empty() {
            return Err(Refusal::EntryLost { number: signed }.into());
        }
        Ok(())
    }

    fn compare_witness(&self, by: &str, note: &Note) -> Result<(), LogError> {
        let theirs = self.own(note)?;
        let (size, signed) = (theirs.size(), self.edge.size());
        if size > signed {
            return Err(Refusal::WitnessAhead { by: by.to_owned(), theirs: size, ours: signed }.into());
        }
        // Of sizes that were never signed here there are no partial tiles: the nodes are read from those of the newest.
        let ours = tree::root(size, &mut self.reader.nodes(signed))?;
        if ours == *theirs.root() { Ok(()) } else { Err(Refusal::Fork { size, by: by.to_owned(), theirs: *theirs.root(), ours }.into()) }
    }
}

fn other_name(origin: &str, keys: &[SigningKey]) -> Option<String> {
    if keys.is_empty() {
        return Some("none".to_owned());
    }
    keys.iter().map(|key| key.verifying_key().name().to_owned()).find(|name| name != origin).map(|name| format!("`{name}`"))
}
