// SPDX-License-Identifier: Apache-2.0
//! The database server itself is killed while many append: nothing acknowledged is lost, nothing forks, and the log goes on.
//!
//! `.ci/stores` runs this by itself, because no other test can use the server meanwhile.
//! `COMITY_POSTGRES_CRASH` names the program that ends the server as its argument says and starts it again,
//! `COMITY_CRASHES` how often.

#![cfg(feature = "postgres")]
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod support;

use comity_evidence::{Checkpoint, Hash};
use comity_log::{Appender, Pace, Submission};
use std::collections::BTreeMap;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use support::home::{Home, Kind};
use support::{assert_extends, checkpoint, key};

const THREADS: u64 = 4;

#[test]
#[ignore = "it kills the server that all other tests use: `.ci/stores` runs it by itself"]
fn a_server_that_is_killed_while_many_append_loses_nothing_and_forks_nothing() {
    let program = std::env::var("COMITY_POSTGRES_CRASH").map_err(|_| "COMITY_POSTGRES_CRASH is not set: run `.ci/stores`").unwrap();
    let crashes: u64 = std::env::var("COMITY_CRASHES").map_or(8, |crashes| crashes.parse().unwrap());
    let home = Home::new(Kind::Postgres);
    let seen: Arc<Mutex<Vec<Checkpoint>>> = Arc::default();
    let of_log = Arc::clone(&seen);
    let pace = Pace { interval: Duration::from_millis(3), ..Pace::default() };
    let appender = Appender::start(
        home.open().unwrap(),
        home.queue(),
        pace,
        || 0,
        move |_, note| {
            of_log.lock().unwrap().push(checkpoint(note));
            None
        },
    );
    let (stop, failures) = (AtomicBool::new(false), AtomicU64::new(0));
    let acknowledged: Mutex<BTreeMap<u64, String>> = Mutex::default();
    let mut while_down = 0;
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (appender, stop, failures, acknowledged) = (&appender, &stop, &failures, &acknowledged);
            scope.spawn(move || {
                for round in 0_u64.. {
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                    let events: Vec<String> = (0..20).map(|event| format!("event {thread} {round} {event}")).collect();
                    keep(appender, &events, failures, acknowledged);
                }
            });
        }
        for crash in 0..crashes {
            // Spread without chance, so that a failure can be repeated.
            std::thread::sleep(Duration::from_millis(50 + crash * 7_919 % 400));
            let before = (failures.load(Ordering::Relaxed), acknowledged.lock().unwrap().len());
            let how = if crash % 4 == 3 { "immediate" } else { "kill" };
            let done = Command::new(&program).arg(how).output().unwrap();
            assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
            // It goes on by itself: nobody opens the log anew.
            for wait in 0.. {
                if acknowledged.lock().unwrap().len() > before.1 + 200 {
                    break;
                }
                assert!(wait < 600, "crash {crash}: nothing more was taken in: {:?}", appender.trouble());
                std::thread::sleep(Duration::from_millis(100));
            }
            while_down += u64::from(failures.load(Ordering::Relaxed) > before.0);
        }
        stop.store(true, Ordering::Relaxed);
    });
    drop(appender);
    let (acknowledged, failures) = (acknowledged.into_inner().unwrap(), failures.into_inner());
    // Each was handed in again until it was acknowledged, under one name: so there are these, each once, and no others.
    let mut writer = home.open().unwrap();
    seen.lock().unwrap().push(checkpoint(&writer.integrate(0).unwrap()));
    let reader = home.reader();
    let audited = comity_log::audit(&reader, &[key().verifying_key()], &mut |_, _| {}).unwrap().unwrap();
    let size = audited.checkpoint.size();
    assert_eq!(writer.taken_in().unwrap(), size);
    assert_eq!(acknowledged.keys().copied().collect::<Vec<_>>(), (0..size).collect::<Vec<_>>());
    for (number, event) in &acknowledged {
        assert_eq!(String::from_utf8(reader.entry(*number, size).unwrap()).unwrap(), *event, "entry {number}");
    }
    let seen = seen.lock().unwrap();
    assert_extends(&home, &seen);
    assert!(while_down * 2 > crashes, "only {while_down} of {crashes} crashes met an append");
    println!(
        "{crashes} crashes of the server, {while_down} of them during appends, {failures} answers lost, {size} entries, {} checkpoints",
        seen.len()
    );
}

/// Hands events in until each is acknowledged, as whoever must record them would.
fn keep(appender: &Appender, events: &[String], failures: &AtomicU64, acknowledged: &Mutex<BTreeMap<u64, String>>) {
    let mut left: Vec<&String> = events.iter().collect();
    while !left.is_empty() {
        let submit = |event: &str| Submission { entry: event.as_bytes().to_vec(), once: Some(Hash::of(event.as_bytes())) };
        let answers: Vec<_> = left.iter().map(|event| appender.hand_in(submit(event))).collect();
        let mut again = Vec::new();
        for (event, answer) in left.into_iter().zip(answers) {
            match answer.recv().unwrap() {
                Ok(number) => {
                    let before = acknowledged.lock().unwrap().insert(number, event.clone());
                    assert_eq!(before, None, "number {number} was given twice");
                }
                Err(_) => again.push(event),
            }
        }
        if !again.is_empty() {
            failures.fetch_add(u64::try_from(again.len()).unwrap(), Ordering::Relaxed);
            std::thread::sleep(Duration::from_millis(20));
        }
        left = again;
    }
}
