// SPDX-License-Identifier: Apache-2.0
//! A small log with a witness: all that was ever signed in it, so that a target can tell what must not verify.

use comity_evidence::entry::Kind;
use comity_evidence::note::{Algorithm, Note, SigningKey, VerifyingKey};
use comity_evidence::{Checkpoint, Edge, Entry, Hash, LogProof, Payload, Policy, Receipt, Salt, cose, tree};
use std::sync::LazyLock;

pub const ORIGIN: &str = "example.org/log/2026";
/// Entries of the log.
pub const SIZE: u64 = 7;
const SALT: [u8; 32] = [5; 32];

/// The log, made once.
pub static WORLD: LazyLock<World> = LazyLock::new(World::new);

/// All that was signed.
pub struct World {
    pub log: SigningKey,
    pub witness: SigningKey,
    pub entries: Vec<Vec<u8>>,
    /// The signed checkpoints of 1 to 7 entries; the last is cosigned.
    pub notes: Vec<Note>,
}

/// The nodes of a tree that is small enough to be derived each time.
struct Leaves(Vec<Hash>);

impl tree::Nodes for Leaves {
    type Error = comity_evidence::ProofError;

    fn node(&mut self, level: u32, index: u64) -> Result<Hash, Self::Error> {
        let width = 1_usize << level;
        let start = usize::try_from(index).unwrap() * width;
        let mut edge = Edge::default();
        self.0[start..start + width].iter().for_each(|leaf| edge.push(*leaf, &mut |_, _| {}));
        Ok(edge.root())
    }
}

impl World {
    fn new() -> Self {
        let log = SigningKey::from_seed(ORIGIN, Algorithm::Ed25519, [7; 32]).unwrap();
        let witness = SigningKey::from_seed("authority.example/witness", Algorithm::Ed25519Cosignature, [8; 32]).unwrap();
        let entries: Vec<Vec<u8>> = (0..SIZE).map(|number| entry(number).to_bytes()).collect();
        let notes = (1..=SIZE).map(|size| {
            let mut edge = Edge::default();
            entries.iter().take(usize::try_from(size).unwrap()).for_each(|entry| edge.push(Hash::of_leaf(entry), &mut |_, _| {}));
            let mut note = Checkpoint::new(ORIGIN, size, edge.root()).unwrap().to_note().unwrap();
            note.sign(&log, 0).unwrap();
            if size == SIZE {
                note.sign(&witness, 1_790_000_000).unwrap();
            }
            note
        });
        let notes = notes.collect();
        Self { log, witness, entries, notes }
    }

    pub fn keys(&self) -> [VerifyingKey; 2] {
        [self.log.verifying_key(), self.witness.verifying_key()]
    }

    /// Whether this text was signed by the log.
    pub fn signed(&self, text: &str) -> bool {
        self.notes.iter().any(|note| note.text() == text)
    }

    pub fn newest(&self) -> &Note {
        &self.notes[self.notes.len() - 1]
    }

    fn leaves(&self) -> Leaves {
        Leaves(self.entries.iter().map(|entry| Hash::of_leaf(entry)).collect())
    }

    pub fn proof(&self, index: u64, size: u64) -> LogProof {
        let hashes = tree::prove_inclusion(index, size, &mut self.leaves()).unwrap();
        LogProof { extra: None, index, hashes, checkpoint: self.notes[usize::try_from(size).unwrap() - 1].clone() }
    }

    pub fn consistency(&self, old: u64, new: u64) -> Vec<Hash> {
        tree::prove_consistency(old, new, &mut self.leaves()).unwrap()
    }

    pub fn receipt(&self, index: u64, shown: &[&str]) -> Receipt {
        let entry = self.entries[usize::try_from(index).unwrap()].clone();
        let disclosure = (!shown.is_empty()).then(|| payload(index).disclose(&Salt::new(SALT), shown).unwrap());
        Receipt { entry, proof: self.proof(index, SIZE), disclosure }
    }

    pub fn cose(&self, index: u64, size: u64) -> Vec<u8> {
        cose::sign(&self.proof(index, size), &self.entries[usize::try_from(index).unwrap()], &self.log).unwrap()
    }

    /// A policy that asks for the log alone, and one that also asks for the witness.
    pub fn policies(&self) -> [String; 2] {
        let log = format!("log {}", self.log.verifying_key());
        let witness = format!("witness authority {}", self.witness.verifying_key());
        [format!("{log}\nquorum none\n"), format!("{log}\n{witness}\nquorum authority\n")]
    }

    pub fn policy(&self) -> Policy {
        self.policies()[1].parse().unwrap()
    }
}

/// What was recorded under a number.
pub fn payload(number: u64) -> Payload {
    let text = format!(r#"{{"flow":"crm-to-us","rows":{number},"to":["US","JP"],"verdict":"permitted"}}"#);
    Payload::parse(&text).unwrap()
}

fn entry(number: u64) -> Entry {
    let commitment = payload(number).commitment(&Salt::new(SALT));
    Entry::of_payload(Kind::Crossing, "2026-11-24", commitment).unwrap()
}
