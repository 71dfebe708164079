// SPDX-License-Identifier: Apache-2.0
//! From the queue into the tree, and the signature over it.

use super::{Refusal, Writer};
use crate::files::CHECKPOINT;
use crate::{LogError, StoreError};
use comity_evidence::note::Note;
use comity_evidence::tile::{self, Kind, Tile};
use comity_evidence::{Checkpoint, Edge, Hash, ProofError, tree};
use std::collections::BTreeSet;

/// The most entries that one checkpoint adds: bounds the memory of a writer that was away for long.
const MOST: usize = 1 << 16;

/// What a step adds to the tree.
pub(super) struct Step {
    edge: Edge,
    unfinished: Vec<Vec<u8>>,
    files: Vec<(Tile, Vec<u8>)>,
}

impl Writer {
    /// Brings what was taken in into the tree, signs it, and publishes the checkpoint. `seconds` is the time since 1970,
    /// for those kinds of keys that state it. Returns the newest checkpoint, the one of before if nothing was taken in.
    ///
    /// # Errors
    ///
    /// [`LogError`] if the checkpoint was not signed. What was taken in stays taken in, and it can be tried again,
    /// unless the error is [`LogError::Refused`].
    pub fn integrate(&mut self, seconds: u64) -> Result<Note, LogError> {
        loop {
            self.settle()?;
            let taken_in = self.queue.read(self.edge.size(), MOST)?;
            if taken_in.is_empty() {
                self.nothing_is_missing()?;
                if let Some(signed) = self.signed.clone() {
                    return Ok(signed);
                }
            }
            let complete = taken_in.len() < MOST;
            self.integrate_these(taken_in, seconds)?;
            if let Some(signed) = self.signed.clone().filter(|_| complete) {
                return Ok(signed);
            }
        }
    }

    /// An empty queue is one from which everything was signed here, not one that another writer has emptied.
    fn nothing_is_missing(&mut self) -> Result<(), LogError> {
        let number = self.edge.size();
        if self.queue.next()? == number {
            return Ok(());
        }
        let other = self.lock.last()? != self.signed.as_ref().map(Note::to_string);
        Err(if other { Refusal::OtherWriter } else { Refusal::EntryLost { number } }.into())
    }

    fn integrate_these(&mut self, entries: Vec<Vec<u8>>, seconds: u64) -> Result<(), LogError> {
        let step = self.step(entries)?;
        self.write(&step.files)?;
        self.read_back(&step)?;
        let note = self.sign(&step.edge, seconds)?;
        match self.swap(&note) {
            Ok(()) => self.go_on_from(step, note),
            // A refusal is for good; anything else leaves open whether the lock has it.
            Err(refused @ LogError::Refused(_)) => Err(refused),
            Err(error) => {
                // One that has come through is settled by the next try; until then the newest may still come.
                if !self.lock.last().is_ok_and(|last| self.is_unsettled(last.as_deref())) {
                    self.unsettled = Some((step, note));
                }
                Err(error)
            }
        }
    }

    /// Finds out whether a swap that got no answer was made: the server may have had it and died, or only get it now.
    fn settle(&mut self) -> Result<(), LogError> {
        if self.unsettled.is_none() {
            return Ok(());
        }
        let last = self.lock.last()?;
        if self.is_unsettled(last.as_deref())
            && let Some((step, note)) = self.unsettled.take()
        {
            return self.go_on_from(step, note);
        }
        Ok(())
    }

    fn go_on_from(&mut self, step: Step, note: Note) -> Result<(), LogError> {
        let before = self.edge.size();
        self.unsettled = None;
        // From here on the tree is signed: the rest is only to be made up for.
        (self.edge, self.unfinished, self.signed) = (step.edge, step.unfinished, Some(note.clone()));
        self.reader.files().write(&[(CHECKPOINT.to_owned(), note.to_string().into_bytes())])?;
        self.queue.forget(self.edge.size())?;
        self.remove_partial(before)
    }

    /// The files and the edge of the tree with these entries added.
    fn step(&self, entries: Vec<Vec<u8>>) -> Result<Step, LogError> {
        let mut step = Step { edge: self.edge.clone(), unfinished: self.unfinished.clone(), files: Vec::new() };
        for entry in entries {
            let files = &mut step.files;
            step.edge.push(Hash::of_leaf(&entry), &mut |tile, hashes| files.push((tile, tile::encode_hashes(hashes))));
            step.unfinished.push(entry);
            if step.edge.size().is_multiple_of(tile::WIDTH) {
                let bundle = Tile { kind: Kind::Entries, index: step.edge.size() / tile::WIDTH - 1, width: 256 };
                step.files.push((bundle, tile::encode_entries(&step.unfinished)?));
                step.unfinished.clear();
            }
        }
        step.files.extend(step.edge.partial().map(|(tile, hashes)| (tile, tile::encode_hashes(hashes))));
        if let Some(bundle) = Tile::last_of(Kind::Entries, step.edge.size()).filter(|bundle| bundle.is_partial()) {
            step.files.push((bundle, tile::encode_entries(&step.unfinished)?));
        }
        Ok(step)
    }

    /// Writes what is not there yet. Numbers are given out for good before this, so a file that a crash has left is the same;
    /// one that is not comes from another queue, or is damaged.
    fn write(&self, files: &[(Tile, Vec<u8>)]) -> Result<(), LogError> {
        let mut missing = Vec::with_capacity(files.len());
        for (tile, content) in files {
            let path = tile.to_string();
            match self.reader.files().read(&path)? {
                Some(present) if present == *content => {}
                Some(_) => return Err(Refusal::OtherContent(path).into()),
                None => missing.push((path, content.clone())),
            }
        }
        Ok(self.reader.files().write(&missing)?)
    }

    /// Reads all that was written, and derives the root from it by another way than the edge.
    fn read_back(&self, step: &Step) -> Result<(), LogError> {
        let wrong = |file: String, problem: &str| LogError::from(Refusal::ReadBack { file, problem: problem.to_owned() });
        for (tile, content) in &step.files {
            if self.reader.files().read(&tile.to_string())?.as_ref() != Some(content) {
                return Err(wrong(tile.to_string(), "other bytes"));
            }
            if tile.kind == Kind::Entries {
                let leaves = self.reader.hashes(Tile { kind: Kind::Hashes(0), ..*tile })?;
                if !self.reader.entries(*tile)?.iter().map(|entry| Hash::of_leaf(entry)).eq(leaves) {
                    return Err(wrong(tile.to_string(), "its entries are not those of its tile"));
                }
            }
        }
        let size = step.edge.size();
        let root = tree::root(size, &mut self.reader.nodes(size))?;
        if root != step.edge.root() {
            return Err(wrong(CHECKPOINT.to_owned(), "the tiles have another root"));
        }
        if let Some(signed) = &self.signed {
            let old: Checkpoint = signed.text().parse()?;
            let proof = tree::prove_consistency(old.size(), size, &mut self.reader.nodes(size))?;
            match tree::verify_consistency(old.size(), old.root(), size, &root, &proof) {
                // Every tree extends the one without entries.
                Ok(()) | Err(ProofError::OfNothing) => {}
                Err(error) => return Err(wrong(CHECKPOINT.to_owned(), &error.to_string())),
            }
        }
        Ok(())
    }

    fn sign(&self, edge: &Edge, seconds: u64) -> Result<Note, LogError> {
        let mut note = Checkpoint::new(&self.origin, edge.size(), edge.root())?.to_note()?;
        for key in &self.keys {
            note.sign(key, seconds)?;
        }
        // A key that was damaged in memory must not speak for the log.
        note.verify(&self.verifying_keys())?;
        Ok(note)
    }

    fn swap(&mut self, note: &Note) -> Result<(), LogError> {
        let (old, new) = (self.signed.as_ref().map(Note::to_string), note.to_string());
        match self.lock.swap(old.as_deref(), &new) {
            Ok(true) => Ok(()),
            Ok(false) => {
                let last = self.lock.last()?;
                Err(self.taken_by(last))
            }
            // It may have been swapped all the same: only what is there now tells.
            Err(error) => match self.lock.last()? {
                Some(last) if last == new => Ok(()),
                last if last == old => Err(error.into()),
                last => Err(self.taken_by(last)),
            },
        }
    }

    /// Why the lock holds what was not expected. A swap of before that comes through only now is no other writer: the next try
    /// goes on from there.
    fn taken_by(&self, last: Option<String>) -> LogError {
        if self.is_unsettled(last.as_deref()) {
            StoreError::new("swap", "the lock", "an earlier checkpoint of this writer was still on its way").into()
        } else {
            Refusal::OtherWriter.into()
        }
    }

    fn is_unsettled(&self, note: Option<&str>) -> bool {
        self.unsettled.as_ref().is_some_and(|(_, own)| note == Some(own.to_string().as_str()))
    }

    /// Removes the partial files of tiles that are full by now: the full ones serve in their place.
    fn remove_partial(&self, before: u64) -> Result<(), LogError> {
        let mut folders = BTreeSet::new();
        for kind in Kind::all() {
            let Some(partial) = Tile::last_of(kind, before).filter(|tile| tile.is_partial()) else { continue };
            let now = Tile::of_tree(kind, partial.index, self.edge.size());
            if now.is_some_and(|tile| !tile.is_partial()) {
                folders.insert(format!("{}.p/", partial.full()));
            }
        }
        folders.iter().try_for_each(|folder| Ok(self.reader.files().remove_under(folder)?))
    }
}
