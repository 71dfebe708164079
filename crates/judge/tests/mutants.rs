// SPDX-License-Identifier: Apache-2.0
//! Mutation testing of the instruments, in short: a sample of each instrument's mutants; `.ci/soak` runs all of them.

mod support;

use comity_judge::mutation;
use comity_law::ast::Kind;
use jiff::civil::date;

#[test]
fn cases_notice_small_changes_of_the_law() {
    let library = support::library();
    let all = std::env::var_os("COMITY_MUTANTS").is_some();
    let mut weak = Vec::new();
    for instrument in library.instruments.iter().filter(|instrument| matches!(instrument.kind, Kind::Law | Kind::Treaty) && !instrument.cases.is_empty()) {
        if !all {
            continue;
        }
        let mutants = mutation::run(&library, instrument, date(2026, 11, 24), |_, _| {});
        let killed = mutants.iter().filter(|mutant| mutant.killed).count();
        println!("{}: {killed} of {} mutants killed ({} %)", instrument.id.text, mutants.len(), killed * 100 / mutants.len().max(1));
        for mutant in mutants.iter().filter(|mutant| !mutant.killed) {
            let (line, _) = comity_law::diagnostic::position(&library.source(instrument.source).unwrap().text, mutant.span.start);
            println!("  survives: line {line}, {}: {}", mutant.provision, mutant.change);
        }
        if killed * 10 < mutants.len() * 9 {
            weak.push(instrument.id.text.clone());
        }
    }
    assert!(weak.is_empty(), "less than nine in ten mutants killed: {weak:?}");
}
