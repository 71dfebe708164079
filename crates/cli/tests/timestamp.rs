// SPDX-License-Identifier: Apache-2.0
//! `comity log timestamp`: a request for an authority, and its answer checked offline. The answers are those of the tests of
//! the crate `evidence`, made with OpenSSL.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod support;

use std::path::{Path, PathBuf};
use tempfile::TempDir;

fn made(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../evidence/tests/timestamp").join(name)
}

/// Runs the command in a folder; what it says, in single spaces.
fn says(folder: &Path, arguments: &str, status: i32, expected: &[&str]) -> String {
    support::says(folder, &format!("log timestamp {arguments}"), "", status, expected)
}

fn folder() -> TempDir {
    let folder = TempDir::new().unwrap();
    for (from, to) in [
        ("document", "audit.checkpoint"),
        ("good-p256.tsr", "audit.checkpoint.tsr"),
        ("request.tsq", "request.tsq"),
        ("other.tsq", "other.tsq"),
        ("root.pem", "root.pem"),
        ("stranger.pem", "stranger.pem"),
        ("bad-refused.tsr", "refused.tsr"),
    ] {
        std::fs::copy(made(from), folder.path().join(to)).unwrap();
    }
    folder
}

#[test]
fn a_request_has_the_digest_and_is_never_overwritten() {
    let folder = folder();
    let at = folder.path();
    let digest = comity_evidence::Hash::of(&std::fs::read(at.join("audit.checkpoint")).unwrap());
    says(at, "request audit.checkpoint", 0, &["A request is in audit.checkpoint.tsq", &digest.to_hex()]);
    let request = std::fs::read(at.join("audit.checkpoint.tsq")).unwrap();
    assert!(request.windows(32).any(|window| window == digest.as_bytes()));
    says(at, "request audit.checkpoint", 1, &["cannot write `audit.checkpoint.tsq`"]);
    // Another request over the same file has another nonce.
    says(at, "request audit.checkpoint --output second.tsq --format json", 0, &["\"request\":\"second.tsq\""]);
    assert_ne!(std::fs::read(at.join("second.tsq")).unwrap(), request);
    says(at, "request missing", 1, &["cannot read `missing`"]);
}

#[test]
fn an_answer_is_checked_offline() {
    let folder = folder();
    let at = folder.path();
    says(
        at,
        "verify audit.checkpoint --trust stranger.pem --trust root.pem --request request.tsq",
        0,
        &[
            "It holds: audit.checkpoint existed at 20",
            "By CN=authority,O=Comity tests: number ",
            "policy 1.2.3.4.1, within 1.5 s",
            "Trusted for it: CN=root,O=Comity tests",
        ],
    );
    let said = says(at, "verify audit.checkpoint --trust root.pem --format json", 0, &["\"holds\":true", "\"answers_request\":false"]);
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    let time = said["time"].as_str().unwrap();
    assert_eq!(time.parse::<jiff::Timestamp>().unwrap().as_second(), said["seconds"].as_i64().unwrap());
    says(at, "verify audit.checkpoint --trust root.pem", 0, &["takes --request", "revoked is not looked up"]);
}

#[test]
fn what_does_not_hold_ends_with_another_status_than_what_is_invalid() {
    let folder = folder();
    let at = folder.path();
    says(at, "verify audit.checkpoint --trust stranger.pem", 10, &["It does not hold", "not among the trusted certificates"]);
    says(at, "verify audit.checkpoint --trust root.pem --request other.tsq", 10, &["its nonce is"]);
    says(at, "verify root.pem --token audit.checkpoint.tsr --trust root.pem", 10, &["over another document"]);
    says(at, "verify audit.checkpoint --token refused.tsr --trust root.pem --format json", 10, &["\"holds\":false", "gave no time stamp"]);
    says(at, "verify audit.checkpoint --token root.pem --trust root.pem", 3, &["`root.pem`: the answer of the authority cannot be read"]);
    says(at, "verify audit.checkpoint --trust request.tsq", 3, &["`request.tsq`: a certificate cannot be read"]);
    says(at, "verify audit.checkpoint --trust root.pem --request root.pem", 3, &["`root.pem`: the request cannot be read"]);
    says(at, "verify audit.checkpoint --trust missing.pem", 1, &["cannot read `missing.pem`"]);
    says(at, "verify audit.checkpoint", 2, &["--trust"]);
}
