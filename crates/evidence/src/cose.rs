// SPDX-License-Identifier: Apache-2.0
//! COSE receipts (RFC 9942): the proof that an entry is in a log, for readers that know COSE and not C2SP.
//!
//! Such a receipt holds the hashes of a [`LogProof`] and, instead of the signed checkpoint, a signature of the log. What is signed is
//! what RFC 9942, section 5.2.1 wants: the root, which the receipt does not bring along, and the protected header. The proof with
//! its number and size stands outside of both. So the header states them too, as claims (RFC 9597): the issuer is the log, the
//! subject is the log and the number of the entry, and a claim for private use is the size. RFC 9943, section 6 asks for the first two.
//!
//! It is another message than a checkpoint, so that the key of the log is needed to make it; and no witness stands under it.
//! It does not prove that the log shows everybody the same entries, nor when it was made: that is what cosignatures in a
//! [`Receipt`](crate::Receipt) are for.
//!
//! ```
//! use comity_evidence::note::{Algorithm, SigningKey};
//! use comity_evidence::{Checkpoint, Hash, LogProof, cose};
//!
//! let key = SigningKey::from_seed("example.org/log/2026", Algorithm::Ed25519, [7; 32])?;
//! let mut note = Checkpoint::new("example.org/log/2026", 1, Hash::of_leaf(b"the entry"))?.to_note()?;
//! note.sign(&key, 0)?;
//! let proof = LogProof { extra: None, index: 0, hashes: Vec::new(), checkpoint: note };
//!
//! let receipt = cose::sign(&proof, b"the entry", &key)?;
//! assert_eq!(cose::verify(&receipt, b"the entry", &key.verifying_key())?.size, 1);
//! assert!(cose::verify(&receipt, b"another", &key.verifying_key()).is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use crate::note::{SigningKey, VerifyingKey};
use crate::tree::{self, LONGEST_PROOF};
use crate::{Checkpoint, CheckpointError, Hash, LogProof, ProofError};
use coset::cbor::Value;
use coset::{CborSerializable, CoseSign1, CoseSign1Builder, HeaderBuilder, Label, TaggedCborSerializable, iana};

/// The most bytes of a receipt that are read: a path of 64 hashes, and the headers of a log with a long name, take less.
pub const LONGEST: usize = 8192;

/// Header parameters of RFC 9942, section 2: the kind of tree (`vds`), and the proofs over it (`vdp`).
const TREE: i64 = 395;
const PROOFS: i64 = 396;
/// `RFC9162_SHA256`, the tree of Certificate Transparency.
const RFC9162_SHA256: i64 = 1;
/// The inclusion proofs among the proofs.
const INCLUSION: i64 = -1;
/// CWT claims in a header (RFC 9597); among them who is the issuer and what it speaks of (RFC 8392), and, from the range for
/// private use, of how many entries the tree is.
const CLAIMS: i64 = 15;
const ISSUER: i64 = 1;
const SUBJECT: i64 = 2;
const SIZE: i64 = -65_538;

/// Why a receipt cannot be made, is none, or proves nothing of an entry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CoseError {
    /// The key signs no COSE receipts.
    #[error("the key of `{0}` signs no COSE receipts: an Ed25519 key that signs checkpoints is needed")]
    Key(String),
    /// The checkpoint is none that the key has signed.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The bytes are no receipt.
    #[error("not a COSE receipt: {0}")]
    Malformed(&'static str),
    /// The hashes do not lead from the entry to a root.
    #[error("the entry is not number {index} of the log: {source}")]
    Inclusion {
        /// The number it is said to have.
        index: u64,
        /// What was found.
        source: ProofError,
    },
    /// What the header claims is not what the proof beside it says.
    #[error("its signed header claims another {0} than its proof has")]
    Claim(&'static str),
    /// The root to which the entry and the hashes lead is not what the key signed.
    #[error("the signature by `{0}` does not hold: the entry, the receipt or the key is another")]
    WrongSignature(String),
}

/// Where a receipt says that the entry stands. The root is verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Included {
    /// The number of the entry, from zero.
    pub index: u64,
    /// Entries of the log when the receipt was made.
    pub size: u64,
    /// The root of the tree of these entries.
    pub root: Hash,
    /// Whether the log has signed number and size. In receipts of other logs it may not have: number and size then lead from the
    /// entry to that root, and others may too.
    pub stated: bool,
}

/// The receipt of an entry, as CBOR with tag 18 (`COSE_Sign1`, detached payload).
///
/// The root is signed only if the same key has signed the checkpoint with it before: no receipt is of a tree that the log
/// has not published.
///
/// # Errors
///
/// [`CoseError::Key`] for a key of another kind than the Ed25519 of logs, [`CoseError::Checkpoint`] if it did not sign the
/// checkpoint of the proof, [`CoseError::Inclusion`] if the entry is not what the proof is of.
pub fn sign(proof: &LogProof, entry: &[u8], key: &SigningKey) -> Result<Vec<u8>, CoseError> {
    let public = key.verifying_key();
    let refused = || CoseError::Key(public.name().to_owned());
    let (checkpoint, _) = Checkpoint::signed_by(&proof.checkpoint, &public)?;
    let included = tree::verify_inclusion(&Hash::of_leaf(entry), proof.index, checkpoint.size(), &proof.hashes, checkpoint.root());
    included.map_err(|source| CoseError::Inclusion { index: proof.index, source })?;
    let path = proof.hashes.iter().map(|hash| Value::Bytes(hash.as_bytes().to_vec())).collect();
    let inclusion = Value::Array(vec![checkpoint.size().into(), proof.index.into(), Value::Array(path)]);
    let inclusion = Value::Bytes(inclusion.to_vec().map_err(|_| CoseError::Malformed("it cannot be written"))?);
    let claims = Value::Map(vec![
        (ISSUER.into(), Value::Text(checkpoint.origin().to_owned())),
        (SUBJECT.into(), Value::Text(subject(checkpoint.origin(), proof.index))),
        (SIZE.into(), checkpoint.size().into()),
    ]);
    let protected = HeaderBuilder::new()
        .algorithm(iana::Algorithm::EdDSA)
        .key_id(public.id().to_be_bytes().to_vec())
        .value(CLAIMS, claims)
        .value(TREE, RFC9162_SHA256.into());
    let proofs = Value::Map(vec![(INCLUSION.into(), Value::Array(vec![inclusion]))]);
    // What COSE signs begins with the byte 0x84, with which no text in UTF-8 begins: it can never be taken for a checkpoint.
    let receipt = CoseSign1Builder::new()
        .protected(protected.build())
        .unprotected(HeaderBuilder::new().value(PROOFS, proofs).build())
        .try_create_detached_signature(checkpoint.root().as_bytes(), &[], |message| {
            key.sign_bytes(message).map(|signature| signature.to_vec()).ok_or_else(refused)
        })?
        .build();
    receipt.to_tagged_vec().map_err(|_| CoseError::Malformed("it cannot be written"))
}

/// Checks that a receipt is of `entry`, and that `log` signed the root to which it leads.
///
/// # Errors
///
/// [`CoseError`] if it is not, if its header claims what its proof does not say, or the bytes are no receipt that is written as
/// shortly as CBOR allows.
pub fn verify(receipt: &[u8], entry: &[u8], log: &VerifyingKey) -> Result<Included, CoseError> {
    if receipt.len() > LONGEST {
        return Err(CoseError::Malformed("it is longer than 8192 bytes"));
    }
    let read = CoseSign1::from_tagged_slice(receipt).map_err(|_| CoseError::Malformed("it is no COSE_Sign1 with tag 18"))?;
    // One receipt has one form, so that its digest can name it.
    if read.clone().to_tagged_vec().ok().as_deref() != Some(receipt) {
        return Err(CoseError::Malformed("its CBOR is not in the shortest form"));
    }
    let header = &read.protected.header;
    if header.alg != Some(coset::Algorithm::Assigned(iana::Algorithm::EdDSA)) {
        return Err(CoseError::Malformed("its algorithm is not EdDSA"));
    }
    if !header.crit.is_empty() {
        return Err(CoseError::Malformed("it calls a header critical that is not known here"));
    }
    if value(&header.rest, TREE) != Some(&Value::from(RFC9162_SHA256)) {
        return Err(CoseError::Malformed("its tree is not RFC9162_SHA256"));
    }
    if read.payload.is_some() {
        return Err(CoseError::Malformed("it brings its root along: the root must be found from the entry"));
    }
    let (size, index, hashes) = inclusion(&read.unprotected.rest)?;
    let root = tree::root_from_inclusion(&Hash::of_leaf(entry), index, size, &hashes);
    let root = root.map_err(|source| CoseError::Inclusion { index, source })?;
    let signed = read.verify_detached_signature(root.as_bytes(), &[], |signature, message| {
        if log.verify_bytes(message, signature) { Ok(()) } else { Err(CoseError::WrongSignature(log.name().to_owned())) }
    });
    signed?;
    // Claims are looked at last: only those that were signed are worth a word.
    let stated = claimed(&header.rest, log.name(), index, size)?;
    Ok(Included { index, size, root, stated })
}

/// What a receipt speaks of: an entry of a log.
fn subject(origin: &str, index: u64) -> String {
    format!("{origin}#{index}")
}

/// Whether a header states number and size. What it states must be so.
fn claimed(headers: &[(Label, Value)], origin: &str, index: u64, size: u64) -> Result<bool, CoseError> {
    let Some(claims) = value(headers, CLAIMS) else { return Ok(false) };
    let claims = claims.as_map().ok_or(CoseError::Malformed("its claims are no map"))?;
    let claim = |key: i64| claims.iter().find(|(claim, _)| *claim == Value::from(key)).map(|(_, value)| value);
    if claim(ISSUER).is_some_and(|issuer| issuer.as_text() != Some(origin)) {
        return Err(CoseError::Claim("log"));
    }
    // Others may speak of something else; with the size beside it, it is a subject of ours.
    let Some(stated) = claim(SIZE) else { return Ok(false) };
    if *stated != Value::from(size) {
        return Err(CoseError::Claim("size"));
    }
    match claim(SUBJECT) {
        Some(stated) if stated.as_text() == Some(subject(origin, index).as_str()) => Ok(true),
        _ => Err(CoseError::Claim("number")),
    }
}

fn value(headers: &[(Label, Value)], label: i64) -> Option<&Value> {
    headers.iter().find(|(present, _)| *present == Label::Int(label)).map(|(_, value)| value)
}

/// Size, index and hashes of the one inclusion proof.
fn inclusion(headers: &[(Label, Value)]) -> Result<(u64, u64, Vec<Hash>), CoseError> {
    let wrong = CoseError::Malformed("expected one inclusion proof of size, index and hashes");
    let proofs = value(headers, PROOFS).and_then(Value::as_map).ok_or_else(|| wrong.clone())?;
    let proofs = proofs.iter().find(|(kind, _)| *kind == Value::from(INCLUSION)).and_then(|(_, proofs)| proofs.as_array());
    let Some([Value::Bytes(proof)]) = proofs.map(Vec::as_slice) else { return Err(wrong) };
    let Ok(read) = Value::from_slice(proof) else { return Err(wrong) };
    if read.clone().to_vec().ok().as_ref() != Some(proof) {
        return Err(CoseError::Malformed("its CBOR is not in the shortest form"));
    }
    let Some([Value::Integer(size), Value::Integer(index), Value::Array(path)]) = read.as_array().map(Vec::as_slice) else {
        return Err(wrong);
    };
    if path.len() > LONGEST_PROOF {
        return Err(CoseError::Malformed("no tree needs so many hashes"));
    }
    let hashes = path.iter().map(|hash| hash.as_bytes().and_then(|hash| Hash::from_slice(hash))).collect::<Option<_>>();
    match (u64::try_from(*size), u64::try_from(*index), hashes) {
        (Ok(size), Ok(index), Some(hashes)) => Ok((size, index, hashes)),
        _ => Err(wrong),
    }
}
