// SPDX-License-Identifier: Apache-2.0
//! Replays the corpora and small changes of them: what fuzzing once reached stays right, on a stable compiler.

use comity_fuzz_border::TARGETS;
use std::path::{Path, PathBuf};

fn corpus(target: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    let mut inputs: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    inputs.sort();
    inputs
}

#[test]
fn every_input_of_the_corpora_holds() {
    for (target, run) in TARGETS {
        let inputs = corpus(target);
        assert!(inputs.len() >= 5, "{target} has {} inputs", inputs.len());
        for input in inputs {
            println!("{target}: {}", input.display());
            run(&std::fs::read(&input).unwrap());
        }
    }
}

/// Bytes changed, left out, doubled: a short search wherever the tests run.
#[test]
fn inputs_with_small_changes_hold() {
    let mut state: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut below = |bound: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 33).unwrap() % bound
    };
    for (target, run) in TARGETS {
        for input in corpus(target) {
            let seed = std::fs::read(&input).unwrap();
            for _ in 0..100 {
                let mut input = seed.clone();
                for _ in 0..1 + below(3) {
                    if input.is_empty() {
                        break;
                    }
                    let place = below(input.len());
                    match below(4) {
                        0 => input[place] ^= 1 << below(8),
                        1 => drop(input.remove(place)),
                        2 => input.insert(place, input[below(input.len())]),
                        _ => input[place] = b"\n 0=\xff\""[below(6)],
                    }
                }
                run(&input);
            }
        }
    }
}
