// SPDX-License-Identifier: Apache-2.0
//! `comity cross` with a secret that a program gives, and without any.
#![cfg(feature = "border")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn example(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/examples/crossing").join(name).to_str().unwrap().to_owned()
}

struct Place(tempfile::TempDir);

impl Place {
    /// With a program that keeps a key, says what it is for, and counts how often it is asked.
    fn new() -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        let script = "tee -a asked | openssl dgst -sha256 -mac HMAC -macopt hexkey:$1 -r | cut -c1-64; echo >> asked\n";
        fs::write(place.path("keeper"), script).unwrap();
        let manifest = fs::read_to_string(example("people.toml")).unwrap();
        fs::write(place.path("people.toml"), manifest.replace("[\"keep\", \"pseudonymise\"]", "[\"pseudonymise\"]")).unwrap();
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, flow: &str, table: &str, more: &[&str]) -> Output {
        let mut args = vec!["cross", flow, table, "--manifest", "people.toml"];
        args.extend(more);
        let mut command = Command::new(env!("CARGO_BIN_EXE_comity"));
        command.args(args).current_dir(self.0.path()).env("NO_COLOR", "1").env_remove("COMITY_SECRET").output().unwrap()
    }

    /// What the program was asked, and forgotten.
    fn asked(&self) -> Vec<String> {
        let asked = fs::read_to_string(self.path("asked")).unwrap_or_default();
        let _ = fs::remove_file(self.path("asked"));
        asked.lines().map(str::to_owned).collect()
    }
}

fn said(output: &Output) -> String {
    let both = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    both.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_program_is_asked_once_for_each_job() {
    let place = Place::new();
    let (flow, table) = (example("to-austin.toml"), example("people.csv"));
    let keeper = |key: &str| format!("sh ./keeper {}", key.repeat(32));
    let ask = |key: &str, more: &[&str]| {
        let command = keeper(key);
        let mut args = vec!["--secret-command", command.as_str()];
        args.extend(more);
        place.run(&flow, &table, &args)
    };
    let looked = ask("5c", &["--dry-run", "--format", "json"]);
    assert_eq!(looked.status.code(), Some(12), "{}", said(&looked));
    let context =
        r#"{"epoch":"2026","of":"comity-border 2026-11-30 secret of a job","purpose":"analytics","recipient":"Example Analytics Inc."}"#;
    assert_eq!(place.asked(), [context]);
    let plan: Value = serde_json::from_slice(&looked.stdout).unwrap();
    let (hash, name) = (plan["hash"].as_str().unwrap(), plan["plan"]["key"].as_str().unwrap());
    assert!(name.starts_with("sh ") && name.len() == 19, "{name}");

    // Another key is another plan, and what was approved is not that.
    let other = ask("5d", &["--to", "austin", "--approved", hash]);
    assert_eq!(other.status.code(), Some(10), "{}", said(&other));
    assert_eq!(place.asked().len(), 1);
    let crossed = ask("5c", &["--to", "austin", "--approved", hash]);
    assert_eq!(crossed.status.code(), Some(12), "{}", said(&crossed));
    assert_eq!(place.asked(), [context], "one operation for a whole crossing");

    // The same recipient, purpose and epoch in another job: the same pseudonyms. Another recipient: others.
    let again = ask("5c", &["--to", "again"]);
    assert_eq!(again.status.code(), Some(12), "{}", said(&again));
    let sent = |folder: &str| fs::read_to_string(place.path(folder).join("part-000000.csv")).unwrap();
    assert_eq!(sent("austin"), sent("again"));
    let elsewhere = fs::read_to_string(&flow).unwrap().replace("Example Analytics Inc.", "Another Inc.");
    fs::write(place.path("elsewhere.toml"), elsewhere).unwrap();
    let output = place.run("elsewhere.toml", &table, &["--secret-command", &keeper("5c"), "--to", "elsewhere"]);
    assert_eq!(output.status.code(), Some(12), "{}", said(&output));
    assert_ne!(sent("austin"), sent("elsewhere"));
}

#[test]
fn a_program_that_gives_no_secret_stops_all_and_nothing_is_shown() {
    let place = Place::new();
    let (flow, table) = (example("to-austin.toml"), example("people.csv"));
    for (command, status, expected) in [
        ("sh -c 'echo hunter2'", 1, "expected a secret of 32 bytes in 64 hexadecimal digits or in Base64, found 8 bytes"),
        ("sh -c 'echo hunter2; echo why >&2; exit 4'", 1, "why error: `sh`, which gives the secret, ended with exit status: 4"),
        ("./no-such-keeper", 1, "cannot run `./no-such-keeper`"),
        ("sh 'keeper", 2, "expected another `'` at the end"),
        ("", 2, "found an empty command"),
    ] {
        let output = place.run(&flow, &table, &["--secret-command", command, "--to", "out"]);
        let told = said(&output);
        assert!(output.status.code() == Some(status) && told.contains(expected) && !told.contains("hunter2"), "{command}: {told}");
        assert!(!place.path("out").exists() && !place.path("out.crossing").exists());
    }
    let both = place.run(&flow, &table, &["--secret", "a", "--secret-command", "b", "--dry-run"]);
    assert_eq!(both.status.code(), Some(2));
}

#[test]
fn a_secret_that_is_missing_is_said_before_a_row_is_read() {
    let place = Place::new();
    for table in ["no-such-table.csv", "postgres://nobody@127.0.0.1:1/nowhere#people"] {
        let output = place.run(&example("to-austin.toml"), table, &["--to", "out"]);
        let told = said(&output);
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains("column `customer_id` may be pseudonymised or tokenised, and no secret was given"), "{told}");
        assert!(told.contains("--secret FILE, or make one: openssl rand -hex 32 > secret.hex"), "{told}");
    }
    // A manifest that needs none asks no program for one.
    let manifest = fs::read_to_string(example("people.toml")).unwrap().replace(", \"pseudonymise\"", "");
    fs::write(place.path("open.toml"), manifest).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_comity"));
    let (flow, table) = (example("to-austin.toml"), example("people.csv"));
    command.args(["cross", &flow, &table, "--manifest", "open.toml", "--dry-run", "--secret-command", "sh ./keeper 00"]);
    let output = command.current_dir(place.0.path()).output().unwrap();
    assert_eq!((output.status.code(), place.asked().len()), (Some(12), 0), "{}", said(&output));
}
