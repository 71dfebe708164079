// SPDX-License-Identifier: Apache-2.0
//! Crossings do what the reference says, lose nothing, and leak nothing.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "crossing/classes.rs"]
mod classes;
mod common;
#[path = "crossing/crew.rs"]
mod crew;
#[path = "crossing/formats.rs"]
mod formats;
#[path = "crossing/sealed.rs"]
mod sealed;
#[path = "crossing/splice.rs"]
mod splice;
#[path = "crossing/stream.rs"]
mod stream;

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_schema::DataType;
use comity_border::reference::{Fate, fate};
use comity_crossing::{CrossingError, Job, cross};
use common::{MANIFEST, Row, bytes_of, job, people, planned, secret, write_parquet};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

const COLUMNS: [&str; 6] = ["email", "name", "place", "consent", "age", "points"];

fn write_csv(path: &Path, rows: &[Row]) {
    let mut writer = csv::Writer::from_path(path).unwrap();
    writer.write_record(COLUMNS).unwrap();
    for row in rows {
        writer.write_record(row.iter().map(|cell| cell.as_deref().unwrap_or(""))).unwrap();
    }
    writer.flush().unwrap();
}

/// The cells that were published, in order.
fn read(folder: &Path) -> Vec<Vec<Option<String>>> {
    let mut rows = Vec::new();
    let mut names: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    for path in names {
        match path.extension().and_then(|ending| ending.to_str()) {
            Some("csv") => {
                for record in csv::Reader::from_path(&path).unwrap().records() {
                    rows.push(record.unwrap().iter().map(|cell| (!cell.is_empty()).then(|| cell.to_owned())).collect());
                }
            }
            Some("parquet") => {
                let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(&path).unwrap()).unwrap();
                assert!(builder.metadata().file_metadata().key_value_metadata().is_none(), "metadata of the source came along");
                for batch in builder.build().unwrap() {
                    rows.extend(texts(&batch.unwrap()));
                }
            }
            Some("jsonl") => {
                for line in fs::read_to_string(&path).unwrap().lines() {
                    let row: serde_json::Map<String, serde_json::Value> = serde_json::from_str(line).unwrap();
                    let cell = |value: &serde_json::Value| match value {
                        serde_json::Value::Null => None,
                        serde_json::Value::String(text) => Some(text.clone()),
                        other => Some(other.to_string()),
                    };
                    rows.push(formats::in_order(&row).map(cell).collect());
                }
            }
            Some("arrow" | "arrows") => {
                for batch in formats::read_ipc(&path) {
                    rows.extend(texts(&batch));
                }
            }
            _ => {}
        }
    }
    rows
}

/// The cells of a batch as texts.
fn texts(batch: &arrow_array::RecordBatch) -> Vec<Vec<Option<String>>> {
    let texts: Vec<_> = batch.columns().iter().map(|column| arrow_cast::cast(column, &DataType::Utf8).unwrap()).collect();
    let cell =
        |at: usize| move |column: &arrow_array::ArrayRef| (!column.is_null(at)).then(|| column.as_string::<i32>().value(at).to_owned());
    (0..batch.num_rows()).map(|at| texts.iter().map(cell(at)).collect()).collect()
}

fn expected(plan: &comity_border::Plan, rows: &[Row]) -> (Vec<Vec<Option<String>>>, usize) {
    let mut passed = Vec::new();
    let mut apart = 0;
    for row in rows {
        match fate(plan, Some(&secret()), row) {
            Fate::Passed(row) => passed.push(row),
            Fate::Quarantined(_) => apart += 1,
            Fate::Dropped => {}
        }
    }
    (passed, apart)
}

/// Values of persons that leave nowhere.
fn forbidden(passed: &[Vec<Option<String>>], rows: &[Row]) -> Vec<String> {
    let leaves: std::collections::BTreeSet<&str> = passed.iter().flatten().flatten().map(String::as_str).collect();
    rows.iter().flat_map(|row| [row[0].clone(), row[1].clone()]).flatten().filter(|cell| !leaves.contains(cell.as_str())).collect()
}

fn leaked(folder: &Path, forbidden: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for (path, bytes) in bytes_of(folder) {
        // What is no text stays apart from what is: a text is found where it stands.
        let text = String::from_utf8_lossy(&bytes);
        for cell in forbidden {
            if text.contains(cell.as_str()) {
                found.push(format!("{cell} in {}", path.display()));
            }
        }
    }
    found
}

#[test]
fn tables_of_every_format_become_what_the_reference_says_and_leak_nothing() {
    for (layout, ending) in [
        ("csv", "csv"),
        ("parquet", "parquet"),
        ("parquet of small groups", "parquet"),
        ("lines", "jsonl"),
        ("lines by another name", "ndjson"),
        ("arrow file", "arrow"),
        ("arrow stream", "arrows"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let rows = people(700, 7, false);
        let input = folder.path().join(format!("people.{ending}"));
        match layout {
            "csv" => write_csv(&input, &rows),
            "parquet" => write_parquet(&input, &rows, 10_000),
            "parquet of small groups" => write_parquet(&input, &rows, 90),
            "lines" | "lines by another name" => formats::write_lines(&input, &rows),
            _ => formats::write_ipc(&input, &rows, 90),
        }
        let inputs = [input];
        let (plan, found) = planned(&inputs, MANIFEST);
        assert_eq!(found.rows, 700);
        let job = job(folder.path(), &inputs);
        let crossed = cross(&plan, Some(&secret()), &job, &mut |_| true).unwrap();
        let (passed, apart) = expected(&plan, &rows);
        assert_eq!(read(&job.to), passed, "{layout}");
        assert_eq!(read(&job.apart).len(), apart, "{layout}");
        assert!(crossed.tally.conserved() && crossed.tally.total() == 700);
        assert!(passed.len() > 100 && apart > 30, "{} and {apart}", passed.len());
        let forbidden = forbidden(&passed, &rows);
        assert!(forbidden.len() > 100);
        assert_eq!(leaked(&job.to, &forbidden), Vec::<String>::new(), "{layout}");
        // The same rows are all in the quarantine, or were only in columns that changed: the scan can find them.
        assert!(!leaked(&job.apart, &forbidden).is_empty());
        assert!(!folder.path().join("out.crossing").exists(), "nothing of the work is left");
        // The same again is the same crossing, not a second one.
        let again = cross(&plan, Some(&secret()), &job, &mut |_| true).unwrap();
        assert!(again.before);
        assert_eq!((again.record, again.tally), (crossed.record, crossed.tally));
    }
}

#[test]
fn rows_that_cannot_be_read_are_kept_apart_with_their_line() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("people.csv");
    fs::write(&input, b"email,name,place,consent,age,points\na@example.org,A,Germany,no,40,1\nb@example.org,B,Germany\nc@example.org,C,Germany,no,40,1,9\nd@example.org,\xff,Germany,no,40,1\n").unwrap();
    let inputs = [input];
    let (plan, found) = planned(&inputs, MANIFEST);
    assert_eq!((found.rows, found.broken), (4, 3));
    let job = job(folder.path(), &inputs);
    let crossed = cross(&plan, Some(&secret()), &job, &mut |_| true).unwrap();
    assert_eq!((crossed.tally.passed, crossed.broken), (1, 3));
    let apart = fs::read_to_string(job.apart.join("part-000000.csv")).unwrap();
    assert!(apart.contains("\"b@example.org,B,Germany\",,,,,,\"line 3: expected 6 cells, as the first row has, found 3\""), "{apart}");
    assert!(apart.contains("line 4: expected 6 cells, as the first row has, found 7"), "{apart}");
    assert!(apart.contains("line 5: expected text in UTF-8"), "{apart}");
}

#[test]
fn what_is_there_is_never_written_over_and_what_changed_is_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("people.csv");
    write_csv(&input, &people(20, 1, true));
    let inputs = [input.clone()];
    let (plan, _) = planned(&inputs, MANIFEST);
    let job = job(folder.path(), &inputs);
    fs::create_dir(&job.to).unwrap();
    assert!(matches!(cross(&plan, Some(&secret()), &job, &mut |_| true), Err(CrossingError::Taken(_))));
    fs::remove_dir(&job.to).unwrap();
    write_csv(&input, &people(21, 1, true));
    assert!(matches!(cross(&plan, Some(&secret()), &job, &mut |_| true), Err(CrossingError::Changed(_))));
    let (other, _) = planned(&inputs, &MANIFEST.replace("multiple 10", "multiple 5"));
    cross(&other, Some(&secret()), &job, &mut |_| true).unwrap();
    let (plan, _) = planned(&inputs, MANIFEST);
    assert!(matches!(cross(&plan, Some(&secret()), &job, &mut |_| true), Err(CrossingError::Taken(_))));
    let wrong = comity_border::Secret::new([6; 32]);
    let elsewhere = Job { to: folder.path().join("else"), ..job };
    assert!(matches!(cross(&plan, Some(&wrong), &elsewhere, &mut |_| true), Err(CrossingError::Enforce(_))));
    assert!(!elsewhere.to.exists());
}

#[test]
fn a_crossing_that_is_stopped_goes_on_and_ends_as_if_it_had_not_been() {
    let folder = tempfile::tempdir().unwrap();
    let rows = people(600, 9, false);
    let mut inputs = Vec::new();
    for (number, part) in rows.chunks(100).enumerate() {
        inputs.push(folder.path().join(format!("people-{number}.parquet")));
        write_parquet(&inputs[number], part, 50);
    }
    let (plan, _) = planned(&inputs, MANIFEST);
    let whole = Job { to: folder.path().join("whole"), apart: folder.path().join("whole.apart"), ..job(folder.path(), &inputs) };
    cross(&plan, Some(&secret()), &whole, &mut |_| true).unwrap();
    let stopped = Job { workers: 1, ..job(folder.path(), &inputs) };
    for left in 1..=8_usize {
        let mut left = left;
        let ended = cross(&plan, Some(&secret()), &stopped, &mut |_| {
            left = left.saturating_sub(1);
            left > 0
        });
        assert!(ended.is_ok() || !stopped.to.exists(), "nothing is published before all is done");
        if ended.is_ok() {
            break;
        }
    }
    cross(&plan, Some(&secret()), &stopped, &mut |_| true).unwrap();
    let names = |folder: &Path| {
        bytes_of(folder)
            .into_iter()
            .map(|(path, bytes)| (path.file_name().unwrap().to_owned(), comity_evidence::Hash::of(&bytes).to_hex()))
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&whole.to), names(&stopped.to), "byte for byte");
    assert_eq!(names(&whole.apart), names(&stopped.apart));
}

#[test]
fn what_leaves_is_measured_and_a_crossing_with_too_small_classes_is_not_published() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("people.csv");
    let person = |number: usize, place: &str, age: &str| {
        [format!("p{number}@example.org"), "N".to_owned(), place.to_owned(), "yes".to_owned(), age.to_owned(), (number % 2).to_string()]
            .map(Some)
    };
    // Three in France in their forties, two in Germany in their forties, one in Germany in their fifties.
    let rows = [("France", "41"), ("France", "44"), ("France", "49"), ("Germany", "40"), ("Germany", "40"), ("Germany", "55")];
    let mut rows: Vec<Row> = rows.iter().enumerate().map(|(number, (place, age))| person(number, place, age)).collect();
    // The same person twice is one person.
    rows.push(rows[0].clone());
    write_csv(&input, &rows);
    let inputs = [input];
    let manifest = MANIFEST.replace("[columns.points]", "[columns.points]\nsensitive = true");
    let (plan, _) = planned(&inputs, &manifest);
    let crossed = cross(&plan, Some(&secret()), &job(folder.path(), &inputs), &mut |_| true).unwrap();
    let risk = &crossed.record["risk"];
    assert_eq!((&risk["k"], &risk["alone"], &risk["classes"], &risk["rows"]), (&1.into(), &1.into(), &3.into(), &7.into()));
    assert_eq!(risk["together"], serde_json::json!(["place", "age"]));
    assert_eq!(risk["sensitive"][0]["l"], 1);
    // Of the one in the fifties all points are odd; of all rows three in seven are: 4/7 apart.
    assert_eq!(risk["sensitive"][0]["t"], "0.5714");
    assert!(
        crossed.warnings.iter().any(|warning| warning.contains("1 of the persons is the only one with their place, age")),
        "{:?}",
        crossed.warnings
    );

    let (plan, _) = planned(&inputs, &manifest.replace("table = \"people\"", "table = \"people\"\nk = 2"));
    let other = Job { to: folder.path().join("other"), apart: folder.path().join("other.apart"), ..job(folder.path(), &inputs) };
    let error = cross(&plan, Some(&secret()), &other, &mut |_| true).unwrap_err();
    assert!(error.to_string().contains("the smallest class has 1"), "{error}");
    assert!(!other.to.exists() && !other.apart.exists());
    // With whole centuries instead of decades, three persons are the smallest class.
    let coarse = manifest.replace("table = \"people\"", "table = \"people\"\nk = 3").replace("multiple 10", "multiple 100");
    let (plan, _) = planned(&inputs, &coarse);
    fs::remove_dir_all(folder.path().join("other.crossing")).unwrap();
    assert_eq!(cross(&plan, Some(&secret()), &other, &mut |_| true).unwrap().record["risk"]["k"], 3);
}
