// SPDX-License-Identifier: Apache-2.0
//! Broken instruments, adaptations and tables: what is said of each, word for word, and what is read nevertheless.
//!
//! `tests/broken/NAME.law` (or `NAME.csv`, a table) stands beside `NAME.expected`, which begins with the diagnostics of
//! reading and checking and ends with what was read. `COMITY_WRITE_EXPECTED=1` writes the expectations anew.

use comity_law::ast::{Effect, Instrument};
use comity_law::{Library, Severity, check};
use jiff::civil::date;
use std::fmt::Write;
use std::path::{Path, PathBuf};

fn told(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let name = if path.extension().is_some_and(|extension| extension == "csv") { "recognitions.csv" } else { "it.law" };
    let (library, mut diagnostics) = Library::read([(name.to_owned(), text)]);
    diagnostics.extend(check(&library, date(2026, 11, 24)));
    let mut out = String::new();
    for diagnostic in &diagnostics {
        let (_, line, column) = library.place(diagnostic);
        let severity = if diagnostic.severity == Severity::Error { "error" } else { "warning" };
        let _ = writeln!(out, "{line}:{column}: {severity}[{}]: {}", diagnostic.code, diagnostic.message);
        if let Some(help) = &diagnostic.help {
            let _ = writeln!(out, "  help: {help}");
        }
    }
    for instrument in &library.instruments {
        let _ = writeln!(out, "read {}", instrument.id.text);
        instrument.provisions.iter().for_each(|provision| {
            let _ = writeln!(out, "  {} {} {:?}{}", provision.effect.word(), provision.id.text, provision.cites, period(&provision.effect));
        });
        others(instrument, &mut out);
    }
    for row in &library.recognitions {
        let _ = writeln!(out, "read a row: {} {} from {}", row.kind, row.cite, row.in_force.from);
    }
    out
}

fn period(effect: &Effect) -> String {
    if let Effect::Clock(period, trigger) = effect { format!(" {period:?} from {trigger}") } else { String::new() }
}

fn others(instrument: &Instrument, out: &mut String) {
    for reading in &instrument.readings {
        let _ = writeln!(out, "  reading {} with {} options", reading.id.text, reading.options.len());
    }
    for case in &instrument.cases {
        let _ = writeln!(out, "  case {:?} => {}", case.title, case.expected.verdict);
    }
}

#[test]
fn broken_instruments_are_told_what_is_wrong() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/broken");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "law" || extension == "csv"));
    files.sort();
    assert!(files.len() > 20, "only {} files were found", files.len());
    let mut differ = Vec::new();
    for file in files {
        let expected = file.with_extension("expected");
        let found = told(&file);
        if std::env::var_os("COMITY_WRITE_EXPECTED").is_some() {
            std::fs::write(&expected, &found).unwrap();
        } else if std::fs::read_to_string(&expected).unwrap_or_default() != found {
            differ.push(format!("{}:\n{found}", file.display()));
        }
    }
    assert!(differ.is_empty(), "these differ (COMITY_WRITE_EXPECTED=1 writes them anew):\n{}", differ.join("\n"));
}

/// Found by fuzzing: a brace that closes nothing stopped every skip at the same place, for ever.
#[test]
fn a_stray_brace_does_not_stop_the_parser() {
    for text in ["}", "}}}} x", "instrument }", "instrument xx.a \"A\" }} instrument xx.b \"B\" { cite \"b\" }"] {
        let (library, diagnostics) = Library::read([("it.law".to_owned(), text.to_owned())]);
        assert!(!diagnostics.is_empty());
        assert!(text.len() < 20 || library.instrument("xx.b").is_some(), "what follows is read");
    }
}

/// Found by reading for the fuzz targets: conditions opened one inside another without end overran the stack.
#[test]
fn depth_never_makes_the_parser_fail() {
    for open in ["not ", "(", "all of { ", "not (any of {"] {
        let deep = open.repeat(100_000);
        let law = format!("instrument xx.a \"A\" {{ define d cite \"1\" when {deep}");
        let (_, diagnostics) = Library::read([("it.law".to_owned(), law)]);
        assert!(diagnostics.iter().any(|diagnostic| diagnostic.message.contains("nested")), "{open}");
        let row = format!(
            "by,of,kind,scope,cite,from,until,published,end_published,status,note\nEU,JP,adequacy,{deep},D,2020-01-01,,,,verified,\n"
        );
        let (library, _) = Library::read([("recognitions.csv".to_owned(), row)]);
        assert!(library.recognitions.is_empty());
    }
    let braces = "{".repeat(100_000);
    let (_, diagnostics) = Library::read([("it.law".to_owned(), format!("instrument xx.a \"A\" {{ {braces}"))]);
    assert!(!diagnostics.is_empty());
}

/// An adopted provision stands in the source of its model, and that is where its faults are.
#[test]
fn faults_of_a_model_point_at_the_model() {
    let act = "instrument xx.act \"Act\" adapts yy.model {\n  kind law cite \"A\" of FR in force 2020-01-01\n  adopt all\n}";
    let model = "\n\n\ninstrument yy.model \"Model\" {\n  kind rules cite \"M\"\n  restrict r cite \"1\" when sensitive and zz.other\n}";
    let (library, _) = Library::read([("a.law".to_owned(), act.to_owned()), ("b.law".to_owned(), model.to_owned())]);
    let found = check(&library, date(2026, 11, 24));
    let places: Vec<(String, usize, usize)> = found.iter().map(|diagnostic| library.place(diagnostic)).collect();
    assert_eq!(found.len(), 4, "{found:?}");
    assert!(places.iter().all(|(name, line, _)| name == "b.law" && *line == 6), "{places:?}");
}
