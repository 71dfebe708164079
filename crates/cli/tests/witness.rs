// SPDX-License-Identifier: Apache-2.0
//! A log whose policy names witnesses, and a follower, on the command line.

#![cfg(feature = "network")]
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod support;

use comity_evidence::Checkpoint;
use comity_evidence::note::{Algorithm, Note, SigningKey, VerifyingKey};
use comity_evidence::witness::{Request, answer, cosign};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::Path;
use support::text;
use tempfile::TempDir;

/// A witness in a thread, for the log with this key; it ends with the test. Gives its line for a policy.
fn witness(name: &'static str, log: VerifyingKey) -> String {
    let key = move || {
        SigningKey::from_seed(
            &format!("{name}.example"),
            Algorithm::Ed25519Cosignature,
            [name.as_bytes().first().copied().unwrap_or(9); 32],
        )
        .unwrap()
    };
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let line = format!("witness {name} {} http://{}\n", key().verifying_key(), listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let mut last: Option<Note> = None;
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let head: Vec<String> = reader.by_ref().lines().map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
            let length = head.iter().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
            let mut body = vec![0; length.unwrap_or(0)];
            reader.read_exact(&mut body).unwrap();
            let (status, said) = if body.is_empty() {
                last.as_ref().map_or((404, String::new()), |note| (200, note.to_string()))
            } else {
                let request: Request = text(&body).parse().unwrap();
                let before: Option<Checkpoint> = last.as_ref().map(|note| note.text().parse().unwrap());
                match request.verify(std::slice::from_ref(&log), before.as_ref()) {
                    Ok(()) => {
                        let signed = cosign(request.note(), &[key().verifying_key()], &[key()], 1_790_000_000).unwrap();
                        last = Some(request.note().clone());
                        (200, answer(&signed))
                    }
                    Err(refused) => (refused.status(), refused.body().1),
                }
            };
            let head = format!("HTTP/1.1 {status} said\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", said.len());
            stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(said.as_bytes())).unwrap();
        }
    });
    line
}

fn comity(folder: &Path, arguments: &str, status: i32, expected: &[&str]) -> String {
    support::says(folder, arguments, "", status, expected)
}

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        std::fs::create_dir_all(to).unwrap();
        for entry in std::fs::read_dir(from).unwrap() {
            let name = entry.unwrap().file_name();
            copy(&from.join(&name), &to.join(&name));
        }
    } else {
        std::fs::copy(from, to).unwrap();
    }
}

#[test]
fn a_log_with_witnesses_and_one_who_follows() {
    let folder = TempDir::new().unwrap();
    let at = folder.path();
    // The lock stands in the folder here, so that a backup of everything has it too.
    comity(at, "log init audit --origin example.org/log/2026 --lock audit/lock.sqlite", 0, &[]);
    std::fs::write(at.join("e.json"), r#"{"flow":"crm","rows":3}"#).unwrap();
    let trust = std::fs::read_to_string(at.join("audit/trust.policy")).unwrap();
    let key: VerifyingKey = trust.split_whitespace().nth(1).unwrap().parse().unwrap();
    // Nobody listens there: no test is given so low a port.
    let closed = "127.0.0.1:1";
    let away = SigningKey::from_seed("c.example", Algorithm::Ed25519Cosignature, [1; 32]).unwrap().verifying_key();
    let line = trust.lines().next().unwrap();
    let policy = |quorum: &str| {
        let policy =
            format!("{line}\n{}witness c {away} http://{closed}\n{quorum}\n", witness("a", key.clone()) + &witness("b", key.clone()));
        std::fs::write(at.join("audit/trust.policy"), policy).unwrap();
    };
    policy("group g all a b c\nquorum g");
    // Recorded and signed, and not trusted yet.
    comity(
        at,
        "log append audit e.json --kind crossing",
        12,
        &["entry 0", "not witnessed as the policy asks", "c: ", "could not be asked"],
    );
    policy("group g 2 a b c\nquorum g");
    comity(at, "log witness audit", 0, &["signed and witnessed as the policy asks", "a: cosigned at 2026-09-21", "b: cosigned at"]);
    copy(&at.join("audit"), &at.join("backup"));
    let described = std::fs::read_to_string(at.join("backup/log.toml")).unwrap();
    std::fs::write(at.join("backup/log.toml"), described.replace("audit/lock", "backup/lock")).unwrap();
    let json = comity(at, "log append audit e.json --kind crossing --receipts r --format json", 0, &[]);
    let last: Value = serde_json::from_str(json.lines().last().unwrap()).unwrap();
    assert_eq!(last.pointer("/witnessed/trusted"), Some(&Value::Bool(true)));
    comity(at, "receipt verify r/entry-1.comity-receipt.json --policy audit/trust.policy", 0, &["It holds"]);
    // Who follows sees it grow, and stop at what contradicts it.
    let follow = "log follow audit --data watch --policy audit/trust.policy";
    comity(at, follow, 0, &["has 2 entries, 2 of them new", "Cosigned by a, b"]);
    comity(at, follow, 0, &["has 2 entries, as before"]);
    // A backup of everything, lock and all, is stopped by the witnesses alone.
    std::fs::copy(at.join("audit/trust.policy"), at.join("backup/trust.policy")).unwrap();
    comity(at, "log append backup e.json --kind crossing", 1, &["a has cosigned 2 entries of this log, and 1 are here"]);
    // Without their addresses nobody stops it.
    std::fs::write(at.join("backup/trust.policy"), &trust).unwrap();
    comity(at, "log append backup e.json --kind crossing", 0, &["entry 1"]);
    comity(
        at,
        "log follow backup --data watch --policy audit/trust.policy",
        10,
        &["SPLIT VIEW: the log shows another history of example.org/log/2026", "Two roots were signed for 2 entries"],
    );
    assert_eq!(std::fs::read_dir(at.join("watch/forks")).unwrap().count(), 1);
    comity(at, "log follow nothing --data other --policy audit/trust.policy", 1, &["no file `checkpoint`"]);
}
