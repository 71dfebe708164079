// SPDX-License-Identifier: Apache-2.0
//! A log whose stores are on other machines, as a person keeps it. `.ci/stores` starts the servers.

#![cfg(all(feature = "postgres", feature = "s3"))]

mod support;

use std::io::Write;
use support::says;
use tempfile::TempDir;

/// The servers, or `None`, said aloud, where there are none.
fn servers() -> Option<[String; 3]> {
    let set = |name| std::env::var(name).ok();
    let found = || Some([set("COMITY_POSTGRES")?, set("COMITY_S3")?, set("COMITY_S3_ENDPOINT")?]);
    let found = found();
    if found.is_none() {
        assert!(set("COMITY_STORES_REQUIRED").as_deref() != Some("1"), "there are no servers: run `.ci/stores`");
        let _ = writeln!(std::io::stderr().lock(), "SKIPPED {:?}: `.ci/stores` runs it", std::thread::current().name());
    }
    found
}

#[test]
fn a_log_on_other_machines_is_kept_like_any_other() {
    let Some([postgres, bucket, endpoint]) = servers() else { return };
    let folder = TempDir::new().unwrap();
    let at = folder.path();
    // A name that no earlier run has given.
    let name = format!("example.org/{}", at.file_name().unwrap().to_string_lossy().replace('.', ""));
    let place = format!("{bucket}/{name}");
    let elsewhere = format!("--origin {name} --postgres {postgres} --files {place} --endpoint {endpoint} --lock {bucket}/locks/{name}");
    says(at, &format!("log init audit {elsewhere}"), "", 0, &["Everyone may read", &place, "must never be restored"]);
    assert!(!at.join("audit/public").exists() && !at.join("audit/queue.sqlite").exists());
    says(at, &format!("log init twice {elsewhere}"), "", 1, &["has entries of a log named", "begins in stores that are empty"]);
    assert!(!at.join("twice").exists(), "nothing is made where nothing can be begun");
    for number in 0..3 {
        let said = format!("1 event recorded: entry {number}");
        let payload = format!("{{\"flow\":\"crm\",\"rows\":{number}}}");
        says(at, &format!("log append audit --kind crossing --matter m{number} --receipts receipts"), &payload, 0, &[&said]);
    }
    says(at, "log audit audit", "", 0, &["Whole: 3 entries"]);
    says(at, "log prove audit 1 --show rows --output shown.json", "", 0, &[]);
    says(at, "receipt verify shown.json --policy audit/trust.policy", "", 0, &["It holds", "rows 1"]);
    says(at, "log erase audit --matter m1 --ground Art.17 --role officer", "", 0, &["Erased: the payloads of 1 entry"]);
    says(at, "log prove audit 1 --show rows", "", 3, &["it was erased"]);
    says(at, "log prove audit 2 --show rows", "", 0, &["\"rows\""]);
    says(at, "receipt verify shown.json --policy audit/trust.policy", "", 0, &["It holds"]);
    says(at, "log audit audit", "", 0, &["Whole: 4 entries"]);
}

#[test]
fn secrets_stand_in_no_file_and_no_message() {
    let Some([postgres, bucket, endpoint]) = servers() else { return };
    let folder = TempDir::new().unwrap();
    let at = folder.path();
    says(
        at,
        "log init audit --origin example.org/a --postgres postgres://comity:hunter2@localhost/comity",
        "",
        1,
        &["it holds a password", "PGPASSWORD"],
    );
    assert!(!at.join("audit").exists());
    let name = format!("example.org/{}", at.file_name().unwrap().to_string_lossy().replace('.', ""));
    let files = format!("--files {bucket}/{name} --endpoint {endpoint}");
    says(at, &format!("log init audit --origin {name} --postgres {postgres} {files}"), "", 0, &[]);
    let secret = std::env::var("AWS_SECRET_ACCESS_KEY").unwrap();
    assert!(!std::fs::read_to_string(at.join("audit/log.toml")).unwrap().contains(&secret));
    // A server that cannot be reached is named, and nothing is begun.
    let said =
        says(at, "log init other --origin example.org/b --postgres postgres://comity@127.0.0.1:1/comity", "", 1, &["127.0.0.1/comity"]);
    assert!(!said.contains(&secret));
    assert!(!at.join("other").exists());
}
