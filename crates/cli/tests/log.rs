// SPDX-License-Identifier: Apache-2.0
//! `comity log` and `comity receipt`, as a person uses them: begin, record, show, check, erase, restore.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod support;

use support::says;
use tempfile::TempDir;

fn begun() -> TempDir {
    let folder = TempDir::new().unwrap();
    says(
        folder.path(),
        "log init audit --origin example.org/log/2026 --year 2026",
        "",
        0,
        &["Log example.org/log/2026 begins in audit", "never be restored"],
    );
    folder
}

const DAY: &str = "--day 2026-11-29";

#[test]
fn a_receipt_convinces_whoever_has_the_policy() {
    let folder = begun();
    let at = folder.path();
    says(
        at,
        &format!("log append audit --kind judgment --matter crm {DAY}"),
        r#"{"flow":"crm","verdict":"permitted","by":"desk 4"}"#,
        0,
        &["1 event recorded: entry 0", "checkpoint of 1 entry"],
    );
    says(at, "log prove audit 0 --show verdict --output shown.json", "", 0, &[]);
    says(at, "log prove audit 0 --show verdict --output shown.json", "", 1, &["cannot write `shown.json`"]);
    says(at, "log prove audit 0 --show colour", "", 2, &["no field `colour`: it has by, flow, verdict"]);
    says(at, "log prove audit 7", "", 1, &["index 7 is not in a tree of 1 entries"]);
    says(
        at,
        "receipt verify shown.json --policy audit/trust.policy",
        "",
        0,
        &["It holds", "Entry 0 of example.org/log/2026", "verdict permitted", "Not shown: by and flow"],
    );
    let written = std::fs::read_to_string(at.join("shown.json")).unwrap();
    assert!(!written.contains("desk 4") && !written.contains("crm"));
    std::fs::write(at.join("forged.json"), written.replace("permitted", "prohibited")).unwrap();
    says(
        at,
        "receipt verify forged.json shown.json --policy audit/trust.policy",
        "",
        10,
        &["It does not hold: forged.json", "It holds: shown.json"],
    );
    std::fs::write(at.join("other.json"), "{}").unwrap();
    says(at, "receipt verify other.json --policy audit/trust.policy", "", 3, &["this is no receipt"]);
    let json = says(at, "receipt verify shown.json --policy audit/trust.policy --format json", "", 0, &[]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["holds"], &json["shown"]["verdict"], &json["hidden"][1]), (&true.into(), &"permitted".into(), &"flow".into()));
    // Nobody who was not asked to trust the log does.
    says(at, "log init other --origin other.example", "", 0, &[]);
    says(at, "receipt verify shown.json --policy other/trust.policy", "", 10, &["none that the policy trusts"]);
    // The same proof in the format of others.
    let proof = says(at, "log prove audit 0 --tlog-proof", "", 0, &["c2sp.org/tlog-proof@v1 index 0"]);
    std::fs::write(at.join("e.tlog-proof"), proof).unwrap();
    std::fs::write(
        at.join("e.json"),
        comity_evidence::text::from_base64(serde_json::from_str::<serde_json::Value>(&written).unwrap()["entry"].as_str().unwrap())
            .unwrap(),
    )
    .unwrap();
    says(at, "log verify e.tlog-proof --entry e.json --policy audit/trust.policy", "", 0, &["It holds: entry 0"]);
    says(at, "log verify e.tlog-proof --entry shown.json --policy audit/trust.policy", "", 10, &["It does not hold"]);
}

/// A log that signs with two keys, and readers that ask for one or the other.
#[test]
fn a_second_line_against_quantum_computers() {
    let folder = TempDir::new().unwrap();
    let at = folder.path();
    says(at, "log init audit --origin example.org/log/2026 --ml-dsa", "", 0, &["Log example.org/log/2026 begins in audit"]);
    says(at, &format!("log append audit --kind judgment {DAY}"), r#"{"flow":"crm"}"#, 0, &["1 event recorded: entry 0"]);
    let checkpoint = says(at, "log checkpoint audit", "", 0, &[]);
    let lines = |text: &str| text.lines().filter(|line| line.starts_with("— example.org/log/2026 ")).map(str::to_owned).collect::<Vec<_>>();
    // Four bytes of the key's id and 64 of Ed25519; four, eight of time and 2,420 of ML-DSA-44.
    let signed: Vec<usize> =
        lines(&checkpoint).iter().map(|line| comity_evidence::text::from_base64(line.rsplit(' ').next().unwrap()).unwrap().len()).collect();
    assert_eq!(signed, [68, 2432]);
    says(at, "log audit audit", "", 0, &["Whole: 1 entry"]);
    says(at, "log prove audit 0 --show-all --output twice.json", "", 0, &[]);
    // Who trusts the log has both keys; either may be asked for by itself.
    let trust = std::fs::read_to_string(at.join("audit/trust.policy")).unwrap();
    let keys: Vec<&str> = trust.lines().filter(|line| line.starts_with("log ")).collect();
    let [classical, second] = keys.as_slice() else { panic!("expected two keys: {trust}") };
    for (policy, key) in [("classical.policy", classical), ("second.policy", second)] {
        std::fs::write(at.join(policy), format!("{key}\nquorum none\n")).unwrap();
    }
    let written = std::fs::read_to_string(at.join("twice.json")).unwrap();
    let without = |which: usize| {
        let line = lines(&checkpoint).swap_remove(which);
        let mut receipt: serde_json::Value = serde_json::from_str(&written).unwrap();
        let proof = receipt["proof"].as_array_mut().unwrap();
        let before = proof.len();
        proof.retain(|kept| *kept != line.as_str());
        assert_eq!(proof.len() + 1, before);
        receipt.to_string()
    };
    std::fs::write(at.join("classical.json"), without(1)).unwrap();
    std::fs::write(at.join("second.json"), without(0)).unwrap();
    let verify = |receipt: &str, policy: &str, status: i32, expected: &str| {
        says(at, &format!("receipt verify {receipt}.json --policy {policy}"), "", status, &[expected]);
    };
    for policy in ["audit/trust.policy", "classical.policy", "second.policy"] {
        verify("twice", policy, 0, "It holds");
    }
    verify("classical", "classical.policy", 0, "It holds");
    verify("second", "second.policy", 0, "It holds");
    // A thief of the first key cannot make the second line.
    verify("classical", "second.policy", 10, "It does not hold");
    verify("second", "classical.policy", 10, "It does not hold");
}

#[test]
fn every_kind_of_event_gives_a_receipt() {
    let folder = begun();
    let at = folder.path();
    let custody = format!(
        r#"{{"exhibit":"e/1","action":"acquired","role":"examiner","at":"2026-11-29T09:30:00Z","place":"lab","ground":"order","digest":"{}"}}"#,
        "0a".repeat(32)
    );
    let kinds = [
        ("judgment", r#"{"flow":"crm-to-us","verdict":"permitted"}"#),
        ("crossing", r#"{"flow":"crm-to-us","rows":1204}"#),
        ("consent", r#"{"safeguard":"safeguards.consent","given":true,"text":"version 3"}"#),
        ("message", r#"{"from":"controller","to":"authority","sha256":"9f86"}"#),
        ("filing", r#"{"authority":"CAC","safeguard":"cn.standard-contract-filing"}"#),
        ("custody", &custody),
    ];
    for (number, (kind, payload)) in kinds.into_iter().enumerate() {
        says(at, &format!("log append audit --kind {kind} --receipts receipts {DAY}"), payload, 0, &["1 event recorded"]);
        let receipt = format!("receipts/entry-{number}.comity-receipt.json");
        let verify = format!("receipt verify {receipt} --policy audit/trust.policy --format json");
        let checked: serde_json::Value = serde_json::from_str(&says(at, &verify, "", 0, &[])).unwrap();
        let recorded: serde_json::Value = serde_json::from_str(payload).unwrap();
        assert_eq!((&checked["kind"], &checked["entry"], &checked["shown"]), (&kind.into(), &number.into(), &recorded));
        // Of another kind, the same payload is another entry, and the receipt does not hold for it.
        let written = std::fs::read_to_string(at.join(&receipt)).unwrap();
        let mut forged: serde_json::Value = serde_json::from_str(&written).unwrap();
        let entry = comity_evidence::text::from_base64(forged["entry"].as_str().unwrap()).unwrap();
        let other = if kind == "consent" { "filing" } else { "consent" };
        let entry = String::from_utf8(entry).unwrap().replace(&format!("\"kind\":\"{kind}\""), &format!("\"kind\":\"{other}\""));
        forged["entry"] = comity_evidence::text::to_base64(entry.as_bytes()).into();
        std::fs::write(at.join("forged.json"), forged.to_string()).unwrap();
        says(at, "receipt verify forged.json --policy audit/trust.policy", "", 10, &["It does not hold"]);
    }
    says(at, "log append audit --kind erasure", "{}", 2, &["judgment, crossing, consent, message, filing, custody"]);
}

#[test]
fn an_event_handed_in_again_is_the_same() {
    let folder = begun();
    let events = "{\"id\":\"a\",\"consent\":true}\n\n{\"id\":\"b\",\"consent\":false}\n{\"id\":\"a\",\"consent\":true}\n";
    for _ in 0..2 {
        says(
            folder.path(),
            &format!("log append audit --kind consent --once id --receipts receipts {DAY}"),
            events,
            0,
            &["3 events recorded: entries 0 to 1"],
        );
    }
    assert_eq!(std::fs::read_dir(folder.path().join("receipts")).unwrap().count(), 2);
    says(folder.path(), "receipt verify receipts/entry-0.comity-receipt.json --policy audit/trust.policy", "", 0, &["consent true"]);
    says(folder.path(), "log audit audit", "", 0, &["Whole: 2 entries"]);
}

#[test]
fn errors_name_the_line() {
    let folder = begun();
    let append = format!("log append audit --kind consent {DAY}");
    says(folder.path(), &append, "{\"a\":1}\n{\"a\":1.5}\n", 3, &["standard input:2: the payload is number `1.5` does not survive"]);
    says(folder.path(), &append, "{\"a\":1,\"a\":2}", 3, &["standard input:1: the payload is key `a` stands twice"]);
    says(folder.path(), &append, "", 3, &["it is empty"]);
    says(folder.path(), &format!("{append} --once b"), "{\"a\":1}", 3, &["no field `b`, which --once names"]);
    says(
        folder.path(),
        "log append audit --kind consent --day 2027-01-01",
        "{\"a\":1}",
        2,
        &["takes entries of 2026 only: begin the log of 2027"],
    );
    says(folder.path(), "log append audit --kind erasure", "{\"a\":1}", 2, &["expected one of judgment, crossing"]);
    says(folder.path(), "log append elsewhere --kind consent", "{\"a\":1}", 1, &["`elsewhere` is no log"]);
    // Nothing of all that was recorded.
    says(folder.path(), "log audit audit", "", 0, &["Whole: 0 entries"]);
}

#[test]
fn what_is_erased_is_gone_and_every_proof_holds() {
    let folder = begun();
    let at = folder.path();
    says(
        at,
        &format!("log append audit --kind consent --matter person-31 --receipts r {DAY}"),
        "{\"secret\":\"one two three\"}\n{\"secret\":\"four\"}\n",
        0,
        &[],
    );
    says(at, &format!("log append audit --kind consent --receipts r {DAY}"), "{\"secret\":\"five\"}", 0, &[]);
    std::fs::copy(at.join("audit/public/checkpoint"), at.join("before")).unwrap();
    says(
        at,
        "log erase audit --matter person-31 --ground 'GDPR Art. 17(1)(b)' --role 'privacy officer'",
        "",
        0,
        &["payloads of 2 entries", "Entry 3 records it"],
    );
    says(at, "log erase audit --matter person-31 --ground x --role y", "", 3, &["nothing is kept for matter `person-31`"]);
    says(at, "log prove audit 1 --show-all", "", 3, &["has no payload to show"]);
    says(at, "log prove audit 1 --output proof.json", "", 0, &[]);
    says(
        at,
        "receipt verify proof.json r/entry-0.comity-receipt.json --policy audit/trust.policy",
        "",
        0,
        &["It shows nothing of what was recorded", "one two three"],
    );
    says(at, "log prove audit 3 --output erasure.json", "", 0, &[]);
    says(
        at,
        "receipt verify erasure.json --policy audit/trust.policy",
        "",
        0,
        &["What entries 0 and 1 recorded was erased by privacy officer: GDPR Art. 17(1)(b)"],
    );
    says(at, "log erase audit --entry 2 --ground retention --role archive", "", 0, &["payloads of 1 entry"]);
    says(at, "log verify audit --since before", "", 0, &["It holds: 5 entries, 2 of them new"]);
    says(at, "log audit audit", "", 0, &["Whole: 5 entries"]);
}

#[test]
fn a_restored_backup_is_told_what_to_do_and_a_new_log_goes_on() {
    let folder = begun();
    let at = folder.path();
    says(at, &format!("log append audit --kind filing {DAY}"), "{\"a\":1}", 0, &[]);
    let backup = std::process::Command::new("cp").args(["-a", "audit", "backup"]).current_dir(at).status().unwrap();
    assert!(backup.success());
    says(at, &format!("log append audit --kind filing {DAY}"), "{\"a\":2}", 0, &[]);
    std::fs::rename(at.join("audit"), at.join("lost")).unwrap();
    std::fs::rename(at.join("backup"), at.join("audit")).unwrap();
    says(
        at,
        &format!("log append audit --kind filing {DAY}"),
        "{\"a\":3}",
        1,
        &["2 entries were signed, and the files hold 1", "begin a new one that cites it"],
    );
    says(at, "log checkpoint audit", "", 1, &["restored from a backup"]);
    // It can still be read: the next log cites where it ended.
    says(
        at,
        "log init again --origin example.org/log/2026/2 --after audit",
        "",
        0,
        &["Its entry 0 cites the end of example.org/log/2026 at 1 entry"],
    );
    says(at, "log prove again 0 --output first.json", "", 0, &[]);
    says(at, "receipt verify first.json --policy again/trust.policy", "", 0, &["goes on where example.org/log/2026 ended at 1"]);
}

#[test]
fn a_judgment_is_recorded_with_its_laws_and_facts() {
    let folder = begun();
    let at = folder.path();
    let fixture = support::fixture();
    let (flows, law) = (fixture.join("flows"), fixture.join("law"));
    // The log of the year in which the test runs: judgments are recorded on the day on which they are made.
    says(at, "log init now --origin example.org/now", "", 0, &[]);
    let check = format!("check {}/permitted.toml --library {} --known-on 2026-01-01 --record now", flows.display(), law.display());
    says(at, &format!("{check} --receipts receipts"), "", 0, &["Recorded as entry 0 of example.org/now", "The receipts are in receipts"]);
    says(
        at,
        "receipt verify receipts/entry-0.comity-receipt.json --policy now/trust.policy",
        "",
        0,
        &["verdict permitted", "law:aq.aurora", "fact:importer.seat"],
    );
    // As JSON, the receipt of a single judgment follows it.
    let lines = says(at, &format!("{check} --format json"), "", 0, &[]);
    let receipt: serde_json::Value = serde_json::from_str(lines.lines().last().unwrap()).unwrap();
    assert_eq!(receipt["comity"], "receipt/1");
    let shown = says(at, "log prove now 1 --show verdict,law:aq.aurora", "", 0, &[]);
    assert!(shown.contains("digest") && !shown.contains("\"fact:importer.seat\",\n      \"value\""));
    // A folder: what cannot be judged is not recorded.
    says(
        at,
        &format!("check {} --library {} --known-on 2026-01-01 --record now", flows.display(), law.display()),
        "",
        10,
        &["Recorded as entries 2 to"],
    );
    says(at, "log audit now", "", 0, &["Whole"]);
    // No record, no answer.
    says(at, &check.replace("record now", "record nowhere"), "", 1, &["`nowhere` is no log"]);
}

#[test]
fn damage_and_secrets_that_others_can_read_are_refused() {
    let folder = begun();
    let at = folder.path();
    let events: String = (0..300).map(|number| format!("{{\"a\":{number}}}\n")).collect();
    says(at, &format!("log append audit --kind message {DAY}"), &events, 0, &["300 events recorded"]);
    let policy = std::fs::read_to_string(at.join("audit/trust.policy")).unwrap();
    let key = policy.lines().next().unwrap().trim_start_matches("log ");
    says(at, &format!("log audit audit/public --key {key}"), "", 0, &["Whole: 300 entries"]);
    says(at, "log audit audit/public", "", 2, &["--key VKEY"]);
    let bundle = at.join("audit/public/tile/entries/000");
    let mut bytes = std::fs::read(&bundle).unwrap();
    bytes[1000] ^= 1;
    std::fs::write(&bundle, bytes).unwrap();
    says(at, "log audit audit", "", 10, &["Damaged: tile/entries/000, from entry"]);
    let secret = std::fs::read_dir(at.join("audit/keys"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|ending| ending == "key") && !path.ends_with("master.key"))
        .unwrap();
    let mut rights = std::fs::metadata(&secret).unwrap().permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut rights, 0o640);
    std::fs::set_permissions(&secret, rights).unwrap();
    let said = says(at, "log checkpoint audit", "", 1, &["can be read by others"]);
    assert!(!said.contains(std::fs::read_to_string(&secret).unwrap().trim()));
}
