// SPDX-License-Identifier: Apache-2.0
//! A witness that is killed while many ask it at once: whatever it signed is one chain.
//!
//! `COMITY_KILLS` sets how often it is killed; `.ci/soak` sets it high.

use crate::support::{ORIGIN, log_key, witness_key};
use comity_evidence::tree::{self, Nodes, prove_consistency};
use comity_evidence::witness::{Request, accept, path_of};
use comity_evidence::{Checkpoint, Hash};
use comity_log::LogError;
use comity_witness::{Client, Witness};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// A history that has parted from others again and again: each name holds from its entry on.
#[derive(Clone)]
struct Branch(Vec<(u64, String)>);

impl Nodes for &Branch {
    type Error = LogError;

    fn node(&mut self, level: u32, index: u64) -> Result<Hash, LogError> {
        if level == 0 {
            let name = self.0.iter().rev().find(|(from, _)| *from <= index).map_or("", |(_, name)| name);
            return Ok(Hash::of_leaf(format!("{name} {index}").as_bytes()));
        }
        Ok(Hash::of_node(&self.node(level - 1, index * 2)?, &self.node(level - 1, index * 2 + 1)?))
    }
}

impl Branch {
    fn checkpoint(&self, size: u64) -> Checkpoint {
        Checkpoint::new(ORIGIN, size, tree::root(size, &mut &*self).unwrap()).unwrap()
    }

    fn request(&self, old: u64, new: u64) -> Request {
        let mut note = self.checkpoint(new).to_note().unwrap();
        note.sign(&log_key(), 0).unwrap();
        Request::new(old, prove_consistency(old, new, &mut &*self).unwrap(), note).unwrap()
    }
}

fn start(data: &Path) -> (Child, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_comity-witness"))
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(data)
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    let url = line.trim().strip_prefix("Listening on ").unwrap().to_owned();
    (child, url)
}

/// Asks for the next state of a branch again and again until the witness is gone. Gives what was cosigned.
fn press(url: &str, branch: &Branch, mut size: u64, step: u64) -> Vec<Checkpoint> {
    let (client, mut cosigned) = (Client::new(Duration::from_secs(20)), Vec::new());
    loop {
        let request = branch.request(size, size + step);
        let Ok(answer) = client.add_checkpoint(url, &request) else { return cosigned };
        match answer.status {
            200 => {
                let mut note = request.note().clone();
                accept(&mut note, &answer.body, &witness_key(1).verifying_key()).unwrap();
                size += step;
                cosigned.push(request.checkpoint().clone());
            }
            409 => size = answer.body.trim_end().parse().unwrap(),
            // The other history was first.
            status => assert_eq!(status, 422),
        }
    }
}

#[test]
fn what_a_killed_witness_signed_is_one_chain() {
    let kills: u64 = std::env::var("COMITY_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(20);
    let mut folder = TempDir::new().unwrap();
    let (mut chain, mut signed) = (Branch(Vec::new()), BTreeMap::<u64, Hash>::new());
    let mut most = 0;
    for kill in 0..kills {
        // A new witness now and then, so that trees stay small.
        if kill % 25 == 0 {
            folder = TempDir::new().unwrap();
            Witness::create(folder.path(), &[witness_key(1)], &[log_key().verifying_key()]).unwrap();
            (chain, signed) = (Branch(Vec::new()), BTreeMap::new());
        }
        let from = signed.last_key_value().map_or(0, |(size, _)| *size);
        let branches: Vec<Branch> =
            (0..2).map(|which| Branch(chain.0.iter().cloned().chain([(from, format!("kill {kill} history {which}"))]).collect())).collect();
        let (mut child, url) = start(folder.path());
        let cosigned: Vec<Checkpoint> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4)
                .map(|thread| {
                    let (url, branch) = (&url, &branches[thread % 2]);
                    scope.spawn(move || press(url, branch, from, 1 + thread as u64 / 2))
                })
                .collect();
            // Milliseconds of life, spread without chance so that a failure can be repeated.
            std::thread::sleep(Duration::from_micros(3_000 + kill * 7_919 % 80_000));
            child.kill().unwrap();
            child.wait().unwrap();
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
        });
        most = most.max(cosigned.len());
        for checkpoint in cosigned {
            let root = *signed.entry(checkpoint.size()).or_insert(*checkpoint.root());
            assert_eq!(root, *checkpoint.root(), "kill {kill}: two roots of {} entries were cosigned", checkpoint.size());
        }
        // What it remembers now is the newest of one of the two histories, and everything that it signed is in that one.
        let witness = Witness::open(folder.path()).unwrap();
        let Some(note) = witness.at_place(&path_of(ORIGIN)).unwrap() else {
            assert!(signed.is_empty(), "kill {kill}: what was signed is forgotten");
            continue;
        };
        let (text, _) = note.rsplit_once("\n\n").unwrap();
        let held: Checkpoint = format!("{text}\n").parse().unwrap();
        let of = branches.iter().find(|branch| branch.checkpoint(held.size()) == held);
        chain = of.unwrap_or_else(|| panic!("kill {kill}: what is remembered is of neither history")).clone();
        for (size, root) in &signed {
            assert!(*size <= held.size(), "kill {kill}: {size} entries were cosigned, {} are remembered", held.size());
            assert_eq!(chain.checkpoint(*size).root(), root, "kill {kill}: {size} entries of another history were cosigned");
        }
        signed.insert(held.size(), *held.root());
    }
    assert!(most > 0, "nothing was ever cosigned");
    println!("{kills} kills, at most {most} cosignatures in one life");
}
