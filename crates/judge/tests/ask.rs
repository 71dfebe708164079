// SPDX-License-Identifier: Apache-2.0
//! The next best question.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use comity_flow::{Flow, Format, read};
use comity_judge::Options;
use comity_judge::ask::ask;
use comity_law::Library;
use jiff::civil::date;

fn options() -> Options {
    Options::today(date(2026, 11, 24))
}

fn flow(text: &str) -> Flow {
    read(text, Format::Toml, &|_| Err("no profile".to_owned())).unwrap()
}

fn library(law: &str) -> Library {
    let (library, diagnostics) = Library::read([("a.law".to_owned(), law.to_owned())]);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    library
}

#[test]
fn the_fact_that_decides_comes_before_facts_that_only_may() {
    let law = r#"instrument xx.ask "Ask" { kind law cite "A" of FR in force 2020-01-01
      applies here cite "1" when always
      restrict abroad cite "2" when importer.seat outside FR
      permit adequate by adequacy cite "3" when importer.seat in JP and importer.group and exporter.public_body
      permit consent by explicit-consent cite "4" needs safeguards.consent }"#;
    let questions = ask(&library(law), &flow("on = 2024-01-01\n[exporter]\nseat = \"FR\""), &options()).unwrap();
    assert_eq!(questions[0].path, "importer.seat");
    assert!(questions[0].gain > 0.0);
    assert!(questions[0].text.ends_with('?'));
    // Three classes of answers make a difference: home, the adequate place, anywhere else.
    assert_eq!(questions[0].answers.len(), 3, "{:?}", questions[0].answers);
    let decided = questions[0].answers.iter().filter(|answer| answer.shares.contains(&1.0)).count();
    assert_eq!(decided, 2, "home and anywhere else are decided: {:?}", questions[0].answers);
}

#[test]
fn a_decided_flow_has_no_questions() {
    let law = r#"instrument xx.ask "Ask" { kind law cite "A" of FR in force 2020-01-01
      applies here cite "1" when always
      restrict abroad cite "2" when importer.seat outside FR }"#;
    assert!(
        ask(&library(law), &flow("on = 2024-01-01\n[exporter]\nseat = \"FR\"\n[importer]\nseat = \"FR\""), &options()).unwrap().is_empty()
    );
}

#[test]
fn a_flow_of_which_hardly_anything_is_known_still_has_a_first_question() {
    let (library, _) = Library::read(comity_law::library::embedded().iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())));
    let questions =
        ask(&library, &flow("on = 2024-01-01\nunder = [\"eu.gdpr\"]\n[exporter]\nseat = \"DE\"\nrole = \"controller\""), &options())
            .unwrap();
    assert!(!questions.is_empty());
    println!("{:#?}", questions.iter().take(4).map(|question| (&question.path, question.gain)).collect::<Vec<_>>());
}
