// SPDX-License-Identifier: Apache-2.0
//! A log that has its checkpoints cosigned: quorums, witnesses that are away, restored backups.

use crate::support::{History, grow, log, policy, reader, running, witness_key};
use comity_evidence::TrustError;
use comity_log::LogError;
use comity_witness::cosign::{CosignError, gather, publish};
use comity_witness::server::Limits;
use comity_witness::{Client, FetchError};
use std::time::Duration;
use tempfile::TempDir;

const QUORUM: &str = "group authorities 2 a b c\ngroup both all authorities society\nquorum both";

fn client() -> Client {
    Client::new(Duration::from_secs(60))
}

/// An address where nobody listens: no test is given so low a port.
const NOWHERE: &str = "http://127.0.0.1:1";

#[test]
fn two_of_three_authorities_and_one_of_civil_society() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    let place = log(&at("log"));
    let witnesses: Vec<_> = (1..=3).map(|number| running(&at(&format!("w{number}")), number, Limits::default())).collect();
    let (a, b, society) = (&witnesses[0], &witnesses[1], &witnesses[2]);
    let away = witness_key(9).verifying_key();
    let with = |society_at: &str| {
        policy(&[("a", &a.key, &a.url()), ("b", &b.key, &b.url()), ("c", &away, NOWHERE), ("society", &society.key, society_at)], QUORUM)
    };
    grow(&place, &History::main(), 3);
    // Without civil society it is not trusted, and says so; the cosignatures that were given are published all the same.
    let gathered = publish(&client(), &with(NOWHERE), &place, 0).unwrap();
    assert!(matches!(&gathered.trusted, Err(TrustError::NoQuorum { cosigned, .. }) if cosigned == &["a", "b"]), "{:?}", gathered.trusted);
    assert!(matches!(gathered.witnesses[2].1, Err(CosignError::Fetch(FetchError::Unreachable { .. }))));
    assert_eq!(reader(&place).checkpoint().unwrap().unwrap().signatures().len(), 3);
    // With it, the quorum is reached; those who have cosigned are not asked again.
    let gathered = publish(&client(), &with(&society.url()), &place, 0).unwrap();
    let trusted = gathered.trusted.unwrap();
    assert_eq!(trusted.witnesses.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["a", "b", "society"]);
    assert_eq!(gathered.witnesses[0].1.as_ref().unwrap(), &1_790_000_001, "the time of the first round");
    // What the witnesses know is where the next proof starts, each from its own.
    grow(&place, &History::main(), 700);
    assert!(publish(&client(), &with(NOWHERE), &place, 0).unwrap().trusted.is_err());
    grow(&place, &History::main(), 800);
    let gathered = publish(&client(), &with(&society.url()), &place, 0).unwrap();
    assert_eq!(gathered.trusted.unwrap().checkpoint.size(), 800);
    assert!(with(&society.url()).trust(&reader(&place).checkpoint().unwrap().unwrap()).is_ok());
}

#[test]
fn a_backup_of_everything_is_refused_once_a_witness_saw_more() {
    let folder = TempDir::new().unwrap();
    let (old, new) = (log(&folder.path().join("old")), log(&folder.path().join("new")));
    let witness = running(&folder.path().join("w"), 1, Limits::default());
    let policy = policy(&[("a", &witness.key, &witness.url())], "quorum a");
    let main = History::main();
    grow(&old, &main, 5);
    grow(&new, &main, 9);
    assert!(publish(&client(), &policy, &new, 0).unwrap().trusted.is_ok());
    // The older state, lock and all, would go on with other entries.
    let refused = publish(&client(), &policy, &old, 0).unwrap_err();
    assert!(matches!(&refused, LogError::Refused(_)) && refused.to_string().contains("a has cosigned 9 entries"), "{refused}");
    // Also a log that does not compare first gets no cosignature.
    let note = reader(&old).checkpoint().unwrap().unwrap();
    let gathered = gather(&client(), &policy, &note, &mut reader(&old).nodes(5)).unwrap();
    assert!(matches!(gathered.witnesses[0].1, Err(CosignError::Ahead { theirs: 9, ours: 5 })));
}

#[test]
fn another_history_gets_no_cosignature() {
    let folder = TempDir::new().unwrap();
    let (one, two) = (log(&folder.path().join("one")), log(&folder.path().join("two")));
    let witness = running(&folder.path().join("w"), 1, Limits::default());
    let policy = policy(&[("a", &witness.key, &witness.url())], "quorum a");
    grow(&one, &History::main(), 5);
    grow(&two, &History::forked("other", 3), 8);
    assert!(publish(&client(), &policy, &one, 0).unwrap().trusted.is_ok());
    let refused = publish(&client(), &policy, &two, 0).unwrap_err();
    assert!(refused.to_string().contains("two histories of 5 entries"), "{refused}");
    let note = reader(&two).checkpoint().unwrap().unwrap();
    let gathered = gather(&client(), &policy, &note, &mut reader(&two).nodes(8)).unwrap();
    assert!(matches!(gathered.witnesses[0].1, Err(CosignError::OtherHistory(_))));
    assert!(gathered.trusted.is_err());
}
