// SPDX-License-Identifier: Apache-2.0
//! `comity cross` from the first look to the receipt, with the files of the tutorial.
#![cfg(feature = "border")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

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
