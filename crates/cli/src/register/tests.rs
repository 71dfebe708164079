// SPDX-License-Identifier: Apache-2.0
//! What is exported imports unchanged.

use super::columns::{Column, Shape, columns};
use super::export::{cells, table};
use super::{Map, rows};
use crate::input::Source;
use comity_flow::{Flow, Format, read};
use comity_terms::{KeyKind, Scheme, vocabulary};
use proptest::prelude::*;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// The kinds of registers that this build has.
const ENDINGS: &[&str] = match (cfg!(feature = "xlsx"), cfg!(feature = "parquet")) {
    (true, true) => &["csv", "xlsx", "parquet"],
    (true, false) => &["csv", "xlsx"],
    (false, true) => &["csv", "parquet"],
    (false, false) => &["csv"],
};

fn none(_: &str) -> Result<String, String> {
    Err("no profile".to_owned())
}

/// What the lines are of no matter, and what was assumed the first time is stated the second.
fn bare(mut flow: Flow) -> Flow {
    flow.lines.clear();
    flow.assumed.clear();
    flow
}

/// Writes the flows as a register and reads it.
fn there_and_back(flows: &[Flow], ending: &str, map: &Map) -> Vec<Flow> {
    let register: Vec<_> = flows.iter().map(|flow| cells(flow, map)).collect();
    let (header, lines) = table(&register, map);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(format!("register.{ending}"));
    let write = match ending {
        "xlsx" => super::xlsx::write,
        "parquet" => super::parquet::write,
        _ => super::export::write_csv,
    };
    write(&path, &header, &lines, map).expect("it can be written");
    rows(&path, map)
        .map(|source| match &source {
            Source::Row(row) => source.flow("").unwrap_or_else(|problems| panic!("{problems:?} in\n{}", row.text)),
            other => panic!("{other:?}"),
        })
        .collect()
}

fn same(flow: Flow, ending: &str, map: &Map) {
    let flow = bare(flow);
    let back = there_and_back(std::slice::from_ref(&flow), ending, map).pop().map(bare).expect("one row");
    assert_eq!(back, flow);
}

/// A mapping file as unkind as it can be: ids are words for other ids, words look like lists, headers like other keys.
static UNKIND: LazyLock<Map> = LazyLock::new(|| {
    let mut text = String::from(
        "dates = \"month-day-year\"\nlists = \",\"\nheader_row = 3\nencoding = \"windows-1252\"\nsheet = \"Übermittlungen\"\n\
         [columns]\n\"importer.seat\" = \"exporter.seat\"\n\"exporter.seat\" = \"importer.seat\"\n\"=Daten; alle\" = \"data.categories\"\n",
    );
    for column in columns() {
        let Some(KeyKind::One(scheme) | KeyKind::Many(scheme)) = kind(column) else { continue };
        text.push_str(&format!("[words.\"{}\"]\n", column.path));
        let mut ids: Vec<String> = (0..40).map(|seed| id(scheme, seed)).collect();
        ids.sort();
        ids.dedup();
        for (position, pair) in ids.windows(2).enumerate() {
            let word = match position % 4 {
                0 => pair[0].clone(),
                1 => format!("{}; {}", pair[0], pair[1]),
                2 => format!("The Word @ {position}, or #{position}"),
                _ => format!("Wört {position}"),
            };
            text.push_str(&format!("{} = {}\n", quoted(&word), quoted(&pair[1])));
        }
        let first = quoted(&ids[0]);
        text.push_str(&format!("none = {first}\n\"?\" = \"\"\n"));
        if matches!(kind(column), Some(KeyKind::Many(_))) {
            text.push_str("\"n/a\" = \"none\"\n");
        }
    }
    super::map_file::parse(&text).unwrap_or_else(|problems| panic!("{problems:#?} in\n{text}"))
});

fn kind(column: &Column) -> Option<KeyKind> {
    let words = vocabulary();
    words.key(&column.path).and_then(|key| words.key_at(key)).map(|key| key.kind)
}

/// An id of a scheme, as a file may write it.
fn id(scheme: Scheme, seed: u64) -> String {
    let ids = vocabulary().entries(scheme).iter().map(|entry| entry.id.as_str());
    let ids: Vec<&str> = ids.filter(|id| *id != "none" && !id.ends_with("/*")).collect();
    ids.get(usize::try_from(seed).unwrap_or(0) % ids.len().max(1)).copied().unwrap_or_default().to_owned()
}

fn quoted(text: &str) -> String {
    super::cell::quoted(text)
}

fn value(column: &Column, kind: Option<KeyKind>, seed: u64, text: &str) -> Option<String> {
    let scheme = match kind {
        Some(KeyKind::One(scheme) | KeyKind::Many(scheme)) => Some(scheme),
        _ => None,
    };
    let day = format!("\"{}-{:02}-{:02}\"", 2010 + seed % 12, 1 + seed % 12, 1 + seed % 28);
    Some(match (column.path.as_str(), column.shape) {
        ("profile" | "safeguards.assessment" | "safeguards.consent" | "under", _) => return None,
        (path, _) if path.starts_with("decided.") || path.starts_with("expected.") => return None,
        ("importer.reads_clear_text", _) => "true".to_owned(),
        ("subjects.count", _) => (seed % 1000).to_string(),
        ("subjects.count_12_months", _) => (1000 + seed % 1000).to_string(),
        ("subjects.counts", _) => format!("[{{ of = [\"{}\"], unit = \"persons\", at_least = {seed} }}]", id(Scheme::Category, seed)),
        ("onward", _) => format!(
            "[{{ name = {}, from = \"importer\", seat = \"US\", contracts = [{{ id = \"eu.scc-2021/2\", on = {day} }}] }}]",
            quoted(text)
        ),
        (_, Shape::Text) => quoted(text),
        (_, Shape::Day) => day,
        (_, Shape::Flag) => seed.is_multiple_of(2).to_string(),
        (_, Shape::Count) => seed.to_string(),
        (_, Shape::One) => quoted(&id(scheme?, seed)),
        (_, Shape::Many) => {
            let scheme = scheme?;
            let ids: Vec<String> = (0..seed % 4).map(|step| quoted(&id(scheme, seed + step))).collect();
            format!("[{}]", ids.join(", "))
        }
        // Certificates have evidence and no days.
        (path, Shape::Items) if path.ends_with(".certified") => {
            let scheme = scheme?;
            format!("[\"{}\", {{ id = \"{}\", ref = {} }}]", id(scheme, seed), id(scheme, seed + 1), quoted(text))
        }
        (_, Shape::Items) => {
            let scheme = scheme?;
            format!(
                "[\"{}\", {{ id = \"{}\", on = {day}, until = \"2031-01-01\", ref = {} }}, {{ id = \"{}\", until = \"2030-01-01\" }}]",
                id(scheme, seed),
                id(scheme, seed + 1),
                quoted(text),
                id(scheme, seed + 2)
            )
        }
        _ => return None,
    })
}

fn flow(seeds: &[u64], text: &str) -> Flow {
    let mut file = String::new();
    for (column, seed) in columns().iter().zip(seeds) {
        if seed % 3 == 0 {
            continue;
        }
        if let Some(value) = value(column, kind(column), seed / 3, text) {
            file.push_str(&format!("{} = {value}\n", column.path));
        }
    }
    read(&file, Format::Toml, &none).unwrap_or_else(|problems| panic!("{problems:?} in\n{file}"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn an_exported_flow_imports_unchanged(seeds in proptest::collection::vec(0_u64..30_000, columns().len()), text in "[ -~äß;#@'=\\n]{0,12}") {
        let mut flow = flow(&seeds, &text);
        // An id of nothing but spaces is the number of the row, by design.
        if flow.id.trim().is_empty() {
            "some-flow".clone_into(&mut flow.id);
        }
        for text in [&mut flow.title, &mut flow.exporter_name, &mut flow.importer_name] {
            if text.trim().is_empty() {
                text.clear();
            }
        }
        for ending in ENDINGS {
            same(flow.clone(), ending, &Map::default());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn no_mapping_file_changes_what_is_exported(seeds in proptest::collection::vec(0_u64..30_000, columns().len()), text in "[ -~äß;,#@'=\n]{1,12}") {
        let mut flow = flow(&seeds, &format!("x{text}"));
        if flow.id.trim().is_empty() {
            "some-flow".clone_into(&mut flow.id);
        }
        for ending in ENDINGS {
            same(flow.clone(), ending, &UNKIND);
        }
    }
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    crate::input::walk(folder, &["toml"], found, &mut Vec::new());
}

#[test]
fn the_casebook_is_a_register_too() {
    let mut found = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../casebook"), &mut found);
    let flows = found.iter().map(|path| std::fs::read_to_string(path).expect("it is there"));
    let flows: Vec<Flow> =
        flows.filter_map(|text| read(&text, Format::Toml, &none).ok()).map(bare).filter(|flow| !flow.id.is_empty()).collect();
    assert!(!flows.is_empty());
    for (back, flow) in there_and_back(&flows, "csv", &Map::default()).into_iter().map(bare).zip(&flows) {
        assert_eq!(back, *flow);
    }
}
