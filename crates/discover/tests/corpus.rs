// SPDX-License-Identifier: Apache-2.0
//! Precision and recall on a labelled corpus, for each kind, with bounds that may not be fallen short of.

#[path = "support/make/mod.rs"]
mod make;

use comity_discover::{Sample, Table, discover};
use make::columns::{Labelled, corpus};
use std::collections::BTreeMap;

#[derive(Default)]
struct Score {
    right: u32,
    missed: u32,
    wrong: u32,
}

impl Score {
    fn recall(&self) -> f64 {
        f64::from(self.right) / f64::from((self.right + self.missed).max(1))
    }

    fn precision(&self) -> f64 {
        f64::from(self.right) / f64::from((self.right + self.wrong).max(1))
    }
}

fn table(columns: &[Labelled]) -> Table {
    let mut table = Table::default();
    for column in columns {
        let mut sample = Sample::new(1000);
        column.values.iter().for_each(|value| sample.add(Some(value)));
        table.add(&column.header, column.type_name, &sample);
    }
    table
}

#[test]
fn precision_and_recall() {
    let columns: Vec<Labelled> = corpus(1);
    let report = discover(&table(&columns));
    let mut scores: BTreeMap<&str, Score> = BTreeMap::new();
    let (mut quiet, mut loud) = (0, 0);
    let mut notes = Vec::new();
    let (mut strange, mut strange_right) = (0, 0);
    for (label, found) in columns.iter().zip(&report.columns) {
        let best = found.proposals.first().filter(|best| best.confidence >= 0.5);
        if label.strange {
            strange += 1;
            let right = best.is_some_and(|best| Some(best.kind) == label.kind);
            strange_right += u32::from(right);
            if !right {
                let seen: Vec<String> = found.proposals.iter().take(2).map(|one| format!("{} {:.2}", one.kind, one.confidence)).collect();
                notes.push(format!("strange `{}`: {}", label.header, seen.join(", ")));
            }
            continue;
        }
        match (label.kind, best) {
            (Some(kind), Some(best)) if best.kind == kind => scores.entry(kind).or_default().right += 1,
            (Some(kind), best) => {
                scores.entry(kind).or_default().missed += 1;
                if let Some(best) = best {
                    scores.entry(best.kind).or_default().wrong += 1;
                }
                let seen: Vec<String> = found.proposals.iter().take(3).map(|one| format!("{} {:.2}", one.kind, one.confidence)).collect();
                notes.push(format!("{kind} in `{}`: {}", label.header, seen.join(", ")));
            }
            // What says of itself that it is no personal data, and leads to nobody, does no harm.
            (None, Some(best)) if best.category.is_some() || best.identifier != comity_discover::Identifier::None => {
                loud += 1;
                scores.entry(best.kind).or_default().wrong += 1;
                notes.push(format!("nothing in `{}`: {} {:.2}", label.header, best.kind, best.confidence));
            }
            (None, _) => quiet += 1,
        }
    }
    notes.sort();
    notes.dedup();
    println!("{:<20} {:>9} {:>9} {:>7}", "kind", "precision", "recall", "columns");
    for (kind, score) in &scores {
        println!("{kind:<20} {:>9.3} {:>9.3} {:>7}", score.precision(), score.recall(), score.right + score.missed);
    }
    let count = f64::from(u32::try_from(scores.len()).expect("few"));
    let macro_precision = scores.values().map(Score::precision).sum::<f64>() / count;
    let macro_recall = scores.values().map(Score::recall).sum::<f64>() / count;
    println!("{:<20} {macro_precision:>9.3} {macro_recall:>9.3} {:>7}", "all, each alike", columns.len());
    println!("columns of other things: {quiet} left alone, {loud} taken for personal data");
    println!("columns with strange headers: {strange_right} of {strange} right");
    notes.iter().for_each(|note| println!("{note}"));
    for (kind, score) in &scores {
        assert!(score.precision() >= 0.9, "precision of {kind} is {:.3}", score.precision());
        assert!(score.recall() >= 0.9, "recall of {kind} is {:.3}", score.recall());
    }
    assert!(macro_precision >= 0.99 && macro_recall >= 0.99, "{macro_precision:.3} {macro_recall:.3}");
    assert!(loud * 100 <= quiet + loud, "{loud} of {} columns of other things are taken for personal data", quiet + loud);
}

#[test]
fn order_numbers_that_meet_a_check_by_chance_are_left_alone() {
    // A tenth of them are right by Luhn, as a tenth of all numbers are.
    let mut rng = make::Rng(9);
    let mut sample = Sample::new(1000);
    (0..1000).for_each(|_| sample.add(Some(&format!("4{}", rng.digits(15)))));
    let mut table = Table::default();
    table.add("order_ref", "int64", &sample);
    table.add("card number", "text", &sample);
    let report = discover(&table);
    assert!(report.columns[0].proposals.iter().all(|one| one.kind != "payment-card"), "{:?}", report.columns[0].proposals);
    // Where the header calls them cards, a person is to look at it.
    let called = report.columns[1].proposals.iter().find(|one| one.kind == "payment-card");
    assert!(called.is_some_and(|one| (0.1..0.5).contains(&one.confidence)), "{:?}", report.columns[1].proposals);
}

#[test]
fn a_report_says_what_was_looked_at_and_repeats_no_value() {
    let mut rng = make::Rng(5);
    let (mut cards, mut words) = (Sample::new(50), Sample::new(50));
    let mut secrets = Vec::new();
    for _ in 0..200 {
        let name = make::people::email(&mut rng);
        cards.add(Some(&name));
        secrets.push(name);
    }
    (0..20).for_each(|_| words.add(Some(&rng.letters(3).to_lowercase())));
    words.add(None);
    let mut table = Table::default();
    table.add("a", "text", &cards);
    table.add("b", "text", &words);
    let report = discover(&table);
    let looked = report.columns[0].looked;
    assert_eq!((looked.rows, looked.sampled, looked.all()), (200, 50, false));
    assert_eq!((report.columns[1].looked.empty, report.columns[1].looked.all()), (1, true));
    assert_eq!(report.not_understood().map(|column| column.name.as_str()).collect::<Vec<_>>(), ["b"]);
    assert!(report.limits().contains("1 of 2 columns were not understood"), "{}", report.limits());
    let shown = format!("{report:?} {}", report.limits());
    assert!(secrets.iter().all(|secret| !shown.contains(secret.as_str())));
    let best = &report.columns[0].proposals[0];
    assert_eq!((best.kind, best.coverage), ("email", Some(1.0)));
    assert!((0.0..=1.0).contains(&best.confidence) && best.why.len() > 1);
}
