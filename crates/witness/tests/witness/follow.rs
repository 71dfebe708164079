// SPDX-License-Identifier: Apache-2.0
//! Keeping watch on a log: growth, split views, damage, restored copies, and what witnesses have seen.

use crate::support::{History, grow, log, log_key, policy, reader, running};
use comity_evidence::note::Note;
use comity_log::files::Folder;
use comity_log::{Place, Reader, audit};
use comity_witness::follow::{MIRROR, look_at};
use comity_witness::server::Limits;
use comity_witness::{Client, FollowError, Follower, Looked, cosign, report};
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;

fn look(folder: &Path, place: &Place, witnesses: &[(String, Note)]) -> Result<Looked, FollowError> {
    Follower::new(folder).look(&reader(place), &policy(&[], "quorum none"), witnesses, &mut |_, _| {})
}

/// The copy must be a whole log of so many entries.
fn assert_copy(folder: &Path, size: u64) {
    let copy = Reader::new(Folder::new(folder.join(MIRROR)));
    let audited = audit(&copy, &[log_key().verifying_key()], &mut |_, _| {}).unwrap().unwrap();
    assert_eq!(audited.checkpoint.size(), size);
}

#[test]
fn a_log_that_grows() {
    let folder = TempDir::new().unwrap();
    let (place, watch) = (log(&folder.path().join("log")), folder.path().join("watch"));
    let mut before = 0;
    // Sizes at which tiles are begun, filled and passed over.
    for size in [0, 1, 5, 255, 256, 256, 257, 511, 1024, 1500] {
        grow(&place, &History::main(), size);
        let looked = look(&watch, &place, &[]).unwrap();
        assert_eq!((looked.checkpoint.size(), looked.added, looked.status()), (size, size - before, 0));
        assert_copy(&watch, size);
        before = size;
    }
}

#[test]
fn a_split_view_is_proved_and_kept() {
    for (seen, forks_at, shown) in [(5, 3, 9), (5, 3, 5), (300, 299, 1000), (300, 2, 301), (9, 3, 5), (300, 1, 257)] {
        let folder = TempDir::new().unwrap();
        let (honest, forked) = (log(&folder.path().join("honest")), log(&folder.path().join("forked")));
        let watch = folder.path().join("watch");
        grow(&honest, &History::main(), seen);
        grow(&forked, &History::forked("other", forks_at), shown);
        look(&watch, &honest, &[]).unwrap();
        for _ in 0..2 {
            let looked = look(&watch, &forked, &[]).unwrap();
            assert_eq!((looked.forks.len(), looked.status()), (1, 10), "{seen} {forks_at} {shown}");
            assert!(looked.lines()[0].starts_with("SPLIT VIEW: the log"));
        }
        let kept = report::kept(&watch, Some(&[log_key().verifying_key()])).unwrap();
        assert_eq!(kept.len(), 1);
        assert!(kept[0].fork.is_ok(), "{:?}", kept[0].fork);
        // The history that was seen first stays, and goes on being followed.
        assert_copy(&watch, seen);
        grow(&honest, &History::main(), seen + 3);
        assert_eq!(look(&watch, &honest, &[]).unwrap().added, 3);
    }
}

#[test]
fn a_log_that_shows_less_than_before() {
    let folder = TempDir::new().unwrap();
    let (old, new) = (log(&folder.path().join("old")), log(&folder.path().join("new")));
    let watch = folder.path().join("watch");
    grow(&old, &History::main(), 270);
    grow(&new, &History::main(), 600);
    look(&watch, &new, &[]).unwrap();
    let looked = look(&watch, &old, &[]).unwrap();
    assert_eq!((looked.behind, looked.forks.len(), looked.status()), (Some(270), 0, 11));
    assert_copy(&watch, 600);
}

#[test]
fn a_witness_that_saw_another_history_convicts_the_log() {
    let folder = TempDir::new().unwrap();
    let (place, watch) = (log(&folder.path().join("log")), folder.path().join("watch"));
    grow(&place, &History::main(), 20);
    let held = |history: &History, size| vec![("authority".to_owned(), history.note(size))];
    let other = History::forked("other", 4);
    assert_eq!(look(&watch, &place, &held(&History::main(), 12)).unwrap().status(), 0);
    let looked = look(&watch, &place, &held(&other, 12)).unwrap();
    assert_eq!((looked.status(), looked.forks[0].0.as_str()), (10, "authority"));
    let ahead = look(&watch, &place, &held(&other, 30)).unwrap();
    assert_eq!(ahead.ahead, [("authority".to_owned(), 30)]);
}

#[test]
fn damage_is_named_and_not_copied() {
    for file in ["tile/entries/001", "tile/0/001", "tile/1/000.p/3", "tile/entries/003.p/232", "checkpoint"] {
        let folder = TempDir::new().unwrap();
        let (place, watch) = (log(&folder.path().join("log")), folder.path().join("watch"));
        grow(&place, &History::main(), 300);
        look(&watch, &place, &[]).unwrap();
        grow(&place, &History::main(), 1000);
        let path = place.public().join(file);
        let whole = std::fs::read(&path).unwrap();
        let mut bytes = whole.clone();
        bytes[40] ^= 1;
        std::fs::write(&path, bytes).unwrap();
        let error = look(&watch, &place, &[]).unwrap_err();
        assert!(!error.to_string().is_empty());
        assert_copy(&watch, 300);
        assert!(report::kept(&watch, None).unwrap().is_empty(), "{file}: damage is no fork");
        // Repaired, it goes on where it stood.
        std::fs::write(&path, whole).unwrap();
        assert_eq!(look(&watch, &place, &[]).unwrap().added, 700);
        assert_copy(&watch, 1000);
    }
}

#[test]
fn one_folder_follows_one_log_with_a_key_that_is_trusted() {
    let folder = TempDir::new().unwrap();
    let (place, watch) = (log(&folder.path().join("log")), folder.path().join("watch"));
    grow(&place, &History::main(), 3);
    let stranger = crate::support::witness_key(5).verifying_key();
    let nobody = policy(&[("w", &stranger, "")], "quorum w");
    let looked = Follower::new(&watch).look(&reader(&place), &nobody, &[], &mut |_, _| {}).unwrap();
    assert_eq!(looked.status(), 12, "the quorum is not reached");
    let forged: comity_evidence::Policy = {
        let key = comity_evidence::note::SigningKey::from_seed(crate::support::ORIGIN, comity_evidence::note::Algorithm::Ed25519, [8; 32])
            .unwrap();
        format!("log {}\nquorum none\n", key.verifying_key()).parse().unwrap()
    };
    let error = Follower::new(&watch).look(&reader(&place), &forged, &[], &mut |_, _| {}).unwrap_err();
    assert!(matches!(error, FollowError::Untrusted(_)), "{error}");
}

#[test]
fn over_http_with_a_witness_that_is_asked() {
    let folder = TempDir::new().unwrap();
    let place = log(&folder.path().join("log"));
    let witness = running(&folder.path().join("w"), 1, Limits::default());
    let client = Client::new(Duration::from_secs(60));
    let policy = policy(&[("a", &witness.key, &witness.url())], "quorum a");
    grow(&place, &History::main(), 10);
    let follower = Follower::new(&folder.path().join("watch"));
    let log_at = crate::support::served(place.public());
    let look = || look_at(&follower, &client, &log_at, &policy, &mut |_, _| {}).unwrap();
    assert_eq!(look().0.status(), 12);
    assert!(cosign::publish(&client, &policy, &place, 0).unwrap().trusted.is_ok());
    let (looked, unheard) = look();
    assert_eq!((looked.status(), looked.added, unheard.len()), (0, 0, 0));
    assert_eq!(looked.trusted.unwrap().witnesses.len(), 1);
    // More than one bundle, and a prefix where there is nothing.
    grow(&place, &History::main(), 600);
    assert_eq!(look().0.added, 590);
    assert_copy(&folder.path().join("watch"), 600);
    let nothing = look_at(&follower, &client, &format!("{log_at}/nothing"), &policy, &mut |_, _| {}).unwrap_err();
    assert!(nothing.to_string().contains("no file `checkpoint`"), "{nothing}");
    let other = look_at(&follower, &client, "ftp://log.example", &policy, &mut |_, _| {}).unwrap_err();
    assert!(other.to_string().contains("expected `https://HOST"), "{other}");
}
