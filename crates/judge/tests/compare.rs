// SPDX-License-Identifier: Apache-2.0
//! Comparing laws: every difference comes with a flow that both sides judge as it says.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod support;

use comity_flow::{Flow, Format, read};
use comity_judge::compare::{Comparison, GROUPS, Question, Side, Why, compare, compare_over, distance};
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

/// Judges the examples of a comparison again, by the solver, and adds up its groups.
fn confirm(comparison: &Comparison, first: Side, second: Side) {
    for difference in &comparison.differences {
        let examples = difference.groups.iter().map(|group| &group.example).chain([&difference.example]);
        for example in examples {
            for (side, verdict) in [(first, difference.first), (second, difference.second)] {
                let flow = Flow { on: Some(side.day), ..example.clone() };
                let found =
                    verdicts(side.library, side.instrument, &flow, &Options { known_on: Some(side.known), ..Options::today(TODAY) }).0;
                assert_eq!(
                    found.decided(),
                    Some(verdict),
                    "{} on {} for\n{}",
                    side.instrument.id.text,
                    side.day,
                    comity_flow::write(&flow)
                );
            }
        }
        assert!(!difference.groups.is_empty() && difference.groups.len() <= GROUPS);
        let own: f64 = difference.groups.iter().map(|group| group.own).sum();
        assert!((own + difference.left - 1.0).abs() < 1e-6, "{own} and {}", difference.left);
        for group in &difference.groups {
            assert!(group.own > 0.0 && group.own <= group.share * 1.000_001 && group.share <= 1.000_001, "{group:?}");
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
    assert!(one.behind.iter().any(|behind| (behind.side, behind.cause.provision.as_deref()) == (2, Some("small"))), "{:?}", one.behind);
}

#[test]
fn groups_name_what_lies_behind_each_side() {
    let library = library(TWO);
    let (a, b) = (side(&library, "xx.a", TODAY), side(&library, "xx.b", TODAY));
    let comparison = compare(a, b).unwrap();
    let of = |first: Verdict, second: Verdict| -> Vec<String> {
        let own = comparison.differences.iter().filter(|difference| (difference.first, difference.second) == (first, second));
        let say = |why: Why, provision: &Option<String>| format!("{} {why:?}", provision.as_deref().unwrap_or("-"));
        own.flat_map(|difference| &difference.groups)
            .map(|group| {
                let (first, second) = (&group.first, &group.second);
                let shares = (group.share * 12.0, group.own * 12.0);
                format!("{}, {}: {:.0} and {:.0}", say(first.why, &first.provision), say(second.why, &second.provision), shares.0, shares.1)
            })
            .collect()
    };
    // Of the four classes to DE that A permits, two have the clauses and three are small, and one has both; out of twelve.
    assert_eq!(of(Verdict::Permitted, Verdict::Unrestricted), ["clauses Permits, - Free: 9 and 9", "small Permits, - Free: 6 and 3"]);
    assert_eq!(of(Verdict::Incomplete, Verdict::Unrestricted), ["abroad Restricts, - Free: 12 and 12"]);
    assert_eq!(of(Verdict::Incomplete, Verdict::Permitted), ["small Lacks, small Permits: 12 and 12"]);
    let far = distance(a, b).unwrap();
    assert!((far.classes - comparison.classes).abs() < 1e-9 && (far.alike - comparison.alike).abs() < 1e-9);
    assert!(far.first_at_least_as_protective && !far.second_at_least_as_protective);
}

#[test]
fn flows_fall_where_they_belong() {
    let library = library(TWO);
    let (a, b) = (side(&library, "xx.a", TODAY), side(&library, "xx.b", TODAY));
    let flow = |exporter: &str, importer: &str, rest: &str| {
        let text = format!("on = 2024-03-01\n[exporter]\nseat = \"{exporter}\"\n[importer]\nseat = \"{importer}\"\n{rest}");
        read(&text, Format::Toml, &|_| Err(String::new())).unwrap()
    };
    let flows = [
        flow("FR", "DE", "[subjects]\ncount = 7"),
        flow("FR", "DE", "[subjects]\ncount = 7\n[safeguards]\ncontracts = [\"eu.scc-2021/1\"]"),
        flow("FR", "US", "[subjects]\ncount = 100"),
        flow("FR", "US", ""),
        flow("US", "FR", ""),
        flow("FR", "US", "[subjects]\ncount = 7"),
    ];
    let comparison = compare_over(a, b, &Question { flows: &flows, both_govern: false }).unwrap();
    let found = |first: Verdict, second: Verdict| {
        let own = comparison.differences.iter().find(|difference| (difference.first, difference.second) == (first, second)).unwrap();
        (own.flows.clone(), own.groups.iter().map(|group| group.flows.clone()).collect::<Vec<_>>())
    };
    assert_eq!(found(Verdict::Permitted, Verdict::Unrestricted), (vec![0, 1], vec![vec![1], vec![0, 1]]));
    assert_eq!(found(Verdict::Incomplete, Verdict::Permitted), (vec![2], vec![vec![2]]));
    assert_eq!(found(Verdict::Incomplete, Verdict::Unrestricted), (vec![], vec![vec![]]));
    assert_eq!((comparison.open, comparison.alike_flows, comparison.beyond), (vec![3], vec![4, 5], vec![]));
    let governed = compare_over(a, b, &Question { flows: &flows, both_govern: true }).unwrap();
    confirm(&governed, a, b);
    assert!((governed.classes - 18.0).abs() < 1e-9, "{}", governed.classes);
    assert_eq!((governed.alike_flows, governed.beyond), (vec![5], vec![4]));
}

#[test]
fn what_the_flow_changes_is_no_difference_of_the_laws() {
    let law = r#"
instrument xx.a "A" { kind law cite "A" of FR in force 2020-01-01
  applies here cite "1" when exporter.seat in FR
  restrict abroad cite "2" when importer.seat outside FR
  permit clauses by standard-clauses cite "3" needs contract eu.scc-2021 }"#;
    let library = library(law);
    let (before, after) = (side(&library, "xx.a", date(2024, 1, 1)), side(&library, "xx.a", date(2024, 6, 1)));
    let text = "on = 2024-07-01\n[exporter]\nseat = \"FR\"\n[importer]\nseat = \"US\"\n[safeguards]\ncontracts = [{ id = \"eu.scc-2021/1\", on = 2024-03-01 }]";
    let flow = read(text, Format::Toml, &|_| Err(String::new())).unwrap();
    let known = |side: Side| verdicts(side.library, side.instrument, &flow.moved_to(side.day), &Options::today(TODAY)).0.decided();
    assert_eq!((known(before), known(after)), (Some(Verdict::Incomplete), Some(Verdict::Permitted)));
    let comparison = compare_over(before, after, &Question { flows: std::slice::from_ref(&flow), both_govern: false }).unwrap();
    assert_eq!((comparison.alike_flows, comparison.open), (vec![0], vec![]));
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
fn the_test_of_the_united_kingdom_asks_less() {
    let library = support::library();
    let (before, after) = (side(&library, "gb.uk-gdpr", date(2026, 2, 4)), side(&library, "gb.uk-gdpr", date(2026, 2, 5)));
    let comparison = compare(before, after).unwrap();
    confirm(&comparison, before, after);
    let all: Vec<(Verdict, Verdict)> = comparison.differences.iter().map(|difference| (difference.first, difference.second)).collect();
    assert_eq!(all, [(Verdict::Incomplete, Verdict::Permitted)]);
    assert!(comparison.first_at_least_as_protective && !comparison.second_at_least_as_protective);
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
    assert!(
        lost.behind.iter().any(|behind| (behind.side, behind.cause.provision.as_deref()) == (1, Some("adequacy"))),
        "{:?}",
        lost.behind
    );
    // The fall also opened something: where no safeguard could be opened any more, the last resort of Art. 49(1) can be used.
    let opened = comparison
        .differences
        .iter()
        .find(|difference| (difference.first, difference.second) == (Verdict::Incomplete, Verdict::Permitted))
        .unwrap();
    assert!(
        opened.behind.iter().any(|behind| behind.side == 2 && behind.cause.provision.as_deref() == Some("compelling-interest")),
        "{:?}",
        opened.behind
    );
}
