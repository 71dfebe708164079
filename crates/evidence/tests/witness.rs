// SPDX-License-Identifier: Apache-2.0
//! Witnessing: what a witness answers to every kind of request, and what proves two histories.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use comity_evidence::note::{Algorithm, Note, SigningKey, VerifyingKey};
use comity_evidence::tree::{Nodes, prove_consistency};
use comity_evidence::witness::{Refused, Request, accept, answer, cosign, path_of};
use comity_evidence::{Checkpoint, CheckpointError, Fork, ForkError, Hash, NoteError, ProofError, tree};
use proptest::prelude::*;

const ORIGIN: &str = "example.org/log/2026";

fn log() -> SigningKey {
    SigningKey::from_seed(ORIGIN, Algorithm::Ed25519, [7; 32]).unwrap()
}

fn keys() -> [VerifyingKey; 1] {
    [log().verifying_key()]
}

fn own() -> SigningKey {
    SigningKey::from_seed("authority.example/witness", Algorithm::Ed25519Cosignature, [8; 32]).unwrap()
}

/// A history: its leaves say which one it is from entry `forks_at` on.
struct History {
    name: &'static str,
    forks_at: u64,
}

const MAIN: History = History { name: "main", forks_at: 0 };

#[derive(Debug)]
enum Never {
    Proof(#[expect(dead_code, reason = "shown where it fails")] ProofError),
    Checkpoint(#[expect(dead_code, reason = "shown where it fails")] CheckpointError),
}

impl From<ProofError> for Never {
    fn from(error: ProofError) -> Self {
        Self::Proof(error)
    }
}

impl From<CheckpointError> for Never {
    fn from(error: CheckpointError) -> Self {
        Self::Checkpoint(error)
    }
}

impl Nodes for &History {
    type Error = Never;

    fn node(&mut self, level: u32, index: u64) -> Result<Hash, Never> {
        if level == 0 {
            let name = if index < self.forks_at { MAIN.name } else { self.name };
            return Ok(Hash::of_leaf(format!("{name} {index}").as_bytes()));
        }
        Ok(Hash::of_node(&self.node(level - 1, index * 2)?, &self.node(level - 1, index * 2 + 1)?))
    }
}

impl History {
    fn checkpoint(&self, size: u64) -> Checkpoint {
        Checkpoint::new(ORIGIN, size, tree::root(size, &mut &*self).unwrap()).unwrap()
    }

    fn note(&self, size: u64) -> Note {
        let mut note = self.checkpoint(size).to_note().unwrap();
        note.sign(&log(), 0).unwrap();
        note
    }

    fn request(&self, old: u64, new: u64) -> Request {
        Request::new(old, prove_consistency(old, new, &mut &*self).unwrap(), self.note(new)).unwrap()
    }

    fn asked(&self, old: u64, new: u64, last: &Checkpoint) -> Result<(), Refused> {
        self.request(old, new).verify(&keys(), Some(last))
    }
}

#[test]
fn each_kind_of_request_has_its_answer() {
    let last = MAIN.checkpoint(5);
    assert_eq!(MAIN.asked(5, 9, &last), Ok(()));
    assert_eq!(MAIN.asked(5, 5, &last), Ok(()), "the same again, for another cosignature");
    let status = |done: Result<(), Refused>| done.unwrap_err().status();
    // 409, with the size to start from.
    let conflict = MAIN.asked(3, 9, &last).unwrap_err();
    assert_eq!((conflict.status(), conflict.body()), (409, ("text/x.tlog.size", "5\n".to_owned())));
    assert_eq!(status(MAIN.asked(0, 9, &last)), 409);
    // 422: another history, also of the same size; a proof that is none.
    let other = History { name: "other", forks_at: 2 };
    assert_eq!(status(other.asked(5, 9, &last)), 422);
    assert_eq!(status(other.asked(5, 5, &last)), 422);
    assert_eq!(status(Request::new(5, Vec::new(), MAIN.note(9)).unwrap().verify(&keys(), Some(&last))), 422);
    assert_eq!(status(Request::new(5, vec![*last.root()], MAIN.note(5)).unwrap().verify(&keys(), Some(&last))), 422);
    // 404 and 403.
    let stranger = SigningKey::from_seed("example.org/other", Algorithm::Ed25519, [7; 32]).unwrap();
    assert_eq!(status(MAIN.request(5, 9).verify(&[stranger.verifying_key()], Some(&last))), 404);
    let thief = SigningKey::from_seed(ORIGIN, Algorithm::Ed25519, [9; 32]).unwrap();
    assert_eq!(status(MAIN.request(5, 9).verify(&[thief.verifying_key()], Some(&last))), 403);
    let changed = MAIN.request(5, 9).to_string().replace("\n9\n", "\n8\n");
    assert_eq!(status(changed.parse::<Request>().unwrap().verify(&keys(), Some(&last))), 403);
    // 400.
    assert!(matches!(Request::new(9, Vec::new(), MAIN.note(5)), Err(Refused::Shrinks { old: 9, new: 5 })));
}

#[test]
fn a_log_that_was_never_cosigned() {
    assert_eq!(MAIN.request(0, 4).verify(&keys(), None), Ok(()));
    assert_eq!(MAIN.request(0, 0).verify(&keys(), None), Ok(()));
    let surplus = Request::new(0, vec![Hash::of(b"")], MAIN.note(4)).unwrap();
    assert!(matches!(surplus.verify(&keys(), None), Err(Refused::Inconsistent(ProofError::Length { found: 1 }))));
    // A tree without entries has one root.
    let mut strange = Checkpoint::new(ORIGIN, 0, Hash::of(b"strange")).unwrap().to_note().unwrap();
    strange.sign(&log(), 0).unwrap();
    let refused = Request::new(0, Vec::new(), strange).unwrap().verify(&keys(), None).unwrap_err();
    assert_eq!(refused.status(), 422);
}

#[test]
fn what_is_no_request() {
    let good = MAIN.request(5, 9).to_string();
    assert_eq!(good.parse::<Request>().unwrap().to_string(), good);
    let (head, note) = good.split_once("\n\n").unwrap();
    let proof = head.strip_prefix("old 5").unwrap();
    for wrong in [
        String::new(),
        "old 5\n".to_owned(),
        format!("old 05{proof}\n\n{note}"),
        format!("old  5{proof}\n\n{note}"),
        format!("Old 5{proof}\n\n{note}"),
        format!("old 5\r{proof}\n\n{note}"),
        format!("old 5\nnot base64\n\n{note}"),
        format!("old 5{}\n\n{note}", "\nlsW6OQ4kNhqPqWJoTwe0w3dHI9cHm8hgmJ1bCs+X0Vs=".repeat(64)),
        format!("old 5{proof}\n{note}"),
        format!("{head}\n\n{}", note.trim_end()),
        format!("{head}\n\n{}", note.replace('\n', "\r\n")),
        format!("{head}\n\n{}\r\n", note.trim_end()),
        format!("{head}\n\n{}", note.split_once("\n\n").unwrap().0),
        format!("{head}\n\nnot a checkpoint\n\n{}", note.split_once("\n\n").unwrap().1),
    ] {
        assert_eq!(wrong.parse::<Request>().unwrap_err().status(), 400, "{wrong:?}");
    }
}

#[test]
fn a_cosignature_is_taken_only_from_the_witness() {
    let mut note = MAIN.note(5);
    let own_key = own().verifying_key();
    let cosigned = answer(&cosign(&note, std::slice::from_ref(&own_key), &[own()], 1_790_000_000).unwrap());
    let before = note.clone();
    assert!(accept(&mut note, "", &own_key).is_err());
    assert!(accept(&mut note, cosigned.trim_end(), &own_key).is_err(), "cut off");
    assert!(accept(&mut note, &cosigned.replace('\n', "\r\n"), &own_key).is_err());
    let other = answer(&cosign(&MAIN.note(6), std::slice::from_ref(&own_key), &[own()], 1).unwrap());
    assert!(matches!(accept(&mut note, &other, &own_key), Err(NoteError::WrongSignature(_))));
    assert_eq!(note, before);
    // Lines of others are left where they are, the log's own signature too.
    let with_others = format!("{}\n{cosigned}", MAIN.note(6).signatures()[0]);
    assert_eq!(accept(&mut note, &with_others, &own_key), Ok(1_790_000_000));
    assert_eq!(note.signatures().len(), 2);
    assert_eq!(note.verify(&[log().verifying_key(), own_key]).unwrap().len(), 2);
    // A log's key does not cosign.
    assert!(cosign(&note, &keys(), &[log()], 1).is_err());
    assert_eq!(log().to_cosigner().unwrap().verifying_key().algorithm(), Algorithm::Ed25519Cosignature);
}

#[test]
fn the_place_of_a_checkpoint_at_a_witness() {
    // By `printf example.com/log | sha256sum`.
    let expected = "4d3203c8f35cdf600e475f55fede6081a703d3d322f208865fca2ec4f0e030f8/checkpoint";
    assert_eq!(path_of("example.com/log"), expected);
}

proptest! {
    #[test]
    fn what_extends_is_cosigned_and_what_forks_is_proved(old in 1_u64..40, more in 0_u64..40, forks_at in 0_u64..40) {
        let new = old + more;
        prop_assert_eq!(MAIN.asked(old, new, &MAIN.checkpoint(old)), Ok(()));
        let other = History { name: "other", forks_at };
        let asked = other.asked(old, new, &MAIN.checkpoint(old));
        let found = Fork::find(&MAIN.note(old), &other.note(new), &mut &other).unwrap();
        if forks_at >= old {
            prop_assert_eq!(asked, Ok(()));
            prop_assert_eq!(found, None);
        } else {
            prop_assert_eq!(asked.unwrap_err().status(), 422);
            let fork: Fork = found.unwrap().to_string().parse().unwrap();
            let (smaller, larger) = fork.verify(&keys()).unwrap();
            prop_assert_eq!((smaller.size(), larger.size()), (old, new));
        }
    }

    #[test]
    fn nothing_proves_a_fork_of_one_history(old in 1_u64..40, more in 0_u64..40, wrong in any::<[u8; 32]>()) {
        let (smaller, larger) = (MAIN.note(old), MAIN.note(old + more));
        let proof = prove_consistency(old, old + more, &mut &MAIN).unwrap();
        let root = *MAIN.checkpoint(old).root();
        let honest = Fork { smaller: smaller.clone(), larger: larger.clone(), root, proof: proof.clone() };
        prop_assert_eq!(honest.verify(&keys()), Err(ForkError::OneHistory));
        let claimed = Fork { smaller, larger, root: Hash::from_bytes(wrong), proof };
        prop_assert!(matches!(claimed.verify(&keys()), Err(ForkError::Proof(_))));
    }
}

#[test]
fn a_fork_is_proved_by_the_logs_own_key_alone() {
    let other = History { name: "other", forks_at: 2 };
    let fork = Fork::find(&MAIN.note(5), &other.note(9), &mut &other).unwrap().unwrap();
    assert!(fork.verify(&keys()).is_ok());
    let thief = SigningKey::from_seed(ORIGIN, Algorithm::Ed25519, [9; 32]).unwrap();
    assert!(matches!(fork.verify(&[thief.verifying_key()]), Err(ForkError::Checkpoint(_))));
    for (from, to) in [("fork/1", "fork/2"), ("\"root\"", "\"Root\""), ("\"proof\": [", "\"proof\": [1, ")] {
        assert!(matches!(fork.to_string().replace(from, to).parse::<Fork>(), Err(ForkError::Key { .. })), "{from}");
    }
}
