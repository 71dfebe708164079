// SPDX-License-Identifier: Apache-2.0
//! Mutation testing of the instruments.
//!
//! By default one small instrument, so that the machinery itself stays tested; `COMITY_MUTANTS=all` (in `.ci/soak`) or
//! `COMITY_MUTANTS=eu.gdpr` runs others. `COMITY_SUGGEST=1` prints a case for each survivor.

mod support;

use comity_judge::mutation;
use comity_law::Library;
use comity_law::ast::Kind;
use jiff::civil::date;

#[test]
fn cases_notice_small_changes_of_the_law() {
    let library = support::library();
    let wanted = std::env::var("COMITY_MUTANTS").unwrap_or_else(|_| "us.padfa".to_owned());
    let suggest = std::env::var_os("COMITY_SUGGEST").is_some();
    let mut weak = Vec::new();
    let laws =
        library.instruments.iter().filter(|instrument| matches!(instrument.kind, Kind::Law | Kind::Treaty) && !instrument.cases.is_empty());
    for instrument in laws.filter(|instrument| wanted == "all" || wanted.split(',').any(|id| id == instrument.id.text)) {
        let mutants = mutation::run(&library, instrument, date(2026, 11, 24), suggest, |_, _| {}).unwrap();
        let killed = mutants.iter().filter(|mutant| mutant.killed).count();
        println!("{}: {killed} of {} mutants killed ({} %)", instrument.id.text, mutants.len(), killed * 100 / mutants.len().max(1));
        for mutant in mutants.iter().filter(|mutant| !mutant.killed) {
            let (line, _) = comity_law::diagnostic::position(&library.source(instrument.source).unwrap().text, mutant.span.start);
            println!("  survives: line {line}, {}: {}", mutant.provision, mutant.change);
            if suggest {
                println!("{}", mutant.witness.as_deref().unwrap_or("  no flow near the cases tells it apart"));
            }
        }
        if killed * 10 < mutants.len() * 9 {
            weak.push(instrument.id.text.clone());
        }
    }
    assert!(weak.is_empty(), "less than nine in ten mutants killed: {weak:?}");
}

/// A law with one permit, and clauses that it needs; `cases` stand in the law.
fn small(cases: &str) -> Library {
    let law = format!(
        r#"
instrument eu.small "A small law" {{
  kind law
  cite "Act"
  of @EEA
  in force 2020-01-01
  applies here cite "Art. 1" when exporter.seat in @EEA
  restrict transfer cite "Art. 2" when importer.seat outside @EEA
  permit clauses by standard-clauses cite "Art. 3" needs eu.small-clauses
  base {{ exporter.seat = DE importer.seat = IN importer.role = processor safeguards.contracts = {{ intra-group }} }}
  {cases}
}}
"#
    );
    let clauses = r#"
instrument eu.small-clauses "Small clauses" {
  kind clauses
  cite "Set"
  in force 2020-01-01
  serves processor-set cite "Clause 1" when importer.role is processor needs contract intra-group
}
"#;
    let (library, diagnostics) = Library::read([("small.law".to_owned(), law), ("clauses.law".to_owned(), clauses.to_owned())]);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    library
}

const ALL: &str = r#"
  case "signed" { on 2024-01-01 } => permitted by standard-clauses
  case "not signed" { on 2024-01-01 safeguards.contracts = { } } => incomplete
  case "inside" { on 2024-01-01 importer.seat = FR } => unrestricted
  case "from outside" { on 2024-01-01 exporter.seat = BR } => unrestricted
  case "to a controller" { on 2024-01-01 importer.role = controller } => prohibited
"#;

#[test]
fn a_case_that_fails_before_any_change_stops_the_count() {
    let library = small(&format!("{ALL} case \"wrong\" {{ on 2024-01-01 }} => prohibited"));
    let refused = mutation::run(&library, library.instrument("eu.small").unwrap(), date(2026, 11, 24), false, |_, _| {});
    let failing = refused.expect_err("nothing may be counted while a case fails");
    assert_eq!(failing.cases, [("eu.small".to_owned(), "wrong".to_owned())]);
    assert!(failing.to_string().contains("\"wrong\" of `eu.small`"), "{failing}");
}

#[test]
fn clauses_are_watched_by_the_laws_that_need_them() {
    let survivors = |cases: &str| -> Vec<(String, String)> {
        let library = small(cases);
        let clauses = library.instrument("eu.small-clauses").unwrap();
        let mutants = mutation::run(&library, clauses, date(2026, 11, 24), false, |_, _| {}).unwrap();
        assert_eq!(mutants.len(), 3, "without the serves, its `when`, its `needs`");
        mutants.into_iter().filter(|mutant| !mutant.killed).map(|mutant| (mutant.provision, mutant.change)).collect()
    };
    assert_eq!(survivors(ALL), []);
    let fewer = r#"case "signed" { on 2024-01-01 } => permitted by standard-clauses"#;
    let left: Vec<String> = survivors(fewer).into_iter().map(|(_, change)| change).collect();
    assert_eq!(left, ["without its `when`", "without its `needs`"]);
}

#[test]
fn a_suggested_case_notices_the_mutant_it_was_made_for() {
    let cases = r#"case "signed" { on 2024-01-01 } => permitted by standard-clauses"#;
    let library = small(cases);
    let mutants = mutation::run(&library, library.instrument("eu.small").unwrap(), date(2026, 11, 24), true, |_, _| {}).unwrap();
    let survivors: Vec<_> = mutants.iter().filter(|mutant| !mutant.killed).collect();
    assert!(!survivors.is_empty());
    for survivor in survivors {
        let witness = survivor.witness.as_deref().unwrap_or_else(|| panic!("no case for {}: {}", survivor.provision, survivor.change));
        let better = small(&format!("{cases}\n{witness}"));
        let again = mutation::run(&better, better.instrument("eu.small").unwrap(), date(2026, 11, 24), false, |_, _| {}).unwrap();
        let same = again.iter().find(|other| (&other.provision, &other.change) == (&survivor.provision, &survivor.change)).unwrap();
        assert!(same.killed, "{}: {} survives\n{witness}", survivor.provision, survivor.change);
    }
}
