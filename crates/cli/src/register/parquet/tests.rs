// SPDX-License-Identifier: Apache-2.0
//! Files as other writers make them: every type, lists, groups of columns, several row groups, and damage.

use super::super::split::Raw;
use super::super::{Map, map_file};
use super::read::rows;
use parquet::column::writer::ColumnWriter;
use parquet::data_type::{ByteArray, FixedLenByteArray, Int96};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What stands in one column: levels as the format has them, and values.
enum Column {
    Bool(Vec<i16>, Vec<bool>),
    Int(Vec<i16>, Vec<i32>),
    Long(Vec<i16>, Vec<i64>),
    Old(Vec<i16>, Vec<Int96>),
    Float(Vec<i16>, Vec<f32>),
    Double(Vec<i16>, Vec<f64>),
    Text(Vec<i16>, Vec<&'static str>),
    Fixed(Vec<i16>, Vec<Vec<u8>>),
    List(Vec<i16>, Vec<i16>, Vec<&'static str>),
}

fn file(folder: &Path, message: &str, groups: Vec<Vec<Column>>) -> PathBuf {
    let path = folder.join("flows.parquet");
    let schema = Arc::new(parse_message_type(message).expect("a schema"));
    let mut writer = SerializedFileWriter::new(File::create(&path).expect("a file"), schema, Arc::default()).expect("a writer");
    for group in groups {
        let mut out = writer.next_row_group().expect("a row group");
        for column in group {
            let mut to = out.next_column().expect("a column").expect("one more");
            let texts = |texts: &[&str]| texts.iter().map(|text| ByteArray::from(*text)).collect::<Vec<_>>();
            match (to.untyped(), &column) {
                (ColumnWriter::BoolColumnWriter(to), Column::Bool(levels, values)) => to.write_batch(values, some(levels), None),
                (ColumnWriter::Int32ColumnWriter(to), Column::Int(levels, values)) => to.write_batch(values, some(levels), None),
                (ColumnWriter::Int64ColumnWriter(to), Column::Long(levels, values)) => to.write_batch(values, some(levels), None),
                (ColumnWriter::Int96ColumnWriter(to), Column::Old(levels, values)) => to.write_batch(values, some(levels), None),
                (ColumnWriter::FloatColumnWriter(to), Column::Float(levels, values)) => to.write_batch(values, some(levels), None),
                (ColumnWriter::DoubleColumnWriter(to), Column::Double(levels, values)) => to.write_batch(values, some(levels), None),
                (ColumnWriter::ByteArrayColumnWriter(to), Column::Text(levels, values)) => {
                    to.write_batch(&texts(values), Some(levels), None)
                }
                (ColumnWriter::ByteArrayColumnWriter(to), Column::List(levels, repeated, values)) => {
                    to.write_batch(&texts(values), Some(levels), Some(repeated))
                }
                (ColumnWriter::FixedLenByteArrayColumnWriter(to), Column::Fixed(levels, values)) => {
                    let values: Vec<FixedLenByteArray> = values.iter().map(|value| value.clone().into()).collect();
                    to.write_batch(&values, Some(levels), None)
                }
                _ => panic!("the column has another type"),
            }
            .expect("it can be written");
            to.close().expect("it can be closed");
        }
        out.close().expect("it can be closed");
    }
    writer.close().expect("it can be closed");
    path
}

/// A column without nulls has no levels.
fn some(levels: &[i16]) -> Option<&[i16]> {
    (!levels.is_empty()).then_some(levels)
}

fn read(path: &Path, map: &Map) -> Vec<Raw> {
    rows(path, map).expect("it can be opened").map(|row| row.expect("it can be read")).collect()
}

#[test]
fn every_type_is_the_text_that_a_cell_has() {
    let folder = tempfile::tempdir().expect("a folder");
    let message = "message flows {
        optional boolean flag; optional int32 number; optional int32 bits (UINT_8); optional int32 day (DATE);
        optional int64 cents (DECIMAL(10, 2)); optional int64 millis (TIMESTAMP(MILLIS, true)); optional int64 nanos (TIMESTAMP(NANOS, false));
        optional int96 old; optional float short; optional double long; optional binary text (STRING); optional binary older;
        optional fixed_len_byte_array(16) uuid (UUID); optional int64 time (TIME(MICROS, true)); required int64 most (UINT_64);
    }";
    let all = || vec![1, 0];
    let mut old = Int96::new();
    // One hour after midnight of 2024-03-01, which is the Julian day 2,460,371.
    let hour = 3_600_000_000_000_u64.to_le_bytes();
    let half = |at: usize| u32::from_le_bytes(hour[at..at + 4].try_into().expect("four bytes"));
    old.set_data(half(0), half(4), 2_460_371);
    let path = file(
        folder.path(),
        message,
        vec![vec![
            Column::Bool(all(), vec![true]),
            Column::Int(all(), vec![-7]),
            Column::Int(all(), vec![200]),
            Column::Int(all(), vec![19_783]),
            Column::Long(all(), vec![-1250]),
            Column::Long(all(), vec![1_709_251_200_000]),
            Column::Long(all(), vec![-1]),
            Column::Old(all(), vec![old]),
            Column::Float(all(), vec![0.1]),
            Column::Double(vec![1, 1], vec![12_000.0, f64::NAN]),
            Column::Text(all(), vec!["Zürich"]),
            Column::Text(all(), vec!["plain"]),
            Column::Fixed(all(), vec![(0..16).collect()]),
            Column::Long(all(), vec![1]),
            Column::Long(vec![], vec![-1, 1]),
        ]],
    );
    let rows = read(&path, &Map::default());
    let cells = [
        "true",
        "-7",
        "200",
        "2024-03-01",
        "-12.5",
        "2024-03-01T00:00:00",
        "1969-12-31T23:59:59.999999999",
        "2024-03-01T01:00:00",
        "0.1",
        "12000",
        "Zürich",
        "plain",
        "00010203-0405-0607-0809-0a0b0c0d0e0f",
        "",
        "18446744073709551615",
    ];
    assert_eq!(rows[1].cells, cells);
    assert_eq!(rows[1].faults, [(13, "expected a text, a number, a day, a flag or a list of them, found a time of the day".to_owned())]);
    assert_eq!(rows[2].cells.iter().filter(|cell| !cell.is_empty()).collect::<Vec<_>>(), ["1"]);
    assert_eq!((rows[1].number, rows[2].number, rows.len()), (2, 3, 3));
    // A column that is left alone may be anything.
    let map = map_file::parse("ignore = [\"time\"]\n").expect("a map");
    assert!(read(&path, &map)[1].faults.is_empty());
}

#[test]
fn lists_and_groups_are_key_paths() {
    let folder = tempfile::tempdir().expect("a folder");
    let message = "message flows {
        optional group importer { optional binary seat (STRING); }
        optional group data { optional group categories (LIST) { repeated group list { optional binary element (STRING); } } }
        optional group names (LIST) { repeated group list { required binary item (STRING); } }
        repeated binary plain (STRING);
    }";
    // data and its list are optional, an element is: 5 is a value, 4 a null, 3 would be no element, 2 the empty list.
    let path = file(
        folder.path(),
        message,
        vec![vec![
            Column::Text(vec![2, 1, 0, 2, 2], vec!["US", "NZ", "CH"]),
            Column::List(vec![4, 4, 2, 1, 4, 3, 0], vec![0, 1, 0, 0, 0, 1, 0], vec!["contact", "a;b\\c, d", "name"]),
            Column::List(vec![2, 1, 0, 2, 2], vec![0, 0, 0, 0, 0], vec!["one", "two", "three"]),
            Column::List(vec![1, 1, 0, 0, 0, 0], vec![0, 1, 0, 0, 0, 0], vec!["x", "y"]),
        ]],
    );
    let map = map_file::parse("lists = \",\"\n").expect("a map");
    let rows = read(&path, &map);
    assert_eq!(rows[0].cells, ["importer.seat", "data.categories", "names", "plain"]);
    assert_eq!(rows[1].cells, ["US", "contact; a\\;b\\\\c\\, d", "one", "x; y"]);
    assert_eq!(rows[2].cells, ["", "none", "none", "none"]);
    assert_eq!(rows[3].cells[1..3], ["", ""]);
    assert_eq!(rows[4].faults, [(1, "expected values, found a list with one that is null".to_owned())]);
    assert_eq!(rows[5].cells[1], "");
}

#[test]
fn row_groups_and_batches_follow_one_another() {
    let folder = tempfile::tempdir().expect("a folder");
    let sizes = [3, 2500, 1, 1024];
    let mut next = 0;
    let groups = sizes.map(|size| {
        let numbers: Vec<i64> = (next..next + size).collect();
        next += size;
        vec![Column::Long(vec![], numbers)]
    });
    let path = file(folder.path(), "message flows { required int64 id; }", groups.into());
    let rows = read(&path, &Map::default());
    let ids: Vec<String> = rows.iter().skip(1).map(|row| row.cells[0].clone()).collect();
    assert_eq!(ids, (0..next).map(|number| number.to_string()).collect::<Vec<_>>());
    assert!(rows.iter().enumerate().all(|(at, row)| row.number == at + 1 && row.line == at + 1));
}

#[test]
fn a_damaged_file_is_never_taken_for_a_short_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let texts: Vec<&'static str> = vec!["one", "two", "three", "four"];
    let path = file(folder.path(), "message flows { optional binary id (STRING); }", vec![vec![Column::Text(vec![1; 4], texts)]]);
    let whole = fs::read(&path).expect("it is there");
    for length in (0..whole.len()).step_by(7) {
        fs::write(&path, &whole[..length]).expect("it can be written");
        assert!(rows(&path, &Map::default()).is_err(), "the first {length} bytes are no file");
    }
    let count = |bytes: &[u8]| {
        fs::write(&path, bytes).expect("it can be written");
        let rows = rows(&path, &Map::default()).ok()?;
        rows.collect::<Result<Vec<_>, _>>().ok().map(|rows| rows.len())
    };
    assert_eq!(count(&whole), Some(5));
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x11;
        // A value may be another; a row may not be lost or be there twice without a word, unless the file counts so itself.
        if let Some(found) = count(&bytes) {
            assert!(found == 5 || at > whole.len() / 2, "byte {at}: {found} rows");
        }
    }
}
