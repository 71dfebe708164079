// SPDX-License-Identifier: Apache-2.0
//! Evidence that convinces a stranger: what a transparency log writes, and how anyone checks it without trusting its keeper.
//!
//! The formats are those of C2SP (signed-note, tlog-checkpoint, tlog-tiles, tlog-cosignature, tlog-witness, tlog-proof, tlog-policy)
//! over the Merkle tree of RFC 6962, so that every other reader of such logs can read ours.
//!
//! ```
//! use comity_evidence::note::{Algorithm, SigningKey};
//! use comity_evidence::{Checkpoint, Edge, Hash, LogProof, Policy};
//!
//! // A log of two entries, and its signed checkpoint.
//! let key = SigningKey::from_seed("example.org/log/2026", Algorithm::Ed25519, [7; 32])?;
//! let mut edge = Edge::default();
//! for entry in [b"first", b"other"] {
//!     edge.push(Hash::of_leaf(entry), &mut |_, _| {});
//! }
//! let mut note = Checkpoint::new("example.org/log/2026", edge.size(), edge.root())?.to_note()?;
//! note.sign(&key, 0)?;
//!
//! // The proof of one of them, checked with nothing but the entry and a policy.
//! let proof = LogProof { extra: None, index: 1, hashes: vec![Hash::of_leaf(b"first")], checkpoint: note };
//! let policy: Policy = format!("log {}\nquorum none\n", key.verifying_key()).parse()?;
//! let read: LogProof = proof.to_string().parse()?;
//! assert_eq!(read.verify(b"other", &policy)?.checkpoint.size(), 2);
//! assert!(read.verify(b"forged", &policy).is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Time, randomness and storage are passed in: this crate never reads a clock, a file, the network or chance,
//! so it also runs in a browser. It knows nothing of law, and says nothing of whether an entry is true:
//! only that it was written, in which order, and that nothing was taken back.

pub mod canonical;
mod checkpoint;
mod commitment;
pub mod cose;
pub mod custody;
pub mod document;
mod edge;
pub mod entry;
mod fork;
mod hash;
pub mod note;
mod policy;
mod proof;
mod receipt;
pub mod report;
pub mod text;
pub mod tile;
pub mod timestamp;
pub mod tree;
pub mod witness;

pub use checkpoint::{Checkpoint, CheckpointError};
pub use commitment::{CommitmentError, Disclosure, Field, MOST_FIELDS, Payload, Salt};
pub use edge::{Edge, TiledNodes};
pub use entry::{Entry, EntryError};
pub use fork::{Fork, ForkError};
pub use hash::Hash;
pub use note::NoteError;
pub use policy::{Party, Policy, PolicyError, TrustError, Trusted};
pub use proof::{LogProof, LogProofError};
pub use receipt::{Checked, Receipt, ReceiptError};
pub use tree::ProofError;
