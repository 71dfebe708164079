// SPDX-License-Identifier: Apache-2.0
//! The inputs from which a search begins: what the log really wrote, and some that are almost right.

use crate::world::{SIZE, WORLD};
use comity_evidence::tile::{self, Kind, Tile};
use comity_evidence::timestamp;
use comity_evidence::{Hash, witness};

/// Documents over which the tests of the crate have time stamps.
pub const DOCUMENT: &[u8] = include_bytes!("../../../crates/evidence/tests/timestamp/document");

macro_rules! stamps {
    ($($name:literal),*) => {
        /// Time stamps, requests and certificates that OpenSSL made.
        pub const STAMPS: &[&[u8]] = &[$(include_bytes!(concat!("../../../crates/evidence/tests/timestamp/", $name))),*];
    };
}

stamps!(
    "good-p256.tsr",
    "good-chain.tsr",
    "good-rsa.tsr",
    "good-rsa-pss.tsr",
    "good-ed25519.tsr",
    "good-sha512.tsr",
    "bad-refused.tsr",
    "bad-expired.tsr",
    "bad-two-purposes.tsr",
    "bad-too-deep.tsr",
    "request.tsq",
    "sha512.tsq",
    "root.pem",
    "root.der",
    "root-ed25519.pem"
);

/// The seeds of a target.
pub fn of(target: &str) -> Vec<Vec<u8>> {
    let texts = |texts: Vec<String>| texts.into_iter().map(String::into_bytes).collect();
    let sizes = 1..=SIZE;
    let w = &*WORLD;
    match target {
        "note" => texts(w.notes.iter().map(ToString::to_string).chain(near_notes()).collect()),
        "checkpoint" => texts(w.notes.iter().map(|note| note.text().to_owned()).chain(near_checkpoints()).collect()),
        "tile" => tiles(),
        "proof" => texts(sizes.flat_map(|size| [w.proof(0, size), w.proof(size - 1, size)]).map(|proof| proof.to_string()).collect()),
        "policy" => texts(w.policies().into_iter().chain(near_policies()).collect()),
        "receipt" => {
            let shown: [&[&str]; 4] = [&[], &["flow"], &["rows", "verdict"], &["flow", "rows", "to", "verdict"]];
            texts((0..3).flat_map(|number| shown.map(|shown| w.receipt(number * 3, shown).to_string())).collect())
        }
        "cose" => sizes.flat_map(|size| [w.cose(0, size), w.cose(size - 1, size)]).collect(),
        "timestamp" => {
            let own = timestamp::request(&Hash::of(DOCUMENT), 7);
            STAMPS.iter().map(|stamp| stamp.to_vec()).chain([own]).collect()
        }
        "witness" => {
            let request = |old, new: u64| {
                let note = w.notes[usize::try_from(new).unwrap() - 1].clone();
                witness::Request::new(old, w.consistency(old, new), note).unwrap().to_string()
            };
            texts((0..SIZE).flat_map(|old| [request(old, old + 1), request(old, SIZE)]).collect())
        }
        other => panic!("no target is called `{other}`"),
    }
}

fn near_notes() -> Vec<String> {
    let newest = WORLD.newest().to_string();
    vec![
        newest.replacen("\n7\n", "\n8\n", 1),
        newest.replace("— ", "- "),
        newest.replacen("\n\n", "\n", 1),
        format!("{newest}{}", newest.lines().last().unwrap()),
        "a text\n\nwith an empty line\n\n— name AAAAAAA=\n".to_owned(),
    ]
}

fn near_checkpoints() -> Vec<String> {
    let newest = WORLD.newest().text();
    vec![format!("{newest}extension one\nextension two\n"), newest.replacen("\n7\n", "\n07\n", 1), newest.replace('=', "")]
}

fn near_policies() -> Vec<String> {
    let [_, both] = WORLD.policies();
    let witnesses = (1..4).map(|number| format!("witness w{number} {}\n", WORLD.witness.verifying_key()));
    let mut written = vec![
        both.replace("quorum authority", "group any 1 authority\nquorum any"),
        both.replace("quorum authority", "group g all authority\ngroup h any g\nquorum h"),
        both.replace("quorum authority", "group g 2 authority\nquorum g"),
        format!("# whom we trust\n\n{both}"),
        both.replace("quorum", "\tquorum"),
        both.replace(' ', "  "),
        String::new(),
    ];
    written.extend(witnesses.map(|line| format!("{line}{both}")));
    written
}

/// The first byte says how wide a tile is meant to be, and whether it is a bundle; then its path, and its content.
fn tiles() -> Vec<Vec<u8>> {
    let w = &*WORLD;
    let hashes: Vec<Hash> = w.entries.iter().map(|entry| Hash::of_leaf(entry)).collect();
    let mut made = Vec::new();
    for width in 1..=w.entries.len() {
        let of = |kind| Tile { kind, index: 0, width: u16::try_from(width).unwrap() };
        let bundle = tile::encode_entries(&w.entries[..width]).unwrap();
        made.push([of(Kind::Entries).to_string().as_bytes(), b"\n", &bundle].concat());
        made.push([of(Kind::Hashes(0)).to_string().as_bytes(), b"\n", &tile::encode_hashes(&hashes[..width])].concat());
    }
    for path in ["tile/3/x001/x234/567", "tile/entries/x999/999.p/255", "tile/8/000", "tile/0/x000/001", "tile/0/1.p/256"] {
        made.push(format!("{path}\n").into_bytes());
    }
    made
}
