// SPDX-License-Identifier: Apache-2.0
//! What the fuzz targets for evidence assert, as plain functions of bytes.
//!
//! Each knows all that was ever signed in a small log: whatever else a reader accepts is a fault, not only a crash.
//! `cargo test` replays the committed corpora on a stable compiler; `docs/explanation/attack.md` says how to search on.

pub mod seeds;
pub mod world;

use comity_evidence::note::Note;
use comity_evidence::tile::{self, Kind, Tile};
use comity_evidence::timestamp::{Certificates, Request, Stamp, Token};
use comity_evidence::{Checkpoint, LogProof, Policy, Receipt, cose as receipts, witness as witnessing};
use std::fmt::Display;
use std::str::FromStr;
use std::sync::LazyLock;
use world::WORLD;

/// What a target is: a function of bytes that panics where something does not hold.
pub type Target = fn(&[u8]);

/// The targets by name.
pub const TARGETS: &[(&str, Target)] = &[
    ("note", note),
    ("checkpoint", checkpoint),
    ("tile", tile),
    ("proof", proof),
    ("policy", policy),
    ("receipt", receipt),
    ("cose", cose),
    ("timestamp", timestamp),
    ("witness", witness),
];

/// What a text is read as. It is written back as it was, byte for byte: there are no two texts for one value.
fn read<T: FromStr<Err: Display> + Display>(data: &[u8]) -> Option<T> {
    let text = std::str::from_utf8(data).ok()?;
    match text.parse::<T>() {
        Ok(value) => {
            assert_eq!(value.to_string(), text, "it is written otherwise than it was read");
            Some(value)
        }
        Err(error) => {
            assert!(!error.to_string().is_empty());
            None
        }
    }
}

/// A note is written as it was read, and verifies only if the log or the witness signed its text.
pub fn note(data: &[u8]) {
    let Some(note) = read::<Note>(data) else { return };
    if let Ok(verified) = note.verify(&WORLD.keys()) {
        assert!(WORLD.signed(note.text()), "nobody signed this");
        assert!(!verified.is_empty() && verified.len() <= 2);
    }
}

/// A checkpoint is written as it was read, and a note can hold it.
pub fn checkpoint(data: &[u8]) {
    let Some(checkpoint) = read::<Checkpoint>(data) else { return };
    match checkpoint.to_note() {
        Ok(note) => assert_eq!(note.text(), checkpoint.to_string()),
        Err(error) => assert!(checkpoint.to_string().chars().any(|character| character < ' ' && character != '\n'), "{error}"),
    }
}

/// A first line that is the path of a tile is the only path of it; what follows is read as its content and written the same.
pub fn tile(data: &[u8]) {
    let end = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    let (path, content) = (&data[..end], data.get(end + 1..).unwrap_or_default());
    let Some(tile) = std::str::from_utf8(path).ok().and_then(Tile::from_path) else { return };
    assert_eq!(tile.to_string().as_bytes(), path);
    assert!((1..=256).contains(&tile.width));
    match tile.kind {
        Kind::Entries => {
            let Ok(entries) = tile::decode_entries(content, tile.width) else { return };
            assert_eq!(entries.len(), usize::from(tile.width));
            assert_eq!(tile::encode_entries(&entries).unwrap(), content);
        }
        Kind::Hashes(_) => {
            let Ok(hashes) = tile::decode_hashes(content, tile.width) else { return };
            assert_eq!(hashes.len(), usize::from(tile.width));
            assert_eq!(tile::encode_hashes(&hashes), content);
            let _ = tile::root_of(&hashes);
        }
    }
}

/// A proof is written as it was read, and proves an entry only under its own number.
pub fn proof(data: &[u8]) {
    let Some(proof) = read::<LogProof>(data) else { return };
    for policy in WORLD.policies() {
        let policy: Policy = policy.parse().unwrap();
        for (number, entry) in (0..).zip(&WORLD.entries) {
            if let Ok(trusted) = proof.verify(entry, &policy) {
                assert!(WORLD.signed(&trusted.checkpoint.to_string()), "nobody signed this");
                assert!(proof.index == number && number < trusted.checkpoint.size(), "entry {number} is not number {}", proof.index);
            }
        }
        assert!(proof.verify(b"never recorded", &policy).is_err());
    }
}

/// A policy trusts no checkpoint that the log did not sign, nor one with a line that was changed.
pub fn policy(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let policy = match text.parse::<Policy>() {
        Ok(policy) => policy,
        Err(error) => {
            assert!(error.line <= text.lines().count() && !error.problem.is_empty(), "{error}");
            return;
        }
    };
    let newest = WORLD.newest();
    let forged: Note = newest.to_string().replacen("\n7\n", "\n8\n", 1).parse().unwrap();
    assert!(policy.trust(&forged).is_err());
    let of_world = policy.logs().iter().any(|log| log.key == WORLD.log.verifying_key());
    match policy.trust(newest) {
        Ok(trusted) => assert!(of_world && trusted.log.key == WORLD.log.verifying_key()),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// A receipt shows only what was recorded, and survives being written.
pub fn receipt(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(receipt) = text.parse::<Receipt>() else { return };
    let written = receipt.to_string();
    assert_eq!(written.parse::<Receipt>().as_ref(), Ok(&receipt), "{written}");
    if let Ok(checked) = receipt.verify(&WORLD.policy()) {
        let number = usize::try_from(checked.index).unwrap();
        assert_eq!(WORLD.entries[number], receipt.entry, "another entry has this number");
        let recorded = world::payload(checked.index);
        for shown in &checked.shown {
            assert!(recorded.fields().contains(shown), "{shown:?} was not recorded");
        }
        assert!(receipt.disclosure.is_none() || checked.shown.len() + checked.hidden.len() == recorded.fields().len());
    }
}

/// A COSE receipt leads only to roots that the log signed, and only from entries that are in it.
pub fn cose(data: &[u8]) {
    let log = WORLD.log.verifying_key();
    for entry in &WORLD.entries {
        if let Ok(included) = receipts::verify(data, entry, &log) {
            let signed = |note: &Note| note.text().parse::<Checkpoint>().is_ok_and(|checkpoint| *checkpoint.root() == included.root);
            assert!(WORLD.notes.iter().any(signed), "nobody signed this root");
            assert!(included.index < included.size);
            let number = usize::try_from(included.index).unwrap();
            assert!(!included.stated || WORLD.entries.get(number) == Some(entry), "the log signed another number");
        }
    }
    assert!(receipts::verify(data, b"never recorded", &log).is_err());
}

/// What the time stamps of the tests state. Another statement would be a forged one.
static STATED: LazyLock<Vec<Stamp>> = LazyLock::new(|| seeds::STAMPS.iter().filter_map(|stamp| stated(stamp)).collect());
static TRUSTED: LazyLock<Certificates> = LazyLock::new(|| {
    let mut trusted = Certificates::default();
    for file in ["root.pem", "root-rsa.pem", "root-ed25519.pem"] {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../crates/evidence/tests/timestamp/");
        trusted.extend(Certificates::from_bytes(&std::fs::read(format!("{path}{file}")).unwrap()).unwrap());
    }
    trusted
});

fn stated(token: &[u8]) -> Option<Stamp> {
    Token::from_bytes(token).ok()?.verify(seeds::DOCUMENT, &TRUSTED, None).ok()
}

/// A time stamp says nothing that its authority did not sign; requests and certificates never make a reader fail.
pub fn timestamp(data: &[u8]) {
    if let Some(stamp) = stated(data) {
        assert!(STATED.contains(&stamp), "nobody signed this: {stamp:?}");
    }
    if let Ok(token) = Token::from_bytes(data) {
        assert!(token.verify(b"never stamped", &TRUSTED, None).is_err());
    }
    let _ = Request::from_bytes(data);
    if let Ok(certificates) = Certificates::from_bytes(data) {
        for stamp in seeds::STAMPS.iter().take(2) {
            let token = Token::from_bytes(stamp).unwrap();
            let _ = token.verify(seeds::DOCUMENT, &certificates, None);
        }
    }
}

/// A request is written as it was read, and is not to be cosigned unless the log signed it and it extends what was cosigned.
pub fn witness(data: &[u8]) {
    let Some(request) = read::<witnessing::Request>(data) else { return };
    let known = [WORLD.log.verifying_key()];
    for last in std::iter::once(None).chain(WORLD.notes.iter().map(Some)) {
        let last: Option<Checkpoint> = last.map(|note| note.text().parse().unwrap());
        if request.verify(&known, last.as_ref()).is_ok() {
            assert!(WORLD.signed(request.note().text()), "nobody signed this");
            assert_eq!(request.old(), last.as_ref().map_or(0, Checkpoint::size));
            assert!(request.old() <= request.checkpoint().size());
        }
    }
}
