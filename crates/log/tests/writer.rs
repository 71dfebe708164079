// SPDX-License-Identifier: Apache-2.0
//! The writer: what it does, and what it refuses.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

mod support;

use comity_evidence::note::{Algorithm, Note, SigningKey};
use comity_evidence::tile::{Kind, Tile};
use comity_evidence::{Checkpoint, Hash, tree};
use comity_log::{Files, LogError, Refusal, Submission, audit};
use std::path::Path;
use support::{assert_extends, assert_whole, checkpoint, copy, grow, key, open, open_seen, policy, reader, submission};
use tempfile::TempDir;

fn refusal(opened: Result<comity_log::Writer, LogError>) -> Refusal {
    match opened.map(|_| ()) {
        Err(LogError::Refused(refusal)) => *refusal,
        other => panic!("expected a refusal, found {other:?}"),
    }
}

/// A log of so many entries, signed after each part.
fn log(parts: &[u64]) -> TempDir {
    let folder = TempDir::new().unwrap();
    let mut writer = open(folder.path()).unwrap();
    for part in parts {
        grow(&mut writer, *part);
        writer.integrate(0).unwrap();
    }
    folder
}

#[test]
fn what_is_taken_in_is_signed_and_can_be_proved() {
    let folder = TempDir::new().unwrap();
    let mut seen = Vec::new();
    let mut size = 0;
    for part in [0, 1, 1, 3, 250, 1, 1, 300, 255, 256, 1, 66_000, 7] {
        // A writer that goes on, and one that starts anew, are the same.
        let mut writer = open(folder.path()).unwrap();
        grow(&mut writer, part);
        let note = writer.integrate(0).unwrap();
        size += part;
        assert_eq!(checkpoint(&note).size(), size);
        assert_eq!(writer.integrate(0).unwrap(), note, "nothing new, nothing signed");
        seen.push(checkpoint(&note));
    }
    assert_whole(folder.path(), size);
    assert_extends(folder.path(), &seen);
    let reader = reader(folder.path());
    for number in (0..size).step_by(997).chain([size - 1]) {
        let proof = reader.prove(number).unwrap();
        let trusted = proof.verify(&reader.entry(number, size).unwrap(), &policy()).unwrap();
        assert_eq!(trusted.checkpoint.size(), size);
        assert!(proof.verify(b"another entry", &policy()).is_err());
    }
    assert!(matches!(reader.prove(size), Err(LogError::Proof(_))));
    // Partial tiles go once the full one is there; those of the newest tree are there.
    for path in reader.files().list().unwrap() {
        assert!(
            path == "checkpoint"
                || Tile::from_path(&path).is_some_and(|tile| {
                    let now = Tile::of_tree(tile.kind, tile.index, size).unwrap();
                    now.is_partial() || now == tile
                }),
            "{path}"
        );
    }
}

#[test]
fn the_same_event_handed_in_again_gets_the_same_number() {
    let folder = TempDir::new().unwrap();
    let mut writer = open(folder.path()).unwrap();
    let event = |text: &str| Submission { entry: text.as_bytes().to_vec(), once: Some(Hash::of(b"event")) };
    assert_eq!(writer.append(&[submission("a"), event("salted once"), event("salted twice")]).unwrap(), [0, 1, 1]);
    writer.integrate(0).unwrap();
    let mut writer = open(folder.path()).unwrap();
    assert_eq!(writer.append(&[event("salted thrice"), submission("b")]).unwrap(), [1, 2]);
    writer.integrate(0).unwrap();
    assert_eq!(reader(folder.path()).entry(1, 3).unwrap(), b"salted once");
}

#[test]
fn an_entry_that_no_bundle_can_hold_is_refused_before_it_is_taken_in() {
    let folder = TempDir::new().unwrap();
    let mut writer = open(folder.path()).unwrap();
    let longest = Submission { entry: vec![b'x'; 65_535], once: None };
    let longer = Submission { entry: vec![b'x'; 65_536], once: None };
    assert!(writer.append(&[longest.clone(), longer]).unwrap_err().to_string().contains("at most 65535"));
    assert_eq!(writer.append(&[longest]).unwrap(), [0]);
    writer.integrate(0).unwrap();
}

/// Restores some of the stores from a backup of three entries into a log of five.
fn restored(stores: &[&str]) -> TempDir {
    let backup = log(&[3]);
    let folder = TempDir::new().unwrap();
    copy(backup.path(), folder.path());
    let mut writer = open(folder.path()).unwrap();
    grow(&mut writer, 2);
    writer.integrate(0).unwrap();
    drop(writer);
    for store in stores {
        let place = folder.path().join(store);
        if place.is_dir() {
            std::fs::remove_dir_all(&place).unwrap();
        } else {
            for ending in ["", "-wal", "-shm"] {
                let _ = std::fs::remove_file(format!("{}{ending}", place.display()));
            }
        }
        if backup.path().join(store).exists() {
            copy(&backup.path().join(store), &place);
        }
    }
    folder
}

#[test]
fn a_restored_backup_refuses_to_sign() {
    let refused = |stores: &[&str]| refusal(open(restored(stores).path()));
    assert_eq!(refused(&["public"]), Refusal::FilesBehind { signed: 5, files: 3 });
    assert_eq!(refused(&["public", "queue.sqlite"]), Refusal::FilesBehind { signed: 5, files: 3 });
    assert_eq!(refused(&["queue.sqlite"]), Refusal::QueueBehind { signed: 5, queue: 3 });
    assert_eq!(refused(&["lock.sqlite"]), Refusal::LockBehind { signed: 3, files: 5 });
    assert_eq!(refused(&["lock.sqlite", "queue.sqlite"]), Refusal::LockBehind { signed: 3, files: 5 });
    // Without a lock at all: a copy on another machine.
    let moved = log(&[4]);
    std::fs::remove_file(moved.path().join("lock.sqlite")).unwrap();
    assert_eq!(refusal(open(moved.path())), Refusal::NoLock { size: 4 });
    // Every refusal says what to do.
    for stores in [&["public"][..], &["queue.sqlite"], &["lock.sqlite"]] {
        assert!(refused(stores).to_string().contains("begin a new one"), "{stores:?}");
    }
}

#[test]
fn a_backup_of_everything_is_known_by_its_witnesses() {
    let folder = restored(&["public", "queue.sqlite", "lock.sqlite"]);
    // Nothing here tells it from the log as it was: it would sign.
    assert!(open(folder.path()).is_ok());
    let newer = log(&[3, 2]);
    let seen = reader(newer.path()).checkpoint().unwrap().unwrap();
    let seen = [("witness.example".to_owned(), seen)];
    assert_eq!(refusal(open_seen(folder.path(), &seen)), Refusal::WitnessAhead { by: "witness.example".to_owned(), theirs: 5, ours: 3 });
    assert!(open_seen(newer.path(), &seen).is_ok());
}

#[test]
fn a_witness_of_another_history_stops_the_log() {
    let folder = log(&[3, 2]);
    let mut forged = Checkpoint::new(support::ORIGIN, 4, Hash::of(b"other")).unwrap().to_note().unwrap();
    forged.sign(&key(), 0).unwrap();
    let found = refusal(open_seen(folder.path(), &[("w".to_owned(), forged)]));
    assert!(matches!(found, Refusal::Fork { size: 4, .. }), "{found}");
}

#[test]
fn of_two_writers_one_signs() {
    let folder = log(&[3]);
    let (mut first, mut second) = (open(folder.path()).unwrap(), open(folder.path()).unwrap());
    grow(&mut first, 1);
    grow(&mut second, 1);
    let signed = first.integrate(0).unwrap();
    assert_eq!(checkpoint(&signed).size(), 5);
    assert_eq!(second.integrate(0).unwrap_err().to_string(), Refusal::OtherWriter.to_string());
    assert_whole(folder.path(), 5);
}

#[test]
fn of_two_copies_with_queues_of_their_own_one_signs() {
    // The same files and lock, written from two queues: the numbers mean different entries.
    let folder = log(&[3]);
    let other = TempDir::new().unwrap();
    copy(&folder.path().join("queue.sqlite"), &other.path().join("queue.sqlite"));
    for store in ["public", "lock.sqlite"] {
        std::os::unix::fs::symlink(folder.path().join(store), other.path().join(store)).unwrap();
    }
    let (mut first, mut second) = (open(folder.path()).unwrap(), open(other.path()).unwrap());
    first.append(&[submission("entry 3")]).unwrap();
    second.append(&[submission("not entry 3")]).unwrap();
    first.integrate(0).unwrap();
    let found = second.integrate(0).unwrap_err();
    assert!(matches!(&found, LogError::Refused(refusal) if matches!(**refusal, Refusal::OtherContent(_))), "{found}");
    assert_whole(folder.path(), 4);
}

#[test]
fn a_crash_between_signing_and_publishing_is_made_up_for() {
    let folder = log(&[3]);
    let old = std::fs::read(folder.path().join("public/checkpoint")).unwrap();
    let mut writer = open(folder.path()).unwrap();
    grow(&mut writer, 300);
    let note = writer.integrate(0).unwrap();
    drop(writer);
    std::fs::write(folder.path().join("public/checkpoint"), old).unwrap();
    let mut writer = open(folder.path()).unwrap();
    assert_eq!(reader(folder.path()).checkpoint().unwrap(), Some(note));
    grow(&mut writer, 1);
    writer.integrate(0).unwrap();
    assert_whole(folder.path(), 304);
}

#[test]
fn keys_carry_the_name_of_the_log() {
    let folder = TempDir::new().unwrap();
    let lock = comity_log::lock::SqliteLock::open(&folder.path().join("lock.sqlite"), "a").unwrap();
    let files = Box::new(comity_log::files::Folder::new(folder.path()));
    let found = comity_log::Writer::open("a", vec![key()], files, Box::new(support::queue(folder.path())), Box::new(lock), &[]);
    assert!(matches!(refusal(found), Refusal::OtherKey { .. }));
}

#[test]
fn cosignatures_are_published_for_the_newest_only() {
    let folder = log(&[3]);
    let mut writer = open(folder.path()).unwrap();
    let witness = SigningKey::from_seed("w.example", Algorithm::Ed25519Cosignature, [1; 32]).unwrap();
    let mut cosigned = writer.signed().unwrap().clone();
    cosigned.sign(&witness, 1_795_000_000).unwrap();
    writer.publish(&cosigned).unwrap();
    assert_eq!(reader(folder.path()).checkpoint().unwrap(), Some(cosigned.clone()));
    drop(writer);
    let mut writer = open(folder.path()).unwrap();
    grow(&mut writer, 1);
    writer.integrate(0).unwrap();
    assert!(writer.publish(&cosigned).unwrap_err().to_string().contains("only the newest is published"));
}

/// Every file of a log but the checkpoint's signature lines.
fn files(folder: &Path) -> Vec<String> {
    let mut files = reader(folder).files().list().unwrap();
    files.sort_unstable();
    files
}

#[test]
fn every_flipped_bit_is_found_and_named() {
    let folder = log(&[5, 251, 3, 300, 41]);
    let keys = [key().verifying_key()];
    for file in files(folder.path()) {
        let place = folder.path().join("public").join(&file);
        let whole = std::fs::read(&place).unwrap();
        for at in (0..whole.len()).step_by(whole.len() / 7 + 1).chain([whole.len() - 1]) {
            let mut damaged = whole.clone();
            damaged[at] ^= 1 << (at % 8);
            std::fs::write(&place, &damaged).unwrap();
            let found = audit(&reader(folder.path()), &keys, &mut |_, _| {});
            match found {
                Ok(Err(damage)) => assert_eq!(damage.file, file, "byte {at}: {damage}"),
                // A checkpoint whose signature line names another key, or is no text any more, was signed by nobody known.
                Err(error) => assert!(file == "checkpoint", "{file}, byte {at}: {error}"),
                Ok(Ok(_)) => panic!("{file}, byte {at}: not found"),
            }
        }
        std::fs::remove_file(&place).unwrap();
        match audit(&reader(folder.path()), &keys, &mut |_, _| {}) {
            Ok(Err(damage)) => assert_eq!(damage.file, file),
            Err(LogError::Missing(missing)) => assert_eq!(missing, file),
            // A partial file of an earlier checkpoint may be removed.
            Ok(Ok(_)) => assert!(
                Tile::from_path(&file).is_some_and(
                    |tile| tile.is_partial() && Tile::of_tree(tile.kind, tile.index, 600).is_some_and(|now| now.width > tile.width)
                ),
                "{file}"
            ),
            Err(error) => panic!("{file}: {error}"),
        }
        std::fs::write(&place, &whole).unwrap();
    }
    assert_whole(folder.path(), 600);
}

#[test]
fn damage_under_the_edge_is_found_before_anything_is_signed() {
    let folder = log(&[300]);
    for kind in [Kind::Hashes(0), Kind::Entries, Kind::Hashes(1)] {
        let tile = Tile::last_of(kind, 300).unwrap();
        let place = folder.path().join("public").join(tile.to_string());
        let whole = std::fs::read(&place).unwrap();
        let mut damaged = whole.clone();
        damaged[9] ^= 4;
        std::fs::write(&place, &damaged).unwrap();
        assert!(open(folder.path()).is_err(), "{tile}");
        std::fs::write(&place, whole).unwrap();
    }
    assert!(open(folder.path()).is_ok());
}

#[test]
fn consistency_can_be_proved_between_any_two_checkpoints() {
    let folder = log(&[5, 251, 3, 300, 41]);
    let reader = reader(folder.path());
    let roots: Vec<(u64, Hash)> = [5, 256, 259, 559, 600].map(|size| (size, tree::root(size, &mut reader.nodes(size)).unwrap())).to_vec();
    for (old, old_root) in &roots {
        for (new, new_root) in roots.iter().filter(|(new, _)| new >= old) {
            let proof = tree::prove_consistency(*old, *new, &mut reader.nodes(*new)).unwrap();
            tree::verify_consistency(*old, old_root, *new, new_root, &proof).unwrap();
        }
    }
    let note: Note = reader.checkpoint().unwrap().unwrap();
    assert_eq!(checkpoint(&note).root(), &roots[4].1);
}
