// SPDX-License-Identifier: Apache-2.0
//! What every file begins with, and what no file holds.

/// The longest a Rust file may be; under 500 is the aim.
pub const LONGEST: usize = 700;

/// The first line of every source file.
pub const SPDX: &str = "// SPDX-License-Identifier: Apache-2.0";

/// Ways to reach the world that inner crates do without.
const WORLD: &[&str] =
    &["std::fs", "std::net", "std::env", "std::process", "SystemTime", "Instant::now", "Zoned::now", "Timestamp::now", "rand::"];

/// The folders of the inner crates.
const INNER: &[&str] = &["crates/terms/src/", "crates/flow/src/", "crates/law/src/", "crates/clock/src/", "crates/judge/src/"];

/// What is wrong with one file, one sentence each; `path` is its path from the root.
#[must_use]
pub fn faults(path: &str, text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let mut say = |line: usize, what: String| faults.push(format!("{path}:{line}: {what}"));
    for (index, line) in text.lines().enumerate() {
        for place in machine_paths() {
            if line.contains(&place) {
                say(index + 1, format!("names a path of one machine: `{place}`"));
            }
        }
    }
    if path.ends_with(".rs") {
        let mut lines = text.lines();
        if lines.next() != Some(SPDX) {
            say(1, format!("does not begin with `{SPDX}`"));
        }
        if !lines.next().is_some_and(|line| line.starts_with("//! ")) {
            say(2, "has no `//!` comment that says what it is".to_owned());
        }
        let length = text.lines().count();
        if length > LONGEST {
            say(length, format!("has {length} lines: split it before {LONGEST}"));
        }
        for (index, line) in text.lines().enumerate() {
            // A lint is switched off with `#[expect(…, reason = "…")]`, so that it says when it is no longer needed.
            let code = line.trim_start();
            // What one test binary uses of a shared helper, another does not: only there nothing can be expected.
            let shared_helper = path.contains("/tests/support/") && code.starts_with("#![allow(dead_code, reason");
            if (code.starts_with("#[allow(") || code.starts_with("#![allow(")) && !shared_helper {
                say(index + 1, "`allow` without an end: use `#[expect(…, reason = \"…\")]`".to_owned());
            }
            if INNER.iter().any(|folder| path.starts_with(folder)) && !code.starts_with("//") {
                for reach in WORLD.iter().filter(|reach| code.contains(**reach)) {
                    say(index + 1, format!("an inner crate reaches the world with `{reach}`"));
                }
            }
        }
    }
    faults
}

/// Written in parts, so that this file does not find itself.
fn machine_paths() -> [String; 4] {
    [format!("/{}/", "work"), format!("/{}/", "root"), format!("/{}/target", "tmp"), format!("arti{}", "factory")]
}

#[cfg(test)]
mod tests {
    use super::{SPDX, faults};

    #[test]
    fn a_good_file_has_no_faults() {
        assert!(faults("crates/law/src/lib.rs", &format!("{SPDX}\n//! The language.\n")).is_empty());
    }

    #[test]
    fn each_slip_is_named_with_its_line() {
        let text = format!("{SPDX}\nuse std::fs;\n#[allow(dead_code)]\n// /{}/main\n", "work");
        let found = faults("crates/law/src/lib.rs", &text);
        assert_eq!(found.len(), 4, "{found:#?}");
        assert!(found[0].starts_with("crates/law/src/lib.rs:4: names a path"));
        assert!(found[2].contains("reaches the world with `std::fs`"));
    }
}
