// SPDX-License-Identifier: Apache-2.0
//! `ref` and `comity check --require-evidence`, as a person uses them: documents, exhibits and receipts that are looked at.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod support;

use comity_evidence::Hash;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::Output;
use support::text;
use tempfile::TempDir;

const CLAUSES: &str = "the signed clauses";

/// A flow to the United States under the fixture's law, which asks for clauses and an assessment.
fn flow(clauses: &str, assessment: &str) -> String {
    format!(
        "id = \"rings\"\non = 2024-03-01\n[exporter]\nseat = \"AQ\"\npublic_body = false\n[importer]\nseat = \"US\"\ntype = []\n\
        [data]\ncategories = [\"contact\"]\n[purpose]\nof = [\"analytics\"]\nfrequency = \"systematic\"\n\
        [safeguards]\ncontracts = [{{ id = \"nz.model-clauses\", ref = '{clauses}' }}]\n[safeguards.assessment]\nref = '{assessment}'\n"
    )
}

fn run(folder: &Path, arguments: &str) -> Output {
    let arguments: Vec<&str> = arguments.split_whitespace().collect();
    support::command(&arguments).current_dir(folder).env("XDG_STATE_HOME", folder.join("state")).output().unwrap()
}

/// What the command says on both streams, with long lines joined.
fn says(folder: &Path, arguments: &str, status: i32) -> String {
    let output = run(folder, arguments);
    let said = text(&output.stdout) + &text(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{arguments}: {said}");
    said.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The judgment of `flow.toml` under the fixture's law, with these arguments, and what is said beside it.
fn judged(folder: &Path, arguments: &str, status: i32) -> (Value, String) {
    let law = support::fixture().join("law");
    let command = format!(
        "check flow.toml --library {} --keep-going --under aq.aurora --reading repeated=single --format json {arguments}",
        law.display()
    );
    let output = run(folder, &command);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{}{said}", text(&output.stdout));
    (serde_json::from_str(text(&output.stdout).lines().next().unwrap()).unwrap(), said)
}

fn folder(clauses: &str, assessment: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("clauses.pdf"), CLAUSES).unwrap();
    fs::write(folder.path().join("assessment.pdf"), "the assessment").unwrap();
    fs::write(folder.path().join("flow.toml"), flow(clauses, assessment)).unwrap();
    folder
}

fn named(file: &str, content: &str) -> String {
    format!("{file} sha256:{}", Hash::of(content.as_bytes()).to_hex())
}

#[test]
fn a_document_counts_if_it_is_the_one_that_is_named() {
    let folder = folder(&named("clauses.pdf", CLAUSES), "file 12");
    let at = folder.path();
    let (found, said) = judged(at, "", 0);
    assert_eq!((&found["verdict"], said.as_str()), (&json!("permitted"), ""));
    assert_eq!(found["findings"][0]["rests_on"], json!(["declaration", "document"]));
    assert_eq!(
        found["findings"][0]["relies_on"],
        json!([
            { "safeguard": "safeguards.contracts+nz.model-clauses", "rests_on": "document" },
            { "safeguard": "safeguards.assessment", "rests_on": "declaration" },
        ])
    );
    // Words for people show nothing to a program.
    let (found, _) = judged(at, "--require-evidence", 12);
    assert_eq!(found["findings"][0]["missing"][0]["for"], "standard-clauses");
    assert_eq!(found["findings"][0]["missing"][0]["steps"], json!(["safeguards.assessment.ref"]));
    let law = support::fixture().join("law");
    let shown = format!("check flow.toml --library {} --keep-going --under aq.aurora --reading repeated=single", law.display());
    let said = says(at, &format!("{shown} --require-evidence"), 12);
    for expected in [
        "name evidence of it with `ref`: assessment made (safeguards.assessment.ref)",
        "by declaration alone: assessment",
        "shown by a document: nz.model-clauses",
    ] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
    assert!(says(at, &format!("{shown} --format plain"), 0).contains("by declaration alone: assessment"));
    fs::write(at.join("flow.toml"), flow(&named("clauses.pdf", CLAUSES), &named("assessment.pdf", "the assessment"))).unwrap();
    judged(at, "--require-evidence", 0);
    // It was changed after it was named.
    fs::write(at.join("clauses.pdf"), "other clauses").unwrap();
    let (found, said) = judged(at, "--require-evidence", 12);
    assert_eq!(found["findings"][0]["missing"][0]["steps"], json!(["safeguards.contracts.ref+nz.model-clauses"]));
    assert!(said.starts_with("warning: flow.toml: evidence of safeguards.contracts+nz.model-clauses does not count: "), "{said}");
    assert!(said.contains(&format!("the file has the digest {}", Hash::of(b"other clauses").to_hex())), "{said}");
    assert!(found["evidence"][0]["problems"][0].as_str().unwrap().contains("was changed"), "{found}");
    // Where evidence is not required it is said all the same, and the verdict is that of the declaration.
    assert!(judged(at, "", 0).1.contains("does not count"));
    fs::remove_file(at.join("clauses.pdf")).unwrap();
    assert!(judged(at, "", 0).1.contains("there is no such file"));
}

#[test]
fn documents_are_found_by_digest_in_the_folder_of_the_evidence() {
    let hex = |content: &str| format!("sha256:{}", Hash::of(content.as_bytes()).to_hex());
    let folder = folder(&hex("kept elsewhere"), &hex("the assessment"));
    let at = folder.path();
    fs::create_dir_all(at.join("documents/2023")).unwrap();
    fs::write(at.join("documents/2023/a.pdf"), "kept elsewhere").unwrap();
    let (_, said) = judged(at, "--require-evidence", 12);
    assert!(said.contains("--evidence names the folder of the documents"), "{said}");
    let (_, said) = judged(at, "--require-evidence --evidence documents", 12);
    assert!(said.contains("evidence of safeguards.assessment does not count") && said.contains("no file in `documents` has"), "{said}");
    judged(at, "--require-evidence --evidence .", 0);
    assert!(judged_fails(at, "--evidence flow.toml").contains("--evidence: `flow.toml` is no folder"));
    // Whoever writes a flow does not choose which files of the machine are read.
    for reference in [named("/etc/hostname", "x"), named("../x", "x"), "receipt:/dev/zero".to_owned()] {
        fs::write(at.join("flow.toml"), flow(&reference, "file 1")).unwrap();
        assert!(judged(at, "", 0).1.contains("expected a file inside the folder of the evidence"), "{reference}");
    }
    fs::write(at.join("flow.toml"), flow("sha256:12", "file 1")).unwrap();
    assert!(judged(at, "", 0).1.contains("expected 64 lower-case hexadecimal digits"));
}

fn judged_fails(at: &Path, arguments: &str) -> String {
    says(at, &format!("check flow.toml {arguments}"), 1)
}

#[test]
fn an_exhibit_counts_while_its_chain_holds_and_it_is_there() {
    let folder = folder("exhibit:clauses.jsonl", &named("assessment.pdf", "the assessment"));
    let at = folder.path();
    let add = "custody add clauses.jsonl --role clerk --place archive --ground order";
    says(at, &format!("{add} clauses.pdf --action acquired --exhibit c/1 --at 2024-01-01T10:00:00Z"), 0);
    judged(at, "--require-evidence", 0);
    let chain = fs::read_to_string(at.join("clauses.jsonl")).unwrap();
    let digest = Hash::of(CLAUSES.as_bytes()).to_hex();
    says(at, &format!("{add} --digest {digest} --action disclosed --at 2024-01-02T10:00:00Z"), 0);
    let longer = fs::read_to_string(at.join("clauses.jsonl")).unwrap();
    fs::write(at.join("clauses.jsonl"), longer.replacen("archive", "attic", 1)).unwrap();
    assert!(judged(at, "--require-evidence", 12).1.contains("the chain of custody does not hold"));
    fs::write(at.join("clauses.jsonl"), chain).unwrap();
    says(at, &format!("{add} clauses.pdf --action destroyed --at 2024-01-03T10:00:00Z"), 0);
    assert!(judged(at, "--require-evidence", 12).1.contains("the exhibit c/1 was destroyed"));
    fs::write(at.join("clauses.jsonl"), longer).unwrap();
    fs::remove_file(at.join("clauses.pdf")).unwrap();
    assert!(judged(at, "--require-evidence", 12).1.contains("the chain holds, but of the exhibit no file"));
}

#[test]
fn a_receipt_counts_if_it_holds_and_is_of_this_safeguard() {
    let folder = folder("receipt:c.json", &named("assessment.pdf", "the assessment"));
    let at = folder.path();
    says(at, "log init audit --origin example.org/log/2024 --year 2024", 0);
    let mut entry = 0;
    let mut record = |kind: &str, payload: &Value, show: &str| {
        fs::write(at.join("p.json"), payload.to_string()).unwrap();
        says(at, &format!("log append audit p.json --kind {kind} --day 2024-02-01"), 0);
        let _ = fs::remove_file(at.join("c.json"));
        says(at, &format!("log prove audit {entry} --show {show} --output c.json"), 0);
        entry += 1;
    };
    let policy = "--require-evidence --policy audit/trust.policy";
    let refused = |expected: &str| {
        let (found, said) = judged(at, policy, 12);
        assert!(said.contains(expected), "{expected}: {said}");
        assert_eq!(found["findings"][0]["missing"][0]["steps"], json!(["safeguards.contracts.ref+nz.model-clauses"]));
    };
    record("filing", &json!({ "safeguard": "nz.model-clauses", "flow": "rings", "by": "desk 4" }), "safeguard,flow");
    let (found, _) = judged(at, policy, 0);
    assert_eq!(found["findings"][0]["rests_on"], json!(["declaration", "document", "receipt"]));
    assert!(judged(at, "--require-evidence", 12).1.contains("a receipt is checked with --policy FILE"));
    says(at, "log init other --origin other.example", 0);
    assert!(judged(at, "--require-evidence --policy other/trust.policy", 12).1.contains("the receipt does not hold"));
    fs::write(at.join("c.json"), fs::read_to_string(at.join("c.json")).unwrap().replace("rings", "wings")).unwrap();
    refused("the receipt does not hold");
    for (kind, payload, show, expected) in [
        ("filing", json!({ "safeguard": "nz.model-clauses", "flow": "rings" }), "flow", "does not show the field `safeguard`"),
        ("filing", json!({ "safeguard": "eu.scc-2021", "flow": "rings" }), "safeguard,flow", "the receipt is evidence of \"eu.scc-2021\""),
        ("filing", json!({ "safeguard": "nz.model-clauses", "flow": "other" }), "safeguard,flow", "the receipt is of flow \"other\""),
        ("crossing", json!({ "safeguard": "nz.model-clauses" }), "safeguard", "of kind `crossing`, expected `filing` or `message`"),
        ("consent", json!({ "safeguard": "nz.model-clauses" }), "safeguard", "of kind `consent`"),
    ] {
        record(kind, &payload, show);
        refused(expected);
    }
    // Consent is recorded as consent, and may be taken back.
    let consent = flow("file 1", "file 2").replace("[safeguards]\n", "[safeguards]\nnotices = []\n")
        + "[safeguards.consent]\nexplicit = true\nref = \"receipt:c.json\"\n";
    fs::write(at.join("flow.toml"), consent.replace("systematic", "occasional")).unwrap();
    record("consent", &json!({ "safeguard": "safeguards.consent", "given": true }), "safeguard,given");
    let (found, _) = judged(at, policy, 0);
    assert_eq!(found["findings"][0]["mechanism"], "explicit-consent");
    record("consent", &json!({ "safeguard": "safeguards.consent", "given": false }), "safeguard,given");
    assert!(judged(at, policy, 12).1.contains("consent was refused or taken back"));
    record("message", &json!({ "safeguard": "safeguards.consent" }), "safeguard");
    assert!(judged(at, policy, 12).1.contains("of kind `message`, expected `consent`"));
}

#[test]
fn what_each_safeguard_rests_on_is_recorded() {
    let folder = folder(&named("clauses.pdf", CLAUSES), "file 12");
    let at = folder.path();
    says(at, "log init audit --origin example.org/log", 0);
    judged(at, "--record audit --receipts r", 0);
    let shown = says(at, "receipt verify r/entry-0.comity-receipt.json --policy audit/trust.policy --format json", 0);
    let shown: Value = serde_json::from_str(&shown).unwrap();
    let fields = &shown["shown"];
    let resting = |of: &str| fields[format!("evidence:{of}")].clone();
    assert_eq!(resting("safeguards.contracts+nz.model-clauses")["rests_on"], "document");
    assert_eq!(resting("safeguards.contracts+nz.model-clauses")["ref"], json!([named("clauses.pdf", CLAUSES)]));
    assert_eq!(
        (&resting("safeguards.assessment")["rests_on"], &resting("safeguards.assessment")["ref"]),
        (&json!("declaration"), &json!(["file 12"]))
    );
    assert_eq!(fields["law:aq.aurora"][0]["rests_on"], json!(["declaration", "document"]));
    assert_eq!(fields["law:aq.aurora"][0]["relies_on"][0]["rests_on"], "document");
}

#[test]
fn the_how_to_says_what_happens() {
    support::walk_through("docs/how-to/evidence.md");
}
