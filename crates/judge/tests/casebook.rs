// SPDX-License-Identifier: Apache-2.0
//! The case book and the probes of the project against the embedded library.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may fail loudly")]

use comity_flow::{Format, read};
use comity_judge::agreement::agreement;
use comity_judge::{Options, judge};
use comity_law::Library;
use comity_law::library::embedded;
use jiff::civil::date;
use std::path::Path;

/// Judges every file of a folder whose instruments the library has.
fn run(folder: &str) -> (usize, Vec<String>, Vec<String>) {
    let (library, _) = Library::read(embedded().iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())));
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../casebook").join(folder);
    let mut files: Vec<_> = std::fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let (mut judged, mut differ, mut reasons) = (0, Vec::new(), Vec::new());
    for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "toml")) {
        let text = std::fs::read_to_string(file).unwrap();
        let flow = read(&text, Format::Toml, &|_| Err("no profile".to_owned()))
            .unwrap_or_else(|problems| panic!("{}: {problems:?}", file.display()));
        if flow.under.iter().any(|id| library.instrument(id).is_none()) {
            continue;
        }
        judged += 1;
        let judgment = judge(&library, &flow, &Options::today(date(2026, 11, 24))).unwrap();
        let result = agreement(&flow, &judgment).expect("a case or probe states an outcome");
        let missing: Vec<String> = judgment
            .findings
            .iter()
            .flat_map(|finding| finding.missing.iter().map(|missing| format!("{}: {}", missing.aim, missing.steps.join(" and "))))
            .collect();
        let line = format!(
            "{}: expected {}, found {} [{}] by {:?}; missing {missing:?}; asks {:?}",
            flow.id,
            result.expected,
            result.verdict,
            judgment.possible.words().join(" or "),
            judgment.findings.iter().filter_map(|finding| finding.mechanism.clone()).collect::<Vec<_>>(),
            judgment.findings.iter().flat_map(|finding| finding.questions.clone()).collect::<Vec<_>>(),
        );
        if !result.agrees {
            differ.push(line);
        } else if !result.reason_agrees {
            reasons.push(line);
        }
    }
    (judged, differ, reasons)
}

#[test]
fn probes_come_out_as_expected() {
    let (judged, differ, reasons) = run("probes");
    assert!(judged >= 30, "only {judged} probes were found");
    println!("{judged} judged\n{}\nreasons:\n{}", differ.join("\n"), reasons.join("\n"));
    let wrong = differ.len() + reasons.len();
    assert!(wrong * 20 <= judged, "{wrong} of {judged} differ:\n{}\nreasons:\n{}", differ.join("\n"), reasons.join("\n"));
}

#[test]
fn cases_are_decided_alike() {
    let (judged, differ, reasons) = run("decided");
    assert!(judged >= 55, "only {judged} cases were found");
    println!("{judged} judged\n{}\nreasons:\n{}", differ.join("\n"), reasons.join("\n"));
    let wrong = differ.len() + reasons.len();
    assert!(wrong * 10 <= judged, "{wrong} of {judged} differ:\n{}\nreasons:\n{}", differ.join("\n"), reasons.join("\n"));
}
