// SPDX-License-Identifier: Apache-2.0
//! `comity custody`, as a person uses it: record events as they happen, check the chain, write it for others.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

mod support;

use comity_evidence::Hash;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use support::text;
use tempfile::TempDir;

/// What the command says in a folder, on both streams, with long lines joined.
fn says(folder: &Path, arguments: &str, status: i32) -> String {
    let arguments: Vec<&str> = arguments.split_whitespace().collect();
    let output = support::command(&arguments).current_dir(folder).env("XDG_STATE_HOME", folder.join("state")).output().unwrap();
    let said = text(&output.stdout) + &text(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{arguments:?}: {said}");
    said.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn json_of(folder: &Path, arguments: &str, status: i32) -> Value {
    serde_json::from_str(&says(folder, arguments, status)).unwrap()
}

/// Adds an event to the file; the hash of the one before is what the command says it is.
fn add(folder: &Path, action: &str, day: &str, content: &str) {
    let file = folder.join("e.jsonl");
    let mut event = json!({
        "exhibit": "case-12/3", "action": action, "role": "examiner", "at": format!("{day}T09:30:00Z"),
        "place": "evidence room 2", "ground": "warrant 41", "digest": Hash::of(content.as_bytes()).to_hex(),
    });
    let written = fs::read_to_string(&file).unwrap_or_default();
    if !written.is_empty() {
        event["previous"] = json_of(folder, "custody check e.jsonl --format json", 0)["last"].clone();
    }
    fs::write(&file, format!("{written}{event}\n\n")).unwrap();
}

/// Three events, with an empty line after each.
fn chain() -> TempDir {
    let folder = TempDir::new().unwrap();
    add(folder.path(), "acquired", "2026-11-24", "image");
    add(folder.path(), "transformed", "2026-11-25", "export");
    add(folder.path(), "returned", "2026-11-26", "export");
    folder
}

#[test]
fn a_chain_grows_and_ends() {
    let folder = chain();
    let at = folder.path();
    let said = says(at, "custody check e.jsonl", 0);
    let checked = json_of(at, "custody check e.jsonl --format json", 0);
    assert_eq!((&checked["holds"], &checked["events"], &checked["closed"]), (&json!(true), &json!(3), &json!(false)));
    assert_eq!(checked["digest"], Hash::of(b"export").to_hex());
    assert!(said.contains("It holds: exhibit case-12/3, 3 events, the last `returned` at 2026-11-26T09:30:00Z"), "{said}");
    assert!(said.contains(&format!("The next event has as `previous`: {}", checked["last"].as_str().unwrap())), "{said}");
    assert!(said.contains("shown by the receipts of the log"), "{said}");
    add(at, "destroyed", "2026-11-27", "export");
    assert!(says(at, "custody check e.jsonl", 0).contains("Nothing can follow"));
    assert_eq!(json_of(at, "custody check e.jsonl --format json", 0)["closed"], true);
    add(at, "copied", "2026-11-28", "export");
    let said = says(at, "custody check e.jsonl", 10);
    assert!(said.contains("It does not hold: e.jsonl:9: event 5: `copied` after the exhibit was destroyed"), "{said}");
}

#[test]
fn what_does_not_hold_is_named_and_not_exported() {
    let folder = chain();
    let at = folder.path();
    let written = fs::read_to_string(at.join("e.jsonl")).unwrap();
    // The last event's place can be changed unseen; that of the first cannot.
    fs::write(at.join("bad.jsonl"), written.replacen("room 2", "room 3", 1)).unwrap();
    let refused = json_of(at, "custody check bad.jsonl --format json", 10);
    assert_eq!((&refused["holds"], &refused["event"], &refused["line"]), (&json!(false), &json!(2), &json!(3)));
    let said = says(at, "custody export bad.jsonl --format html --output bad.html", 10);
    assert!(said.contains("the chain does not hold: bad.jsonl:3: event 2: `previous` is not the hash of event 1"), "{said}");
    assert!(!at.join("bad.html").exists());
    for (content, expected) in [
        (
            written.replace("\"role\"", "\"name\""),
            "other.jsonl:1: the event's `name`: unknown; an event of custody has exhibit, action, role",
        ),
        (written.replace("2026-11-25T", "2026-11-31T"), "other.jsonl:3: the event's `at`: expected a second in UTC"),
        ("\n[1]\n".to_owned(), "other.jsonl:2: a payload is a JSON object"),
        ("\n".to_owned(), "`other.jsonl`: it is empty"),
    ] {
        fs::write(at.join("other.jsonl"), content).unwrap();
        for command in ["check other.jsonl", "export other.jsonl --format html"] {
            let said = says(at, &format!("custody {command}"), 3);
            assert!(said.contains(expected), "{command}: {said}");
        }
    }
    assert!(says(at, "custody check none.jsonl", 1).contains("cannot read `none.jsonl`: there is no such file"));
    says(at, "custody export e.jsonl", 2);
}

#[test]
fn a_chain_is_written_for_others() {
    let folder = chain();
    let at = folder.path();
    assert_eq!(says(at, "custody export e.jsonl --format html --output e.html", 0), "");
    let page = fs::read_to_string(at.join("e.html")).unwrap();
    assert!(page.starts_with("<!DOCTYPE html>") && page.contains("Event 3: returned"));
    assert!(says(at, "custody export e.jsonl --format prov-json --output e.html", 1).contains("cannot write `e.html`: it exists"));
    assert_eq!(fs::read_to_string(at.join("e.html")).unwrap(), page);
    let prov = json_of(at, "custody export e.jsonl --format prov-json", 0);
    assert_eq!(prov["activity"]["custody:event-2"]["custody:action"], "transformed");
}

#[test]
fn events_are_recorded_and_come_back_from_receipts() {
    let folder = chain();
    let at = folder.path();
    says(at, "log init audit --origin example.org/log/2026", 0);
    let recorded = says(at, "log append audit e.jsonl --kind custody --matter case-12 --day 2026-11-26 --receipts receipts", 0);
    assert!(recorded.contains("3 events recorded"), "{recorded}");
    // What receipts show of the events is the chain: nothing is lost on the way through the log.
    let shown: String = (0..3)
        .map(|entry| {
            let verified = json_of(
                at,
                &format!("receipt verify receipts/entry-{entry}.comity-receipt.json --policy audit/trust.policy --format json"),
                0,
            );
            assert_eq!((&verified["holds"], &verified["kind"]), (&json!(true), &json!("custody")));
            format!("{}\n", verified["shown"])
        })
        .collect();
    fs::write(at.join("shown.jsonl"), shown).unwrap();
    let last = |file: &str| json_of(at, &format!("custody check {file} --format json"), 0)["last"].clone();
    assert_eq!(last("shown.jsonl"), last("e.jsonl"));
}
