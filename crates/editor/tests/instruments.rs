// SPDX-License-Identifier: Apache-2.0
//! The features on instruments. `$0` is the cursor.
#![expect(clippy::string_slice, clippy::expect_used, clippy::panic, reason = "a test may fail loudly")]

use comity_editor::complete::{self, Offer};
use comity_editor::position::Lines;
use comity_editor::{Shelf, define, diagnose, hover, outline};
use jiff::civil::date;

const ACT: &str = r#"# Ärztliche Daten 𝄞
instrument xx.act "Äct" adapts xx.model {
  kind law
  cite "Act 1"
  of FR
  in force 2020-01-01
  verified
  note "A short one."
  reading scope "What does it mean?" {
    option wide "All." cite "A"
    option narrow "Little." cite "B"
  }
  applies here cite "s. 1" when exporter.seat in @EEA
  define abroad cite "s. 2" when importer.seat outside { FR, recognized by EU } and reading scope is wide
  restrict transfer cite "s. 3 – „Übermittlung“" note "To anybody abroad." when abroad
  exception direct to transfer cite "s. 3(2)" when route.direct_from_subject
  permit clauses by standard-clauses cite "s. 4" recalled {
    needs contract { eu.scc-2021, xx.clauses }
    needs safeguards.assessment.result is equivalent
  }
  permit agreed by explicit-consent cite "s. 5" in force 2020-01-01 until 2024-01-01 when none of (clauses) is open needs safeguards.consent
  permit agreed by explicit-consent cite "s. 5a" in force 2024-01-01 needs safeguards.consent
  duty tell on exporter within 3 days of awareness cite "s. 6" when EU recognizes importer as adequacy
  clock breach 72 hours from awareness cite "s. 7"
  adopt later
  base {
    exporter.seat = FR
    data.categories = { health }
  }
  case "to Zürich" {
    on 2024-03-01
    importer.seat = CH
    onward { seat = US }
  } => prohibited
}
"#;
const MODEL: &str = r#"instrument xx.model "Model" {
  kind rules
  cite "Model 1"
  in force 2019-01-01
  verified
  forbid later cite "M. 9" when data.categories meets { health }
  penalty fine "Much" cite "M. 10"
}
"#;
const TABLE: &str =
    "by,of,kind,scope,cite,from,until,published,end_published,status,note\nEU,CH,adequacy,,Decision 1,2000-07-26,,,,verified,\n";

/// The shelf with a text as the act, and the cursor in it.
fn desk(act: &str) -> (Shelf, String, usize) {
    let at = act.find("$0").expect("a cursor");
    let act = act.replacen("$0", "", 1);
    let texts = [("act.law", act.clone()), ("model.law", MODEL.to_owned()), ("recognitions.csv", TABLE.to_owned())];
    (Shelf::new(texts, Some("/law".into()), date(2026, 1, 1)), act, at)
}

/// The act with `old`, which stands in it once, replaced by `new`.
fn with(old: &str, new: &str) -> String {
    assert_eq!(ACT.matches(old).count(), 1, "`{old}` stands once");
    ACT.replacen(old, new, 1)
}

fn offers(old: &str, new: &str) -> Vec<Offer> {
    let (shelf, text, at) = desk(&with(old, new));
    complete::in_instrument(&shelf, "act.law", &text, at)
}

fn labels(old: &str, new: &str) -> Vec<String> {
    offers(old, new).into_iter().map(|offer| offer.label).collect()
}

#[track_caller]
fn offered(old: &str, new: &str, yes: &[&str], no: &[&str]) {
    let labels = labels(old, new);
    for label in yes {
        assert!(labels.iter().any(|offer| offer == label), "`{label}` is not offered at `{new}`: {labels:?}");
    }
    for label in no {
        assert!(!labels.iter().any(|offer| offer == label), "`{label}` is offered at `{new}`");
    }
}

#[track_caller]
fn shown(old: &str, new: &str, parts: &[&str]) {
    let (shelf, text, at) = desk(&with(old, new));
    let shown = hover::in_instrument(&shelf, "act.law", &text, at).unwrap_or_else(|| panic!("nothing is shown at `{new}`"));
    for part in parts {
        assert!(shown.text.contains(part), "`{part}` is not in:\n{}", shown.text);
    }
}

/// Source name, line and text of each definition.
fn defined(old: &str, new: &str) -> Vec<(String, u32, String)> {
    let (shelf, text, at) = desk(&with(old, new));
    define::in_instrument(&shelf, "act.law", &text, at)
        .into_iter()
        .map(|target| {
            let source = shelf.library.source(target.source).expect("a source");
            let line = Lines::new(&source.text).position(target.span.start).line + 1;
            (source.name.to_string(), line, source.text[target.span.start..target.span.end].to_owned())
        })
        .collect()
}

#[test]
fn keys_terms_and_definitions_are_offered_in_conditions() {
    offered(
        "when abroad",
        "when $0",
        &["abroad", "importer.seat", "any of", "xx.act", "EU recognizes importer"],
        &["transfer", "clauses", "FR"],
    );
    offered("when abroad", "when abroad and not $0", &["abroad", "importer.seat"], &["permit"]);
    offered("when abroad", "when importer.se$0", &["importer.seat"], &[]);
    offered("when abroad", "when importer.seat $0", &["is", "in", "outside"], &["meets", "and"]);
    offered("when abroad", "when data.categories $0", &["meets", "has", "within", "is"], &["outside"]);
    offered("when abroad", "when importer.seat is $0", &["FR", "@EEA", "not"], &["health"]);
    offered("when abroad", "when importer.seat is not $0", &["FR", "@EEA"], &["health"]);
    offered("when abroad", "when importer.seat outside $0", &["FR", "@EEA", "recognized by"], &["health"]);
    offered("when abroad", "when importer.seat outside FR $0", &["and", "unless", "outside"], &["importer.seat"]);
    offered("when abroad", "when data.categories meets { health, $0", &["genetic"], &["FR", "@EEA"]);
    offered("when abroad", "when data.categories has at least 2 of $0", &["genetic"], &["FR"]);
    offered("when abroad", "when data.categories is $0", &["empty", "not empty"], &["genetic"]);
    offered("when abroad", "when any of { abroad, $0 }", &["abroad", "importer.seat"], &["FR"]);
    offered("when abroad", "when any of ($0)", &["clauses", "agreed"], &["abroad", "transfer"]);
    offered("when abroad", "when any of (clauses) $0", &["is"], &[]);
    offered("when abroad", "when any of (clauses) is $0", &["satisfied", "open"], &[]);
    offered("when abroad", "when abroad $0", &["and", "or", "unless", "cite", "permit", "case"], &["importer.seat"]);
    offered("when abroad", "when count of { genetic } in $0", &["persons", "devices"], &["FR"]);
    offered("when abroad", "when EU recognizes importer as $0", &["adequacy"], &["abroad"]);
    offered("reading scope is wide", "reading $0", &["scope"], &["wide"]);
    offered("reading scope is wide", "reading scope is $0", &["wide", "narrow"], &["scope"]);
    offered("outside { FR, recognized by EU }", "outside { FR, recognized by $0 }", &["EU"], &["@EEA"]);
}

#[test]
fn items_of_lists_come_from_the_scheme_of_the_list() {
    offered("needs contract { eu.scc-2021, xx.clauses }", "needs contract $0", &["eu.scc-2021", "eu.scc-2021/*"], &["FR"]);
    offered("needs contract { eu.scc-2021, xx.clauses }", "needs contract { eu.scc-2021, $0 }", &["uk.idta"], &["FR"]);
    offered(
        "needs contract { eu.scc-2021, xx.clauses }",
        "needs contract eu.scc-2021 $0",
        &["before", "within", "and", "needs"],
        &["permit"],
    );
    offered("needs contract { eu.scc-2021, xx.clauses }", "needs measure $0", &["pseudonymised"], &["uk.idta"]);
    offered("needs safeguards.assessment.result is equivalent", "needs safeguards.assessment.result is $0", &["equivalent"], &["FR"]);
}

#[test]
fn heads_ask_for_what_they_need() {
    offered("by standard-clauses", "$0", &["by"], &["and"]);
    offered("by standard-clauses", "by $0", &["standard-clauses", "bcr"], &["clauses", "FR"]);
    offered("to transfer", "$0", &["to"], &[]);
    offered("to transfer", "to $0", &["transfer", "clauses", "later"], &["abroad"]);
    offered("to transfer", "to transfer, $0", &["clauses"], &["abroad"]);
    offered("on exporter within 3 days of awareness", "on $0", &["exporter"], &["FR"]);
    offered("on exporter within 3 days of awareness", "on exporter within 3 $0", &["days", "working days"], &["FR"]);
    offered("on exporter within 3 days of awareness", "on exporter within 3 days of $0", &["awareness"], &["FR"]);
    offered("72 hours from", "72 hours from $0", &["awareness"], &["FR"]);
    offered("72 hours from", "72 $0 from", &["hours"], &["from"]);
    offered("adopt later", "adopt $0", &["later", "fine", "all"], &["transfer"]);
    offered("  kind law", "  kind $0", &["law", "treaty"], &["FR"]);
    offered("  of FR", "  of $0", &["FR", "@EEA"], &["law"]);
    offered("  of FR", "  relates $0", &["implements"], &["FR"]);
    offered("  of FR", "  relates implements $0", &["xx.model"], &["FR"]);
    offered("  of FR", "  $0", &["cite", "authority", "permit"], &["and", "when"]);
    offered("adapts xx.model", "adapts $0", &["xx.model"], &["FR"]);
    offered("applies here", "applies $0", &[], &["here", "FR", "importer.seat"]);
}

#[test]
fn cases_take_keys_values_and_verdicts() {
    offered("importer.seat = CH", "$0", &["importer.seat", "unknown", "known"], &["CH", "permit"]);
    offered("importer.seat = CH", "importer.seat = $0", &["CH"], &["@EEA", "health"]);
    offered("importer.seat = CH", "importer.group = $0", &["true", "false"], &["CH"]);
    offered("importer.seat = CH", "data.categories = { health, $0 }", &["genetic"], &["CH"]);
    offered("onward { seat = US }", "onward { $0 }", &["seat", "contracts"], &["importer.seat"]);
    offered("onward { seat = US }", "onward { seat = $0 }", &["US"], &["health"]);
    offered("=> prohibited", "=> $0", &["prohibited", "permitted"], &["by"]);
    offered("=> prohibited", "=> permitted by $0", &["clauses", "standard-clauses"], &["prohibited"]);
    offered("=> prohibited", "=> permitted owes $0", &["tell"], &["clauses"]);
    offered("=> prohibited", "=> undetermined asks $0", &["importer.seat", "reading:scope"], &["scope"]);
    offered("=> prohibited", "=> prohibited $0", &["by", "missing", "case"], &["and"]);
}

#[test]
fn nothing_is_offered_in_texts_and_comments() {
    assert!(labels("\"To anybody abroad.\"", "\"To any$0body abroad.\"").is_empty());
    assert!(labels("# Ärztliche Daten", "# Ärztliche$0 Daten").is_empty());
    assert!(labels("when abroad", "note \"unfinished $0").is_empty());
}

#[test]
fn what_is_offered_replaces_the_word_at_the_cursor() {
    let offers = offers("when abroad", "when importer.se$0at in FR");
    let seat = offers.iter().find(|offer| offer.label == "importer.seat").expect("the key");
    let text = ACT.replacen("when abroad", "when importer.seat in FR", 1);
    assert_eq!(&text[seat.span.start..seat.span.end], "importer.seat");
}

#[test]
fn hover_shows_what_a_word_stands_for() {
    shown("when exporter.seat in", "when exporter.se$0at in", &["In which country", "given", "one place"]);
    shown("data.categories = { health }", "data.categories = { hea$0lth }", &["health", "data category", "w3id.org/dpv"]);
    shown("in @EEA", "in @E$0EA", &["members on 2026-01-01 (30)", "FR", "NO"]);
    shown(
        "when abroad",
        "when abr$0oad",
        &["define **`abroad`** of `xx.act`", "[s. 2]", "verified in the source", "in force from 2020-01-01"],
    );
    shown(
        "direct to transfer",
        "direct to tran$0sfer",
        &["[s. 3 – „Übermittlung“]", "> To anybody abroad.", "```comity-law\nrestrict transfer"],
    );
    shown("none of (clauses)", "none of (cl$0auses)", &["by `standard-clauses`", "*recalled*"]);
    shown("adapts xx.model", "adapts xx.mo$0del", &["**Model** `xx.model`, rules", "[Model 1]"]);
    shown("adopt later", "adopt lat$0er", &["forbid **`later`** of `xx.model`", "[M. 9]"]);
    shown("scope is wide", "scope is wi$0de", &["option `wide`: All.", "What does it mean?", "`narrow`"]);
    shown("when EU recognizes", "when E$0U recognizes", &["**`EU`**"]);
    shown("seat = US", "se$0at = US", &["importer.seat"]);
    shown("restrict transfer", "rest$0rict transfer", &["needs a mechanism"]);
    shown("restrict transfer", "restrict trans$0fer", &["[s. 3 –"]);
}

#[test]
fn definitions_are_found_in_their_files() {
    let at = |name: &str, line, text: &str| (name.to_owned(), line, text.to_owned());
    assert_eq!(defined("when abroad", "when abr$0oad"), [at("act.law", 14, "abroad")]);
    assert_eq!(defined("direct to transfer", "direct to $0transfer"), [at("act.law", 15, "transfer")]);
    assert_eq!(defined("adapts xx.model", "adapts xx.model$0"), [at("model.law", 1, "xx.model")]);
    assert_eq!(defined("adopt later", "adopt lat$0er"), [at("model.law", 6, "later")]);
    assert_eq!(defined("reading scope is wide", "reading sc$0ope is wide"), [at("act.law", 9, "scope")]);
    assert_eq!(defined("reading scope is wide", "reading scope is wi$0de"), [at("act.law", 10, "wide")]);
    assert_eq!(defined("on exporter within", "on exp$0orter within"), []);
    let versions = defined("when EU recognizes importer as adequacy", "when any of (agr$0eed) is satisfied");
    assert_eq!(versions, [at("act.law", 21, "agreed"), at("act.law", 22, "agreed")]);
}

#[test]
fn slips_are_remarked_at_their_place() {
    let (shelf, text, _) = desk(&with("when exporter.seat in @EEA", "when exporter.saet in @EEA$0"));
    let remarks = diagnose::in_library(&shelf, "act.law");
    let slip = remarks.iter().find(|remark| remark.code == Some("unknown-key")).expect("the slip");
    assert_eq!(&text[slip.span.start..slip.span.end], "exporter.saet");
    assert!(slip.message.contains("did you mean `exporter.seat`?"), "{}", slip.message);
    assert_eq!(diagnose::in_library(&shelf, "model.law"), []);
}

#[test]
fn columns_behind_letters_outside_ascii_are_right() {
    let (shelf, text, at) = desk(&with("„Übermittlung“\" note \"To anybody abroad.\" when abroad", "„Über 𝄞“\" when abr$0oad"));
    let lines = Lines::new(&text);
    let shown = hover::in_instrument(&shelf, "act.law", &text, at).expect("the definition");
    let range = lines.range(shown.span);
    // Two units for the clef, one for each other letter.
    let line = lines.line(14).expect("the line");
    let before = line.split("abroad").next().expect("what stands before");
    assert_eq!(range.start.line, 14);
    assert_eq!(range.start.character as usize, before.encode_utf16().count());
    assert_eq!(range.end.character - range.start.character, 6);
    assert_eq!(lines.byte(range.start), shown.span.start);
}

#[test]
fn the_outline_has_provisions_and_cases_of_the_file() {
    let (shelf, ..) = desk(&format!("{ACT}$0"));
    let outline = outline::outline(&shelf, "act.law");
    assert_eq!(outline.len(), 1);
    let names: Vec<&str> = outline[0].children.iter().map(|entry| entry.name.as_str()).collect();
    // What is adopted stands in the file of the model.
    assert_eq!(names, ["here", "abroad", "transfer", "direct", "clauses", "agreed", "agreed", "tell", "breach", "to Zürich"]);
    assert_eq!(outline[0].children[2].detail, "restrict s. 3 – „Übermittlung“");
}

/// Wherever the cursor is in an instrument, and however it breaks off there, an answer comes.
#[test]
fn every_place_has_an_answer() {
    for (at, _) in ACT.char_indices() {
        let (shelf, text, byte) = desk(&format!("{}$0{}", &ACT[..at], &ACT[at..]));
        let _ = complete::in_instrument(&shelf, "act.law", &text, byte);
        let _ = hover::in_instrument(&shelf, "act.law", &text, byte);
        if at % 7 == 0 {
            let (shelf, text, byte) = desk(&format!("{}$0", &ACT[..at]));
            let _ = complete::in_instrument(&shelf, "act.law", &text, byte);
            let _ = define::in_instrument(&shelf, "act.law", &text, byte);
        }
    }
}
