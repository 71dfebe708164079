// SPDX-License-Identifier: Apache-2.0
//! Aggregates in place of rows: what leaves is near the truth, costs what it may, is charged once, and leaks no cell.
#![cfg(feature = "dp")]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stderr, reason = "a test fails by panicking, and says what it did")]

mod common;

use comity_border::PrivacyLoss;
use comity_border::plan::Outcome;
use comity_crossing::{Budget, BudgetError, CrossingError, Destination, Format, Job, Origin, Stream, cross, stream};
use common::{DAY, MANIFEST, Numbers, Row, bytes_of, people, planned, secret, write_parquet};
use jiff::civil::date;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The manifest of people, of whom leave by place and by the ten years of their age how many they are, and their points.
fn released_by() -> String {
    let release = "person = \"email\"\n[release]\nby = [\"place\", \"age\"]\nepsilon = 2.0\ndelta = 0.00001\n\
        sum.points = { from = 0, to = 1000 }\n";
    let manifest = MANIFEST.replace("person = \"email\"\n", release);
    assert_ne!(manifest, MANIFEST);
    manifest
}

fn job(folder: &Path, inputs: &[PathBuf]) -> Job {
    Job { budget: Some(folder.join("state")), format: Some(Format::Csv), ..common::job(folder, inputs) }
}

fn table(folder: &Path, rows: &[Row]) -> Vec<PathBuf> {
    let path = folder.join("people.parquet");
    write_parquet(&path, rows, 1_000);
    vec![path]
}

fn loss(epsilon: f64, delta: f64) -> PrivacyLoss {
    PrivacyLoss::of(epsilon, delta).unwrap()
}

fn budget(folder: &Path) -> Budget {
    let budget = Budget::at(&folder.join("state"));
    budget.set("people", loss(5.0, 1e-4), DAY).unwrap();
    budget
}

/// Persons and points of each group among those who may leave, counted plainly.
fn plainly(rows: &[Row]) -> BTreeMap<(String, String), (i64, i64)> {
    let mut groups: BTreeMap<(String, String), (i64, i64)> = BTreeMap::new();
    for row in rows {
        let (Some(place), Some(consent), Some(age)) = (&row[2], &row[3], &row[4]) else { continue };
        let age: u32 = age.parse().unwrap();
        // The Act of France asks for consent, or of adults that nobody is named, as in aggregates; that of Germany restricts nothing.
        if !(place == "Germany" || place == "France" && (consent == "yes" || age >= 18)) {
            continue;
        }
        let decade = age / 10 * 10;
        let group = groups.entry((place.clone(), decade.to_string())).or_default();
        group.0 += 1;
        group.1 += row[5].as_ref().map_or(0, |points| points.parse::<i64>().unwrap());
    }
    groups
}

fn released(folder: &Path) -> BTreeMap<(String, String), (i64, i64)> {
    let mut groups = BTreeMap::new();
    let mut reader = csv::Reader::from_path(folder.join("part-000000.csv")).unwrap();
    assert_eq!(reader.headers().unwrap(), vec!["place", "age", "persons", "sum_points"]);
    for record in reader.records() {
        let record = record.unwrap();
        let points = record[3].parse::<f64>().unwrap();
        assert_eq!(points.fract(), 0.0);
        groups.insert((record[0].to_owned(), record[1].to_owned()), (record[2].parse().unwrap(), points as i64));
    }
    groups
}

fn record(folder: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(folder.join("crossing.json")).unwrap()).unwrap()
}

#[test]
fn what_leaves_is_near_the_truth_and_no_cell_is_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let rows = people(6_000, 11, false);
    let inputs = table(folder.path(), &rows);
    let (plan, _) = planned(&inputs, &released_by());
    // The law is told what the release is.
    assert!(plan.outcomes.iter().any(|outcome| matches!(outcome, Outcome::Pass { .. })));
    assert_eq!(plan.key, None, "no secret is needed where no pseudonym leaves");
    let job = job(folder.path(), &inputs);
    assert!(matches!(
        cross(&plan, None, &job, &mut |_| true),
        Err(CrossingError::Budget(BudgetError::NoLimit(table))) if table == "people"
    ));
    assert!(!job.to.exists() && !job.apart.exists());
    let budget = budget(folder.path());
    let crossed = cross(&plan, None, &job, &mut |_| true).unwrap();

    let (found, truth) = (released(&job.to), plainly(&rows));
    let (private, public) = (record(&job.apart), record(&job.to));
    let statistics = public["release"]["statistics"].as_array().unwrap();
    let within = |at: usize| statistics[at]["within_95_percent"].as_f64().unwrap();
    let threshold = statistics[0]["threshold"].as_i64().unwrap();
    assert!(found.len() >= 6, "{found:?}");
    for (group, (persons, points)) in &found {
        let (exact_persons, exact_points) = truth[group];
        // Seven times what holds 95 times in a hundred: by chance once in a thousand million.
        assert!((persons - exact_persons).abs() as f64 <= 7.0 * within(0), "{group:?}: {persons} for {exact_persons}");
        assert!((points - exact_points).abs() as f64 <= 7.0 * within(1), "{group:?}: {points} for {exact_points}");
        assert!(*persons >= threshold);
    }
    for (group, (persons, _)) in &truth {
        assert!(found.contains_key(group) || (*persons as f64) < threshold as f64 + 7.0 * within(0), "{group:?} is missing");
    }
    // All is accounted for, on the exporter's side and nowhere else.
    let passed: i64 = truth.values().map(|(persons, _)| persons).sum();
    assert_eq!(crossed.tally.passed, u64::try_from(passed).unwrap());
    assert_eq!(private["rows"]["read"], 6_000);
    assert_eq!(private["rows"]["kept_apart"], 6_000 - passed);
    assert_eq!(crossed.record, private);
    for exact in ["plan", "laws", "rows", "outcomes", "inputs", "risk", "anonymity"] {
        assert!(public.get(exact).is_none(), "{exact}");
    }
    // What the exporter can be held to later.
    let kept = fs::read(job.apart.join("crossing.json")).unwrap();
    assert_eq!(public["private_record"], comity_evidence::Hash::of(&kept).to_hex());
    for (path, bytes) in bytes_of(&job.to) {
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("someone-") && !text.contains("Surname-") && !text.contains("Narnia"), "{}", path.display());
    }
    // It was charged once, and is not made again.
    let account = budget.accounts().unwrap()["people"].clone();
    assert_eq!((account.spent, account.releases), (loss(2.0, 1e-5), 1));
    let again = cross(&plan, None, &job, &mut |_| true).unwrap();
    assert!(again.before);
    assert_eq!(budget.accounts().unwrap()["people"], account);
}

#[test]
fn what_was_spent_is_spent() {
    let folder = tempfile::tempdir().unwrap();
    let inputs = table(folder.path(), &people(2_000, 5, true));
    let (plan, _) = planned(&inputs, &released_by());
    let budget = budget(folder.path());
    let at = |name: &str| Job {
        to: folder.path().join(name),
        apart: folder.path().join(format!("{name}.apart")),
        ..job(folder.path(), &inputs)
    };
    let draws: Vec<_> = ["one", "two"]
        .into_iter()
        .map(|name| {
            cross(&plan, None, &at(name), &mut |_| true).unwrap();
            released(&at(name).to)
        })
        .collect();
    assert_ne!(draws[0], draws[1], "each is drawn anew, and paid for");
    let error = cross(&plan, None, &at("three"), &mut |_| true).unwrap_err().to_string();
    assert_eq!(
        error,
        "the release costs ε = 2, δ = 0.00001, and of the privacy budget of the table `people` (ε = 5, δ = 0.0001) there is left ε = 1, δ = 0.00008; nothing was released"
    );
    assert!(!at("three").to.exists() && !at("three").apart.exists());
    // A limit below what was spent is refused; a higher one is a decision somebody takes.
    let below = budget.set("people", loss(3.0, 1e-4), DAY).unwrap_err().to_string();
    assert_eq!(below, "the releases of the table `people` have cost ε = 4, δ = 0.00002 already, which is more than ε = 3, δ = 0.0001");
    budget.set("people", loss(6.0, 1e-4), DAY).unwrap();
    cross(&plan, None, &at("three"), &mut |_| true).unwrap();
    assert_eq!(budget.accounts().unwrap()["people"].left(), Some(loss(0.0, 7e-5)));
}

#[test]
fn a_line_that_was_never_ended_charges_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let budget = budget(folder.path());
    let file = folder.path().join("state/privacy-budget.jsonl");
    let whole = fs::read_to_string(&file).unwrap();
    fs::write(&file, format!("{whole}{{\"table\":\"people\",\"charge\":{{\"epsil")).unwrap();
    assert_eq!(budget.accounts().unwrap()["people"].releases, 0);
    budget.set("people", loss(4.0, 1e-4), DAY).unwrap();
    assert_eq!(budget.accounts().unwrap()["people"].limit, Some(loss(4.0, 1e-4)));
    assert!(fs::read_to_string(&file).unwrap().lines().all(|line| serde_json::from_str::<Value>(line).is_ok()));
    fs::write(&file, "nonsense\n").unwrap();
    let error = budget.accounts().unwrap_err().to_string();
    assert!(error.ends_with("line 1: expected a limit or a charge, found nonsense"), "{error}");
}

#[test]
fn a_release_through_a_pipe_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let inputs = table(folder.path(), &people(100, 5, true));
    let (plan, _) = planned(&inputs, &released_by());
    let work = Stream {
        from: Origin::Tables(inputs, Vec::new()),
        to: Destination::Pipe(Box::new(Vec::new())),
        apart: folder.path().join("apart"),
        format: None,
        day: DAY,
    };
    assert!(matches!(stream(&plan, None, work, &mut |_| true), Err(CrossingError::ReleasePiped)));
}

#[test]
fn slips_of_a_release_have_lines() {
    let wrong = released_by()
        .replace("by = [\"place\", \"age\"]", "by = [\"plase\", \"name\", \"age\", \"age\"]")
        .replace("epsilon = 2.0", "epsilon = 200")
        .replace("delta = 0.00001", "groupz = 2")
        .replace("{ from = 0, to = 1000 }", "{ from = 9, to = 9 }")
        .replace("person = \"email\"", "k = 5");
    let problems: Vec<String> = comity_border::Manifest::parse(&wrong).unwrap_err().iter().map(ToString::to_string).collect();
    for part in [
        "`by`: expected the name of a column below, found `plase`",
        "did you mean `place`?",
        "column `name` tells who somebody is, and is no group and no sum",
        "column `age` is named twice",
        "`epsilon`: expected more than 0 and at most 10, found 200",
        "unknown key `groupz` (did you mean `groups`?)",
        "`delta` of the release is missing",
        "the sum of `points`: expected `from` less than `to`",
        "`person` is missing",
        "`k`, `l` and `t` are for rows",
    ] {
        assert!(problems.iter().any(|problem| problem.contains(part)), "{part}: {problems:#?}");
    }
    assert!(problems.iter().all(|problem| !problem.starts_with("0:")), "{problems:#?}");
}

const FOLDER: &str = "COMITY_RELEASE_CHILD";

/// Not a test of its own: what the process that is killed does.
#[test]
fn child() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let folder = PathBuf::from(folder);
    let inputs = vec![folder.join("people.parquet")];
    let (plan, _) = planned(&inputs, &released_by());
    cross(&plan, Some(&secret()), &job(&folder, &inputs), &mut |_| true).unwrap();
}

fn started(folder: &Path) -> std::process::Child {
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["child", "--exact", "--quiet"])
        .env(FOLDER, folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    child.unwrap()
}

/// However often its process dies, a release is charged once and published once: what was paid for is what left.
#[test]
fn killed_at_any_moment_it_is_charged_once() {
    let kills: usize = std::env::var("COMITY_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(24);
    let rows = people(3_000, 3, false);
    let begun = Instant::now();
    let whole = tempfile::tempdir().unwrap();
    table(whole.path(), &rows);
    budget(whole.path());
    assert!(started(whole.path()).wait().unwrap().success());
    // How long one takes here, so that every moment of it is met.
    let long = u64::try_from(begun.elapsed().as_micros()).unwrap();
    let mut numbers = Numbers(23);
    let (mut killed, mut charged) = (0, 0);
    while killed < kills {
        let folder = tempfile::tempdir().unwrap();
        let inputs = table(folder.path(), &rows);
        let budget = budget(folder.path());
        for _ in 0..3 {
            let mut child = started(folder.path());
            std::thread::sleep(Duration::from_micros(long / 3 + numbers.below(long)));
            if child.try_wait().unwrap().is_none() {
                child.kill().unwrap();
                killed += 1;
            }
            child.wait().unwrap();
        }
        let job = job(folder.path(), &inputs);
        let seen = job.to.exists().then(|| released(&job.to));
        charged += u32::from(seen.is_none() && budget.accounts().unwrap()["people"].releases == 1);
        let (plan, _) = planned(&inputs, &released_by());
        let crossed = cross(&plan, None, &job, &mut |_| true).unwrap();
        let after = released(&job.to);
        assert!(seen.is_none_or(|seen| seen == after));
        assert_eq!(crossed.record["rows"]["read"], 3_000);
        assert_eq!(record(&job.to)["outputs"], record(&job.apart)["outputs"]);
        let account = budget.accounts().unwrap()["people"].clone();
        assert_eq!((account.releases, account.spent), (1, loss(2.0, 1e-5)));
        assert!(!folder.path().join("out.crossing").exists());
    }
    eprintln!("{killed} kills; {charged} times it was charged, and not published yet");
}

#[test]
fn the_day_of_a_limit_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let budget = Budget::at(&folder.path().join("deep/er"));
    assert!(budget.accounts().unwrap().is_empty());
    budget.set("a \"table\"\nof two lines", loss(1.0, 0.0), date(2026, 1, 2)).unwrap();
    let text = fs::read_to_string(folder.path().join("deep/er/privacy-budget.jsonl")).unwrap();
    assert_eq!(text.lines().count(), 1);
    assert!(text.contains("2026-01-02"), "{text}");
    assert_eq!(budget.accounts().unwrap().keys().collect::<Vec<_>>(), ["a \"table\"\nof two lines"]);
}
