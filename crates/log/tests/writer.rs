// SPDX-License-Identifier: Apache-2.0
//! The writer: what it does, and what it refuses.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail loudly")]

mod support;

use comity_evidence::note::{Algorithm, Note, SigningKey};
use comity_evidence::tile::{self, Tile};
use comity_evidence::{Checkpoint, Hash, tree};
use comity_log::{LogError, Refusal, Submission, Writer, audit};
use support::home::{Home, Kind, Store};
use support::{assert_extends, assert_whole, checkpoint, grow, key, policy, submission};

fn refusal(opened: Result<Writer, LogError>) -> Refusal {
    match opened.map(|_| ()) {
        Err(LogError::Refused(refusal)) => *refusal,
        other => panic!("expected a refusal, found {other:?}"),
    }
}

on_every_store! {
    what_is_taken_in_is_signed_and_can_be_proved,
    the_same_event_handed_in_again_gets_the_same_number,
    an_entry_that_no_bundle_can_hold_is_refused_before_it_is_taken_in,
    a_restored_backup_refuses_to_sign,
    a_backup_of_everything_is_known_by_its_witnesses,
    a_witness_of_another_history_stops_the_log,
    of_two_writers_one_signs,
    of_two_copies_with_queues_of_their_own_one_signs,
    a_crash_between_signing_and_publishing_is_made_up_for,
    keys_carry_the_name_of_the_log,
    cosignatures_are_published_for_the_newest_only,
    every_flipped_bit_is_found_and_named,
    damage_under_the_edge_is_found_before_anything_is_signed,
    consistency_can_be_proved_between_any_two_checkpoints,
}

/// A log of so many entries, signed after each part.
fn log(kind: Kind, parts: &[u64]) -> Home {
    let home = Home::new(kind);
    let mut writer = home.open().unwrap();
    for part in parts {
        grow(&mut writer, *part);
        writer.integrate(0).unwrap();
    }
    home
}

fn what_is_taken_in_is_signed_and_can_be_proved(kind: Kind) {
    let home = Home::new(kind);
    let mut seen = Vec::new();
    let mut size = 0;
    // Every third level has a tile only with so many; an object store would take long.
    let many = if kind == Kind::S3 { 2_000 } else { 66_000 };
    for part in [0, 1, 1, 3, 250, 1, 1, 300, 255, 256, 1, many, 7] {
        // A writer that goes on, and one that starts anew, are the same.
        let mut writer = home.open().unwrap();
        grow(&mut writer, part);
        let note = writer.integrate(0).unwrap();
        size += part;
        assert_eq!(checkpoint(&note).size(), size);
        assert_eq!(writer.integrate(0).unwrap(), note, "nothing new, nothing signed");
        seen.push(checkpoint(&note));
    }
    assert_whole(&home, size);
    assert_extends(&home, &seen);
    let reader = home.reader();
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

fn the_same_event_handed_in_again_gets_the_same_number(kind: Kind) {
    let home = Home::new(kind);
    let mut writer = home.open().unwrap();
    let event = |text: &str| Submission { entry: text.as_bytes().to_vec(), once: Some(Hash::of(b"event")) };
    assert_eq!(writer.append(&[submission("a"), event("salted once"), event("salted twice")]).unwrap(), [0, 1, 1]);
    writer.integrate(0).unwrap();
    let mut writer = home.open().unwrap();
    assert_eq!(writer.append(&[event("salted thrice"), submission("b")]).unwrap(), [1, 2]);
    writer.integrate(0).unwrap();
    assert_eq!(home.reader().entry(1, 3).unwrap(), b"salted once");
}

fn an_entry_that_no_bundle_can_hold_is_refused_before_it_is_taken_in(kind: Kind) {
    let home = Home::new(kind);
    let mut writer = home.open().unwrap();
    let longest = Submission { entry: vec![b'x'; 65_535], once: None };
    let longer = Submission { entry: vec![b'x'; 65_536], once: None };
    assert!(writer.append(&[longest.clone(), longer]).unwrap_err().to_string().contains("at most 65535"));
    assert_eq!(writer.append(&[longest]).unwrap(), [0]);
    writer.integrate(0).unwrap();
}

/// Restores some of the stores from a backup of three entries into a log of five.
fn restored(kind: Kind, stores: &[Store]) -> Home {
    let backup = log(kind, &[3]);
    let home = Home::new(kind);
    for store in [Store::Files, Store::Queue, Store::Lock] {
        home.copy(store, &backup);
    }
    let mut writer = home.open().unwrap();
    grow(&mut writer, 2);
    writer.integrate(0).unwrap();
    drop(writer);
    for store in stores {
        home.wipe(*store);
        home.copy(*store, &backup);
    }
    home
}

fn a_restored_backup_refuses_to_sign(kind: Kind) {
    let refused = |stores: &[Store]| refusal(restored(kind, stores).open());
    assert_eq!(refused(&[Store::Files]), Refusal::FilesBehind { signed: 5, files: 3 });
    assert_eq!(refused(&[Store::Files, Store::Queue]), Refusal::FilesBehind { signed: 5, files: 3 });
    assert_eq!(refused(&[Store::Queue]), Refusal::QueueBehind { signed: 5, queue: 3 });
    assert_eq!(refused(&[Store::Lock]), Refusal::LockBehind { signed: 3, files: 5 });
    // A database that is restored takes queue and lock back together.
    assert_eq!(refused(&[Store::Lock, Store::Queue]), Refusal::LockBehind { signed: 3, files: 5 });
    // Without a lock at all: a copy on another machine.
    let moved = log(kind, &[4]);
    moved.wipe(Store::Lock);
    assert_eq!(refusal(moved.open()), Refusal::NoLock { size: 4 });
    // Every refusal says what to do.
    for store in [Store::Files, Store::Queue, Store::Lock] {
        assert!(refused(&[store]).to_string().contains("begin a new one"), "{store:?}");
    }
}

fn a_backup_of_everything_is_known_by_its_witnesses(kind: Kind) {
    let home = restored(kind, &[Store::Files, Store::Queue, Store::Lock]);
    // Nothing here tells it from the log as it was: it would sign.
    assert!(home.open().is_ok());
    let newer = log(kind, &[3, 2]);
    let seen = newer.reader().checkpoint().unwrap().unwrap();
    let seen = [("witness.example".to_owned(), seen)];
    assert_eq!(refusal(home.open_seen(&seen)), Refusal::WitnessAhead { by: "witness.example".to_owned(), theirs: 5, ours: 3 });
    assert!(newer.open_seen(&seen).is_ok());
}

fn a_witness_of_another_history_stops_the_log(kind: Kind) {
    let home = log(kind, &[3, 2]);
    let mut forged = Checkpoint::new(support::ORIGIN, 4, Hash::of(b"other")).unwrap().to_note().unwrap();
    forged.sign(&key(), 0).unwrap();
    let found = refusal(home.open_seen(&[("w".to_owned(), forged)]));
    assert!(matches!(found, Refusal::Fork { size: 4, .. }), "{found}");
}

fn of_two_writers_one_signs(kind: Kind) {
    let home = log(kind, &[3]);
    let (mut first, mut second) = (home.open().unwrap(), home.open().unwrap());
    grow(&mut first, 1);
    grow(&mut second, 1);
    let signed = first.integrate(0).unwrap();
    assert_eq!(checkpoint(&signed).size(), 5);
    assert_eq!(second.integrate(0).unwrap_err().to_string(), Refusal::OtherWriter.to_string());
    assert_whole(&home, 5);
}

fn of_two_copies_with_queues_of_their_own_one_signs(kind: Kind) {
    // The same files and lock, written from two queues: the numbers mean different entries.
    let home = log(kind, &[3]);
    let other = Home::new(kind);
    other.copy(Store::Queue, &home);
    let mut first = home.open().unwrap();
    let mut second = Writer::open(support::ORIGIN, vec![key()], home.files(), other.queue(), home.lock(), &[]).unwrap();
    first.append(&[submission("entry 3")]).unwrap();
    second.append(&[submission("not entry 3")]).unwrap();
    first.integrate(0).unwrap();
    let found = second.integrate(0).unwrap_err();
    assert!(matches!(&found, LogError::Refused(refusal) if matches!(**refusal, Refusal::OtherContent(_))), "{found}");
    assert_whole(&home, 4);
}

fn a_crash_between_signing_and_publishing_is_made_up_for(kind: Kind) {
    let home = log(kind, &[3]);
    let old = home.read("checkpoint");
    let mut writer = home.open().unwrap();
    grow(&mut writer, 300);
    let note = writer.integrate(0).unwrap();
    drop(writer);
    home.overwrite("checkpoint", &old);
    let mut writer = home.open().unwrap();
    assert_eq!(home.reader().checkpoint().unwrap(), Some(note));
    grow(&mut writer, 1);
    writer.integrate(0).unwrap();
    assert_whole(&home, 304);
}

fn keys_carry_the_name_of_the_log(kind: Kind) {
    let home = Home::new(kind);
    let found = Writer::open("a", vec![key()], home.files(), home.queue(), home.lock(), &[]);
    assert!(matches!(refusal(found), Refusal::OtherKey { .. }));
}

fn cosignatures_are_published_for_the_newest_only(kind: Kind) {
    let home = log(kind, &[3]);
    let mut writer = home.open().unwrap();
    let witness = SigningKey::from_seed("w.example", Algorithm::Ed25519Cosignature, [1; 32]).unwrap();
    let mut cosigned = writer.signed().unwrap().clone();
    cosigned.sign(&witness, 1_795_000_000).unwrap();
    writer.publish(&cosigned).unwrap();
    assert_eq!(home.reader().checkpoint().unwrap(), Some(cosigned.clone()));
    drop(writer);
    let mut writer = home.open().unwrap();
    grow(&mut writer, 1);
    writer.integrate(0).unwrap();
    assert!(writer.publish(&cosigned).unwrap_err().to_string().contains("only the newest is published"));
}

/// Every file of a log.
fn files(home: &Home) -> Vec<String> {
    let mut files = home.reader().files().list().unwrap();
    files.sort_unstable();
    files
}

fn every_flipped_bit_is_found_and_named(kind: Kind) {
    let home = log(kind, &[5, 251, 3, 300, 41]);
    let keys = [key().verifying_key()];
    let places = if kind == Kind::S3 { 1 } else { 7 };
    for file in files(&home) {
        let whole = home.read(&file);
        for at in (0..whole.len()).step_by(whole.len() / places + 1).chain([whole.len() - 1]) {
            let mut damaged = whole.clone();
            damaged[at] ^= 1 << (at % 8);
            home.overwrite(&file, &damaged);
            let found = audit(&home.reader(), &keys, &mut |_, _| {});
            match found {
                Ok(Err(damage)) => assert_eq!(damage.file, file, "byte {at}: {damage}"),
                // A checkpoint whose signature line names another key, or is no text any more, was signed by nobody known.
                Err(error) => assert!(file == "checkpoint", "{file}, byte {at}: {error}"),
                Ok(Ok(_)) => panic!("{file}, byte {at}: not found"),
            }
        }
        home.take_away(&file);
        match audit(&home.reader(), &keys, &mut |_, _| {}) {
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
        home.overwrite(&file, &whole);
    }
    assert_whole(&home, 600);
}

fn damage_under_the_edge_is_found_before_anything_is_signed(kind: Kind) {
    let home = log(kind, &[300]);
    for kind in [tile::Kind::Hashes(0), tile::Kind::Entries, tile::Kind::Hashes(1)] {
        let tile = Tile::last_of(kind, 300).unwrap();
        let whole = home.read(&tile.to_string());
        let mut damaged = whole.clone();
        damaged[9] ^= 4;
        home.overwrite(&tile.to_string(), &damaged);
        assert!(home.open().is_err(), "{tile}");
        home.overwrite(&tile.to_string(), &whole);
    }
    assert!(home.open().is_ok());
}

fn consistency_can_be_proved_between_any_two_checkpoints(kind: Kind) {
    let home = log(kind, &[5, 251, 3, 300, 41]);
    let reader = home.reader();
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
