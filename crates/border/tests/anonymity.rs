// SPDX-License-Identifier: Apache-2.0
//! Rows leave in classes of many with the least loss: held to a search over everything, written as the words say it.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use arrow_array::{Array, ArrayRef, RecordBatch, StringArray};
use comity_border::anonymity::Histogram;
use comity_border::enforce::{Decider, REASON};
use comity_border::plan::{AnonymityError, Outcome, anonymise, compile};
use comity_border::reference::{Fate, fate};
use comity_border::risk::Counter;
use comity_border::value::Ready;
use comity_border::{Enforcer, Manifest, Plan};
use comity_judge::Options;
use comity_law::Library;
use jiff::civil::date;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A law under which people of France may only be sent with their date of birth, however coarse: it forbids to drop it.
const LAW: &str = r#"
instrument xx.act "Act" {
  kind law  cite "Act 1"  of FR  in force 2020-01-01
  applies here cite "s. 1" when subjects.located meets { FR }
  restrict abroad cite "s. 2" when importer.seat outside FR
  permit dated by comparable-protection cite "s. 3" when data.categories meets { date-of-birth }
}
instrument yy.act "Act of another" {
  kind law  cite "Act 2"  of DE  in force 2020-01-01
  applies here cite "§ 1" when subjects.located meets { DE }
}"#;

const FLOW: &str = r#"
id = "people-out"
title = "People to the analyst"
on = 2026-11-01
under = ["xx.act", "yy.act"]
[exporter]
seat = "FR"
[importer]
name = "Analyst"
seat = "US"
[data]
categories = ["contact", "health", "address", "date-of-birth"]
[purpose]
of = ["analytics"]
"#;

const MANIFEST: &str = r#"
table = "people"
ASKED
[columns.email]
holds = ["contact"]
identifies = "directly"
measures = ["drop"]
[columns.place]
holds = ["address"]
identifies = "together"
decides = "subjects.located"
words = { Lyon = "FR", Paris = "FR", Bonn = "DE" }
hierarchy = { Lyon = "France", Paris = "France", Bonn = "Germany", France = "Europe", Germany = "Europe" }
measures = ["keep", "generalise hierarchy", "generalise hierarchy 2"]
[columns.born]
holds = ["date-of-birth"]
identifies = "together"
measures = ["generalise year", "generalise decade", "drop"]
[columns.zip]
holds = []
identifies = "together"
measures = ["keep", "truncate 1", "null"]
[columns.illness]
holds = ["health"]
identifies = "no"
sensitive = true
"#;

const NAMES: [&str; 5] = ["email", "place", "born", "zip", "illness"];
/// The columns that identify together.
const TOGETHER: [usize; 3] = [1, 2, 3];

type Row = Vec<Option<String>>;

fn library() -> Library {
    let (library, problems) = Library::read([("xx/act.law".to_owned(), LAW.to_owned())]);
    assert!(problems.is_empty(), "{problems:?}");
    library
}

fn plan(manifest: &str) -> Plan {
    let manifest = Manifest::parse(manifest).unwrap();
    let cells: Vec<Vec<String>> = ["Lyon", "Bonn"].map(|place| vec![place.to_owned()]).to_vec();
    compile(&library(), &Options::today(date(2026, 11, 29)), FLOW, &manifest, None, &cells).unwrap()
}

fn batch(rows: &[Row]) -> RecordBatch {
    let column = |at: usize| Arc::new(rows.iter().map(|row| row[at].as_deref()).collect::<StringArray>()) as ArrayRef;
    RecordBatch::try_from_iter_with_nullable(NAMES.iter().enumerate().map(|(at, name)| (*name, column(at), true))).unwrap()
}

fn chosen(plan: &Plan, rows: &[Row]) -> Result<Plan, AnonymityError> {
    let mut histogram = Histogram::new(plan);
    let batch = batch(rows);
    let mut decider = Decider::new(plan, batch.schema_ref());
    // In two pieces, so that what is known from the first is used in the second.
    let half = rows.len() / 2;
    histogram.add(&mut decider, &batch.slice(0, half)).unwrap();
    histogram.add(&mut decider, &batch.slice(half, rows.len() - half)).unwrap();
    anonymise(&library(), &Options::today(date(2026, 11, 29)), plan, None, &histogram)
}

#[derive(Clone, Debug)]
struct Asked {
    k: u64,
    l: u64,
    t: Option<f64>,
    share: f64,
    persons: bool,
}

impl Asked {
    fn manifest(&self) -> String {
        let mut lines = format!("k = {}\n", self.k);
        if self.l > 0 {
            lines.push_str(&format!("l = {}\n", self.l));
        }
        if let Some(t) = self.t {
            lines.push_str(&format!("t = {t}\n"));
        }
        if self.share > 0.0 {
            lines.push_str(&format!("suppress_at_most = {}\n", self.share));
        }
        if self.persons {
            lines.push_str("person = \"email\"\n");
        }
        MANIFEST.replace("ASKED\n", &lines)
    }
}

/// What leaves of the rows in the columns that identify together.
fn leaves(manifest: &Manifest, floors: &[usize], rows: &[&Row]) -> Vec<Vec<Option<String>>> {
    let of = |row: &&Row| {
        TOGETHER
            .iter()
            .zip(floors)
            .map(|(at, floor)| Ready::new(&manifest.columns[*at].measures[*floor], &manifest.columns[*at], None).of(row[*at].as_deref()))
            .collect()
    };
    rows.iter().map(of).collect()
}

/// The rows that are held back: all rows of classes that do not reach what is asked, until all that are left do.
fn held(asked: &Asked, out: &[Vec<Option<String>>], rows: &[&Row]) -> BTreeSet<usize> {
    let mut held = BTreeSet::new();
    loop {
        let left: Vec<usize> = (0..rows.len()).filter(|row| !held.contains(row)).collect();
        let shares = |of: &[usize]| {
            let mut counts: BTreeMap<&Option<String>, f64> = BTreeMap::new();
            of.iter().for_each(|row| *counts.entry(&rows[*row][4]).or_default() += 1.0 / of.len() as f64);
            counts
        };
        let all = shares(&left);
        let bad: Vec<usize> = left
            .iter()
            .copied()
            .filter(|row| {
                let class: Vec<usize> = left.iter().copied().filter(|other| out[*other] == out[*row]).collect();
                let persons: BTreeSet<_> = class.iter().map(|row| rows[*row][0].clone()).collect();
                let size = if asked.persons { persons.len() } else { class.len() };
                let own = shares(&class);
                let far: f64 = all.iter().map(|(value, share)| (own.get(value).unwrap_or(&0.0) - share).abs()).sum::<f64>() / 2.0;
                (size as u64) < asked.k || (own.len() as u64) < asked.l || asked.t.is_some_and(|t| far > t + 1e-9)
            })
            .collect();
        if bad.is_empty() {
            return held;
        }
        held.extend(bad);
    }
}

/// Pairs of rows and columns that agree, rows held back with all.
fn agree(out: &[Vec<Option<String>>], held: &BTreeSet<usize>) -> u128 {
    let mut agree = 0;
    for column in 0..TOGETHER.len() {
        for row in 0..out.len() {
            agree +=
                if held.contains(&row) { out.len() } else { out.iter().filter(|other| other[column] == out[row][column]).count() } as u128;
        }
    }
    agree
}

/// The best way and the rows it holds back, by looking at all of them.
fn all_ways(asked: &Asked, rows: &[&Row]) -> Option<(Vec<usize>, BTreeSet<usize>)> {
    let manifest = Manifest::parse(&asked.manifest()).unwrap();
    let mut best: Option<(u128, usize, Vec<usize>, BTreeSet<usize>)> = None;
    for number in 0..27 {
        let floors = vec![number / 9, number / 3 % 3, number % 3];
        // What the law above forbids: the plan is made for people of France, whether there are any or not.
        if floors[1] == 2 {
            continue;
        }
        let out = leaves(&manifest, &floors, rows);
        let held = held(asked, &out, rows);
        if held.len() as f64 > asked.share * rows.len() as f64 || held.len() == rows.len() {
            continue;
        }
        let found = (agree(&out, &held), floors.iter().sum(), floors, held);
        if best.as_ref().is_none_or(|best| (found.0, found.1, &found.2) < (best.0, best.1, &best.2)) {
            best = Some(found);
        }
    }
    best.map(|(_, _, floors, held)| (floors, held))
}

fn row() -> impl Strategy<Value = Row> {
    let email = prop::sample::select(vec!["a@x", "b@x", "c@x", "d@x", "e@x", "f@x"]);
    let place = prop::sample::select(vec!["Lyon", "Paris", "Bonn", "Bonn", "Narnia"]);
    let born = prop::option::weighted(0.9, prop::sample::select(vec!["1981-03-01", "1984-12-31", "1991-01-01"]));
    let zip = prop::option::weighted(0.9, prop::sample::select(vec!["11", "12", "21"]));
    let illness = prop::sample::select(vec!["flu", "cold", "gout"]);
    (email, place, born, zip, illness).prop_map(|(email, place, born, zip, illness)| {
        [Some(email), Some(place), born, zip, Some(illness)].map(|cell| cell.map(str::to_owned)).to_vec()
    })
}

fn asked() -> impl Strategy<Value = Asked> {
    let closeness = prop::option::of(prop::sample::select(vec![0.3, 0.5]));
    let share = prop::sample::select(vec![0.0, 0.1, 0.25, 0.5]);
    (2..4_u64, prop::sample::select(vec![0, 2]), closeness, share, prop::bool::ANY).prop_map(|(k, l, t, share, persons)| Asked {
        k,
        l,
        t,
        share,
        persons,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn the_choice_is_the_best_of_all(rows in prop::collection::vec(row(), 1..24), asked in asked()) {
        let plan = plan(&asked.manifest());
        let lawful: Vec<&Row> = rows.iter().filter(|row| row[1].as_deref() != Some("Narnia")).collect();
        let best = all_ways(&asked, &lawful);
        let found = chosen(&plan, &rows);
        if lawful.is_empty() {
            prop_assert_eq!(found.unwrap(), plan);
            return Ok(());
        }
        let Some((floors, held)) = best else {
            prop_assert!(matches!(found, Err(AnonymityError::Unreached { .. })), "{:?}", found);
            return Ok(());
        };
        let found = found.unwrap();
        for outcome in &found.outcomes {
            let Outcome::Pass { measures, .. } = outcome else { panic!("{outcome:?}") };
            for (at, floor) in TOGETHER.iter().zip(&floors) {
                prop_assert_eq!(&measures[*at], &found.manifest.columns[*at].measures[*floor]);
            }
        }
        let said = found.anonymity.clone().unwrap();
        prop_assert_eq!((said.lawful, said.held, said.least), (lawful.len() as u64, held.len() as u64, true));
        // The same rows are held back by the reference, by the fast way, and here.
        let small = |row: &Row| matches!(fate(&found, None, row), Fate::Quarantined(reason) if reason.starts_with("too few"));
        let by_reference: Vec<bool> = lawful.iter().map(|row| small(row)).collect();
        let expected: Vec<bool> = (0..lawful.len()).map(|row| held.contains(&row)).collect();
        prop_assert_eq!(by_reference, expected);
        let batch = batch(&rows);
        let mut enforcer = Enforcer::new(&found, None, batch.schema_ref()).unwrap();
        let enforced = enforcer.enforce(&batch).unwrap();
        prop_assert!(enforcer.tally.conserved());
        prop_assert_eq!((enforcer.tally.small, enforcer.tally.passed), (held.len() as u64, (lawful.len() - held.len()) as u64));
        prop_assert_eq!(enforced.quarantined.column_by_name(REASON).unwrap().len(), rows.len() - lawful.len() + held.len());
        // What leaves is measured, and reaches what was asked.
        let mut counter = Counter::new(&found);
        counter.add(&enforced.passed).unwrap();
        let risk = counter.finish();
        prop_assert!(risk.k.unwrap() >= asked.k, "{:?}", risk);
        for (_, l, t) in &risk.sensitive {
            prop_assert!(*l >= asked.l && asked.t.is_none_or(|most| *t <= most + 1e-9), "{:?}", risk);
        }
        // The plan is text without a cell of the classes, and whoever reads it has to count them again.
        let read = Plan::parse(&found.to_text().unwrap()).unwrap();
        prop_assert_eq!(&read, &found);
        prop_assert_eq!(Enforcer::new(&read, None, batch.schema_ref()).is_err(), !held.is_empty());
    }
}

#[test]
fn the_law_is_asked_again_where_it_sees_something_else() {
    let row = |place: &str, born: &str| ["a@x", place, born, "11", "flu"].map(|cell| Some(cell.to_owned())).to_vec();
    let rows = [row("Bonn", "1981-01-01"), row("Bonn", "1992-01-01")];
    let two = Asked { k: 2, l: 0, t: None, share: 0.0, persons: false };
    // Only without the date of birth are the two alike, and the act of France forbids that for those of France alone.
    let error = chosen(&plan(&two.manifest()), &rows).unwrap_err().to_string();
    assert!(error.starts_with("the manifest asks for k = 2 with at most 0 % of the rows held back, and no lawful choice"), "{error}");
    assert!(error.contains("would hold back 2 of 2 rows"), "{error}");
    let only = Manifest::parse(&two.manifest()).unwrap();
    let plan = compile(&library(), &Options::today(date(2026, 11, 29)), FLOW, &only, None, &[vec!["Bonn".to_owned()]]).unwrap();
    let found = chosen(&plan, &rows).unwrap();
    let Outcome::Pass { measures, verdict, .. } = &found.outcomes[0] else { panic!("{found:?}") };
    assert_eq!((measures[2].to_string(), verdict.as_str()), ("drop".to_owned(), "unrestricted"));
    assert_eq!(found.anonymity.unwrap().lost, 1_000_000, "the only column that told them apart");
}

#[test]
fn what_is_asked_of_classes_is_checked() {
    let problems = |asked: &str| -> Vec<String> {
        Manifest::parse(&MANIFEST.replace("ASKED", asked)).err().into_iter().flatten().map(|problem| problem.to_string()).collect()
    };
    assert_eq!(problems("k = 1"), ["3:5: `k`: expected a whole number, 2 or more, found 1"]);
    assert_eq!(problems("k = 2\nt = 1.5"), ["4:5: `t`: expected a share between 0 and 1, such as 0.02, found 1.5"]);
    assert_eq!(
        problems("suppress_at_most = 0.1"),
        ["3:20: `suppress_at_most` without `k`, `l` or `t` (say what is asked of classes: k = 5)"]
    );
    let plain = MANIFEST.replace("ASKED", "l = 2").replace("sensitive = true\n", "");
    let shown: Vec<String> = Manifest::parse(&plain).unwrap_err().iter().map(ToString::to_string).collect();
    assert_eq!(shown, ["3:5: `l` and `t` are asked, and no column that may leave is sensitive (say which one it is: sensitive = true)"]);
    let both = MANIFEST.replace("ASKED", "l = 2").replace("identifies = \"no\"\nsensitive", "identifies = \"together\"\nsensitive");
    let shown: Vec<String> = Manifest::parse(&both).unwrap_err().iter().map(ToString::to_string).collect();
    assert_eq!(shown, ["3:5: `l` and `t` are asked, and column `illness` is sensitive and identifies together"]);
}
