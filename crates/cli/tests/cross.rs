// SPDX-License-Identifier: Apache-2.0
//! `comity cross` from the first look to the receipt, with the files of the tutorial.
#![cfg(feature = "border")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use serde_json::Value;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/examples/crossing").join(name)
}

struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        std::fs::write(place.path("secret.hex"), "5c".repeat(32)).unwrap();
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn comity(&self, args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_comity"))
            .args(args)
            .current_dir(self.0.path())
            .env("NO_COLOR", "1")
            .env("XDG_STATE_HOME", self.path("state"))
            .output()
            .unwrap()
    }

    fn cross(&self, flow: &str, more: &[&str]) -> Output {
        let files = [example(flow), example("people.csv"), example("people.toml")].map(|path| path.to_str().unwrap().to_owned());
        let [flow, table, manifest] = &files;
        let mut args = vec!["cross", flow, table, "--manifest", manifest, "--secret", "secret.hex"];
        args.extend(more);
        self.comity(&args)
    }
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_plan_is_shown_approved_carried_out_and_recorded() {
    let place = Place::new();
    let looked = place.cross("to-austin.toml", &["--dry-run", "--format", "json"]);
    assert_eq!(looked.status.code(), Some(12), "{}", said(&looked));
    let plan = json(&looked);
    assert_eq!((plan["rows"].as_u64(), plan["unknown"].as_u64()), (Some(10), Some(1)));
    assert_eq!(plan["not_understood"]["country"][""], 1);
    let hash = plan["hash"].as_str().unwrap().to_owned();

    let other = place.cross("to-austin.toml", &["--to", "austin", "--approved", &"0".repeat(64)]);
    assert_eq!(other.status.code(), Some(10), "{}", said(&other));
    assert!(said(&other).contains(&hash) && !place.path("austin").exists());

    assert!(place.comity(&["log", "init", "log", "--origin", "log.example/2026"]).status.success());
    let args = ["--to", "austin", "--approved", &hash, "--record", "log", "--receipts", "receipts", "--lineage", "run.json"];
    let crossed = place.cross("to-austin.toml", &args);
    assert_eq!(crossed.status.code(), Some(12), "{}", said(&crossed));
    let sent = std::fs::read_to_string(place.path("austin/part-000000.csv")).unwrap();
    assert_eq!(sent.lines().next(), Some("customer_id,name,email,country,consent,born,last_ip,plan"));
    assert_eq!(sent.lines().count(), 9);
    for gone in ["asthma", "diabetes", "1990-07-14", "203.0.113.77", "Wang", "who@example.com"] {
        assert!(!sent.contains(gone), "{gone}");
    }
    let apart = std::fs::read_to_string(place.path("austin.apart/part-000000.csv")).unwrap();
    assert!(apart.contains("Wang Wei") && apart.contains("cn.pipl: incomplete"), "{apart}");
    let record: Value = serde_json::from_str(&std::fs::read_to_string(place.path("austin/crossing.json")).unwrap()).unwrap();
    assert_eq!(record["plan"], hash.as_str());
    assert_eq!(record["rows"]["read"], 10);

    let receipt = place.path("receipts/entry-0.comity-receipt.json");
    assert!(receipt.exists(), "{}", said(&crossed));
    let verified = place.comity(&["receipt", "verify", receipt.to_str().unwrap(), "--policy", "log/trust.policy"]);
    assert!(verified.status.success(), "{}", said(&verified));
    assert!(said(&verified).contains("crossing"), "{}", said(&verified));
    let event: Value = serde_json::from_str(&std::fs::read_to_string(place.path("run.json")).unwrap()).unwrap();
    let fields = &event["outputs"][0]["facets"]["columnLineage"]["fields"];
    assert_eq!(fields["born"]["inputFields"][0]["transformations"][0]["masking"], true);
    assert!(fields.get("health_note").is_none());

    // Again with its record: the same entry, and nothing moves.
    let again = place.cross("to-austin.toml", &["--to", "austin", "--record", "log"]);
    assert!(said(&again).contains("Recorded as entry 0 of log.example/2026"), "{}", said(&again));
    assert!(place.comity(&["log", "audit", "log"]).status.success());
    let again = place.cross("to-austin.toml", &["--to", "austin"]);
    assert!(said(&again).starts_with("Published before; nothing was done now"), "{}", said(&again));
}

#[test]
fn slips_are_told_with_their_line_and_nothing_moves() {
    let place = Place::new();
    let manifest = std::fs::read_to_string(example("people.toml")).unwrap();
    let files = [example("to-austin.toml"), example("people.csv")].map(|path| path.to_str().unwrap().to_owned());
    let [flow, table] = &files;
    let run = |text: &str, more: &[&str]| {
        std::fs::write(place.path("people.toml"), text).unwrap();
        let mut args = vec!["cross", flow, table, "--manifest", "people.toml", "--to", "out"];
        args.extend(more);
        let output = place.comity(&args);
        assert!(!place.path("out").exists());
        (output.status.code(), said(&output))
    };
    let (status, told) = run(&manifest.replace("\"contact\"", "\"contcat\""), &["--secret", "secret.hex"]);
    assert_eq!(status, Some(3));
    assert!(told.contains("did you mean `contact`?") && told.contains("people.toml"), "{told}");
    let (status, told) = run(&manifest.replace("[columns.last_ip]", "[columns.last_pi]"), &["--secret", "secret.hex"]);
    assert_eq!(status, Some(3));
    assert!(told.contains("the table has no column `last_pi`") && told.contains("does not describe"), "{told}");
    let (status, told) = run(&manifest, &[]);
    assert_eq!(status, Some(2));
    assert!(told.contains("no secret was given") && told.contains("openssl rand -hex 32"), "{told}");
    std::fs::write(place.path("short.hex"), "abcd").unwrap();
    let (status, told) = run(&manifest, &["--secret", "short.hex"]);
    assert_eq!(status, Some(3));
    assert!(told.contains("found 4 characters") && !told.contains("abcd"), "{told}");
    let (status, told) = run(&manifest.replace("holds = [\"preference\"]", "holds = [\"genetic\"]"), &["--secret", "secret.hex"]);
    assert_eq!(status, Some(3));
    assert!(told.contains("holds `genetic`, which `data.categories` of the flow does not declare"), "{told}");
}

#[test]
fn what_was_published_and_not_recorded_is_recorded_by_the_same_command() {
    let place = Place::new();
    assert!(place.comity(&["log", "init", "log", "--origin", "log.example/2026"]).status.success());
    assert_eq!(place.cross("to-austin.toml", &["--to", "austin"]).status.code(), Some(12));
    let sent = std::fs::read(place.path("austin/part-000000.csv")).unwrap();
    let recorded = place.cross("to-austin.toml", &["--to", "austin", "--record", "log", "--receipts", "r"]);
    assert!(said(&recorded).contains("Recorded as entry 0"), "{}", said(&recorded));
    assert_eq!(std::fs::read(place.path("austin/part-000000.csv")).unwrap(), sent);
    let verified = place.comity(&["receipt", "verify", "r/entry-0.comity-receipt.json", "--policy", "log/trust.policy"]);
    assert!(verified.status.success(), "{}", said(&verified));
}

#[test]
fn rows_leave_in_classes_of_many_or_not_at_all() {
    let place = Place::new();
    let manifest = std::fs::read_to_string(example("people.toml")).unwrap();
    let files = [example("to-austin.toml"), example("people.csv")].map(|path| path.to_str().unwrap().to_owned());
    let [flow, table] = &files;
    let coarse = manifest
        .replace("measures = [\"generalise year\"]", "measures = [\"generalise year\", \"generalise decade\", \"drop\"]")
        .replace("measures = [\"generalise network\"]", "measures = [\"generalise network\", \"drop\"]");
    let run = |asked: &str, more: &[&str]| {
        std::fs::write(place.path("people.toml"), coarse.replace("epoch =", &format!("{asked}\nepoch ="))).unwrap();
        let mut args = vec!["cross", flow, table, "--manifest", "people.toml", "--secret", "secret.hex"];
        args.extend(more);
        place.comity(&args)
    };
    let refused = run("k = 2\nsuppress_at_most = 0.1", &["--dry-run"]);
    assert_eq!(refused.status.code(), Some(10), "{}", said(&refused));
    assert!(said(&refused).contains("k = 2 with at most 10 % of the rows held back, and no lawful choice"), "{}", said(&refused));

    let looked = run("k = 2\nsuppress_at_most = 0.3", &["--dry-run"]);
    assert_eq!(looked.status.code(), Some(12));
    let told = said(&looked).split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [
        "k = 2 among those who share country, born and last_ip",
        "of 8 rows that the law lets leave, 2 are held back; the others leave in 3 classes",
    ] {
        assert!(told.contains(part), "{told}");
    }
    let plan = json(&run("k = 2\nsuppress_at_most = 0.3", &["--dry-run", "--format", "json"]));
    let hash = plan["hash"].as_str().unwrap();
    assert_eq!(plan["plan"]["anonymity"]["held"], 2);
    let crossed = run("k = 2\nsuppress_at_most = 0.3", &["--to", "out", "--approved", hash]);
    assert_eq!(crossed.status.code(), Some(12), "{}", said(&crossed));
    assert!(said(&crossed).contains("too few who would leave share its country, born, last_ip"), "{}", said(&crossed));
    let record: Value = serde_json::from_str(&std::fs::read_to_string(place.path("out/crossing.json")).unwrap()).unwrap();
    assert_eq!((&record["risk"]["k"], &record["rows"]["small"], &record["rows"]["passed"]), (&2.into(), &2.into(), &6.into()));
    let again = run("k = 2\nsuppress_at_most = 0.3", &["--to", "out", "--approved", hash]);
    assert!(said(&again).starts_with("Published before; nothing was done now"), "{}", said(&again));
    // An approval of the plan without classes is none of this one.
    let other = run("k = 3\nsuppress_at_most = 0.7", &["--to", "other", "--approved", hash]);
    assert_eq!(other.status.code(), Some(10), "{}", said(&other));
}

const BROKER: &str = r#"id = "customers-to-broker"
title = "Customers to a data broker"
on = 2026-11-02
under = ["us.dsp"]
[exporter]
seat = "US"
role = "controller"
sector = "retail"
status = ["us-person"]
[importer]
name = "Example Data Co."
seat = "CN"
role = "controller"
type = []
owned_by = []
reads_clear_text = false
[route]
access_from = ["CN"]
[data]
categories = ["email", "device-identifier"]
[subjects]
kinds = ["customer"]
citizens_of = ["US"]
located = ["US"]
count = 200000
count_12_months = 200000
[purpose]
of = ["analytics"]
transaction = "data-brokerage"
necessary_for = []
compelled_by = []
[safeguards]
measures = ["encryption-in-transit", "encryption-at-rest", "keys-held-by-exporter"]
"#;

/// 28 CFR 202.206: bulk data count whether they are anonymized, pseudonymized, de-identified or encrypted.
#[test]
fn what_the_law_does_not_count_does_not_make_a_row_lawful() {
    let place = Place::new();
    std::fs::write(place.path("flow.toml"), BROKER).unwrap();
    std::fs::write(place.path("table.csv"), "email,device\na@example.org,356938035643809\nb@example.org,490154203237518\n").unwrap();
    let hidden = r#"table = "customers"
[columns.email]
holds = ["email"]
identifies = "directly"
measures = ["keep", "pseudonymise", "tokenise", "pseudonymise hmac-sha256"]
[columns.device]
holds = ["device-identifier"]
identifies = "directly"
measures = ["keep", "pseudonymise", "tokenise", "tokenise ff1 digits"]
"#;
    let run = |manifest: &str, more: &[&str]| {
        std::fs::write(place.path("m.toml"), manifest).unwrap();
        let mut args = vec!["cross", "flow.toml", "table.csv", "--manifest", "m.toml", "--secret", "secret.hex"];
        args.extend(more);
        place.comity(&args)
    };
    let held = json(&run(hidden, &["--dry-run", "--format", "json"]));
    let outcomes = held["plan"]["outcomes"].as_array().unwrap();
    assert_eq!((outcomes.len(), &outcomes[0]["leaves"], &outcomes[0]["verdict"]), (1, &false.into(), &"prohibited".into()));
    assert!(outcomes[0]["reasons"][0].as_str().unwrap().contains("28 CFR 202.301"), "{held}");
    let crossed = run(hidden, &["--to", "out"]);
    assert_eq!(crossed.status.code(), Some(12), "{}", said(&crossed));
    assert!(!std::fs::read_to_string(place.path("out/part-000000.csv")).unwrap().contains('@'));

    // What takes a category away does: contact data alone are no covered identifiers (28 CFR 202.212(b)(1)).
    let less = json(&run(&hidden.replace("\"tokenise ff1 digits\"", "\"drop\""), &["--dry-run", "--format", "json"]));
    let outcomes = less["plan"]["outcomes"].as_array().unwrap();
    assert_eq!((&outcomes[0]["leaves"], &outcomes[0]["measures"]), (&true.into(), &serde_json::json!(["keep", "drop"])));
    assert_eq!(less["protection"][0]["measure"], "drop");
}

#[test]
fn tokens_with_a_format_leave_and_say_what_they_do_not_protect_against() {
    let place = Place::new();
    let manifest = std::fs::read_to_string(example("people.toml")).unwrap();
    let table = std::fs::read_to_string(example("people.csv")).unwrap().replace("C-100", "400000100").replace("C-1010", "12345");
    std::fs::write(place.path("people.csv"), table).unwrap();
    std::fs::write(place.path("people.toml"), manifest.replacen("[\"keep\", \"pseudonymise\"]", "[\"tokenise ff1 digits\"]", 1)).unwrap();
    let flow = example("to-austin.toml");
    let run = |more: &[&str]| {
        let mut args = vec!["cross", flow.to_str().unwrap(), "people.csv", "--manifest", "people.toml", "--secret", "secret.hex"];
        args.extend(more);
        place.comity(&args)
    };
    let looked = said(&run(&["--dry-run"])).split_whitespace().collect::<Vec<_>>().join(" ");
    for part in ["tokenise ff1 digits - protects against attribution to a person", "It stays personal data", "use case 2"] {
        assert!(looked.contains(part), "{part}: {looked}");
    }
    assert_eq!(run(&["--to", "out"]).status.code(), Some(12));
    let sent = std::fs::read_to_string(place.path("out/part-000000.csv")).unwrap();
    let tokens: Vec<&str> = sent.lines().skip(1).map(|line| line.split(',').next().unwrap()).collect();
    let (empty, full): (Vec<&str>, Vec<&str>) = tokens.into_iter().partition(|token| token.is_empty());
    assert!(full.iter().all(|token| token.len() == 10 && token.bytes().all(|sign| sign.is_ascii_digit())), "{full:?}");
    assert_eq!((full.len(), empty.len()), (7, 1), "one of five digits is one of less than a million, and does not leave");
    assert!(!sent.contains("400000100"));
}

#[test]
fn the_manifest_is_checked_against_the_data() {
    let place = Place::new();
    let manifest = std::fs::read_to_string(example("people.toml")).unwrap();
    let files = [example("to-austin.toml"), example("people.csv")].map(|path| path.to_str().unwrap().to_owned());
    let [flow, table] = &files;
    // A word that no cell has, and cells that no word names, the nearest beside them.
    std::fs::write(place.path("m.toml"), manifest.replace("Brazil =", "Brasil =")).unwrap();
    let looked = place.comity(&["cross", flow, table, "--manifest", "m.toml", "--secret", "secret.hex", "--dry-run"]);
    let told = said(&looked).split_whitespace().collect::<Vec<_>>().join(" ");
    let line = manifest.lines().position(|line| line.starts_with("words = ")).unwrap() + 1;
    for part in [
        format!("line {line}: no cell of column `country` is `Brasil`"),
        "`Brazil` (1), near to `Brasil`".to_owned(),
        "2 rows are kept apart".to_owned(),
    ] {
        assert!(told.contains(&part), "{part}: {told}");
    }
    let looked =
        json(&place.comity(&["cross", flow, table, "--manifest", "m.toml", "--secret", "secret.hex", "--dry-run", "--format", "json"]));
    assert_eq!(looked["unseen_words"][0]["line"], line);
}

#[test]
fn a_table_of_lines_is_written_as_arrow() {
    let place = Place::new();
    let text = std::fs::read_to_string(example("people.csv")).unwrap();
    let mut rows = csv::Reader::from_reader(text.as_bytes());
    let names = rows.headers().unwrap().clone();
    let line = |row: csv::StringRecord| {
        let cell = |text: &str| if text.is_empty() { Value::Null } else { text.into() };
        Value::Object(names.iter().map(str::to_owned).zip(row.iter().map(cell)).collect()).to_string() + "\n"
    };
    let lines: String = rows.records().map(|row| line(row.unwrap())).collect();
    std::fs::write(place.path("people.jsonl"), lines).unwrap();
    let [flow, manifest] = ["to-austin.toml", "people.toml"].map(|name| example(name).to_str().unwrap().to_owned());
    let common = ["cross", &flow, "people.jsonl", "--manifest", &manifest, "--secret", "secret.hex"];
    let crossed = place.comity(&[&common[..], &["--to", "lines"]].concat());
    assert_eq!(crossed.status.code(), Some(12), "{}", said(&crossed));
    let first = std::fs::read_to_string(place.path("lines/part-000000.jsonl")).unwrap();
    assert!(first.lines().count() == 8 && !first.contains("health_note"), "{first}");
    let crossed = place.comity(&[&common[..], &["--to", "arrow", "--as", "arrow"]].concat());
    assert_eq!(crossed.status.code(), Some(12), "{}", said(&crossed));
    assert!(std::fs::read(place.path("arrow/part-000000.arrow")).unwrap().starts_with(b"ARROW1"));
    let wrong = place.comity(&[&common[..], &["--to", "other", "--as", "xlsx"]].concat());
    assert_eq!(wrong.status.code(), Some(2), "{}", said(&wrong));
    assert!(said(&wrong).contains("expected parquet, csv, jsonl, arrow or arrows"), "{}", said(&wrong));
}

/// Runs the command with something on standard input.
fn fed(place: &Place, args: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_comity"))
        .args(args)
        .current_dir(place.0.path())
        .env("NO_COLOR", "1")
        .env("XDG_STATE_HOME", place.path("state"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Who refuses to begin does not read.
    let _closed = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

#[test]
fn rows_pass_from_standard_input_to_standard_output_once() {
    let place = Place::new();
    assert!(place.comity(&["log", "init", "log", "--origin", "log.example/2026"]).status.success());
    let [flow, table, manifest] = ["to-austin.toml", "people.csv", "people.toml"].map(|name| example(name).to_str().unwrap().to_owned());
    let common = ["cross", &flow, "-", "--sample", &table, "--manifest", &manifest, "--secret", "secret.hex"];
    let looked = place.comity(&[&common[..], &["--dry-run", "--format", "json"]].concat());
    assert_eq!(looked.status.code(), Some(12), "{}", said(&looked));
    let plan = json(&looked);
    assert_eq!(plan["plan"]["inputs"], serde_json::json!([]));
    let hash = plan["hash"].as_str().unwrap().to_owned();

    // The people of the sample, and somebody of whom it has nobody alike.
    let text = std::fs::read_to_string(&table).unwrap();
    let last = text.lines().last().unwrap();
    let country = text.lines().next().unwrap().split(',').position(|name| name == "country").unwrap();
    let alike: Vec<&str> = last.split(',').enumerate().map(|(at, cell)| if at == country { "JP" } else { cell }).collect();
    let input = format!("{text}{}\n", alike.join(","));
    let args = ["--input-format", "csv", "--to", "-", "--apart", "held", "--approved", &hash, "--record", "log"];
    let crossed = fed(&place, &[&common[..], &args].concat(), input.as_bytes());
    assert_eq!(crossed.status.code(), Some(12), "{}", said(&crossed));
    let sent = String::from_utf8(crossed.stdout.clone()).unwrap();
    // The same rows leave as from the file, and nothing else stands between them.
    assert_eq!(place.cross("to-austin.toml", &["--to", "austin"]).status.code(), Some(12));
    assert_eq!(sent, std::fs::read_to_string(place.path("austin/part-000000.csv")).unwrap());
    let told = String::from_utf8_lossy(&crossed.stderr);
    assert!(told.contains("standard output") && told.contains("Recorded as entry 0"), "{told}");
    let held = std::fs::read_to_string(place.path("held/part-000000.csv")).unwrap();
    assert!(held.contains(",JP,") && held.contains("was not in the plan"), "{held}");
    let record: Value = serde_json::from_str(&std::fs::read_to_string(place.path("held/crossing.json")).unwrap()).unwrap();
    assert_eq!((&record["rows"]["read"], &record["rows"]["passed"]), (&11.into(), &8.into()));
    assert_eq!(record["inputs"][0]["digest"], comity_evidence::Hash::of(input.as_bytes()).to_hex());
    assert_eq!(record["outputs"][0]["digest"], comity_evidence::Hash::of(sent.as_bytes()).to_hex());

    // Where it is written to is taken now; another plan than the approved one moves nothing.
    let again = fed(&place, &[&common[..], &args].concat(), input.as_bytes());
    assert_eq!((again.status.code(), again.stdout.len()), (Some(2), 0), "{}", said(&again));
    let wrong = ["--input-format", "csv", "--to", "-", "--apart", "other", "--approved", "00"];
    let wrong = fed(&place, &[&common[..], &wrong].concat(), input.as_bytes());
    assert_eq!((wrong.status.code(), wrong.stdout.len()), (Some(10), 0), "{}", said(&wrong));
    // A table goes through standard output, too, in any format; standard input into a folder.
    let lines = place.cross("to-austin.toml", &["--to", "-", "--apart", "lines", "--as", "jsonl"]);
    let lines = String::from_utf8(lines.stdout).unwrap();
    assert_eq!(lines.lines().count(), 8);
    assert!(lines.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()));
    let folder = ["--input-format", "csv", "--to", "folder"];
    let folder = fed(&place, &[&common[..], &folder].concat(), input.as_bytes());
    assert_eq!(folder.status.code(), Some(12), "{}", said(&folder));
    assert_eq!(std::fs::read_to_string(place.path("folder/part-000000.csv")).unwrap(), sent);
    for (args, problem) in [
        (&["--input-format", "csv", "--to", "-"][..], "--apart DIR"),
        (&["--to", "-", "--apart", "x"], "--input-format csv, jsonl or arrows"),
        (&["--input-format", "parquet", "--to", "-", "--apart", "x"], "cannot be read from a pipe"),
        (&["--input-format", "jsonl", "--to", "-", "--apart", "x"], "columns of a sample"),
    ] {
        let wrong = fed(&place, &[&common[..], args].concat(), input.as_bytes());
        assert!(matches!(wrong.status.code(), Some(2 | 3)) && wrong.stdout.is_empty(), "{}", said(&wrong));
        assert!(said(&wrong).contains(problem) && !place.path("x").exists(), "{}", said(&wrong));
    }
}

/// A table of people by country, with a manifest of a release.
#[cfg(feature = "dp")]
fn releasing(place: &Place) {
    let mut rows = "id,country,spent\n".to_owned();
    for (person, country) in (0..1_500).zip(["Ireland", "France", "Germany"].into_iter().cycle()) {
        rows.push_str(&format!("p{},{country},{}\n", person % 900, person % 70));
    }
    std::fs::write(place.path("people.csv"), rows).unwrap();
    let manifest = "table = \"shoppers\"\nperson = \"id\"\n[release]\nby = [\"country\"]\nepsilon = 1\ndelta = 0.000001\n\
        sum.spent = { from = 0, to = 200 }\n[columns.id]\nholds = [\"account\"]\nidentifies = \"directly\"\n[columns.country]\n\
        holds = [\"address\"]\nidentifies = \"together\"\ndecides = \"subjects.located\"\n\
        words = { Ireland = \"IE\", France = \"FR\", Germany = \"DE\" }\n[columns.spent]\nholds = [\"preference\"]\nidentifies = \"no\"\n";
    std::fs::write(place.path("release.toml"), manifest).unwrap();
}

#[cfg(feature = "dp")]
#[test]
fn aggregates_are_released_from_a_budget() {
    let place = Place::new();
    releasing(&place);
    let flow = std::fs::read_to_string(example("to-austin.toml")).unwrap();
    std::fs::write(place.path("flow.toml"), flow).unwrap();
    let none = place.comity(&["budget"]);
    assert!(said(&none).contains("no privacy budget is set"), "{}", said(&none));
    let cross = |more: &[&str]| {
        let mut args = vec!["cross", "flow.toml", "people.csv", "--manifest", "release.toml"];
        args.extend(more);
        place.comity(&args)
    };
    let looked = cross(&["--dry-run"]);
    let text = said(&looked);
    for part in ["No row leaves; aggregates by country do", "persons: within 6 of the truth", "costs ε = 1, δ = 0.000001", "not against"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    let refused = cross(&["--to", "out"]);
    assert_eq!(refused.status.code(), Some(2), "{}", said(&refused));
    assert!(said(&refused).contains("comity budget set shoppers --epsilon 1 --delta 0.000001"));
    for (epsilon, delta) in [("0", "0"), ("1", "2"), ("nan", "0")] {
        let set = place.comity(&["budget", "set", "shoppers", "--epsilon", epsilon, "--delta", delta]);
        assert_eq!(set.status.code(), Some(2), "{}", said(&set));
    }
    let set = place.comity(&["budget", "set", "shoppers", "--epsilon", "1.5", "--delta", "0.00001", "--format", "json"]);
    assert_eq!(json(&set)[0]["left"]["epsilon"], 1.5);
    let made = cross(&["--to", "out", "--format", "json"]);
    assert!(matches!(made.status.code(), Some(0 | 12)), "{}", said(&made));
    assert_eq!(json(&made)["rows"]["read"], 1_500);
    let published = std::fs::read_to_string(place.path("out/crossing.json")).unwrap();
    assert!(!published.contains("\"rows\": {") && published.contains("discrete Laplace"));
    // The same again is the same; another one has to be paid for, and cannot be.
    assert_eq!(json(&cross(&["--to", "out", "--format", "json"])), json(&made));
    let again = cross(&["--to", "again"]);
    assert_eq!(again.status.code(), Some(10), "{}", said(&again));
    assert!(said(&again).contains("there is left ε = 0.5") && !place.path("again").exists());
    let shown = place.comity(&["budget"]);
    assert!(said(&shown).contains("shoppers") && said(&shown).contains("ε = 0.5"), "{}", said(&shown));
}
