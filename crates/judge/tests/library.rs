// SPDX-License-Identifier: Apache-2.0
//! The embedded library: no errors, and every case inside an instrument comes out as it says.

use comity_judge::cases;
use comity_law::library::embedded;
use comity_law::{Library, Severity, check};
use jiff::civil::{Date, date};

/// Cases name the day of their knowledge where it matters; this one only has to lie after all of them.
const TODAY: Date = date(2026, 11, 24);

fn library() -> (Library, Vec<comity_law::Diagnostic>) {
    Library::read(embedded().iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())))
}

#[test]
fn the_library_has_no_errors() {
    let (library, mut diagnostics) = library();
    diagnostics.extend(check(&library, TODAY));
    let errors: Vec<String> = diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.severity == Severity::Error)
        .map(|diagnostic| {
            let (name, line, column) = library.place(diagnostic);
            format!("{name}:{line}:{column}: {} {}", diagnostic.message, diagnostic.help.as_deref().unwrap_or(""))
        })
        .collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
}

#[test]
fn every_case_comes_out_as_it_says() {
    let (library, _) = library();
    let mut faults = Vec::new();
    let mut cases = 0;
    for instrument in &library.instruments {
        let (outcomes, _) = cases::run(&library, instrument, TODAY);
        cases += outcomes.len();
        for outcome in outcomes.iter().filter(|outcome| !outcome.faults.is_empty()) {
            faults.push(format!("{} \"{}\": {}", instrument.id.text, outcome.title, outcome.faults.join("; ")));
        }
    }
    assert!(faults.is_empty(), "{} of {cases} cases differ:\n{}", faults.len(), faults.join("\n"));
    assert!(cases > 100, "only {cases} cases were found: was the library read?");
}
