// SPDX-License-Identifier: Apache-2.0
//! The same plan, embedded and on a cluster; and who refuses what.

mod common;

use common::{Case, OTHER, SECRET, Scheduler, bytes_of, executor, text};
use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

#[test]
fn what_is_published_is_the_same() {
    let scheduler = Scheduler::start();
    let _executors = [executor(&scheduler, "IE", SECRET), executor(&scheduler, "IE", SECRET)];
    for ending in ["parquet", "csv"] {
        let case = Case::new(5, 3_000, ending);
        assert!(case.expected.tally.passed > 0 && case.expected.tally.quarantined > 0);
        let coordinator = case.cross(&scheduler.address, "out").spawn().unwrap();
        let attempts = case.attempts_until("out", || case.path("out").exists());
        let output = coordinator.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(12), "{}", text(&output));
        case.assert_same("out");
        // Each unit was worked on by one executor, once.
        assert!(!attempts.is_empty() && attempts.len() <= case.tables.len(), "{attempts:?}");
        // Once more: it is there, and nothing is done.
        let output = case.cross(&scheduler.address, "out").arg("--format").arg("json").output().unwrap();
        assert_eq!(output.status.code(), Some(12), "{}", text(&output));
        let record: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(record, case.expected.record);
        case.assert_same("out");
    }
}

#[test]
fn an_executor_in_another_country_refuses() {
    let scheduler = Scheduler::start();
    let case = Case::new(3, 500, "parquet");
    let stranger = executor(&scheduler, "US", SECRET);
    let output = case.cross(&scheduler.address, "out").output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    assert!(text(&output).contains("this executor is in US, and the exporter in IE"), "{}", text(&output));
    case.assert_nothing("out");
    assert!(bytes_of(&case.path("out.crossing/attempts")).is_empty());
    // With another beside it that stands where the exporter is, the same command goes on.
    let _executor = executor(&scheduler, "IE", SECRET);
    let output = case.cross(&scheduler.address, "out").output().unwrap();
    assert_eq!(output.status.code(), Some(12), "{}", text(&output));
    case.assert_same("out");
    drop(stranger);
}

#[test]
fn an_executor_with_another_secret_refuses() {
    let scheduler = Scheduler::start();
    let case = Case::new(2, 500, "parquet");
    assert!(case.plan.key.is_some());
    let _executor = executor(&scheduler, "IE", OTHER);
    let output = case.cross(&scheduler.address, "out").output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    assert!(text(&output).contains("this executor has not the secret"), "{}", text(&output));
    assert!(!text(&output).contains(SECRET) && !text(&output).contains(OTHER));
    case.assert_nothing("out");
}

#[test]
fn a_plan_that_is_not_approved_or_of_other_law_moves_nothing() {
    let scheduler = Scheduler::start();
    let _executor = executor(&scheduler, "IE", SECRET);
    let mut case = Case::new(2, 300, "parquet");
    let output = case.cross_plan(&scheduler.address, "out", "plan.json", &"0".repeat(64)).output().unwrap();
    assert_eq!(output.status.code(), Some(10), "{}", text(&output));
    let honest = case.plan.clone();

    // An instrument had another text when the plan was made.
    case.plan.laws.first_mut().unwrap().digest = "0".repeat(64);
    fs::write(case.path("old.json"), case.plan.to_text().unwrap()).unwrap();
    let output = case.cross_plan(&scheduler.address, "out", "old.json", &case.hash()).output().unwrap();
    assert_eq!(output.status.code(), Some(10), "{}", text(&output));
    assert!(text(&output).contains("this command has another text of"), "{}", text(&output));
    assert!(!case.path("out.crossing").exists());
    case.assert_nothing("out");
    let output = case.cross_plan(&scheduler.address, "out", "old.json", &case.hash()).arg("--law-as-planned").output().unwrap();
    assert_eq!(output.status.code(), Some(12), "{}", text(&output));
    assert!(text(&output).contains("carried out as planned"), "{}", text(&output));

    // It was made yesterday.
    case.plan = honest;
    case.plan.known_on = case.plan.known_on.yesterday().unwrap();
    fs::write(case.path("yesterday.json"), case.plan.to_text().unwrap()).unwrap();
    let output = case.cross_plan(&scheduler.address, "late", "yesterday.json", &case.hash()).output().unwrap();
    assert_eq!(output.status.code(), Some(10), "{}", text(&output));
    case.assert_nothing("late");
}

#[test]
fn a_forged_plan_in_the_staging_folder_is_refused() {
    let scheduler = Scheduler::start();
    let case = Case::new(3, 500, "parquet");
    let mut coordinator = case.cross(&scheduler.address, "out").spawn().unwrap();
    let begun = case.path("out.crossing/plan.json");
    let since = Instant::now();
    while !case.path("out.crossing/attempts").exists() {
        assert!(since.elapsed() < Duration::from_secs(60));
        std::thread::sleep(Duration::from_millis(20));
    }
    // Every row leaves as if it were one of the first outcome.
    let mut forged = case.plan.clone();
    assert!(forged.outcomes.len() > 1);
    forged.decisions.values_mut().for_each(|outcome| *outcome = 0);
    let honest = fs::read(&begun).unwrap();
    fs::write(&begun, forged.to_text().unwrap()).unwrap();
    let _executor = executor(&scheduler, "IE", SECRET);
    let status = coordinator.wait().unwrap();
    let output = coordinator.wait_with_output().unwrap();
    assert_eq!(status.code(), Some(1), "{}", text(&output));
    assert!(text(&output).contains("is not the plan that this unit was ordered under"), "{}", text(&output));
    case.assert_nothing("out");
    assert!(bytes_of(&case.path("out.crossing/attempts")).is_empty());
    // As long as it is there, nobody goes on.
    let output = case.cross(&scheduler.address, "out").output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", text(&output));
    fs::write(&begun, honest).unwrap();
    let output = case.cross(&scheduler.address, "out").output().unwrap();
    assert_eq!(output.status.code(), Some(12), "{}", text(&output));
    case.assert_same("out");
}

#[test]
fn what_needs_no_cluster_is_said_without_one() {
    let case = Case::new(1, 10, "csv");
    let output = case.cross("127.0.0.1:1", "out").output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    assert!(text(&output).contains("no scheduler answers at 127.0.0.1:1"), "{}", text(&output));
    case.assert_nothing("out");
    let mut command = common::command();
    let command = command.args(["executor", "--scheduler", "127.0.0.1:1", "--jurisdiction", "Ireland"]);
    let output = command.stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", text(&output));
    assert!(text(&output).contains("expected the code of a place"), "{}", text(&output));
}
