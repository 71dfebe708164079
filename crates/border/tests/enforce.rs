// SPDX-License-Identifier: Apache-2.0
//! Plans carried out on batches do what the reference says row by row, and nothing that was suppressed is in the output.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_array::{Array, ArrayRef, DictionaryArray, RecordBatch, StringArray, StringViewArray};
use arrow_schema::{DataType, Field, Schema};
use comity_border::enforce::REASON;
use comity_border::plan::{Outcome, compile};
use comity_border::reference::{Fate, fate};
use comity_border::{Enforcer, Manifest, Plan, PlanError, Secret};
use comity_judge::Options;
use comity_law::Library;
use jiff::civil::date;
use proptest::prelude::*;
use std::sync::Arc;

const LAW: &str = r#"
instrument xx.act "Act" {
  kind law  cite "Act 1"  of FR  in force 2020-01-01
  define sensitive cite "s. 9" when data.categories meets { health }
  applies here cite "s. 1" when subjects.located meets { FR }
  restrict abroad cite "s. 2" when importer.seat outside FR
  permit consent by explicit-consent cite "s. 3" needs safeguards.consent.explicit
  permit hidden by comparable-protection cite "s. 4" when not sensitive needs measure pseudonymised
}
instrument yy.act "Act of another" {
  kind law  cite "Act 2"  of DE  in force 2020-01-01
  applies here cite "§ 1" when subjects.located meets { DE }
}"#;

const FLOW: &str = r#"
id = "people-out"
title = "People to the analyst"
on = 2026-11-01
under = ["xx.act", "yy.act"]
[exporter]
seat = "FR"
[importer]
name = "Analyst"
seat = "US"
[data]
categories = ["contact", "health", "address"]
[purpose]
of = ["analytics"]
"#;

const MANIFEST: &str = r#"
table = "people"
person = "email"
[columns.email]
holds = ["contact"]
identifies = "directly"
measures = ["keep", "pseudonymise"]
[columns.place]
holds = ["address"]
identifies = "together"
decides = "subjects.located"
words = { France = "FR", FR = "FR", Germany = "DE" }
[columns.consent]
holds = []
identifies = "no"
decides = "safeguards.consent"
words = { yes = ["explicit"], no = false }
[columns.note]
holds = ["health"]
identifies = "no"
measures = ["keep", "drop"]
"#;

fn library() -> Library {
    let (library, problems) = Library::read([("xx/act.law".to_owned(), LAW.to_owned())]);
    assert!(problems.is_empty(), "{problems:?}");
    library
}

fn cells(rows: &[[&str; 2]]) -> Vec<Vec<String>> {
    rows.iter().map(|row| row.iter().map(|cell| (*cell).to_owned()).collect()).collect()
}

fn plan(manifest: &str) -> Plan {
    let manifest = Manifest::parse(manifest).unwrap();
    let rows = cells(&[["France", "yes"], ["FR", "no"], ["Germany", "no"]]);
    compile(&library(), &Options::today(date(2026, 11, 29)), FLOW, &manifest, Some(&Secret::new([3; 32])), &rows).unwrap()
}

#[test]
fn the_least_costly_lawful_measures_are_chosen() {
    let plan = plan(MANIFEST);
    let measures = |row: [&str; 2]| match plan.outcome(&row.map(str::to_owned)) {
        Some(Outcome::Pass { measures, .. }) => measures.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        other => format!("{other:?}"),
    };
    assert_eq!(measures(["FR", "yes"]), "keep, keep, keep, keep");
    assert_eq!(measures(["FR", "no"]), "pseudonymise blake3, keep, keep, drop");
    assert_eq!(measures(["Germany", "no"]), "keep, keep, keep, keep");
    assert_eq!(plan.decisions.len(), 3, "words that say the same are one");
    assert_eq!(plan.laws.len(), 2);
}

#[test]
fn what_has_no_lawful_measure_is_held_with_the_reason() {
    let plan = plan(&MANIFEST.replace("[\"keep\", \"drop\"]", "[\"keep\"]"));
    let Some(Outcome::Hold { verdict, reasons }) = plan.outcome(&["FR".to_owned(), "no".to_owned()]) else { panic!("{plan:?}") };
    assert_eq!(verdict, "incomplete");
    assert!(reasons[0].starts_with("xx.act: incomplete") && reasons[0].contains("s. 2"), "{reasons:?}");
}

#[test]
fn the_flow_declares_what_the_table_carries() {
    let manifest = Manifest::parse(&MANIFEST.replace("\"health\"", "\"genetic\"")).unwrap();
    let error = compile(&library(), &Options::today(date(2026, 11, 29)), FLOW, &manifest, Some(&Secret::new([3; 32])), &[]).unwrap_err();
    assert!(
        matches!(&error, PlanError::Undeclared { column, category, line: 18 } if column == "note" && category == "genetic"),
        "{error:?}"
    );
    let manifest = Manifest::parse(MANIFEST).unwrap();
    let error = compile(&library(), &Options::today(date(2026, 11, 29)), FLOW, &manifest, None, &[]).unwrap_err();
    assert!(matches!(error, PlanError::NoSecret(column) if column == "email"));
}

#[test]
fn a_plan_is_text_and_its_hash_binds_all_of_it() {
    let plan = plan(MANIFEST);
    let text = plan.to_text().unwrap();
    let read = Plan::parse(&text).unwrap();
    assert_eq!(read, plan);
    assert_eq!(read.hash().unwrap(), plan.hash().unwrap());
    // A verdict that was turned round by hand is no plan; anything else has another hash.
    let held = text.replacen("\"verdict\":\"permitted\"", "\"verdict\":\"prohibited\"", 1);
    assert!(Plan::parse(&held).is_err());
    let extra = text.replacen('{', "{\"aaa\":1,", 1);
    assert!(Plan::parse(&extra).is_err());
    let kept = text.replacen("pseudonymise blake3", "keep", 1);
    assert_ne!(Plan::parse(&kept).unwrap().hash().unwrap(), plan.hash().unwrap());
}

#[test]
fn slips_in_a_manifest_have_lines_and_help() {
    let wrong = "table = \"t\"\nperson = \"emial\"\n[columns.email]\nholds = [\"contcat\"]\nidentifies = \"direct\"\nmeasures = [\"pseudonimise\"]\nmeasure = \"keep\"\n[columns.place]\nholds = []\ndecides = \"subject.located\"\nidentifies = \"no\"\n";
    let problems = Manifest::parse(wrong).unwrap_err();
    let shown: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        shown,
        [
            "2:10: `person`: expected the name of a column below, found `emial` (did you mean `email`?)",
            "4:10: `holds`: expected a data category, found `contcat` (did you mean `contact`?)",
            "5:14: `identifies`: expected one of `directly`, `together`, `no`, found \"direct\"",
            "6:13: `measures`: expected a measure, such as `keep`, `drop`, `pseudonymise` or `generalise year`, found `pseudonimise`; did you mean `pseudonymise`?",
            "7:1: unknown key `measure` (did you mean `measures`?)",
            "10:11: `decides`: expected a key path of the flow file, found `subject.located` (did you mean `subjects.located`?)",
        ]
    );
    let manifest = Manifest::parse(MANIFEST).unwrap();
    let problems = manifest.against(&["email", "place", "consent", "notes"]);
    assert_eq!(problems.len(), 2);
    assert_eq!(problems[0].help.as_deref(), Some("did you mean `notes`?"));
}

#[test]
fn types_that_a_measure_or_a_key_cannot_take_are_named_with_their_place() {
    let manifest = MANIFEST
        .replace("measures = [\"keep\", \"drop\"]", "measures = [\"keep\", \"generalise year\", \"tokenise ff1 digits\"]")
        .replace("measures = [\"keep\", \"pseudonymise\"]", "measures = [\"keep\", \"truncate 3\"]")
        .replace("words = { France = \"FR\", FR = \"FR\", Germany = \"DE\" }\n", "");
    let manifest = Manifest::parse(&manifest).unwrap();
    let fields = [("email", DataType::Binary), ("place", DataType::Int64), ("consent", DataType::Boolean), ("note", DataType::Float64)];
    let table = Schema::new(fields.clone().map(|(name, data_type)| Field::new(name, data_type, true)).to_vec());
    let shown: Vec<String> = manifest.fits(&table).iter().map(ToString::to_string).collect();
    assert_eq!(
        shown,
        [
            "7:21: `truncate 3` takes what has a text, and column `email` of the table holds Binary (choose another measure, or give the table a column of another type)",
            "11:11: `subjects.located` takes texts, and column `place` of the table holds Int64 (let another column decide, or say with `words` what each cell means)",
            "20:21: `generalise year` takes days, and column `note` of the table holds Float64 (choose another measure, or give the table a column of another type)",
            "20:40: `tokenise ff1 digits` takes texts and whole numbers, and column `note` of the table holds Float64 (choose another measure, or give the table a column of another type)",
        ]
    );
    let texts = Schema::new(fields.map(|(name, _)| Field::new(name, DataType::Utf8, true)).to_vec());
    assert_eq!(manifest.fits(&texts), []);
}

#[derive(Clone, Copy, Debug)]
enum Layout {
    Plain,
    View,
    Dictionary,
}

fn column(cells: &[Option<String>], layout: Layout) -> ArrayRef {
    let cells = cells.iter().map(Option::as_deref);
    match layout {
        Layout::Plain => Arc::new(cells.collect::<StringArray>()),
        Layout::View => Arc::new(cells.collect::<StringViewArray>()),
        Layout::Dictionary => Arc::new(cells.collect::<DictionaryArray<Int32Type>>()),
    }
}

fn data_type(layout: Layout) -> DataType {
    match layout {
        Layout::Plain => DataType::Utf8,
        Layout::View => DataType::Utf8View,
        Layout::Dictionary => DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)),
    }
}

fn row() -> impl Strategy<Value = Vec<Option<String>>> {
    let email = prop::option::of("[a-z]{3}@[a-z]{3}\\.example");
    let place = prop::option::of(prop::sample::select(vec!["France", "FR", "Germany", "Narnia", ""]));
    let consent = prop::option::of(prop::sample::select(vec!["yes", "no", "maybe"]));
    let note = prop::option::of("note-[0-9]{6}");
    (email, place, consent, note)
        .prop_map(|(email, place, consent, note)| vec![email, place.map(str::to_owned), consent.map(str::to_owned), note])
}

proptest! {
    #[test]
    fn batches_do_what_the_reference_says(
        rows in prop::collection::vec(row(), 0..60),
        layouts in prop::array::uniform4(prop::sample::select(vec![Layout::Plain, Layout::View, Layout::Dictionary])),
        hold in prop::bool::ANY,
    ) {
        let manifest = if hold { MANIFEST.replace("table = \"people\"", "table = \"people\"\nheld = \"drop\"").replace("[\"keep\", \"drop\"]", "[\"keep\"]") } else { MANIFEST.to_owned() };
        let plan = plan(&manifest);
        let secret = Secret::new([3; 32]);
        let names = ["email", "place", "consent", "note"];
        let fields: Vec<Field> = names.iter().zip(layouts).map(|(name, layout)| Field::new(*name, data_type(layout), true)).collect();
        let columns = (0..4).map(|at| column(&rows.iter().map(|row| row[at].clone()).collect::<Vec<_>>(), layouts[at])).collect();
        let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap();
        let mut enforcer = Enforcer::new(&plan, Some(&secret), batch.schema_ref()).unwrap();
        // In two pieces, so that what is remembered from the first is used in the second.
        let half = rows.len() / 2;
        let mut passed: Vec<Vec<Option<String>>> = Vec::new();
        let mut reasons = Vec::new();
        let mut bytes = Vec::new();
        for piece in [batch.slice(0, half), batch.slice(half, rows.len() - half)] {
            let enforced = enforcer.enforce(&piece).unwrap();
            for at in 0..enforced.passed.num_rows() {
                let cell = |column: &ArrayRef| (!column.is_null(at)).then(|| column.as_string::<i32>().value(at).to_owned());
                passed.push(enforced.passed.columns().iter().map(cell).collect());
            }
            let why = enforced.quarantined.column_by_name(REASON).unwrap().as_string::<i32>().clone();
            reasons.extend(why.iter().map(|reason| reason.unwrap().to_owned()));
            for column in enforced.passed.columns() {
                for buffer in column.to_data().buffers() {
                    bytes.extend_from_slice(buffer.as_slice());
                    bytes.push(0);
                }
            }
        }
        let (mut expected, mut why, mut dropped) = (Vec::new(), Vec::new(), 0);
        for row in &rows {
            match fate(&plan, Some(&secret), row) {
                Fate::Passed(row) => expected.push(row),
                Fate::Quarantined(reason) => why.push(reason),
                Fate::Dropped => dropped += 1,
            }
        }
        prop_assert_eq!(&passed, &expected);
        prop_assert_eq!(reasons, why);
        prop_assert!(enforcer.tally.conserved());
        prop_assert_eq!(enforcer.tally.dropped, dropped);
        prop_assert_eq!(enforcer.tally.total(), rows.len() as u64);
        // No byte of what was suppressed is in any buffer.
        let leaves: Vec<String> = expected.iter().flatten().flatten().cloned().collect();
        for cell in rows.iter().flat_map(|row| [&row[0], &row[3]]).flatten() {
            if !leaves.iter().any(|left| left.contains(cell.as_str())) {
                prop_assert!(!bytes.windows(cell.len()).any(|window| window == cell.as_bytes()), "{} leaked", cell);
            }
        }
    }
}
