// SPDX-License-Identifier: Apache-2.0
//! Conflicts, gaps, provisions that never matter and exceptions that never fire.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod support;

use comity_judge::consistency::{BUDGET, Kind, Report, check};
use comity_judge::{Options, Verdict, judge};
use comity_law::Library;
use jiff::civil::{Date, date};
use std::time::Instant;

const TODAY: Date = date(2026, 11, 24);

#[test]
fn the_library_has_no_conflict() {
    let library = support::library();
    let started = Instant::now();
    let wanted = std::env::var("COMITY_ONLY").ok();
    let mut conflicts = Vec::new();
    for instrument in library.instruments.iter().filter(|instrument| wanted.as_ref().is_none_or(|wanted| *wanted == instrument.id.text)) {
        let own = Instant::now();
        let report = check(&library, instrument, TODAY, BUDGET, |_, _| {});
        println!(
            "{}: {} found, {} undecided, {} stretches, at most {} nodes, {:?}",
            instrument.id.text,
            report.found.len(),
            report.undecided.len(),
            report.stretches,
            report.nodes,
            own.elapsed()
        );
        for undecided in &report.undecided {
            println!("  not decided: {} {} on {}", undecided.at.effect, undecided.at.provision, undecided.day);
        }
        for found in &report.found {
            let other = found.other.as_ref().map_or(String::new(), |other| format!(" / {}", other.provision));
            println!("  {:?}: {} {}{other} {:?}", found.kind, found.at.effect, found.at.provision, found.days);
            if let Some(example) = &found.example {
                println!("    {:?} on {} {:?}\n{}", example.verdict, example.leg, example.readings, comity_flow::write(&example.flow));
            }
            if found.kind.is_conflict() {
                conflicts.push(format!("{} {}", instrument.id.text, found.at.provision));
            }
        }
    }
    println!("{:?} in all", started.elapsed());
    assert!(conflicts.is_empty(), "{conflicts:?}");
}

fn report(text: &str, budget: usize) -> (Library, Report) {
    let (library, problems) = Library::read([("t.law".to_owned(), text.to_owned())]);
    assert!(problems.is_empty(), "{problems:?}");
    let report = check(&library, library.instrument("xx.t").unwrap(), TODAY, budget, |_, _| {});
    (library, report)
}

fn kinds(report: &Report) -> Vec<(Kind, &str)> {
    report.found.iter().map(|found| (found.kind, found.at.provision.as_str())).collect()
}

const GAP: &str = r#"instrument xx.t "T" { kind law cite "T" of FR in force 2020-01-01
  applies here cite "1" when exporter.seat is FR
  restrict abroad cite "2" when importer.seat is not FR
  permit neighbor by adequacy cite "3" when importer.seat in { DE, BE }
  permit clauses by standard-clauses cite "4" in force 2020-01-01 until 2023-01-01 needs contract eu.scc-2021 }"#;

#[test]
fn a_gap_has_its_days() {
    let (library, report) = report(GAP, BUDGET);
    assert_eq!(kinds(&report), [(Kind::Gap, "abroad")]);
    let found = &report.found[0];
    let days: Vec<(Date, Option<Date>)> = found.days.iter().map(|span| (span.from, span.until)).collect();
    assert_eq!(days, [(date(2023, 1, 1), None)]);
    let judgment = judge(&library, &found.example.as_ref().unwrap().flow, &Options::today(TODAY)).unwrap();
    assert_eq!(judgment.findings[0].possible.decided(), Some(Verdict::Prohibited));
}

#[test]
fn a_later_leg_can_have_a_gap_of_its_own() {
    let law = r#"instrument xx.t "T" { kind law cite "T" of FR in force 2020-01-01
      applies here cite "1" when exporter.seat is FR
      restrict abroad cite "2" when importer.seat is not FR
      permit first by standard-clauses cite "3" when not onward needs contract eu.scc-2021
      permit like by comparable-protection cite "4" when onward when sender.seat is DE needs contract comparable-protection
      onward later cite "5" when importer.role is controller }"#;
    let (library, report) = report(law, BUDGET);
    assert_eq!(kinds(&report), [(Kind::Gap, "abroad")]);
    let example = report.found[0].example.as_ref().unwrap();
    assert_eq!(example.leg, "importer>recipient");
    let text = comity_flow::write(&example.flow);
    let flow = comity_flow::read(&text, comity_flow::Format::Toml, &|_| Err(String::new())).unwrap();
    let judgment = judge(&library, &flow, &Options::today(TODAY)).unwrap();
    let finding = judgment.findings.iter().find(|finding| finding.leg == example.leg).unwrap();
    assert_eq!(finding.possible.decided(), Some(Verdict::Prohibited), "{text}");
}

#[test]
fn where_the_budget_does_not_suffice_nothing_is_said() {
    for budget in 0..60 {
        let (_, report) = report(GAP, budget);
        let whole = report.undecided.iter().any(|undecided| undecided.at.effect == "instrument");
        assert!(whole || kinds(&report) == [(Kind::Gap, "abroad")], "with {budget} nodes: {report:?}");
        assert!(report.found.iter().all(|found| found.kind == Kind::Gap), "with {budget} nodes: {report:?}");
    }
    assert!(!report(GAP, 0).1.undecided.is_empty());
    assert!(report(GAP, BUDGET).1.undecided.is_empty());
}

#[test]
fn what_waits_and_what_only_declares_is_no_fault() {
    let law = r#"instrument xx.t "T" { kind law cite "T" of FR in force 2020-01-01
      applies here cite "1" when exporter.seat is FR
      restrict abroad cite "2" when importer.seat is not FR
      permit listed by adequacy cite "3" when FR recognizes importer
      permit clauses by standard-clauses cite "4" needs contract eu.scc-2021
      forbid named cite "5" when never
      exception small to named cite "6" when subjects.count < 100
      right access cite "7"
      penalty fine "a fine" cite "8" }"#;
    let (_, report) = report(law, BUDGET);
    assert_eq!(kinds(&report), [(Kind::Waits, "listed"), (Kind::Waits, "named")]);
    let model = r#"instrument xx.t "T" { kind rules cite "T"
      restrict abroad cite "2" when importer.seat is not FR
      permit clauses by standard-clauses cite "4" needs contract eu.scc-2021 }"#;
    assert_eq!(kinds(&self::report(model, BUDGET).1), []);
}
