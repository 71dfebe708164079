// SPDX-License-Identifier: Apache-2.0
//! COSE receipts: every entry of every small log can be proved, and nothing else by the same bytes.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use comity_evidence::cose::{self, CoseError};
use comity_evidence::note::{Algorithm, SigningKey};
use comity_evidence::{Checkpoint, Edge, Hash, LogProof, tree};
use coset::cbor::Value;
use coset::{CborSerializable, CoseSign1Builder, HeaderBuilder, TaggedCborSerializable, iana};
use ed25519_dalek::Signer;

const ORIGIN: &str = "example.org/log/2026";

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed(ORIGIN, Algorithm::Ed25519, [seed; 32]).unwrap()
}

fn entry(number: u64) -> Vec<u8> {
    format!("entry {number}").into_bytes()
}

/// The hashes beside the way of leaf `index`, by the definition of RFC 6962, section 2.1.1.
fn path(index: usize, leaves: &[Hash]) -> Vec<Hash> {
    if leaves.len() < 2 {
        return Vec::new();
    }
    let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
    let (mut hashes, beside) = if index < left.len() { (path(index, left), right) } else { (path(index - left.len(), right), left) };
    hashes.push(root(beside));
    hashes
}

fn root(leaves: &[Hash]) -> Hash {
    let mut edge = Edge::default();
    leaves.iter().for_each(|leaf| edge.push(*leaf, &mut |_, _| {}));
    edge.root()
}

fn proof(index: u64, size: u64, key: &SigningKey) -> LogProof {
    let leaves: Vec<Hash> = (0..size).map(|number| Hash::of_leaf(&entry(number))).collect();
    let mut checkpoint = Checkpoint::new(ORIGIN, size, root(&leaves)).unwrap().to_note().unwrap();
    checkpoint.sign(key, 0).unwrap();
    LogProof { extra: None, index, hashes: path(usize::try_from(index).unwrap(), &leaves), checkpoint }
}

#[test]
fn each_entry_of_each_small_log() {
    let key = key(7);
    for size in 1..20 {
        for index in 0..size {
            let receipt = cose::sign(&proof(index, size, &key), &entry(index), &key).unwrap();
            let included = cose::verify(&receipt, &entry(index), &key.verifying_key()).unwrap();
            assert_eq!((included.index, included.size), (index, size));
            let other = cose::verify(&receipt, &entry(index + 1), &key.verifying_key());
            assert_eq!(other, Err(CoseError::WrongSignature(ORIGIN.to_owned())));
        }
    }
}

#[test]
fn no_byte_of_a_receipt_can_be_changed() {
    let key = key(7);
    let receipt = cose::sign(&proof(4, 7, &key), &entry(4), &key).unwrap();
    for place in 0..receipt.len() {
        for bit in 0..8 {
            let mut changed = receipt.clone();
            changed[place] ^= 1 << bit;
            assert!(cose::verify(&changed, &entry(4), &key.verifying_key()).is_err(), "byte {place}, bit {bit}");
        }
        assert!(cose::verify(&receipt[..place], &entry(4), &key.verifying_key()).is_err());
    }
    let longer = [receipt.as_slice(), b"\0"].concat();
    assert!(matches!(cose::verify(&longer, &entry(4), &key.verifying_key()), Err(CoseError::Malformed(_))));
}

#[test]
fn only_a_published_root_is_signed_and_only_by_the_key_of_the_log() {
    let (key, other) = (key(7), key(8));
    let refused = |proof: &LogProof, entry: &[u8], key: &SigningKey| cose::sign(proof, entry, key).unwrap_err();
    assert!(matches!(refused(&proof(2, 5, &other), &entry(2), &key), CoseError::Checkpoint(_)));
    assert!(matches!(refused(&proof(2, 5, &key), &entry(3), &key), CoseError::Inclusion { index: 2, .. }));
    let witness = SigningKey::from_seed(ORIGIN, Algorithm::Ed25519Cosignature, [7; 32]).unwrap();
    assert_eq!(refused(&proof(2, 5, &witness), &entry(2), &witness), CoseError::Key(ORIGIN.to_owned()));
    let receipt = cose::sign(&proof(2, 5, &key), &entry(2), &key).unwrap();
    assert!(matches!(cose::verify(&receipt, &entry(2), &other.verifying_key()), Err(CoseError::WrongSignature(_))));
}

#[test]
fn the_paths_of_this_test_are_those_of_the_crate() {
    let leaves: Vec<Hash> = (0..7).map(|number| Hash::of_leaf(&entry(number))).collect();
    let included = tree::verify_inclusion(&leaves[5], 5, 7, &path(5, &leaves), &root(&leaves));
    assert_eq!(included, Ok(()));
}

/// Number and size stand beside what is signed, and one path of hashes fits more than one pair of them. So the header states them.
#[test]
fn number_and_size_are_those_that_the_log_has_signed() {
    let key = key(7);
    let receipt = cose::sign(&proof(2, 3, &key), &entry(2), &key).unwrap();
    let included = cose::verify(&receipt, &entry(2), &key.verifying_key()).unwrap();
    assert!(included.stated && (included.index, included.size) == (2, 3));
    let refused = |receipt: &[u8]| cose::verify(receipt, &entry(2), &key.verifying_key()).unwrap_err();
    assert_eq!(refused(&with_proof(&receipt, 2, 1)), CoseError::Claim("size"));
}

/// Puts another size and number into the receipt of entry 2 of 3.
fn with_proof(receipt: &[u8], size: u8, index: u8) -> Vec<u8> {
    // The array of size, number and one hash of 32 bytes.
    let (honest, other) = ([0x83, 3, 2, 0x81, 0x58, 32], [0x83, size, index, 0x81, 0x58, 32]);
    let (before, rest) = receipt.split_at(receipt.windows(6).position(|window| window == honest).unwrap());
    [before, &other, rest.strip_prefix(&honest).unwrap()].concat()
}

/// Other logs state less: what they sign is the root, and nothing follows for number and size.
#[test]
fn a_receipt_without_claims_proves_the_entry_alone() {
    let key = key(7);
    let without = |claims: Option<Value>| {
        let proof = proof(2, 3, &key);
        let path = proof.hashes.iter().map(|hash| Value::Bytes(hash.as_bytes().to_vec())).collect();
        let inclusion = Value::Array(vec![3.into(), 2.into(), Value::Array(path)]).to_vec().unwrap();
        let proofs = Value::Map(vec![(Value::from(-1), Value::Array(vec![Value::Bytes(inclusion)]))]);
        let mut protected = HeaderBuilder::new().algorithm(iana::Algorithm::EdDSA);
        protected = claims.into_iter().fold(protected, |header, claims| header.value(15, claims));
        let root = *proof.checkpoint.text().parse::<Checkpoint>().unwrap().root();
        CoseSign1Builder::new()
            .protected(protected.value(395, 1.into()).build())
            .unprotected(HeaderBuilder::new().value(396, proofs).build())
            .create_detached_signature(root.as_bytes(), &[], |message| {
                ed25519_dalek::SigningKey::from_bytes(&[7; 32]).sign(message).to_vec()
            })
            .build()
            .to_tagged_vec()
            .unwrap()
    };
    let verify = |receipt: &[u8]| cose::verify(receipt, &entry(2), &key.verifying_key());
    let bare = without(None);
    let included = verify(&bare).unwrap();
    assert_eq!((included.stated, included.index, included.size), (false, 2, 3));
    let other = verify(&with_proof(&bare, 2, 1)).unwrap();
    assert_eq!((other.stated, other.index, other.size, other.root), (false, 1, 2, included.root));
    // Another entry is proved by none of them.
    assert!(cose::verify(&bare, &entry(1), &key.verifying_key()).is_err());
    // What is claimed must be so, whoever claims it.
    let claims = |issuer: &str, subject: &str, size: u64| {
        Value::Map(vec![
            (1.into(), Value::Text(issuer.to_owned())),
            (2.into(), Value::Text(subject.to_owned())),
            ((-65_538).into(), size.into()),
        ])
    };
    let subject = format!("{ORIGIN}#2");
    assert!(verify(&without(Some(claims(ORIGIN, &subject, 3)))).unwrap().stated);
    assert_eq!(verify(&without(Some(claims("example.org/other", &subject, 3)))), Err(CoseError::Claim("log")));
    assert_eq!(verify(&without(Some(claims(ORIGIN, &format!("{ORIGIN}#1"), 3)))), Err(CoseError::Claim("number")));
    assert_eq!(verify(&without(Some(claims(ORIGIN, &subject, 4)))), Err(CoseError::Claim("size")));
    assert!(matches!(verify(&without(Some(Value::Null))), Err(CoseError::Malformed(_))));
    let theirs = Value::Map(vec![(1.into(), Value::Text(ORIGIN.to_owned())), (2.into(), Value::Text("a report".to_owned()))]);
    assert!(!verify(&without(Some(theirs))).unwrap().stated);
}
