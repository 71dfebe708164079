// SPDX-License-Identifier: Apache-2.0
//! Tables of comma-separated values.

use super::{BATCH, Broken, open};
use crate::CrossingError;
use arrow_array::builder::StringBuilder;
use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

type Reader = csv::Reader<BufReader<Box<dyn Read + Send>>>;

/// The columns, all of them texts, as the first row names them.
pub(super) fn schema(path: &Path) -> Result<SchemaRef, CrossingError> {
    named(&mut reader(open(path)?), path)
}

fn named(reader: &mut Reader, path: &Path) -> Result<SchemaRef, CrossingError> {
    let header = reader.headers().map_err(|error| CrossingError::table(path, error))?;
    if header.is_empty() {
        return Err(CrossingError::table(path, "it is empty; the first row names the columns"));
    }
    let fields: Vec<Field> = header.iter().map(|name| Field::new(name, DataType::Utf8, true)).collect();
    Ok(Arc::new(Schema::new(fields)))
}

fn reader(below: Box<dyn Read + Send>) -> Reader {
    // Rows with too few or too many cells are told apart one by one, not by giving up.
    csv::ReaderBuilder::new().flexible(true).from_reader(BufReader::with_capacity(1 << 20, below))
}

/// The rows of a CSV file, as texts.
pub(crate) struct Rows {
    path: PathBuf,
    reader: Reader,
    schema: SchemaRef,
    width: usize,
    kept: Vec<usize>,
    ended: bool,
}

impl Rows {
    pub(super) fn new(path: &Path, schema: &SchemaRef, kept: Option<Vec<usize>>) -> Result<Self, CrossingError> {
        Ok(Self::over(path, reader(open(path)?), schema, kept))
    }

    /// All columns of a table that comes through a pipe, and what they are.
    pub(super) fn piped(path: &Path, pipe: Box<dyn Read + Send>) -> Result<(Self, SchemaRef), CrossingError> {
        let mut reader = reader(pipe);
        let schema = named(&mut reader, path)?;
        Ok((Self::over(path, reader, &schema, None), schema))
    }

    fn over(path: &Path, reader: Reader, schema: &SchemaRef, kept: Option<Vec<usize>>) -> Self {
        let width = schema.fields().len();
        let kept = kept.unwrap_or_else(|| (0..width).collect());
        let fields: Vec<Field> =
            kept.iter().filter_map(|position| schema.fields().get(*position)).map(|field| field.as_ref().clone()).collect();
        Self { path: path.to_path_buf(), reader, schema: Arc::new(Schema::new(fields)), width, kept, ended: false }
    }

    pub(super) fn next(&mut self) -> Result<Option<(RecordBatch, Vec<Broken>)>, CrossingError> {
        if self.ended {
            return Ok(None);
        }
        let mut builders: Vec<StringBuilder> = self.kept.iter().map(|_| StringBuilder::new()).collect();
        let mut broken = Vec::new();
        let mut rows = 0;
        let mut record = csv::ByteRecord::new();
        while rows < BATCH {
            let more = self.reader.read_byte_record(&mut record).map_err(|error| CrossingError::table(&self.path, error))?;
            if !more {
                self.ended = true;
                break;
            }
            let line = record.position().map_or(0, csv::Position::line);
            let problem = if record.len() != self.width {
                Some(format!("expected {} cells, as the first row has, found {}", self.width, record.len()))
            } else if record.iter().any(|cell| std::str::from_utf8(cell).is_err()) {
                Some("expected text in UTF-8".to_owned())
            } else {
                None
            };
            if let Some(problem) = problem {
                let cells = record.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect();
                broken.push(Broken { line, problem, cells });
                if broken.len() >= BATCH {
                    break;
                }
                continue;
            }
            for (builder, position) in builders.iter_mut().zip(&self.kept) {
                // A file of this kind cannot tell what is empty from what is not there: both are not there.
                match record.get(*position).and_then(|cell| std::str::from_utf8(cell).ok()).filter(|cell| !cell.is_empty()) {
                    Some(cell) => builder.append_value(cell),
                    None => builder.append_null(),
                }
            }
            rows += 1;
        }
        if rows == 0 && broken.is_empty() {
            return Ok(None);
        }
        let columns: Vec<ArrayRef> = builders.into_iter().map(|mut builder| Arc::new(builder.finish()) as ArrayRef).collect();
        // A table may have no column that decides.
        let rows = RecordBatchOptions::new().with_row_count(Some(rows));
        let batch = RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &rows)
            .map_err(|error| CrossingError::table(&self.path, error))?;
        Ok(Some((batch, broken)))
    }
}
