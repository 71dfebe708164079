// SPDX-License-Identifier: Apache-2.0
//! Disks that fill up, and processes that are killed: nothing acknowledged is lost, nothing forks.
//!
//! `COMITY_KILLS` sets how often the process is killed; `.ci/soak` sets it high.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod support;

use comity_evidence::Checkpoint;
use comity_log::{Appender, Pace, Writer};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Duration;
use support::home::{Home, Kind};
use support::{Faulty, FaultyQueue, ORIGIN, assert_extends, assert_whole, checkpoint, grow, key, submission};

on_every_store! {
    a_store_that_fails_at_any_moment_costs_nothing,
    a_writer_whose_disk_was_full_goes_on_when_it_is_not,
    a_process_that_is_killed_loses_nothing_and_forks_nothing,
}

/// A log whose stores fail after so many things done.
fn failing(home: &Home, left: i64, after: bool) -> Result<Writer, comity_log::LogError> {
    let left = Arc::new(AtomicI64::new(left));
    let files = Faulty { inner: home.files(), left: Arc::clone(&left), after };
    let queue = FaultyQueue { inner: home.queue(), faults: Faulty { inner: (), left, after } };
    Writer::open(ORIGIN, vec![key()], Box::new(files), Box::new(queue), home.lock(), &[])
}

fn a_store_that_fails_at_any_moment_costs_nothing(kind: Kind) {
    // Parts chosen so that tiles fill up, partial files are removed, and levels grow.
    const PARTS: [u64; 5] = [3, 250, 5, 300, 1];
    for after in [false, true] {
        for left in (0..).step_by(kind.slowness()) {
            let home = Home::new(kind);
            let mut seen: Vec<Checkpoint> = Vec::new();
            let mut acknowledged = 0;
            let mut failed = false;
            if let Ok(mut writer) = failing(&home, left, after) {
                for part in PARTS {
                    let submissions: Vec<_> =
                        (acknowledged..acknowledged + part).map(|number| submission(&format!("entry {number}"))).collect();
                    let Ok(numbers) = writer.append(&submissions) else {
                        failed = true;
                        break;
                    };
                    acknowledged = numbers.last().unwrap() + 1;
                    match writer.integrate(0) {
                        Ok(note) => seen.push(checkpoint(&note)),
                        Err(_) => {
                            failed = true;
                            break;
                        }
                    }
                }
            } else {
                failed = true;
            }
            let mut writer = home.open().unwrap();
            seen.extend(writer.signed().map(checkpoint));
            // An entry that was written and not acknowledged may be there: the same ones are handed in again under the same names.
            let next = writer.taken_in().unwrap();
            assert!(next >= acknowledged);
            grow(&mut writer, 1);
            seen.push(checkpoint(&writer.integrate(0).unwrap()));
            assert_whole(&home, next + 1);
            assert_extends(&home, &seen);
            if !failed {
                assert!(left > 50, "the stores were never used");
                break;
            }
        }
    }
}

fn a_writer_whose_disk_was_full_goes_on_when_it_is_not(kind: Kind) {
    let home = Home::new(kind);
    let left = Arc::new(AtomicI64::new(i64::MAX));
    let files = Faulty { inner: home.files(), left: Arc::clone(&left), after: false };
    let mut writer = Writer::open(ORIGIN, vec![key()], Box::new(files), home.queue(), home.lock(), &[]).unwrap();
    for full_after in 0..12 {
        grow(&mut writer, 100);
        left.store(full_after, std::sync::atomic::Ordering::SeqCst);
        let _ = writer.integrate(0);
        left.store(i64::MAX, std::sync::atomic::Ordering::SeqCst);
        writer.integrate(0).unwrap();
    }
    assert_whole(&home, 1200);
}

const CHILD: &str = "COMITY_CHILD_LOG";

/// What the killed process does: it appends as fast as it can, and prints what was acknowledged and signed.
#[test]
fn child() {
    let Ok(log) = std::env::var(CHILD) else { return };
    let (name, folder) = log.split_once(' ').unwrap();
    let kinds = [Kind::Embedded, Kind::Postgres, Kind::S3];
    let (kind, name) = kinds.into_iter().find_map(|kind| Some((kind, name.strip_prefix(&format!("{kind:?}:"))?))).unwrap();
    let home = Home::of(kind, Path::new(folder), name);
    let (writer, mut queue) = (home.open().unwrap(), home.queue());
    let mut number = queue.next().unwrap();
    let pace = Pace { interval: Duration::from_millis(3), ..Pace::default() };
    let appender = Appender::start(
        writer,
        queue,
        pace,
        || 0,
        |_, note| {
            println!("signed {}", note.to_string().replace('\n', "|"));
            None
        },
    );
    loop {
        let answers: Vec<_> = (number..number + 50).map(|number| appender.hand_in(submission(&format!("entry {number}")))).collect();
        for answer in answers {
            let given = answer.recv().unwrap().unwrap();
            assert_eq!(given, number);
            println!("durable {number}");
            number += 1;
        }
    }
}

fn a_process_that_is_killed_loses_nothing_and_forks_nothing(kind: Kind) {
    let kills: u32 = std::env::var("COMITY_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(60);
    let slowness = u32::try_from(kind.slowness()).unwrap();
    let kills = if kind == Kind::Embedded { kills } else { (kills / slowness).max(10) };
    let mut home = Home::new(kind);
    let (mut acknowledged, mut seen) = (0, Vec::new());
    for kill in 0..kills {
        // A new log now and then: beginnings are where there is least to hold on to.
        if kill % 40 == 39 {
            home = Home::new(kind);
            (acknowledged, seen) = (0, Vec::new());
        }
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child", "--nocapture", "--test-threads", "1"])
            .env(CHILD, format!("{kind:?}:{} {}", home.name(), home.folder().display()))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        // Milliseconds of life, spread without chance so that a failure can be repeated.
        std::thread::sleep(Duration::from_micros(2_000 + u64::from(kill) * 7_919 % 60_000) * slowness);
        child.kill().unwrap();
        child.wait().unwrap();
        for line in output.lines().map_while(Result::ok) {
            // The first line of a test stands after its name.
            if let Some((_, number)) = line.split_once("durable ") {
                acknowledged = acknowledged.max(number.trim().parse::<u64>().map_or(0, |number| number + 1));
            } else if let Some((_, note)) = line.split_once("signed ")
                && let Ok(note) = note.replace('|', "\n").parse()
            {
                seen.push(checkpoint(&note));
            }
        }
        let mut writer = home.open().unwrap();
        assert!(writer.taken_in().unwrap() >= acknowledged, "kill {kill}: {acknowledged} were acknowledged");
        if kill % 3 == 0 {
            seen.push(checkpoint(&writer.integrate(0).unwrap()));
            assert_whole(&home, acknowledged);
        }
        drop(writer);
        assert_extends(&home, &seen);
    }
    println!("{kills} kills, {kind:?}");
}
