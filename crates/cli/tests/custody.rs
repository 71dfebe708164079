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

#[test]
fn the_how_to_says_what_happens() {
    support::walk_through("docs/how-to/custody.md");
}

/// The arguments of `custody add` for an event on a day; more may follow.
fn adding(action: &str, day: &str) -> String {
    format!("custody add c.jsonl x.img --action {action} --role examiner --place lab --ground order --at {day}T09:30:00Z")
}

#[test]
fn an_event_is_added_once_it_fits_and_is_recorded() {
    let folder = TempDir::new().unwrap();
    let at = folder.path();
    fs::write(at.join("x.img"), "image").unwrap();
    says(at, "log init audit --origin example.org/log/2026 --year 2026", 0);
    // A chain that cannot begin leaves nothing behind.
    assert!(says(at, &adding("acquired", "2026-11-24"), 2).contains("`c.jsonl` begins a chain: say of which exhibit with --exhibit ID"));
    assert!(
        says(at, &format!("{} --exhibit e/1", adding("copied", "2026-11-24")), 10).contains("a chain of custody begins with `acquired`")
    );
    assert!(!at.join("c.jsonl").exists());
    let first = json_of(at, &format!("{} --exhibit e/1 --log audit --receipts r --format json", adding("acquired", "2026-11-24")), 0);
    assert_eq!((&first["event"], &first["entry"], &first["digest"]), (&json!(1), &json!(0), &json!(Hash::of(b"image").to_hex())));
    let whole = fs::read_to_string(at.join("c.jsonl")).unwrap();
    // What the receipt shows is what stands in the chain.
    let receipt = first["receipt"].as_str().unwrap();
    let shown = json_of(at, &format!("receipt verify {receipt} --policy audit/trust.policy --format json"), 0);
    assert_eq!((&shown["kind"], &shown["day"]), (&json!("custody"), &json!("2026-11-24")));
    assert_eq!(shown["shown"], serde_json::from_str::<Value>(&whole).unwrap());
    for (arguments, status, expected) in [
        (format!("{} --exhibit e/2", adding("copied", "2026-11-25")), 10, "it is about exhibit `e/2`, and the chain about `e/1`"),
        (adding("copied", "2026-11-23"), 10, "it happened at 2026-11-23T09:30:00Z, before event 1"),
        (adding("transformed", "2026-11-25"), 10, "its digest is still"),
        (format!("{} --log audit", adding("copied", "2027-01-02")), 2, "takes entries of 2026 only"),
        (adding("copyed", "2026-11-25"), 2, "did you mean `copied`?"),
        (adding("copied", "2026-11-25").replace("x.img", "y.img"), 1, "cannot read the exhibit `y.img`: there is no such file"),
        (adding("copied", "2026-11-25").replace("x.img", "audit"), 1, "it is a folder"),
        (adding("copied", "2026-11-25").replace(" x.img", ""), 2, "--digest"),
        (adding("copied", "2026-11-25").replace("x.img", "--digest ABC"), 2, "64 lower-case hexadecimal digits"),
        (format!("{} --receipts r", adding("copied", "2026-11-25")), 2, "--log"),
    ] {
        let said = says(at, &arguments, status);
        assert!(said.contains(expected), "{arguments}: {said}");
        assert_eq!(fs::read_to_string(at.join("c.jsonl")).unwrap(), whole, "{arguments}");
    }
    // A last line without its end, as an editor may leave it, is not glued to the next.
    fs::write(at.join("c.jsonl"), whole.trim_end()).unwrap();
    let digest = Hash::of(b"image").to_hex();
    says(at, &adding("destroyed", "2026-11-25").replace("x.img", &format!("--digest {digest}")), 0);
    assert_eq!(json_of(at, "custody check c.jsonl --format json", 0)["closed"], true);
}

/// A Python with the packages `prov` and `jsonschema`: the one that `COMITY_PYTHON` names, or the first on the path.
fn python_with_prov() -> Option<String> {
    let python = std::env::var("COMITY_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let found = std::process::Command::new(&python).args(["-c", "import prov.model, jsonschema"]).output();
    found.is_ok_and(|output| output.status.success()).then_some(python)
}

const READ_BY_PROV: &str = r#"
import importlib.resources, json, sys
import jsonschema, prov.model
written = json.load(open(sys.argv[1]))
document = prov.model.ProvDocument.deserialize(sys.argv[1], format="json")
again = json.loads(document.serialize(format="json"))
for kind in set(written) - {"prefix"}:
    assert len(written[kind]) == len(again[kind]), kind
# The schema of the member submission, which the package brings for its own tests.
schema = importlib.resources.files("prov") / "tests/schemas/prov-json.schema.json"
jsonschema.Draft4Validator(json.loads(schema.read_text())).validate(written)
print(len(document.get_records()))
"#;

#[test]
fn others_read_the_provenance() {
    let Some(python) = python_with_prov() else {
        eprintln!("skipped: no Python with the packages prov and jsonschema; COMITY_PYTHON names one");
        return;
    };
    let folder = chain();
    let at = folder.path();
    add(at, "destroyed", "2026-11-27", "export");
    says(at, "custody export e.jsonl --format prov-json --output e.json", 0);
    let output = std::process::Command::new(python).args(["-c", READ_BY_PROV, "e.json"]).current_dir(at).output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(text(&output.stdout).trim(), "23");
}
