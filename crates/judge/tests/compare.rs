// SPDX-License-Identifier: Apache-2.0
//! Comparing laws: every difference comes with a flow that both sides judge as it says.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod support;

use comity_judge::compare::{Comparison, Side, compare};
use comity_judge::{Options, Verdict, verdicts};
use comity_law::Library;
use jiff::civil::{Date, date};

const TODAY: Date = date(2026, 11, 24);

fn library(law: &str) -> Library {
    let (library, diagnostics) = Library::read([("c.law".to_owned(), law.to_owned())]);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    library
}

fn side<'a>(library: &'a Library, id: &str, day: Date) -> Side<'a> {
    Side { library, instrument: library.instrument(id).unwrap(), day, known: TODAY }
}

/// Judges the examples of a comparison again, by the solver.
fn confirm(comparison: &Comparison, first: Side, second: Side) {
    for difference in &comparison.differences {
        for (side, verdict) in [(first, difference.first), (second, difference.second)] {
            let flow = comity_flow::Flow { on: Some(side.day), ..difference.example.clone() };
            let found = verdicts(side.library, side.instrument, &flow, &Options { known_on: Some(side.known), ..Options::today(TODAY) }).0;
            assert_eq!(found.decided(), Some(verdict), "{} on {} for\n{}", side.instrument.id.text, side.day, comity_flow::write(&flow));
        }
    }
}

const TWO: &str = r#"
instrument xx.a "A" { kind law cite "A" of FR in force 2020-01-01
  applies here cite "1" when exporter.seat in FR
  restrict abroad cite "2" when importer.seat outside FR
  permit clauses by standard-clauses cite "3" needs contract eu.scc-2021
  permit small by small-volume cite "4" when subjects.count < 100 }
instrument xx.b "B" { kind law cite "B" of FR in force 2020-01-01
  applies here cite "1" when exporter.seat in FR
  restrict abroad cite "2" when importer.seat outside { FR, DE }
  permit clauses by standard-clauses cite "3" needs contract eu.scc-2021
  permit small by small-volume cite "4" when subjects.count < 101 }"#;

#[test]
fn differences_are_counted_and_shown() {
    let library = library(TWO);
    let (a, b) = (side(&library, "xx.a", TODAY), side(&library, "xx.b", TODAY));
    let comparison = compare(a, b).unwrap();
    confirm(&comparison, a, b);
    let pairs: Vec<(Verdict, Verdict, f64)> =
        comparison.differences.iter().map(|difference| (difference.first, difference.second, difference.classes)).collect();
    // Exporter here or not (2), importer in FR, DE or elsewhere (3), clauses or not (2), fewer than 100, 100, more (3): 36 classes.
    assert!((comparison.classes - 36.0).abs() < 1e-9, "{}", comparison.classes);
    // To DE: restricted by A alone. Six classes, of which clauses or the number carry four.
    assert!(pairs.contains(&(Verdict::Permitted, Verdict::Unrestricted, 4.0)), "{pairs:?}");
    assert!(pairs.contains(&(Verdict::Incomplete, Verdict::Unrestricted, 2.0)), "{pairs:?}");
    // Elsewhere: exactly 100 persons without clauses.
    assert!(pairs.contains(&(Verdict::Incomplete, Verdict::Permitted, 1.0)), "{pairs:?}");
    assert_eq!(pairs.len(), 3);
    assert!(comparison.first_at_least_as_protective && !comparison.second_at_least_as_protective);
    let one = comparison.differences.iter().find(|difference| difference.second == Verdict::Permitted).unwrap();
    assert!(one.behind.iter().any(|behind| (behind.side, behind.provision.as_str()) == (2, "small")), "{:?}", one.behind);
}

#[test]
fn a_law_is_like_itself() {
    let library = support::library();
    for id in ["eu.gdpr", "cn.pipl", "us.dsp", "ru.152fz", "kr.pipa", "ca.pipeda"] {
        let it = side(&library, id, TODAY);
        let started = std::time::Instant::now();
        let comparison = compare(it, it).unwrap();
        println!("{id}: {:.3e} classes, {} nodes, {:?}", comparison.classes, comparison.nodes, started.elapsed());
        assert!(comparison.differences.is_empty());
        assert!((comparison.alike - 1.0).abs() <= 1e-9, "{:e}", comparison.alike);
    }
}

#[test]
fn the_day_the_shield_fell() {
    let library = support::library();
    let (before, after) = (side(&library, "eu.gdpr", date(2020, 7, 15)), side(&library, "eu.gdpr", date(2020, 7, 16)));
    let comparison = compare(before, after).unwrap();
    confirm(&comparison, before, after);
    let lost = comparison
        .differences
        .iter()
        .find(|difference| (difference.first, difference.second) == (Verdict::Permitted, Verdict::Incomplete))
        .unwrap();
    assert!(lost.behind.iter().any(|behind| (behind.side, behind.provision.as_str()) == (1, "adequacy")), "{:?}", lost.behind);
    // The fall also opened something: where no safeguard could be opened any more, the last resort of Art. 49(1) can be used.
    let opened = comparison
        .differences
        .iter()
        .find(|difference| (difference.first, difference.second) == (Verdict::Incomplete, Verdict::Permitted))
        .unwrap();
    assert!(opened.behind.iter().any(|behind| behind.side == 2 && behind.provision.contains("compelling")), "{:?}", opened.behind);
}
