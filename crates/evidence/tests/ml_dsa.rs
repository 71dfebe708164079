// SPDX-License-Identifier: Apache-2.0
//! ML-DSA-44 under notes: what is signed verifies, what is changed does not, and keys survive being written.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use comity_evidence::note::{Algorithm, Note, SigningKey, VerifyingKey};
use comity_evidence::{Checkpoint, Hash, NoteError, text};

const NAME: &str = "example.org/witness";

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed(NAME, Algorithm::MlDsa44Cosignature, [seed; 32]).unwrap()
}

fn checkpoint(size: u64, root: &[u8]) -> Note {
    Checkpoint::new("example.org/log/2026", size, Hash::of(root)).unwrap().to_note().unwrap()
}

#[test]
fn a_signed_checkpoint_verifies_and_states_its_time() {
    let key = key(7);
    let mut note = checkpoint(3, b"root");
    note.sign(&key, 1_795_000_000).unwrap();
    let read: Note = note.to_string().parse().unwrap();
    let verified = read.verify(&[key.verifying_key()]).unwrap();
    assert_eq!((verified.len(), verified[0].seconds), (1, Some(1_795_000_000)));
    // The same name with another key is another signer.
    let other = SigningKey::from_seed(NAME, Algorithm::MlDsa44Cosignature, [8; 32]).unwrap();
    assert!(matches!(read.verify(&[other.verifying_key()]), Err(NoteError::NoKnownKey { .. })));
}

#[test]
fn a_signature_holds_for_no_other_tree_and_no_other_time() {
    let key = key(7);
    let mut note = checkpoint(3, b"root");
    note.sign(&key, 1000).unwrap();
    let line = note.to_string().lines().last().unwrap().to_owned();
    let wrong = Err(NoteError::WrongSignature(NAME.to_owned()));
    for other in [checkpoint(4, b"root"), checkpoint(3, b"other root")] {
        let moved: Note = format!("{}\n{line}\n", other.text()).parse().unwrap();
        assert_eq!(moved.verify(&[key.verifying_key()]), wrong);
    }
    // The time stands in the line itself, between the id of the key and the signature: its last byte is changed here.
    let (head, written) = line.rsplit_once(' ').unwrap();
    let mut bytes = text::from_base64(written).unwrap();
    bytes[11] ^= 1;
    let later: Note = format!("{}\n{head} {}\n", note.text(), text::to_base64(&bytes)).parse().unwrap();
    assert_eq!(later.verify(&[key.verifying_key()]), wrong);
}

#[test]
fn keys_survive_being_written() {
    let key = key(7);
    let written = key.verifying_key().to_string();
    let read: VerifyingKey = written.parse().unwrap();
    assert_eq!((&read, read.public_key().len()), (&key.verifying_key(), 1312));
    let secret = SigningKey::from_secret_text(&key.to_secret_text()).unwrap();
    assert_eq!(secret.verifying_key(), read);
    let mut note = checkpoint(1, b"root");
    note.sign(&secret, 5).unwrap();
    assert_eq!(note.verify(&[read]).unwrap().len(), 1);
    // A key whose bytes were changed no longer fits its id.
    let last = written.replace(NAME, "example.org/other");
    assert!(matches!(last.parse::<VerifyingKey>(), Err(NoteError::Key(_))));
}

#[test]
fn what_is_no_checkpoint_is_not_signed() {
    let mut note = Note::new("no checkpoint\n").unwrap();
    let refused = note.sign(&key(7), 5).unwrap_err();
    assert!(matches!(&refused, NoteError::Unsigned { key, .. } if key == NAME), "{refused}");
    let mut note = checkpoint(1, b"root");
    assert!(matches!(note.sign(&key(7), 1 << 63), Err(NoteError::Unsigned { .. })));
    assert!(note.signatures().is_empty());
}
