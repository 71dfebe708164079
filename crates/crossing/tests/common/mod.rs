// SPDX-License-Identifier: Apache-2.0
//! People who do not exist, in tables of every layout.

use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, DictionaryArray, Int64Array, RecordBatch, StringArray};
use comity_border::plan::compile;
use comity_border::{Manifest, Plan, Secret};
use comity_crossing::{Job, Survey, survey};
use comity_judge::Options;
use comity_law::Library;
use jiff::civil::{Date, date};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub const LAW: &str = r#"
instrument xx.act "Act" {
  kind law  cite "Act 1"  of FR  in force 2020-01-01
  applies here cite "s. 1" when subjects.located meets { FR }
  restrict abroad cite "s. 2" when importer.seat outside FR
  permit consent by explicit-consent cite "s. 3" needs safeguards.consent.explicit
  permit hidden by comparable-protection cite "s. 4" when subjects.youngest_age >= 18 needs measure pseudonymised
}
instrument yy.act "Act of another" {
  kind law  cite "Act 2"  of DE  in force 2020-01-01
  applies here cite "§ 1" when subjects.located meets { DE }
}"#;

/// The day on which the tests cross.
pub const DAY: Date = date(2026, 11, 29);

pub const FLOW: &str = r#"
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
categories = ["contact", "name", "address", "date-of-birth", "preference"]
[purpose]
of = ["analytics"]
"#;

pub const MANIFEST: &str = r#"
table = "people"
person = "email"
[columns.email]
holds = ["contact"]
identifies = "directly"
measures = ["keep", "pseudonymise"]
[columns.name]
holds = ["name"]
identifies = "directly"
measures = ["keep", "drop"]
[columns.place]
holds = ["address"]
identifies = "together"
decides = "subjects.located"
words = { France = "FR", Germany = "DE" }
[columns.consent]
holds = []
identifies = "no"
decides = "safeguards.consent"
words = { yes = ["explicit"], no = false }
[columns.age]
holds = ["date-of-birth"]
identifies = "together"
decides = "subjects.youngest_age"
bands = [0, 18]
measures = ["generalise multiple 10"]
[columns.points]
holds = ["preference"]
identifies = "no"
"#;

/// A small generator of numbers: the same every time.
pub struct Numbers(pub u64);

impl Numbers {
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

pub type Row = [Option<String>; 6];

/// People, whose e-mail addresses and names are found nowhere else; with `uniform` all of them live in one place and consented.
pub fn people(count: usize, seed: u64, uniform: bool) -> Vec<Row> {
    let mut numbers = Numbers(seed);
    (0..count)
        .map(|number| {
            let place = match numbers.below(20) {
                _ if uniform => Some("France"),
                0 => None,
                1 => Some("Narnia"),
                2..=9 => Some("Germany"),
                _ => Some("France"),
            };
            let consent = if uniform || numbers.below(3) > 0 { "yes" } else { "no" };
            [
                Some(format!("someone-{seed}-{number}-x@example.org")),
                Some(format!("Surname-{seed}-{number}-x")),
                place.map(str::to_owned),
                Some(consent.to_owned()),
                Some((7 + numbers.below(80)).to_string()),
                (numbers.below(10) > 0).then(|| numbers.below(1000).to_string()),
            ]
        })
        .collect()
}

/// A Parquet file with so many rows in a row group, numbers as numbers, and what a Python library notes beside.
pub fn write_parquet(path: &Path, rows: &[Row], group: usize) {
    let column = |at: usize| rows.iter().map(move |row| row[at].as_deref());
    let numbers = |at: usize| {
        Arc::new(rows.iter().map(move |row| row[at].as_ref().and_then(|cell| cell.parse().ok())).collect::<Int64Array>()) as ArrayRef
    };
    let batch = RecordBatch::try_from_iter_with_nullable([
        ("email", Arc::new(column(0).collect::<StringArray>()) as ArrayRef, true),
        ("name", Arc::new(column(1).collect::<DictionaryArray<Int32Type>>()) as ArrayRef, true),
        ("place", Arc::new(column(2).collect::<DictionaryArray<Int32Type>>()) as ArrayRef, true),
        ("consent", Arc::new(column(3).collect::<StringArray>()) as ArrayRef, true),
        ("age", numbers(4), true),
        ("points", numbers(5), true),
    ])
    .unwrap();
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(group)).build();
    let mut writer = ArrowWriter::try_new(File::create(path).unwrap(), batch.schema(), Some(properties)).unwrap();
    writer.append_key_value_metadata(parquet::file::metadata::KeyValue::new(
        "pandas".to_owned(),
        "the last reader was someone-7-3-x@example.org".to_owned(),
    ));
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

pub fn secret() -> Secret {
    Secret::new([5; 32])
}

pub fn planned(inputs: &[PathBuf], manifest: &str) -> (Plan, Survey) {
    let (library, problems) = Library::read([("xx/act.law".to_owned(), LAW.to_owned())]);
    assert!(problems.is_empty(), "{problems:?}");
    let manifest = Manifest::parse(manifest).unwrap();
    let found = survey(inputs, &manifest, date(2026, 11, 1), &mut |_| {}).unwrap();
    let mut plan = compile(&library, &Options::today(date(2026, 11, 29)), FLOW, &manifest, Some(&secret()), &found.cells()).unwrap();
    plan.inputs.clone_from(&found.inputs);
    (plan, found)
}

/// A crossing of these tables into a folder, beside which is what is kept apart.
pub fn job(folder: &Path, inputs: &[PathBuf]) -> Job {
    Job {
        inputs: inputs.to_vec(),
        to: folder.join("out"),
        apart: folder.join("out.apart"),
        workers: 2,
        budget: None,
        stamps: Vec::new(),
        format: None,
        day: DAY,
    }
}

/// All bytes below a folder.
pub fn bytes_of(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(bytes_of(&path)) } else { found.push((path.clone(), std::fs::read(&path).unwrap())) }
    }
    found.sort();
    found
}
