// SPDX-License-Identifier: Apache-2.0
//! Executors and the coordinator die at any moment: nothing is lost, nothing is published twice or in part.
//!
//! `COMITY_KILLS` says how many executors are killed, `COMITY_ROWS` how many rows a unit has: with optimization, so few as the
//! default are done before anybody is killed.
#![expect(clippy::print_stderr, reason = "a test says what it did")]

mod common;

use common::{Case, Numbers, Process, SECRET, Scheduler, executor, text};
use std::time::{Duration, Instant};

/// No crossing of the test takes so long, kills included.
const LIMIT: Duration = Duration::from_secs(120);

fn number(variable: &str, or: usize) -> usize {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(or)
}

#[test]
fn executors_killed_at_any_moment_change_nothing() {
    let (kills, rows) = (number("COMITY_KILLS", 24), number("COMITY_ROWS", 20_000));
    let scheduler = Scheduler::start();
    let mut executors: Vec<Process> = (0..2).map(|_| executor(&scheduler, "IE", SECRET)).collect();
    let case = Case::new(12, rows, "parquet");
    let mut numbers = Numbers(23);
    let (mut killed, mut crossings, mut amid) = (0, 0, 0);
    while killed < kills {
        let to = format!("out-{crossings}");
        let mut coordinator = Process(case.cross(&scheduler.address, &to).spawn().unwrap());
        let since = Instant::now();
        let mut seen = 0;
        loop {
            std::thread::sleep(Duration::from_millis(50 + numbers.below(900)));
            if coordinator.0.try_wait().unwrap().is_some() {
                break;
            }
            assert!(since.elapsed() < LIMIT);
            if killed < kills {
                // Nothing is published before the end.
                case.assert_nothing_yet(&to);
                let at = usize::try_from(numbers.below(2)).unwrap();
                executors[at].0.kill().unwrap();
                executors[at].0.wait().unwrap();
                killed += 1;
                executors[at] = executor(&scheduler, "IE", SECRET);
            }
            seen = seen.max(case.unfinished(&to));
        }
        // Two may be under way.
        amid += seen.saturating_sub(2);
        let status = coordinator.0.wait().unwrap();
        assert_eq!(status.code(), Some(12));
        case.assert_same(&to);
        crossings += 1;
        for ending in ["", ".apart"] {
            std::fs::remove_dir_all(case.path(&format!("{to}{ending}"))).unwrap();
        }
    }
    eprintln!("{killed} kills in {crossings} crossings; at least {amid} of them amid a unit");
}

#[test]
fn a_coordinator_that_is_killed_goes_on_where_it_was() {
    let scheduler = Scheduler::start();
    let _executors = [executor(&scheduler, "IE", SECRET), executor(&scheduler, "IE", SECRET)];
    let case = Case::new(10, 20_000, "parquet");
    let mut numbers = Numbers(5);
    let (mut kills, mut resumed, mut round) = (0, 0, 0);
    while kills < 8 {
        let to = format!("out-{round}");
        round += 1;
        let mut patience = 0;
        loop {
            let mut coordinator = case.cross(&scheduler.address, &to).spawn().unwrap();
            // Longer each time: what is done is looked at again before anything else, and that alone takes a while.
            patience += 100;
            std::thread::sleep(Duration::from_millis(patience + numbers.below(500)));
            if coordinator.try_wait().unwrap().is_some() {
                let output = coordinator.wait_with_output().unwrap();
                assert_eq!(output.status.code(), Some(12), "{}", text(&output));
                break;
            }
            coordinator.kill().unwrap();
            coordinator.wait().unwrap();
            kills += 1;
            let noted = std::fs::read_dir(case.path(&format!("{to}.crossing"))).into_iter().flatten();
            resumed += usize::from(noted.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with("unit-")));
        }
        case.assert_same(&to);
    }
    eprintln!("the coordinator was killed {kills} times, {resumed} of them with units done");
}

#[test]
fn a_scheduler_that_is_killed_and_started_again_is_found() {
    let scheduler = Scheduler::start();
    let address = scheduler.address.clone();
    let _executors = [executor(&scheduler, "IE", SECRET), executor(&scheduler, "IE", SECRET)];
    let case = Case::new(12, 6_000, "parquet");
    let coordinator = case.cross(&address, "out").spawn().unwrap();
    let since = Instant::now();
    // With some units done, and not all.
    while !case.path("out.crossing/unit-000000.json").exists() {
        assert!(since.elapsed() < LIMIT);
        std::thread::sleep(Duration::from_millis(5));
    }
    drop(scheduler);
    assert!(!case.path("out").exists());
    let _again = Scheduler::at(&address);
    let output = coordinator.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(12), "{}", text(&output));
    case.assert_same("out");
}
