// SPDX-License-Identifier: Apache-2.0
//! Crossings by a crew that is not of this process: one attempt of each unit is taken, and no other ever.

use crate::common::{MANIFEST, bytes_of, people, planned, secret, write_parquet};
use crate::job;
use comity_border::Plan;
use comity_crossing::{Crew, CrossingError, Hand, Order, Progress, Site, cross, cross_with};
use std::fs;
use std::path::{Path, PathBuf};

/// A crew of one, who does as the test says.
struct Gang<'a>(&'a mut dyn FnMut(&mut Site<'_>, Order) -> Result<(), CrossingError>);

impl Crew for Gang<'_> {
    fn work(&mut self, site: &mut Site<'_>, go_on: &mut dyn FnMut(Progress) -> bool) -> Result<(), CrossingError> {
        let order = site.order()?;
        // It travels as text.
        assert_eq!(Order::parse(&order.to_text()?)?, order);
        (self.0)(site, order)?;
        go_on(site.progress());
        Ok(())
    }
}

/// Three tables of one unit each, their plan, and what is published of them without a crew.
fn case() -> (tempfile::TempDir, Vec<PathBuf>, Plan) {
    let folder = tempfile::tempdir().unwrap();
    let inputs: Vec<PathBuf> = (0..3).map(|number| folder.path().join(format!("people-{number}.parquet"))).collect();
    for (path, part) in inputs.iter().zip(people(900, 31, false).chunks(300)) {
        write_parquet(path, part, 100);
    }
    let (plan, _) = planned(&inputs, MANIFEST);
    let embedded = comity_crossing::Job { to: folder.path().join("embedded"), ..apart(job(folder.path(), &inputs)) };
    cross(&plan, Some(&secret()), &embedded, &mut |_| true).unwrap();
    (folder, inputs, plan)
}

fn apart(job: comity_crossing::Job) -> comity_crossing::Job {
    comity_crossing::Job { apart: job.to.with_file_name("embedded.apart"), ..job }
}

/// Names and bytes below a folder.
fn named(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    bytes_of(folder).into_iter().map(|(path, bytes)| (path.strip_prefix(folder).unwrap().to_path_buf(), bytes)).collect()
}

fn assert_same(folder: &Path) {
    for ending in ["", ".apart"] {
        assert_eq!(named(&folder.join(format!("out{ending}"))), named(&folder.join(format!("embedded{ending}"))));
    }
    assert!(!folder.join("out.crossing").exists());
}

fn run(
    case: &(tempfile::TempDir, Vec<PathBuf>, Plan),
    mut gang: impl FnMut(&mut Site<'_>, Order) -> Result<(), CrossingError>,
) -> Result<(), CrossingError> {
    cross_with(&case.2, &job(case.0.path(), &case.1), &mut Gang(&mut gang), &mut |_| true).map(drop)
}

fn work(hand: &Hand, unit: usize, attempt: &str) -> Result<bool, CrossingError> {
    hand.work(unit, attempt, Some(&secret()), &|_| true)
}

#[test]
fn one_attempt_of_each_unit_is_taken() {
    let case = case();
    run(&case, |site, order| {
        assert_eq!(site.open(), [0, 1, 2]);
        let hand = Hand::new(order.clone())?;
        let attempts = order.folder().join("attempts");
        // One that stopped before its note, one that ended after it, and one that another made of the same unit.
        assert!(matches!(hand.work(0, "a", Some(&secret()), &|_| false), Err(CrossingError::Stopped)));
        assert_eq!(site.take()?, 0);
        assert!(work(&hand, 0, "b")?);
        assert!(work(&hand, 0, "c")?);
        // The bytes of one part are not what was noted of it.
        assert!(work(&hand, 1, "d")?);
        let part = attempts.join("000001-d/data/part-000001.parquet");
        let mut bytes = fs::read(&part).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(&part, bytes).unwrap();
        assert_eq!(site.take()?, 1);
        assert_eq!(site.open(), [1, 2]);
        // What is done is not done again.
        assert!(!work(&hand, 0, "e")?);
        assert!(work(&hand, 1, "f")? && work(&hand, 2, "g")?);
        assert_eq!(site.take()?, 2);
        assert_eq!(site.take()?, 0);
        // There are attempts that nobody took.
        assert!(attempts.join("000000-a").exists() && attempts.join("000001-d").exists());
        Ok(())
    })
    .unwrap();
    assert_same(case.0.path());
}

#[test]
fn what_is_not_what_was_ordered_is_refused() {
    let case = case();
    let said = run(&case, |site, order| {
        let hand = Hand::new(order.clone())?;
        assert!(work(&hand, 0, "a")?);
        assert!(matches!(work(&hand, 9, "b"), Err(CrossingError::Order(_))));
        assert!(matches!(work(&hand, 1, "../b"), Err(CrossingError::Order(_))));
        // A table that is written to meanwhile.
        let table = &case.1[2];
        let bytes = fs::read(table).unwrap();
        fs::write(table, &bytes).unwrap();
        fs::File::options().append(true).open(table).unwrap().set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
        assert!(matches!(work(&hand, 1, "c"), Err(CrossingError::Changed(_))));
        assert!(matches!(Hand::new(order.clone()), Err(CrossingError::Changed(_))));
        // A plan that somebody changed, after it was read and before.
        let begun = order.folder().join("plan.json");
        let mut forged = case.2.clone();
        forged.decisions.values_mut().for_each(|outcome| *outcome = 0);
        fs::write(&begun, forged.to_text().unwrap()).unwrap();
        assert!(matches!(work(&hand, 1, "d"), Err(CrossingError::Forged(_))));
        assert!(matches!(order.open(), Err(CrossingError::Forged(_))));
        assert!(matches!(Hand::new(order.clone()), Err(CrossingError::Forged(_))));
        // Another format than was ordered.
        fs::write(&begun, format!("{}\ncsv\n", case.2.to_text().unwrap())).unwrap();
        assert!(matches!(order.open(), Err(CrossingError::Forged(_))));
        fs::write(&begun, case.2.to_text().unwrap()).unwrap();
        order.open()?;
        // Nothing of all that was an attempt.
        assert_eq!(fs::read_dir(order.folder().join("attempts")).unwrap().count(), 1);
        site.take()?;
        Ok(())
    });
    // Units are open: nothing is published.
    assert!(matches!(said, Err(CrossingError::Stopped)));
    assert!(!case.0.path().join("out").exists() && !case.0.path().join("out.apart").exists());
}

#[test]
fn an_attempt_that_is_not_of_the_crossing_stops_it() {
    let case = case();
    let said = run(&case, |site, order| {
        let hand = Hand::new(order.clone())?;
        assert!(work(&hand, 0, "a")?);
        // A note with rows that are nowhere.
        let note = order.folder().join("attempts/000000-a/unit-000000.json");
        let mut text: serde_json::Value = serde_json::from_slice(&fs::read(&note).unwrap()).unwrap();
        text["passed"] = (text["passed"].as_u64().unwrap() + 1).into();
        fs::write(&note, text.to_string()).unwrap();
        site.take().map(drop)
    });
    assert!(matches!(said, Err(CrossingError::Conservation { .. })));
    let said = run(&case, |site, order| {
        let note = order.folder().join("attempts/000000-a/unit-000000.json");
        let mut text: serde_json::Value = serde_json::from_slice(&fs::read(&note).unwrap()).unwrap();
        text["passed"] = (text["passed"].as_u64().unwrap() - 1).into();
        text["data"]["name"] = "../../../plan.json".into();
        let plan = fs::read(order.folder().join("plan.json")).unwrap();
        text["data"]["size"] = plan.len().into();
        text["data"]["digest"] = comity_evidence::Hash::of(&plan).to_hex().into();
        fs::write(&note, text.to_string()).unwrap();
        site.take().map(drop)
    });
    assert!(matches!(said, Err(CrossingError::Crew(said)) if said.contains("has parts that are not named `part-000000.parquet`")));
    assert!(!case.0.path().join("out").exists());
    // Without it, the same crossing goes on.
    fs::remove_dir_all(case.0.path().join("out.crossing/attempts")).unwrap();
    run(&case, |site, order| {
        let hand = Hand::new(order)?;
        site.open().into_iter().try_for_each(|unit| work(&hand, unit, "z").map(drop))?;
        site.take().map(drop)
    })
    .unwrap();
    assert_same(case.0.path());
}

#[test]
fn a_release_of_aggregates_is_no_work_for_a_crew() {
    let case = case();
    let release = "[release]\nby = [\"place\"]\nepsilon = 2.0\ndelta = 0.00001\n[columns.email]";
    let manifest = MANIFEST.replacen("[columns.email]", release, 1);
    let (plan, _) = planned(&case.1, &manifest);
    let said = run(&(case.0, case.1, plan), |_, _| panic!("nobody is asked to work"));
    assert!(matches!(said, Err(CrossingError::ReleaseByCrew)));
}
