// SPDX-License-Identifier: Apache-2.0
//! `comity discover` proposes a manifest that a person has to decide on before any table crosses under it.
#![cfg(feature = "border")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use serde_json::Value;
use std::path::{Path, PathBuf};
use support::{in_folder, says, text};

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/examples/crossing").join(name)
}

/// A folder with the table and the flow of the tutorial.
fn place() -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    for name in ["people.csv", "to-austin.toml"] {
        std::fs::copy(example(name), place.path().join(name)).unwrap();
    }
    std::fs::write(place.path().join("secret.hex"), "5c".repeat(32)).unwrap();
    place
}

fn cells() -> Vec<String> {
    let table = std::fs::read_to_string(example("people.csv")).unwrap();
    let cells = table.lines().skip(1).flat_map(|line| line.split(',')).filter(|cell| cell.len() > 2).map(str::to_owned);
    // Words that the command has of its own.
    cells.filter(|cell| !["none", "basic", "premium"].contains(&cell.as_str())).collect()
}

#[test]
fn a_manifest_is_proposed_and_crosses_only_when_a_person_has_decided() {
    let place = place();
    let here = place.path();
    let told = says(
        here,
        "discover people.csv --output people.toml",
        "",
        12,
        &["There may be personal data that was not found.", "wrote people.toml"],
    );
    let manifest = std::fs::read_to_string(here.join("people.toml")).unwrap();
    for cell in cells() {
        assert!(!manifest.contains(&cell) && !told.contains(&cell), "{cell} is shown: {manifest}{told}");
    }
    for said in [
        "table = \"people\"",
        "[columns.email]\nholds = [\"email\"]\nidentifies = \"directly\"",
        "[columns.last_ip]\nholds = [\"ip-address\"]",
        "[columns.health_note]\nholds = \"?\"",
        "# decides = \"subjects.located\"",
        "holds = \"?\"",
    ] {
        assert!(manifest.contains(said), "{said}: {manifest}");
    }
    // It is never written over what somebody may have changed.
    says(here, "discover people.csv --output people.toml", "", 1, &["cannot write `people.toml`: it exists"]);

    // As it is, nothing crosses: each open column is named with its line.
    let cross = "cross to-austin.toml people.csv --manifest people.toml --secret secret.hex --dry-run";
    let open: Vec<&str> =
        manifest.split("[columns.").filter(|part| part.contains("holds = \"?\"")).filter_map(|part| part.split(']').next()).collect();
    assert!(!open.is_empty());
    let told = says(here, cross, "", 3, &["nobody has decided yet what column"]);
    for column in &open {
        assert!(told.contains(&format!("what column `{column}` holds")), "{column}: {told}");
    }
    assert_eq!(told.matches("nobody has decided yet").count(), open.len(), "{told}");

    // Decided, it crosses. The flow declares categories that the proposals are narrower or wider than.
    let decided = manifest.replace("holds = \"?\"", "holds = [\"preference\"]").replace("identifies = \"?\"", "identifies = \"no\"");
    let decided = decided
        .replace("[\"location\"]", "[\"address\"]")
        .replace("[columns.health_note]", "[columns.health_note]\nmeasures = [\"drop\"]")
        .replace("# decides = \"subjects.located\"", "decides = \"subjects.located\"\nwords = { Ireland = \"IE\", Germany = \"DE\" }");
    std::fs::write(here.join("people.toml"), decided).unwrap();
    says(here, cross, "", 12, &["Plan for 10 rows of `people`", "cells that decide are empty or not understood"]);
}

#[test]
fn what_would_harm_is_sensitive() {
    let place = place();
    let table = "religion,diagnosis,email\ncatholic,F32.1,a@example.org\nnone,J45,b@example.org\n";
    std::fs::write(place.path().join("special.csv"), table).unwrap();
    let told = says(place.path(), "discover special.csv", "", 0, &[]);
    assert_eq!(told.matches("sensitive = true").count(), 2, "{told}");
    assert!(told.contains("[columns.diagnosis]\nholds = [\"health\"]\nidentifies = \"no\"\nsensitive = true"), "{told}");
}

#[test]
fn the_manifest_or_json_goes_to_standard_output() {
    let place = place();
    let output = in_folder(place.path(), "discover people.csv", "");
    assert_eq!(output.status.code(), Some(12));
    assert!(text(&output.stdout).starts_with("# Proposed, for a person to look at and change"));
    let output = in_folder(place.path(), "discover people.csv --format json", "");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let of = |name: &str| report["columns"].as_array().unwrap().iter().find(|column| column["name"] == name).unwrap().clone();
    assert_eq!((of("email")["holds"].clone(), of("email")["identifies"].clone()), (serde_json::json!(["email"]), "directly".into()));
    assert_eq!(of("email")["looked_at"]["sampled"], 10);
    assert_eq!(of("health_note")["looked_at"]["empty"], 8);
    assert!(of("email")["proposals"][0]["confidence"].as_f64().unwrap() > 0.9);
    for cell in cells() {
        assert!(!text(&output.stdout).contains(&cell), "{cell} is shown");
    }
    // A sample of the distinct values says how many there may be.
    let output = in_folder(place.path(), "discover people.csv --sample 3 --format json", "");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(report["limits"].as_str().unwrap().contains("a sample of the distinct values of"), "{report}");
}

#[test]
fn what_is_no_table_of_named_columns_is_refused_without_a_value() {
    let place = place();
    let headless: String =
        std::fs::read_to_string(example("people.csv")).unwrap().lines().skip(1).map(|line| format!("{line}\n")).collect();
    std::fs::write(place.path().join("headless.csv"), headless).unwrap();
    let told = says(place.path(), "discover headless.csv", "", 3, &["its cell 3 looks like this", "Add a row with names first"]);
    assert!(!told.contains("aoife") && !told.contains("Byrne"), "{told}");
    says(place.path(), "discover people.xlsx", "", 3, &["people.xlsx"]);
    says(place.path(), "discover gone.csv", "", 1, &["cannot read `gone.csv`"]);
}
