// SPDX-License-Identifier: Apache-2.0
//! What the filter answers to receipts of every kind, and that the page is whole.

mod support;

use comity_evidence::report::{Language, Piece};
use comity_verifier::page::page;
use comity_verifier::question::{Question, report};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};
use support::{Case, cases};

fn question(case: &Case, language: Language) -> Question {
    Question { language, receipt: case.receipt.clone(), policy: case.policy.clone(), document: case.document.clone() }
}

#[test]
fn each_receipt_comes_to_what_it_must() {
    let mut names = BTreeSet::new();
    let mut heads = BTreeSet::new();
    for case in cases() {
        assert!(names.insert(case.name), "two cases are called {}", case.name);
        for (language, code) in Language::ALL {
            let found = report(&question(&case, language));
            assert_eq!(found.outcome, case.outcome, "{} in {code}: {:?}", case.name, found.detail);
            heads.insert(found.head);
            for piece in &found.body {
                let (Piece::Say(sentence) | Piece::Aside(sentence)) = piece else { continue };
                assert!(!sentence.to_string().trim().is_empty(), "{} in {code}", case.name);
            }
        }
    }
    // Four outcomes, each with words of its own in four languages.
    assert_eq!(heads.len(), 16, "{heads:?}");
}

#[test]
fn a_question_is_read_as_it_was_written() {
    for case in cases() {
        let written = question(&case, Language::Arabic);
        assert_eq!(Question::read(&mut written.to_bytes().as_slice()).unwrap(), written, "{}", case.name);
    }
    let whole = question(&cases()[8], Language::English).to_bytes();
    for length in 0..whole.len() {
        assert!(Question::read(&mut &whole[..length]).is_err(), "cut at {length}");
    }
    for (line, problem) in [
        ("{}", "`language`"),
        (r#"{"language":"en","receipt":-1,"policy":0,"document":null}"#, "`receipt`"),
        (r#"{"language":"en","receipt":0,"policy":null,"document":null}"#, "`policy`"),
        (r#"{"language":"en","receipt":0,"policy":0}"#, "`document`"),
        (r#"{"language":"tlh","receipt":0,"policy":0,"document":null}"#, "`language`"),
    ] {
        let error = Question::read(&mut format!("{line}\n").as_bytes()).unwrap_err().to_string();
        assert!(error.contains(problem), "{line}: {error}");
    }
}

#[test]
fn the_filter_answers_on_its_standard_output() {
    let case = &cases()[0];
    let ask = |input: &[u8]| {
        let mut child = Command::new(env!("CARGO_BIN_EXE_comity-verifier"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), input).unwrap();
        child.wait_with_output().unwrap()
    };
    let answered = ask(&question(case, Language::Spanish).to_bytes());
    assert!(answered.status.success());
    let answer: serde_json::Value = serde_json::from_slice(&answered.stdout).unwrap();
    assert_eq!(answer["outcome"], "holds");
    assert_eq!(answer["head"], "Este recibo es válido");
    assert_eq!(answer["body"][0]["say"][1], serde_json::json!(["2", true]));
    assert_eq!(ask(b"{}\n").status.code(), Some(1));
}

/// The page names nothing that a browser would fetch, and its script and style are those that its policy names.
#[test]
fn the_page_is_one_file_and_the_same_each_time() {
    let made = page(b"\0asm, or so").unwrap();
    assert_eq!(made, page(b"\0asm, or so").unwrap());
    assert_ne!(made, page(b"\0asm, another").unwrap());
    for reach in ["src=\"", "href=\"", "url(", "@import", "http://", "https://", "fetch(", "XMLHttpRequest", "innerHTML", "eval("] {
        assert!(!made.contains(reach), "the page has `{reach}`");
    }
    assert!(!made.contains("{{"), "a place of the template was left");
    let between = |start: &str, end: &str| made.split_once(start).unwrap().1.split_once(end).unwrap().0;
    for (start, end) in [("<script>", "</script>"), ("<style>", "</style>")] {
        let digest = comity_evidence::Hash::of(between(start, end).as_bytes());
        assert!(made.contains(&format!("'sha256-{digest}'")), "{start} is another than the policy names");
    }
    // Everything is said without scripts too, and each text in the page has words.
    let words: serde_json::Map<_, serde_json::Value> = serde_json::from_str(include_str!("../page/words.json")).unwrap();
    let said: Vec<&str> = made.split("data-say=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    let script = include_str!("../page/verifier.js");
    for id in &said {
        assert!(words.contains_key(*id), "`{id}` has no words");
    }
    for id in words.keys() {
        let built = ["language-name", "without-scripts"].contains(&id.as_str()) || id.starts_with("meaning-") || id.starts_with("choose-");
        assert!(said.contains(&id.as_str()) || script.contains(&format!("\"{id}\"")) || built, "nothing says `{id}`");
    }
}

/// The files of the how-to page are those of the cases.
#[test]
fn the_examples_are_these_receipts() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/examples/receipt");
    for (name, text) in [
        ("consent.comity-receipt.json", support::whole()),
        ("tampered.comity-receipt.json", support::tampered()),
        ("trust.policy", support::trust()),
        ("others.policy", support::others()),
        ("consent-form.txt", support::FORM.to_owned()),
    ] {
        let file = folder.join(name);
        if std::env::var_os("COMITY_WRITE_EXPECTED").is_some() {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&file, text).unwrap();
        } else if std::fs::read_to_string(&file).ok().as_deref() != Some(&text) {
            panic!("{} is not as it is made; COMITY_WRITE_EXPECTED=1 writes it anew", file.display());
        }
    }
}
