// SPDX-License-Identifier: Apache-2.0
//! Replays the corpora: what fuzzing once reached stays right, on a stable compiler.

use std::path::Path;

#[test]
fn every_input_of_the_corpora_holds() {
    for (name, target) in comity_fuzz::TARGETS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
        let mut inputs: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        inputs.sort();
        assert!(inputs.len() >= 10, "{name} has {} inputs", inputs.len());
        for input in inputs {
            println!("{name}: {}", input.display());
            target(&std::fs::read(&input).unwrap());
        }
    }
}

/// Random inputs of many lengths: a short search wherever the tests run.
#[test]
fn random_bytes_hold() {
    let mut state: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut byte = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    for length in (0..2000).map(|number| number % 200) {
        let input: Vec<u8> = (0..length).map(|_| byte()).collect();
        comity_fuzz::judge(&input);
    }
}
