// SPDX-License-Identifier: Apache-2.0
//! Requests for time stamps, read by OpenSSL.

#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "a test may fail loudly, and says what it skips")]

use comity_evidence::{Hash, timestamp};
use std::io::Write as _;
use std::process::{Command, Stdio};

/// What OpenSSL reads in a request; `None` where there is no OpenSSL.
fn read(request: &[u8]) -> Option<String> {
    let mut command = Command::new("openssl");
    command.args(["ts", "-query", "-in", "/dev/stdin", "-text"]);
    let Ok(mut child) = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn() else {
        eprintln!("skipped: `openssl` is not installed");
        return None;
    };
    child.stdin.take().unwrap().write_all(request).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
fn openssl_reads_what_was_asked() {
    for (random, nonce) in [(0, "0x4000000000000000"), (u64::MAX, "0x7FFFFFFFFFFFFFFF"), (0x0123_4567_89AB_CDEF, "0x4123456789ABCDEF")] {
        let Some(text) = read(&timestamp::request(&Hash::of(b"a checkpoint"), random)) else { return };
        for line in ["Version: 1", "Hash Algorithm: sha256", "Certificate required: yes", &format!("Nonce: {nonce}")] {
            assert!(text.contains(line), "{line} in {text}");
        }
        // The digest is shown as a dump of 16 bytes a line, a hyphen in the middle.
        let dumped = text.lines().filter_map(|line| line.trim_start().split_once(" - ")).filter(|(at, _)| at.len() == 4);
        let digits: String =
            dumped.flat_map(|(_, line)| line.chars().take(47).filter(char::is_ascii_hexdigit).collect::<Vec<_>>()).collect();
        assert_eq!(digits, Hash::of(b"a checkpoint").to_hex());
    }
}
