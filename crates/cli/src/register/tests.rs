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
fn there_and_back(flows: &[Flow], ending: &str) -> Vec<Flow> {
    let map = Map::default();
    let register: Vec<_> = flows.iter().map(|flow| cells(flow, &map)).collect();
    let (header, lines) = table(&register, &map);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(format!("register.{ending}"));
    if ending == "xlsx" {
        super::xlsx::write(&path, &header, &lines).expect("it can be written");
    } else {
        let mut writer = csv::Writer::from_path(&path).expect("it can be written");
        writer.write_record(&header).expect("it can be written");
        lines.iter().for_each(|line| writer.write_record(line).expect("it can be written"));
        writer.flush().expect("it can be written");
    }
    rows(&path, &map)
        .map(|source| match &source {
            Source::Row(row) => source.flow("").unwrap_or_else(|problems| panic!("{problems:?} in\n{}", row.text)),
            other => panic!("{other:?}"),
        })
        .collect()
}

fn same(flow: Flow, ending: &str) {
    let flow = bare(flow);
    let back = there_and_back(std::slice::from_ref(&flow), ending).pop().map(bare).expect("one row");
    assert_eq!(back, flow);
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
    let words = vocabulary();
    let mut file = String::new();
    for (column, seed) in columns().iter().zip(seeds) {
        if seed % 3 == 0 {
            continue;
        }
        let kind = words.key(&column.path).and_then(|key| words.key_at(key)).map(|key| key.kind);
        if let Some(value) = value(column, kind, seed / 3, text) {
            file.push_str(&format!("{} = {value}\n", column.path));
        }
    }
    read(&file, Format::Toml, &none).unwrap_or_else(|problems| panic!("{problems:?} in\n{file}"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

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
        same(flow.clone(), "csv");
        if cfg!(feature = "xlsx") {
            // A workbook writes its own line ends.
            same(flow, "xlsx");
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
    for (back, flow) in there_and_back(&flows, "csv").into_iter().map(bare).zip(&flows) {
        assert_eq!(back, *flow);
    }
}
