// SPDX-License-Identifier: Apache-2.0
//! Mutation testing of the instruments.
//!
//! By default one small instrument, so that the machinery itself stays tested; `COMITY_MUTANTS=all` (in `.ci/soak`) or
//! `COMITY_MUTANTS=eu.gdpr` runs others. `COMITY_SUGGEST=1` prints a case for each survivor.

mod support;

use comity_judge::mutation;
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
        let mutants = mutation::run(&library, instrument, date(2026, 11, 24), suggest, |_, _| {});
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
