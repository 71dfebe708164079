// SPDX-License-Identifier: Apache-2.0
//! The features on flow files. `$0` is the cursor.
#![expect(clippy::string_slice, clippy::expect_used, clippy::panic, reason = "a test may fail loudly")]

use comity_editor::position::Lines;
use comity_editor::{Shelf, complete, define, diagnose, hover};
use jiff::civil::date;

const FLOW: &str = r#"id = "kunden-nach-übersee"
title = "Ä 𝄞"
on = 2024-03-01
under = ["xx.act"]

[exporter]
seat = "DE"    # where it sits
targets = ["DE", "FR"]

[importer]
seat = "US"
group = false

[data]
categories = [
  "contact",
  "health",
]

[safeguards]
contracts = ["eu.scc-2021/2", { id = "uk.idta", on = 2023-01-01 }]

[[onward]]
seat = "IN"
purpose = ["hosting"]

[decided]
lawful = "no"
lacking = ["any-mechanism"]
"#;
const ACT: &str = "instrument xx.act \"Act\" {\n  kind law\n  cite \"Act 1\"\n  in force 2020-01-01\n}\n";

fn shelf() -> Shelf {
    Shelf::new([("act.law", ACT)], Some("/law".into()), date(2026, 1, 1))
}

fn at(old: &str, new: &str) -> (String, usize) {
    assert_eq!(FLOW.matches(old).count(), 1, "`{old}` stands once");
    let text = FLOW.replacen(old, new, 1);
    let byte = text.find("$0").expect("a cursor");
    (text.replacen("$0", "", 1), byte)
}

#[track_caller]
fn offered(old: &str, new: &str, yes: &[&str], no: &[&str]) {
    let (text, byte) = at(old, new);
    let texts: Vec<String> = complete::in_flow(&shelf(), &text, byte).into_iter().map(|offer| offer.text).collect();
    for wanted in yes {
        assert!(texts.iter().any(|text| text == wanted), "`{wanted}` is not offered at `{new}`: {texts:?}");
    }
    for unwanted in no {
        assert!(!texts.iter().any(|text| text == unwanted), "`{unwanted}` is offered at `{new}`");
    }
}

#[track_caller]
fn shown(old: &str, new: &str, parts: &[&str]) {
    let (text, byte) = at(old, new);
    let shown = hover::in_flow(&shelf(), &text, byte).unwrap_or_else(|| panic!("nothing is shown at `{new}`"));
    for part in parts {
        assert!(shown.text.contains(part), "`{part}` is not in:\n{}", shown.text);
    }
}

#[test]
fn keys_of_the_table_are_offered_that_it_does_not_state() {
    offered("group = false", "group = false\n$0", &["role", "certified", "[route]", "[[onward]]"], &["seat", "group", "storage"]);
    offered("group = false", "group = false\nce$0", &["certified"], &[]);
    offered("seat = \"IN\"", "$0\n", &["seat", "from", "contracts"], &["storage"]);
    offered("on = 2024-03-01", "$0", &["on", "profile"], &["id", "seat"]);
    offered("lawful = \"no\"", "lawful = \"no\"\n$0", &["country", "mechanism"], &["lawful", "seat"]);
    offered("[data]", "[$0]", &["route", "safeguards.consent"], &["seat"]);
    offered("{ id = \"uk.idta\", on = 2023-01-01 }", "{ $0 }", &["id", "until"], &["seat"]);
}

#[test]
fn values_are_offered_by_scheme_and_quoted_where_they_are_not() {
    offered("seat = \"US\"", "seat = $0", &["\"US\""], &["US", "\"health\"", "\"@EEA\""]);
    offered("seat = \"US\"", "seat = \"$0\"", &["US"], &["\"US\""]);
    offered("seat = \"US\"", "seat = \"U$0", &["US"], &[]);
    offered("group = false", "group = $0", &["true", "false"], &["\"true\""]);
    offered("  \"health\",", "  $0", &["\"genetic\""], &["\"US\""]);
    offered("  \"health\",", "  \"$0\",", &["genetic"], &["US"]);
    offered("[\"eu.scc-2021/2\"", "[\"$0\"", &["eu.scc-2021", "uk.idta"], &["eu.scc-2021/*"]);
    offered("id = \"uk.idta\"", "id = \"$0\"", &["uk.idta"], &["US"]);
    offered("[\"hosting\"]", "[\"$0\"]", &["analytics"], &["US"]);
    offered("[\"xx.act\"]", "[\"$0\"]", &["xx.act"], &["US"]);
    offered("lawful = \"no\"", "lawful = $0", &["\"not-restricted\""], &[]);
    offered("[\"any-mechanism\"]", "[\"$0\"]", &["bcr", "safeguards.contracts"], &["US"]);
    offered("title = \"Ä 𝄞\"", "title = \"$0\"", &[], &["US", "id"]);
}

#[test]
fn comments_have_no_offers() {
    let (text, byte) = at("# where it sits", "# where$0 it sits");
    assert_eq!(complete::in_flow(&shelf(), &text, byte), []);
}

#[test]
fn hover_shows_keys_terms_and_instruments() {
    shown("targets =", "tar$0gets =", &["exporter.targets"]);
    shown("\"health\"", "\"hea$0lth\"", &["health", "data category"]);
    shown("seat = \"IN\"", "seat = \"I$0N\"", &["India"]);
    shown("seat = \"IN\"", "se$0at = \"IN\"", &["importer.seat"]);
    shown("[\"hosting\"]", "[\"host$0ing\"]", &["purpose"]);
    shown("[\"xx.act\"]", "[\"xx.$0act\"]", &["**Act** `xx.act`", "[Act 1]"]);
    shown("lacking =", "lack$0ing =", &["mechanisms"]);
}

#[test]
fn the_definition_of_an_instrument_is_its_file() {
    let (text, byte) = at("[\"xx.act\"]", "[\"xx.$0act\"]");
    let shelf = shelf();
    let targets = define::in_flow(&shelf, &text, byte);
    assert_eq!(targets.len(), 1);
    assert_eq!(&ACT[targets[0].span.start..targets[0].span.end], "xx.act");
}

#[test]
fn slips_are_remarked_at_their_place() {
    let text = FLOW.replace("targets = ", "tragets = ").replace("\"health\"", "\"heatlh\"").replace("title = \"Ä 𝄞\"", "title = 3");
    let remarks = diagnose::in_flow(&text, &|_| Err("none".to_owned()));
    let places: Vec<&str> = remarks.iter().map(|remark| &text[remark.span.start..remark.span.end]).collect();
    assert_eq!(places, ["3", "tragets", "\"heatlh\""], "{remarks:#?}");
    assert!(remarks[2].message.contains("did you mean `health`?"));
    assert_eq!(diagnose::in_flow(&FLOW.replace("xx.act", "eu.gdpr"), &|_| Err("none".to_owned())), []);
}

#[test]
fn places_behind_letters_outside_ascii_are_right() {
    let text = FLOW.replace("targets = [\"DE\", \"FR\"]", "targets = [\"DE\", \"𝄞Ü\", \"FX\"]");
    let remarks = diagnose::in_flow(&text, &|_| Err("none".to_owned()));
    let lines = Lines::new(&text);
    let range = lines.range(remarks.last().expect("a slip").span);
    let line = lines.line(7).expect("the line");
    let before = line.split("\"FX\"").next().expect("what stands before");
    assert_eq!((range.start.line, range.start.character as usize), (7, before.encode_utf16().count()));
    assert_eq!(range.end.character - range.start.character, 4);
}

#[test]
fn a_slip_in_a_profile_is_remarked_where_the_profile_is_named() {
    let text = "id = \"a\"\nprofile = \"company.toml\"\n\n[exporter]\nseat = \"DE\"\n";
    let remarks = diagnose::in_flow(text, &|_| Ok("[exporter]\nrole = \"boss\"\n".to_owned()));
    assert_eq!(remarks.len(), 1);
    assert_eq!(&text[remarks[0].span.start..remarks[0].span.end], "profile = \"company.toml\"");
    assert!(remarks[0].message.starts_with("in profile `company.toml`"));
}

/// Wherever the cursor is in a file, and however it breaks off there, an answer comes.
#[test]
fn every_place_has_an_answer() {
    let shelf = shelf();
    for (at, _) in FLOW.char_indices() {
        let _ = complete::in_flow(&shelf, FLOW, at);
        let _ = hover::in_flow(&shelf, FLOW, at);
        let _ = define::in_flow(&shelf, &FLOW[..at], at);
        let _ = complete::in_flow(&shelf, &FLOW[..at], at);
        let _ = diagnose::in_flow(&FLOW[..at], &|_| Err("none".to_owned()));
    }
}
