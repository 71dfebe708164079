// SPDX-License-Identifier: Apache-2.0
//! The next best question.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use comity_flow::{Flow, Format, Value, read};
use comity_judge::ask::{About, Question, ask, detail, tell};
use comity_judge::{Options, Verdict, judge};
use comity_law::Library;
use comity_terms::{Bits, KeyKind, Scheme, vocabulary};
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
    let (library, flow) = (library(law), flow("on = 2024-01-01\n[exporter]\nseat = \"FR\""));
    let questions = ask(&library, &flow, &options()).unwrap();
    assert_eq!(questions[0].path, "importer.seat");
    assert!(questions[0].gain > 0.0);
    assert!(questions[0].text.ends_with('?'));
    // Three classes of answers make a difference: home, the adequate place, anywhere else.
    let more = detail(&library, &flow, &options(), &questions[0]).unwrap();
    let outcome = |place: &str| more.answers.iter().find(|answer| answer.values.iter().any(|value| value == place)).unwrap();
    assert_eq!(outcome("FR").decides, Some(Verdict::Unrestricted));
    assert_eq!(outcome("US").decides, Some(Verdict::Incomplete), "consent can be obtained");
    assert_eq!(outcome("JP").decides, None, "in a group of public bodies it is adequate: {:?}", more.answers);
    let grounds: Vec<&str> = more.grounds.iter().map(|ground| ground.provision.as_str()).collect();
    assert_eq!(grounds, ["abroad", "adequate"]);
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

fn embedded() -> Library {
    Library::read(comity_law::library::embedded().iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))).0
}

#[test]
fn a_flow_of_which_hardly_anything_is_known_still_has_a_first_question() {
    let flow = flow("on = 2024-01-01\nunder = [\"eu.gdpr\"]\n[exporter]\nseat = \"DE\"\nrole = \"controller\"");
    let questions = ask(&embedded(), &flow, &options()).unwrap();
    assert!(!questions.is_empty());
    assert!(questions.iter().all(|question| question.gain > 0.0 && question.text.ends_with('?')));
}

#[test]
fn answers_lead_to_a_decision() {
    let library = embedded();
    let mut flow = flow("on = 2024-01-01\nonward = []\n[exporter]\nseat = \"DE\"\n[importer]\nseat = \"US\"");
    let mut asked = Vec::new();
    let of_fact = |question: Question| match question.about {
        About::Fact(key, onward) => Some((question.path, key, onward)),
        _ => None,
    };
    while let Some((path, key, onward)) = ask(&library, &flow, &options()).unwrap().into_iter().find_map(of_fact) {
        assert!(!asked.contains(&path), "{path} is asked again");
        let value = match vocabulary().key_at(key).unwrap().kind {
            KeyKind::Flag => Value::Flag(false),
            KeyKind::Count => Value::Count(10),
            KeyKind::One(scheme) => Value::One(vocabulary().term_at(scheme, 0).unwrap()),
            KeyKind::Many(_) => Value::Many(Bits::EMPTY),
            KeyKind::Day => Value::Day(date(2024, 1, 1)),
        };
        flow = tell(&flow, &About::Fact(key, onward), &value);
        asked.push(path);
        assert!(asked.len() < 60, "{asked:?}");
    }
    let possible = judge(&library, &flow, &options()).unwrap().possible;
    let readings = ask(&library, &flow, &options()).unwrap();
    assert!(possible.decided().is_some() || readings.iter().all(|question| matches!(question.about, About::Reading(..))), "{possible:?}");
}

#[test]
fn the_sample_is_the_same_every_time() {
    let library = embedded();
    let flow = flow("on = 2024-01-01\n[importer]\nseat = \"US\"");
    assert_eq!(ask(&library, &flow, &options()).unwrap(), ask(&library, &flow, &options()).unwrap());
}

#[test]
fn a_later_recipient_is_asked_about_by_name() {
    let law = r#"instrument xx.ask "Ask" { kind law cite "A" of FR in force 2020-01-01
      applies here cite "1" when always
      restrict abroad cite "2" when importer.seat outside FR
      onward on cite "3" when always }"#;
    let text = "on = 2024-01-01\n[exporter]\nseat = \"FR\"\n[importer]\nseat = \"FR\"\n[[onward]]\nname = \"hosting\"";
    let (library, flow) = (library(law), flow(text));
    let questions = ask(&library, &flow, &options()).unwrap();
    assert_eq!(questions[0].path, "onward.seat");
    assert!(questions[0].text.contains("hosting"));
    let place = vocabulary().find(Scheme::Place, "US").unwrap();
    let told = tell(&flow, &questions[0].about, &Value::One(place));
    assert_eq!(told.onward[0].facts.len(), 1);
    assert!(ask(&library, &told, &options()).unwrap().is_empty());
    assert_eq!(judge(&library, &told, &options()).unwrap().word(), "prohibited");
}
