// SPDX-License-Identifier: Apache-2.0
//! The proof that a log has shown two histories: two checkpoints that it signed, and why no log can have both.

use crate::canonical::{CanonicalError, parse};
use crate::note::{Note, VerifyingKey};
use crate::tree::{LONGEST_PROOF, Nodes, prove_consistency, root};
use crate::{Checkpoint, CheckpointError, Hash, ProofError, tree};
use serde_json::{Value, json};
use std::fmt;
use std::str::FromStr;

const VERSION: &str = "fork/1";
const ABOUT: &str = "This file proves that a log has shown two histories: its key signed both checkpoints below, and the first entries of the \
    larger one are not those of the smaller one. Check it with `comity-witness forks`, or by hand: the root of the first entries \
    is tied to the larger checkpoint by a consistency proof of RFC 6962, and is another than the root of the smaller checkpoint.";
const KEYS: [&str; 6] = ["comity", "about", "smaller", "larger", "root", "proof"];

/// Two checkpoints of one log that contradict each other, with the proof that they do.
///
/// No tree can be both: the larger one has, at the size of the smaller, another root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fork {
    /// The checkpoint of fewer entries, or one of two of the same size.
    pub smaller: Note,
    /// The other.
    pub larger: Note,
    /// The root of the larger tree's first entries, as many as the smaller has.
    pub root: Hash,
    /// The proof that this root is of the larger tree.
    pub proof: Vec<Hash>,
}

/// Why a file does not prove two histories.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ForkError {
    /// It is not JSON that everyone reads alike.
    #[error("the proof of a fork is {0}")]
    Canonical(#[from] CanonicalError),
    /// A key is missing, wrong or not known.
    #[error("the proof of a fork, `{key}`: {problem}")]
    Key {
        /// The key.
        key: String,
        /// What is wrong with it.
        problem: String,
    },
    /// One of the two is no checkpoint, or the log did not sign it.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The root is not tied to the larger checkpoint.
    #[error("the root of the first entries is not that of the larger checkpoint: {0}")]
    Proof(#[from] ProofError),
    /// Both are of one history.
    #[error("the two checkpoints are of one history: they prove no fork")]
    OneHistory,
}

impl Fork {
    /// The proof that `signed` is of another history than the tree whose newest checkpoint is `newest`, as read from its nodes;
    /// `None` if it is of the same. `signed` may have at most as many entries.
    ///
    /// # Errors
    ///
    /// What keeps a node from being read, [`ProofError::Shrinks`] and [`CheckpointError`] as far as the error type has room for them.
    pub fn find<N>(signed: &Note, newest: &Note, nodes: &mut N) -> Result<Option<Self>, N::Error>
    where
        N: Nodes,
        N::Error: From<CheckpointError>,
    {
        let (smaller, larger): (Checkpoint, Checkpoint) = (signed.text().parse()?, newest.text().parse()?);
        let (old, new) = (smaller.size(), larger.size());
        if old > new {
            return Err(ProofError::Shrinks { old, new }.into());
        }
        let first = root(old, nodes)?;
        if first == *smaller.root() {
            return Ok(None);
        }
        let proof = prove_consistency(old, new, nodes)?;
        Ok(Some(Self { smaller: signed.clone(), larger: newest.clone(), root: first, proof }))
    }

    /// Checks that the log with one of these keys has shown two histories, and returns both checkpoints.
    ///
    /// # Errors
    ///
    /// [`ForkError`] if that is not proved.
    pub fn verify(&self, keys: &[VerifyingKey]) -> Result<(Checkpoint, Checkpoint), ForkError> {
        let signed = |note: &Note| -> Result<Checkpoint, ForkError> {
            let checkpoint: Checkpoint = note.text().parse()?;
            let of_log: Vec<VerifyingKey> = keys.iter().filter(|key| key.name() == checkpoint.origin()).cloned().collect();
            note.verify(&of_log).map_err(CheckpointError::from)?;
            Ok(checkpoint)
        };
        let (smaller, larger) = (signed(&self.smaller)?, signed(&self.larger)?);
        if smaller.origin() != larger.origin() || self.root == *smaller.root() {
            return Err(ForkError::OneHistory);
        }
        if smaller.size() == 0 {
            // There is one tree without entries: a signed checkpoint that gives it another root contradicts every tree.
            let empty = Hash::of_empty_tree();
            return if self.root == empty { Ok((smaller, larger)) } else { Err(ProofError::OfNothing.into()) };
        }
        tree::verify_consistency(smaller.size(), &self.root, larger.size(), larger.root(), &self.proof)?;
        Ok((smaller, larger))
    }
}

/// The proof as a file: JSON that a person can read.
impl fmt::Display for Fork {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = |note: &Note| note.to_string().split_terminator('\n').map(str::to_owned).collect::<Vec<_>>();
        let proof: Vec<String> = self.proof.iter().map(Hash::to_string).collect();
        let fork = json!({
            "comity": VERSION,
            "about": ABOUT,
            "smaller": lines(&self.smaller),
            "larger": lines(&self.larger),
            "root": self.root.to_string(),
            "proof": proof,
        });
        writeln!(formatter, "{fork:#}")
    }
}

impl FromStr for Fork {
    type Err = ForkError;

    fn from_str(written: &str) -> Result<Self, ForkError> {
        let wrong = |key: &str, problem: &str| ForkError::Key { key: key.to_owned(), problem: problem.to_owned() };
        let Value::Object(object) = parse(written)? else { return Err(wrong("comity", "it is a JSON object")) };
        if let Some(unknown) = object.keys().find(|key| !KEYS.contains(&key.as_str())) {
            return Err(wrong(unknown, &format!("unknown; expected {}", KEYS.join(", "))));
        }
        if object.get("comity").and_then(Value::as_str) != Some(VERSION) {
            return Err(wrong("comity", &format!("expected `{VERSION}`")));
        }
        let texts = |key: &str| {
            let list = object.get(key).and_then(Value::as_array).map(|list| list.iter().map(Value::as_str).collect::<Option<Vec<_>>>());
            list.flatten().ok_or_else(|| wrong(key, "expected a list of lines"))
        };
        let note = |key: &str| -> Result<Note, ForkError> {
            let text: String = texts(key)?.into_iter().flat_map(|line| [line, "\n"]).collect();
            Ok(text.parse().map_err(CheckpointError::from)?)
        };
        let hash = |key: &str, line: &str| Hash::from_base64(line).ok_or_else(|| wrong(key, "expected a hash in base64"));
        let root = hash("root", object.get("root").and_then(Value::as_str).unwrap_or_default())?;
        let proof = texts("proof")?;
        if proof.len() > LONGEST_PROOF {
            return Err(wrong("proof", "no tree needs so many hashes"));
        }
        let proof = proof.into_iter().map(|line| hash("proof", line)).collect::<Result<_, _>>()?;
        Ok(Self { smaller: note("smaller")?, larger: note("larger")?, root, proof })
    }
}
