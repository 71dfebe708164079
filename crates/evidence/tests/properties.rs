// SPDX-License-Identifier: Apache-2.0
//! What holds for every tree, note and policy; and that another implementation sees the same.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

use comity_evidence::note::{Algorithm, Note, SigningKey};
use comity_evidence::tile::{self, Kind, Tile};
use comity_evidence::tree::{self, Nodes};
use comity_evidence::{Checkpoint, Edge, Hash, LogProof, Policy, ProofError, TiledNodes, TrustError};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// A log in memory: its leaves, and every tile that was ever written.
#[derive(Default)]
struct Log {
    leaves: Vec<Hash>,
    tiles: BTreeMap<Tile, Vec<Hash>>,
    roots: Vec<Hash>,
}

impl Log {
    fn of(size: u64) -> Self {
        let mut log = Self::default();
        let mut edge = Edge::default();
        log.roots.push(edge.root());
        for number in 0..size {
            let leaf = Hash::of_leaf(&number.to_be_bytes());
            log.leaves.push(leaf);
            edge.push(leaf, &mut |tile, hashes| {
                log.tiles.insert(tile, hashes.to_vec());
            });
            for (tile, hashes) in edge.partial() {
                log.tiles.insert(tile, hashes.to_vec());
            }
            log.roots.push(edge.root());
        }
        log
    }

    fn nodes(&self, size: u64) -> impl Nodes<Error = ProofError> {
        TiledNodes::new(size, move |tile| Ok(self.tiles.get(&tile).unwrap_or_else(|| panic!("{tile} is read in a tree of {size}")).clone()))
    }
}

/// The root by the words of RFC 6962, section 2.1.
fn defined(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Hash::of_empty_tree(),
        [only] => *only,
        _ => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            Hash::of_node(&defined(left), &defined(right))
        }
    }
}

#[test]
fn every_pair_of_sizes_up_to_three_hundred() {
    let log = Log::of(300);
    for size in 0..=300_u64 {
        let root = log.roots[usize::try_from(size).unwrap()];
        assert_eq!(root, defined(&log.leaves[..usize::try_from(size).unwrap()]));
        assert_eq!(root, tree::root(size, &mut log.nodes(size)).unwrap());
        for index in 0..size {
            let leaf = &log.leaves[usize::try_from(index).unwrap()];
            let proof = tree::prove_inclusion(index, size, &mut log.nodes(size)).unwrap();
            tree::verify_inclusion(leaf, index, size, &proof, &root).unwrap();
            // No other place, no other size of the tree, no shorter or longer proof.
            assert!(size == 1 || tree::verify_inclusion(leaf, (index + 1) % size, size, &proof, &root).is_err());
            assert!(tree::verify_inclusion(leaf, index, size, &[proof.as_slice(), &[root]].concat(), &root).is_err());
            assert!(proof.is_empty() || tree::verify_inclusion(leaf, index, size, &proof[1..], &root).is_err());
        }
        for old in 0..=size {
            let old_root = log.roots[usize::try_from(old).unwrap()];
            let proof = tree::prove_consistency(old, size, &mut log.nodes(size)).unwrap();
            let shown = tree::verify_consistency(old, &old_root, size, &root, &proof);
            assert_eq!(shown, if old == 0 && size > 0 { Err(ProofError::OfNothing) } else { Ok(()) });
            assert!(old == size || tree::verify_consistency(old, &root, size, &root, &proof).is_err() || old_root == root);
        }
    }
}

#[test]
fn the_edge_can_be_read_back_at_every_size() {
    let log = Log::of(66_000);
    for size in (0..66_000).filter(|size| *size < 600 || size % 257 == 0 || size % 256 < 2) {
        let edge = Edge::read(size, |tile| Ok::<_, ProofError>(log.tiles[&tile].clone())).unwrap();
        assert_eq!(edge.root(), log.roots[usize::try_from(size).unwrap()], "at {size}");
        for (tile, hashes) in edge.partial() {
            assert_eq!(log.tiles[&tile], hashes);
        }
    }
}

#[test]
fn full_tiles_have_8192_bytes_and_partial_ones_begin_them() {
    let log = Log::of(70_000);
    let names: Vec<String> = Tile::all(70_000).map(|tile| tile.to_string()).collect();
    // The example of the specification: 273 full and one partial of level 0, one and one of level 1, one partial of level 2.
    assert_eq!(names.iter().filter(|name| name.starts_with("tile/0/")).count(), 274);
    assert!(names.contains(&"tile/0/273.p/112".to_owned()) && names.contains(&"tile/1/001.p/17".to_owned()));
    assert!(names.contains(&"tile/1/000".to_owned()) && names.contains(&"tile/2/000.p/1".to_owned()));
    for tile in Tile::all(70_000).filter(|tile| tile.kind != Kind::Entries) {
        let content = tile::encode_hashes(&log.tiles[&tile]);
        assert!(tile.is_partial() || content.len() == 8192);
        if let Some(full) = log.tiles.get(&tile.full()) {
            assert_eq!(log.tiles[&tile], full[..usize::from(tile.width)]);
        }
        assert_eq!(Tile::from_path(&tile.to_string()), Some(tile));
    }
}

#[test]
fn another_implementation_proves_and_checks_the_same() {
    struct Theirs<'a>(&'a Log);
    impl tlog_tiles::tlog::HashReader for Theirs<'_> {
        fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<tlog_tiles::tlog::Hash>, tlog_tiles::tlog::Error> {
            let node = |index: &u64| {
                let (level, number) = tlog_tiles::tlog::split_stored_hash_index(*index);
                let size = u64::try_from(self.0.leaves.len()).unwrap();
                tlog_tiles::tlog::Hash(*self.0.nodes(size).node(u32::from(level), number).unwrap().as_bytes())
            };
            Ok(indexes.iter().map(node).collect())
        }
    }
    let log = Log::of(700);
    for size in (1..700).step_by(13) {
        for index in (0..size).step_by(7) {
            let ours = tree::prove_inclusion(index, size, &mut log.nodes(size)).unwrap();
            let theirs = tlog_tiles::tlog::prove_record(size, index, &Theirs(&log)).unwrap();
            assert_eq!(ours.iter().map(|hash| *hash.as_bytes()).collect::<Vec<_>>(), theirs.iter().map(|hash| hash.0).collect::<Vec<_>>());
        }
        for old in (1..size).step_by(11) {
            let ours = tree::prove_consistency(old, size, &mut log.nodes(size)).unwrap();
            let theirs = tlog_tiles::tlog::prove_tree(size, old, &Theirs(&log)).unwrap();
            assert_eq!(ours.iter().map(|hash| *hash.as_bytes()).collect::<Vec<_>>(), theirs.iter().map(|hash| hash.0).collect::<Vec<_>>());
        }
    }
}

fn key(name: &str, algorithm: Algorithm, seed: u8) -> SigningKey {
    SigningKey::from_seed(name, algorithm, [seed; 32]).unwrap()
}

fn checkpoint(size: u64) -> Note {
    Checkpoint::new("example.org/log", size, Hash::of(b"root")).unwrap().to_note().unwrap()
}

#[test]
fn a_policy_asks_for_two_of_three_authorities_and_a_society() {
    let log = key("example.org/log", Algorithm::Ed25519, 1);
    let witness = |name: &str, seed| key(name, Algorithm::Ed25519Cosignature, seed);
    let witnesses = [witness("a.example", 2), witness("b.example", 3), witness("c.example", 4), witness("society.example", 5)];
    let mut written = format!("# whom we trust\nlog {} https://example.org/log\n\n", log.verifying_key());
    for (name, key) in ["a", "b", "c", "society"].into_iter().zip(&witnesses) {
        written += &format!("witness {name}\t{}\n", key.verifying_key());
    }
    written += "group authorities 2 a b c\ngroup both all authorities society\nquorum both\n";
    let policy: Policy = written.parse().unwrap();
    for set in 0..16_u32 {
        let mut note = checkpoint(9);
        note.sign(&log, 0).unwrap();
        for (place, witness) in witnesses.iter().enumerate().filter(|(place, _)| set >> place & 1 == 1) {
            note.sign(witness, 1000 + u64::try_from(place).unwrap()).unwrap();
        }
        // A stranger's line changes nothing.
        note.sign(&witness("stranger.example", 9), 1).unwrap();
        let enough = (set & 7).count_ones() >= 2 && set & 8 != 0;
        match policy.trust(&note.to_string().parse().unwrap()) {
            Ok(trusted) => {
                assert!(enough);
                assert_eq!(trusted.witnesses.len(), usize::try_from(set.count_ones()).unwrap());
                assert!(trusted.witnesses.iter().all(|(_, verified)| verified.seconds.is_some_and(|seconds| seconds >= 1000)));
            }
            Err(error) => assert!(!enough && matches!(error, TrustError::NoQuorum { .. }), "{error}"),
        }
    }
}

#[test]
fn policy_errors_name_the_line() {
    let vkey = key("w.example", Algorithm::Ed25519Cosignature, 2).verifying_key();
    let log = key("l.example", Algorithm::Ed25519, 2).verifying_key();
    for (written, line, problem) in [
        ("quorum a\n", 1, "no line above defines `a`"),
        ("", 0, "no line says `quorum NAME`"),
        ("quorum none\nquorum none\n", 2, "already"),
        (&format!("witness a {vkey}\ngroup g 2 a\n"), 2, "a number from 1 to 1, found `2`"),
        (&format!("witness a {vkey}\ngroup g any a a\n"), 2, "each may count once"),
        (&format!("witness a {vkey}\nwitness b {vkey}\n"), 2, "same key"),
        (&format!("witness a {log}\n"), 1, "not one that cosigns"),
        ("wittness a b\n", 1, "found `wittness`"),
        ("log a+b\n", 1, "not a key"),
        ("log\r\n", 1, "control character"),
    ] {
        let error = written.parse::<Policy>().unwrap_err();
        assert!(error.line == line && error.problem.contains(problem), "{written:?}: {error}");
    }
}

#[test]
fn a_changed_checkpoint_is_refused_whole() {
    let log = key("example.org/log", Algorithm::Ed25519, 1);
    let mut note = checkpoint(9);
    note.sign(&log, 0).unwrap();
    let forged: Note = note.to_string().replacen("\n9\n", "\n8\n", 1).parse().unwrap();
    assert!(Checkpoint::signed_by(&forged, &log.verifying_key()).unwrap_err().to_string().contains("does not hold"));
    let other = key("example.org/log", Algorithm::Ed25519, 2);
    assert!(Checkpoint::signed_by(&note, &other.verifying_key()).unwrap_err().to_string().contains("none of the keys trusted here"));
}

#[test]
fn a_time_that_no_verifier_accepts_is_not_signed() {
    let mut note = checkpoint(9);
    let refused = note.sign(&key("w.example", Algorithm::Ed25519Cosignature, 3), u64::MAX / 2 + 1).unwrap_err();
    assert_eq!(refused.to_string(), "the key of `w.example` cannot sign this: a cosignature states a time below 2^63 seconds");
    // The kind that states no time does not mind.
    note.sign(&key("example.org/log", Algorithm::Ed25519, 1), u64::MAX).unwrap();
    assert_eq!(note.signatures().len(), 1);
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 0..300)
}

proptest! {
    #[test]
    fn bundles_hold_what_was_put_in(entries in proptest::collection::vec(bytes(), 0..40)) {
        let content = tile::encode_entries(&entries).unwrap();
        let width = u16::try_from(entries.len()).unwrap();
        prop_assert_eq!(tile::decode_entries(&content, width).unwrap(), entries);
        prop_assert!(tile::decode_entries(&content, width + 1).is_err());
    }

    #[test]
    fn reading_never_panics(bytes in bytes(), text in "(?s).{0,200}") {
        let _ = tile::decode_entries(&bytes, 3);
        let _ = tile::decode_hashes(&bytes, 3);
        let _ = text.parse::<Note>();
        let _ = text.parse::<Checkpoint>();
        let _ = text.parse::<Policy>();
        let _ = text.parse::<LogProof>();
        let _ = Tile::from_path(&text);
    }

    #[test]
    fn what_is_read_is_written_the_same(index in any::<u64>(), width in 1_u16..=256, level in 0_u8..=7, size in any::<u64>(), seconds in 0..=u64::MAX / 2) {
        let tile = Tile { kind: Kind::Hashes(level), index, width };
        prop_assert_eq!(Tile::from_path(&tile.to_string()), Some(tile));
        let mut note = checkpoint(size);
        note.sign(&key("w.example/ü", Algorithm::Ed25519Cosignature, 3), seconds).unwrap();
        let read: Note = note.to_string().parse().unwrap();
        prop_assert_eq!(&read, &note);
        let verified = read.verify(&[key("w.example/ü", Algorithm::Ed25519Cosignature, 3).verifying_key()]).unwrap();
        prop_assert_eq!(verified[0].seconds, Some(seconds));
        let proof = LogProof { extra: Some(vec![1, 2]), index, hashes: vec![Hash::of(b"a")], checkpoint: note };
        prop_assert_eq!(proof.to_string().parse::<LogProof>().unwrap(), proof);
    }
}
