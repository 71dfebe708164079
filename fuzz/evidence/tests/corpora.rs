// SPDX-License-Identifier: Apache-2.0
//! Replays the corpora and small changes of the seeds: what fuzzing once reached stays right, on a stable compiler.

use comity_fuzz_evidence::{TARGETS, seeds};
use std::path::{Path, PathBuf};

fn folder(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target)
}

/// With COMITY_WRITE_SEEDS=1 the seeds are written; without, they must stand there as they are.
#[test]
fn the_seeds_are_what_the_log_writes() {
    for (target, _) in TARGETS {
        let seeds = seeds::of(target);
        assert!(seeds.len() >= 10, "{target} has {} seeds", seeds.len());
        for (number, seed) in (1..).zip(seeds) {
            let file = folder(target).join(format!("{number:02}"));
            if std::env::var_os("COMITY_WRITE_SEEDS").is_some() {
                std::fs::create_dir_all(folder(target)).unwrap();
                std::fs::write(&file, &seed).unwrap();
            }
            assert_eq!(std::fs::read(&file).unwrap_or_default(), seed, "{}: write it with COMITY_WRITE_SEEDS=1", file.display());
        }
    }
}

#[test]
fn every_input_of_the_corpora_holds() {
    for (target, run) in TARGETS {
        for entry in std::fs::read_dir(folder(target)).unwrap() {
            let input = entry.unwrap().path();
            println!("{target}: {}", input.display());
            run(&std::fs::read(&input).unwrap());
        }
    }
}

/// Bytes changed, left out, doubled: a short search wherever the tests run.
#[test]
fn seeds_with_small_changes_hold() {
    let mut state: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut below = |bound: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 33).unwrap() % bound
    };
    for (target, run) in TARGETS {
        for seed in seeds::of(target) {
            for _ in 0..30 {
                let mut input = seed.clone();
                if input.is_empty() {
                    break;
                }
                for _ in 0..1 + below(3) {
                    let place = below(input.len().max(1)).min(input.len().saturating_sub(1));
                    match below(4) {
                        0 => input[place] ^= 1 << below(8),
                        1 if input.len() > 1 => drop(input.remove(place)),
                        2 => input.insert(place, input[below(input.len())]),
                        _ => input[place] = b"\n 0=\xff"[below(5)],
                    }
                }
                run(&input);
            }
        }
    }
}
