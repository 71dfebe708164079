// SPDX-License-Identifier: Apache-2.0
//! Proof cases of others, most of them damaged on purpose, and a log that another implementation wrote.
//!
//! The data are not part of the project: where they are not present, the tests say that they were skipped.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use comity_evidence::note::{Note, VerifyingKey};
use comity_evidence::tile::{self, Kind, Tile};
use comity_evidence::{Checkpoint, Edge, Hash, TiledNodes, tree};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// The folder of vectors beside the project, or where `COMITY_VECTORS` says.
fn vectors(of: &str) -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors");
    let folder = std::env::var_os("COMITY_VECTORS").map_or_else(beside, PathBuf::from).join(of);
    if folder.is_dir() {
        Some(folder)
    } else {
        eprintln!("skipped: vectors `{of}` are not present");
        None
    }
}

fn cases(folder: &Path, found: &mut Vec<(String, Value)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            cases(&path, found);
        } else {
            found.push((path.display().to_string(), serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap()));
        }
    }
}

/// Runs every case of a kind. What cannot even be a hash or an unsigned number counts as refused.
fn run(kind: &str, expected: usize, holds: impl Fn(&Value) -> Option<bool>) {
    let Some(folder) = vectors("merkle") else { return };
    let mut found = Vec::new();
    cases(&folder.join(kind), &mut found);
    assert_eq!(found.len(), expected);
    let wrong: Vec<&String> =
        found.iter().filter(|(_, case)| holds(case).unwrap_or(false) == case["wantErr"].as_bool().unwrap()).map(|(name, _)| name).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn hash(case: &Value, key: &str) -> Option<Hash> {
    let written = case[key].as_str()?;
    // Where a root does not matter, the cases have a text in its place; two such texts are equal or not, as roots are.
    let text = comity_evidence::text::from_base64(written)?;
    if text.starts_with(b"don't care") { Some(Hash::of(&text)) } else { Hash::from_base64(written) }
}

fn proof(case: &Value) -> Option<Vec<Hash>> {
    match &case["proof"] {
        Value::Null => Some(Vec::new()),
        Value::Array(hashes) => hashes.iter().map(|hash| Hash::from_base64(hash.as_str()?)).collect(),
        _ => None,
    }
}

#[test]
fn inclusion() {
    run("inclusion", 98, |case| {
        let (leaf, root) = (hash(case, "leafHash")?, hash(case, "root")?);
        let (index, size) = (case["leafIdx"].as_u64()?, case["treeSize"].as_u64()?);
        Some(tree::verify_inclusion(&leaf, index, size, &proof(case)?, &root).is_ok())
    });
}

#[test]
fn consistency() {
    run("consistency", 98, |case| {
        let (old, new) = (case["size1"].as_u64()?, case["size2"].as_u64()?);
        Some(tree::verify_consistency(old, &hash(case, "root1")?, new, &hash(case, "root2")?, &proof(case)?).is_ok())
    });
}

#[test]
fn inclusion_in_subtrees() {
    let Some(folder) = vectors("merkle") else { return };
    let mut found = Vec::new();
    cases(&folder.join("subtreeinclusion"), &mut found);
    run("subtreeinclusion", found.len(), |case| {
        let subtree = tree::Subtree::new(case["start"].as_u64()?, case["end"].as_u64()?).ok()?;
        let (leaf, root) = (hash(case, "leafHash")?, hash(case, "root")?);
        Some(tree::verify_subtree_inclusion(&leaf, case["leafIdx"].as_u64()?, subtree, &proof(case)?, &root).is_ok())
    });
}

#[test]
fn consistency_of_subtrees() {
    let Some(folder) = vectors("merkle") else { return };
    let (mut found, mut of_inclusion) = (Vec::new(), Vec::new());
    cases(&folder.join("subtreeconsistency"), &mut found);
    cases(&folder.join("subtreeinclusion"), &mut of_inclusion);
    assert_eq!(found.len() + of_inclusion.len(), 322);
    run("subtreeconsistency", found.len(), |case| {
        let subtree = tree::Subtree::new(case["start"].as_u64()?, case["end"].as_u64()?).ok()?;
        let (root1, root2) = (hash(case, "root1")?, hash(case, "root2")?);
        Some(tree::verify_subtree_consistency(subtree, &root1, case["size"].as_u64()?, &root2, &proof(case)?).is_ok())
    });
}

const SAMPLE_KEY: &str = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx";

#[test]
fn a_log_that_another_implementation_wrote() {
    let Some(folder) = vectors("sample-log") else { return };
    let key: VerifyingKey = SAMPLE_KEY.parse().unwrap();
    assert_eq!(key.to_string(), SAMPLE_KEY);
    let checkpoint = |name: &str| {
        let note: Note = std::fs::read_to_string(folder.join(name)).unwrap().parse().unwrap();
        Checkpoint::signed_by(&note, &key).unwrap().0
    };
    let last = checkpoint("checkpoint");
    let bundle = Tile::last_of(Kind::Entries, last.size()).unwrap();
    let entries = tile::decode_entries(&std::fs::read(folder.join(bundle.to_string())).unwrap(), bundle.width).unwrap();
    let read = |tile: Tile| {
        Ok::<_, comity_evidence::ProofError>(
            tile::decode_hashes(&std::fs::read(folder.join(tile.to_string())).unwrap(), tile.width).unwrap(),
        )
    };
    let mut edge = Edge::default();
    for size in 0..=last.size() {
        // Size zero is signed too.
        let signed = checkpoint(&format!("checkpoint.{size}"));
        assert_eq!((signed.size(), *signed.root()), (size, edge.root()));
        for old in 1..=size {
            let earlier = checkpoint(&format!("checkpoint.{old}"));
            let proof = tree::prove_consistency(old, size, &mut TiledNodes::new(size, read)).unwrap();
            tree::verify_consistency(old, earlier.root(), size, signed.root(), &proof).unwrap();
        }
        if let Some(entry) = entries.get(usize::try_from(size).unwrap()) {
            edge.push(Hash::of_leaf(entry), &mut |_, _| {});
        }
    }
    assert_eq!(edge.root(), *last.root());
}

#[test]
fn the_example_of_the_specification() {
    // The key of the example is not in the text; that it parses to the same text is all there is to see.
    let written = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n";
    let note: Note = written.parse().unwrap();
    assert_eq!(note.to_string(), written);
    let checkpoint: Checkpoint = note.text().parse().unwrap();
    assert_eq!((checkpoint.origin(), checkpoint.size()), ("example.com/behind-the-sofa", 20_852_163));
}
