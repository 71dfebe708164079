// SPDX-License-Identifier: Apache-2.0
//! Row groups that are copied, or whose dictionaries alone are made anew, hold what the reference says and nothing else.

use super::common::{MANIFEST, Row, bytes_of, job, people, planned, secret};
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use comity_border::reference::{Fate, fate};
use comity_crossing::{Job, cross};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::reader::FileReader;
use parquet::file::serialized_reader::SerializedFileReader;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

/// Rows in groups of 100: some groups agree in what decides, some do not.
fn grouped() -> Vec<Row> {
    let mut rows = people(600, 21, false);
    for (number, row) in rows.iter_mut().enumerate() {
        let (place, consent, age) = match number / 100 {
            0 => ("France", "yes", "44"),
            1 => ("France", "no", "44"),
            2 => ("Germany", "no", "30"),
            // Held as a whole: a child without consent.
            3 => ("France", "no", "9"),
            _ => continue,
        };
        row[2] = Some(place.to_owned());
        row[3] = Some(consent.to_owned());
        row[4] = Some(age.to_owned());
        // Few distinct names, so that they stand in a dictionary.
        row[0] = Some(format!("shared-{}-{}@example.org", number / 100, number % 7));
    }
    rows
}

fn write(path: &Path, rows: &[Row], compression: Compression, required: bool, statistics: bool) {
    let text = |at: usize| Arc::new(rows.iter().map(move |row| row[at].clone()).collect::<StringArray>()) as ArrayRef;
    let points = Arc::new(rows.iter().map(|row| row[5].as_ref().and_then(|cell| cell.parse().ok())).collect::<Int64Array>()) as ArrayRef;
    let fields = ["email", "name", "place", "consent", "age"].map(|name| Field::new(name, DataType::Utf8, !(required && name != "place")));
    let mut fields = fields.to_vec();
    fields.push(Field::new("points", DataType::Int64, true));
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), vec![text(0), text(1), text(2), text(3), text(4), points]).unwrap();
    let properties = WriterProperties::builder()
        .set_compression(compression)
        .set_max_row_group_row_count(Some(100))
        .set_statistics_enabled(if statistics { EnabledStatistics::Page } else { EnabledStatistics::None })
        .set_write_page_header_statistics(statistics)
        .set_bloom_filter_enabled(statistics)
        .build();
    let mut writer = ArrowWriter::try_new(File::create(path).unwrap(), batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

fn read(path: &Path) -> Vec<Vec<Option<String>>> {
    let mut rows = Vec::new();
    for batch in ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap().build().unwrap() {
        let batch = batch.unwrap();
        let texts: Vec<_> = batch.columns().iter().map(|column| arrow_cast::cast(column, &DataType::Utf8).unwrap()).collect();
        for at in 0..batch.num_rows() {
            let cell = |column: &ArrayRef| (!column.is_null(at)).then(|| column.as_string::<i32>().value(at).to_owned());
            rows.push(texts.iter().map(cell).collect());
        }
    }
    rows
}

#[test]
fn every_layout_becomes_what_the_reference_says() {
    let rows = grouped();
    for compression in
        [Compression::UNCOMPRESSED, Compression::SNAPPY, Compression::ZSTD(ZstdLevel::try_new(1).unwrap()), Compression::LZ4_RAW]
    {
        for (required, statistics) in [(false, false), (false, true), (true, true)] {
            let folder = tempfile::tempdir().unwrap();
            let input = folder.path().join("people.parquet");
            write(&input, &rows, compression, required, statistics);
            let inputs = [input.clone()];
            let (plan, _) = planned(&inputs, MANIFEST);
            let job = Job { workers: 1, ..job(folder.path(), &inputs) };
            let crossed = cross(&plan, Some(&secret()), &job, &mut |_| true).unwrap();
            let mut passed = Vec::new();
            for row in &rows {
                if let Fate::Passed(row) = fate(&plan, Some(&secret()), row) {
                    passed.push(row);
                }
            }
            let part = job.to.join("part-000000.parquet");
            assert_eq!(read(&part), passed, "{compression:?} required: {required}");
            assert_eq!(crossed.tally.passed as usize, passed.len());
            assert!(crossed.tally.quarantined > 100);

            // The way that does not decode was really taken: such chunks keep the compression that they had.
            let out = SerializedFileReader::new(File::open(&part).unwrap()).unwrap();
            let first = out.metadata().row_group(0);
            assert_eq!(first.column(5).compression(), compression, "a column that is kept is copied");
            let second = out.metadata().row_group(1);
            if compression != Compression::LZ4_RAW {
                assert_eq!(second.column(0).compression(), compression, "a dictionary alone is made anew");
                assert!(second.column(0).statistics().is_none());
            }
            assert!(
                out.metadata().row_groups().iter().all(|group| group.columns().iter().all(|column| column.bloom_filter_offset().is_none()))
            );

            // No byte of what was hidden, dropped or held is in the file.
            let bytes = &bytes_of(&job.to).into_iter().find(|(path, _)| *path == part).unwrap().1;
            for row in rows[100..200].iter().chain(&rows[300..400]) {
                for cell in row[..2].iter().flatten() {
                    assert!(!bytes.windows(cell.len()).any(|window| window == cell.as_bytes()), "{cell} leaked: {compression:?}");
                }
            }
        }
    }
}

#[test]
fn dictionaries_that_may_hold_more_than_their_rows_are_not_copied() {
    let rows = grouped();
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("people.parquet");
    write(&input, &rows[..100], Compression::ZSTD(ZstdLevel::default()), false, false);
    // The same file as if another library had written it: the name of the writer has as many letters.
    let mut bytes = std::fs::read(&input).unwrap();
    let at = bytes.windows(10).rposition(|window| window == b"parquet-rs").unwrap();
    bytes[at..at + 10].copy_from_slice(b"parquet-cp");
    std::fs::write(&input, bytes).unwrap();
    let inputs = [input];
    let (plan, _) = planned(&inputs, MANIFEST);
    let job = Job { workers: 1, ..job(folder.path(), &inputs) };
    cross(&plan, Some(&secret()), &job, &mut |_| true).unwrap();
    let out = SerializedFileReader::new(File::open(job.to.join("part-000000.parquet")).unwrap()).unwrap();
    let group = out.metadata().row_group(0);
    // The places stand in a dictionary, and are encoded anew.
    assert_eq!(group.column(2).compression(), Compression::SNAPPY);
}
