// SPDX-License-Identifier: Apache-2.0
//! JSON Lines and Arrow IPC: how they are written for tests, and what is their own.

use crate::common::{MANIFEST, Row, bytes_of, people, planned, secret, write_parquet};
use crate::{COLUMNS, expected, forbidden, job, leaked, read};
use arrow_array::builder::StringViewBuilder;
use arrow_array::types::Int32Type;
use arrow_array::{Array, ArrayRef, DictionaryArray, Int64Array, RecordBatch, StringArray, StructArray};
use arrow_ipc::CompressionType;
use arrow_ipc::reader::{FileReader, StreamReader};
use arrow_ipc::writer::{FileWriter, IpcWriteOptions, StreamWriter};
use arrow_schema::{DataType, Field, Schema};
use comity_crossing::{CrossingError, Format, Job, cross};
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;

/// The cells of a line in the order of the columns.
pub fn in_order(row: &Map<String, Value>) -> impl Iterator<Item = &Value> {
    COLUMNS.iter().filter_map(|column| row.get(*column))
}

/// Numbers as numbers, and what is not there now as null, now not at all.
pub fn write_lines(path: &Path, rows: &[Row]) {
    let mut text = String::new();
    for (number, row) in rows.iter().enumerate() {
        let mut line = Map::new();
        for (at, column) in COLUMNS.iter().enumerate() {
            let value = match &row[at] {
                Some(cell) if at > 3 => json!(cell.parse::<i64>().unwrap()),
                Some(cell) => json!(cell),
                None if number % 2 == 0 => Value::Null,
                None => continue,
            };
            line.insert((*column).to_owned(), value);
        }
        text.push_str(&Value::Object(line).to_string());
        text.push_str(if number % 7 == 0 { "\r\n\n" } else { "\n" });
    }
    fs::write(path, text).unwrap();
}

/// Batches of so many rows, cut from longer columns: a dictionary, views, a value beneath an empty row, and metadata.
pub fn write_ipc(path: &Path, rows: &[Row], batch: usize) {
    let column = |at: usize| rows.iter().map(move |row| row[at].as_deref());
    let numbers =
        |at: usize| Arc::new(rows.iter().map(move |row| row[at].as_ref().and_then(|cell| cell.parse().ok())).collect::<Int64Array>());
    let mut views = StringViewBuilder::new();
    column(1).for_each(|cell| views.append_option(cell));
    let columns: Vec<ArrayRef> = vec![
        Arc::new(column(0).collect::<StringArray>()),
        Arc::new(views.finish()),
        Arc::new(column(2).collect::<DictionaryArray<Int32Type>>()),
        Arc::new(column(3).collect::<StringArray>()),
        numbers(4),
        numbers(5),
    ];
    let told = HashMap::from([("pandas".to_owned(), "the last reader was someone-7-3-x@example.org".to_owned())]);
    let fields =
        COLUMNS.iter().zip(&columns).map(|(name, column)| Field::new(*name, column.data_type().clone(), true).with_metadata(told.clone()));
    let schema = Arc::new(Schema::new_with_metadata(fields.collect::<Vec<_>>(), told.clone()));
    let whole = RecordBatch::try_new(Arc::clone(&schema), columns).unwrap();
    let parts = (0..rows.len().div_ceil(batch)).map(|part| whole.slice(part * batch, batch.min(rows.len() - part * batch)));
    let file = File::create(path).unwrap();
    let options = IpcWriteOptions::default().try_with_compression(Some(CompressionType::LZ4_FRAME)).unwrap();
    if path.extension().is_some_and(|ending| ending == "arrows") {
        let mut writer = StreamWriter::try_new_with_options(file, &schema, options).unwrap();
        parts.for_each(|part| writer.write(&part).unwrap());
        writer.finish().unwrap();
    } else {
        let mut writer = FileWriter::try_new_with_options(file, &schema, options).unwrap();
        parts.for_each(|part| writer.write(&part).unwrap());
        writer.finish().unwrap();
    }
}

/// The batches of a file, which has no metadata.
pub fn read_ipc(path: &Path) -> Vec<RecordBatch> {
    let file = File::open(path).unwrap();
    let batches: Vec<RecordBatch> = if path.extension().is_some_and(|ending| ending == "arrows") {
        StreamReader::try_new(file, None).unwrap().map(Result::unwrap).collect()
    } else {
        FileReader::try_new(file, None).unwrap().map(Result::unwrap).collect()
    };
    for batch in &batches {
        let schema = batch.schema();
        assert!(schema.metadata().is_empty() && schema.fields().iter().all(|field| field.metadata().is_empty()));
    }
    batches
}

#[test]
fn lines_that_cannot_be_read_are_kept_apart_with_their_number() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("people.jsonl");
    let person =
        |name: &str| format!(r#"{{"email":"{name}@example.org","name":"N","place":"Germany","consent":"no","age":40,"points":1}}"#);
    let lines = [
        person("a"),
        String::new(),
        "{\"email\":\"b@example.org\"".to_owned(),
        person("c").replace("\"age\":40", "\"age\":40,\"age\":12"),
        "[\"d@example.org\"]".to_owned(),
        person("e").replace("\"N\"", "\"\\ud800\""),
        person("f").replace("40", "null"),
    ];
    fs::write(&input, lines.join("\n")).unwrap();
    let inputs = [input.clone()];
    let (plan, found) = planned(&inputs, MANIFEST);
    // Whose age is not there can be read, and is not understood.
    assert_eq!((found.rows, found.broken, found.unknown), (6, 4, 1), "{found:?}");
    let job = job(folder.path(), &inputs);
    let crossed = cross(&plan, Some(&secret()), &job, &mut |_| true).unwrap();
    assert_eq!((crossed.tally.passed, crossed.tally.quarantined, crossed.broken), (1, 1, 4));
    let apart = fs::read_to_string(job.apart.join("part-000000.jsonl")).unwrap();
    let apart: Vec<Value> = apart.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let reason = |at: usize| apart.iter().map(|row| row["comity_reason"].as_str().unwrap()).nth(at).unwrap();
    assert!(reason(1).starts_with("line 3: EOF"), "{apart:?}");
    assert_eq!(reason(2), "line 4: the key `age` stands twice at character 86");
    assert!(reason(3).starts_with("line 5: invalid type: sequence, expected an object"), "{apart:?}");
    assert!(reason(4).starts_with("line 6: "), "{apart:?}");
    assert_eq!(apart[1]["email"], lines[2].as_str(), "nothing of it is lost");

    let other = folder.path().join("other.jsonl");
    fs::write(&other, person("a").replace("points", "dots")).unwrap();
    let manifest = comity_border::Manifest::parse(MANIFEST).unwrap();
    let error = comity_crossing::survey(&[other], &manifest, crate::common::DAY, &mut |_| {}).unwrap_err();
    let CrossingError::Manifest(problems) = &error else { panic!("{error}") };
    assert!(problems.iter().any(|problem| problem.message.contains("dots")), "{problems:?}");
}

#[test]
fn lines_of_several_files_have_the_columns_of_all() {
    let folder = tempfile::tempdir().unwrap();
    let rows = people(60, 4, false);
    let inputs = [folder.path().join("a.jsonl"), folder.path().join("b.jsonl")];
    // The first file has no points at all.
    let first: Vec<Row> = rows[..30]
        .iter()
        .cloned()
        .map(|mut row| {
            row[5] = None;
            row
        })
        .collect();
    write_lines(&inputs[0], &first);
    write_lines(&inputs[1], &rows[30..]);
    let (plan, found) = planned(&inputs, MANIFEST);
    assert_eq!((found.rows, found.broken), (60, 0));
    let job = job(folder.path(), &inputs);
    cross(&plan, Some(&secret()), &job, &mut |_| true).unwrap();
    let all: Vec<Row> = first.into_iter().chain(rows[30..].iter().cloned()).collect();
    assert_eq!(read(&job.to), expected(&plan, &all).0);
}

#[test]
fn what_crosses_can_be_written_in_another_format() {
    let folder = tempfile::tempdir().unwrap();
    let rows = people(300, 8, false);
    let input = folder.path().join("people.parquet");
    write_parquet(&input, &rows, 100);
    let inputs = [input];
    let (plan, _) = planned(&inputs, MANIFEST);
    let (passed, apart) = expected(&plan, &rows);
    for format in [Format::Csv, Format::JsonLines, Format::ArrowFile, Format::ArrowStream, Format::Parquet] {
        let to = folder.path().join(format.ending());
        let job = Job { apart: to.with_extension("apart"), to, format: Some(format), ..job(folder.path(), &inputs) };
        cross(&plan, Some(&secret()), &job, &mut |_| true).unwrap();
        assert_eq!(read(&job.to), passed, "{format:?}");
        assert_eq!(read(&job.apart).len(), apart, "{format:?}");
        assert_eq!(leaked(&job.to, &forbidden(&passed, &rows)), Vec::<String>::new());
    }
    // A crossing that was begun in one format is not gone on with in another.
    let begun = Job { to: folder.path().join("begun"), format: Some(Format::Csv), ..job(folder.path(), &inputs) };
    let wrong = comity_border::Secret::new([6; 32]);
    assert!(matches!(cross(&plan, Some(&wrong), &begun, &mut |_| true), Err(CrossingError::Enforce(_))));
    let other = Job { format: Some(Format::JsonLines), ..begun };
    assert!(matches!(cross(&plan, Some(&secret()), &other, &mut |_| true), Err(CrossingError::Begun(_))));
}

#[test]
fn what_lies_beneath_rows_and_within_fields_does_not_leave() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = MANIFEST.replace("[columns.points]", "[columns.more]\nholds = [\"preference\"]\nidentifies = \"no\"\n[columns.points]");
    for ending in ["arrow", "arrows"] {
        let input = folder.path().join(format!("people.{ending}"));
        let texts = |cells: &[&str]| Arc::new(StringArray::from(cells.to_vec())) as ArrayRef;
        // Beneath an empty row lies a value, and a field within a field is a dictionary with one that no row has.
        let beneath = StringArray::from(vec!["plain", "beneath-the-row"]);
        let nulls = arrow_array::BooleanArray::from(vec![true, false]).values().clone();
        let beneath = StringArray::new(beneath.offsets().clone(), beneath.values().clone(), Some(nulls.into()));
        let all: DictionaryArray<Int32Type> = ["one", "two", "no-row-has-this"].into_iter().collect();
        let told = HashMap::from([("note".to_owned(), "told-in-metadata".to_owned())]);
        let field = Field::new("word", all.data_type().clone(), true).with_metadata(told);
        let within = StructArray::from(vec![(Arc::new(field), Arc::new(all.slice(0, 2)) as ArrayRef)]);
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("email", texts(&["a@example.org", "b@example.org"])),
            ("name", Arc::new(beneath)),
            ("place", texts(&["France", "France"])),
            ("consent", texts(&["yes", "yes"])),
            ("age", Arc::new(Int64Array::from(vec![40, 50]))),
            ("more", Arc::new(within)),
            ("points", Arc::new(Int64Array::from(vec![1, 2]))),
        ];
        let batch = RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, column)| (name, column, true))).unwrap();
        let file = File::create(&input).unwrap();
        if ending == "arrow" {
            let mut writer = FileWriter::try_new(file, &batch.schema()).unwrap();
            writer.write(&batch).unwrap();
            writer.finish().unwrap();
        } else {
            let mut writer = StreamWriter::try_new(file, &batch.schema()).unwrap();
            writer.write(&batch).unwrap();
            writer.finish().unwrap();
        }
        let hidden = ["beneath-the-row", "no-row-has-this", "told-in-metadata"].map(str::to_owned);
        let there = fs::read(&input).unwrap();
        for text in &hidden {
            assert!(there.windows(text.len()).any(|window| window == text.as_bytes()), "{text} is to be found in the source");
        }
        let inputs = [input];
        let (plan, _) = planned(&inputs, &manifest);
        let to = folder.path().join(format!("out-{ending}"));
        let job = Job { apart: to.with_extension("apart"), to, ..job(folder.path(), &inputs) };
        let crossed = cross(&plan, Some(&secret()), &job, &mut |_| true).unwrap();
        assert_eq!(crossed.tally.passed, 2);
        assert_eq!(leaked(&job.to, &hidden), Vec::<String>::new());
        let out = bytes_of(&job.to);
        let (part, _) = out.iter().find(|(path, _)| path.extension().is_some_and(|found| found == ending)).unwrap();
        let batch = &read_ipc(part)[0];
        assert_eq!(
            *batch.column_by_name("more").unwrap().data_type(),
            DataType::Struct(vec![Field::new("word", DataType::Utf8, true)].into())
        );
        assert_eq!(batch.column_by_name("name").unwrap().null_count(), 1);
    }
}

#[test]
fn files_that_are_none_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = comity_border::Manifest::parse(MANIFEST).unwrap();
    for (name, bytes, problem) in [
        ("a.arrow", b"FEA1 and so on, long enough".as_slice(), "Feather of version 1"),
        ("b.arrow", b"short".as_slice(), "b.arrow"),
        ("c.feather", b"long enough, and not a table at all".as_slice(), "c.feather"),
        ("d.arrows", b"long enough, and not a table at all".as_slice(), "d.arrows"),
        ("e.tsv", b"a\tb".as_slice(), ".jsonl"),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        let error = comity_crossing::survey(&[path], &manifest, crate::common::DAY, &mut |_| {}).unwrap_err();
        assert!(error.to_string().contains(problem), "{error}");
    }
}
