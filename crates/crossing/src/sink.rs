// SPDX-License-Identifier: Apache-2.0
//! Tables as they are written: encoded anew, without metadata of the source, hashed on the way.

use crate::files::{Digested, Hashing, draft_of, sync_folder_of};
use crate::{CrossingError, Format};
use arrow_array::cast::AsArray;
use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::Compression;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// Rows of a row group that is written. It bounds what is held in memory.
const GROUP: usize = 1 << 17;

/// Where the bytes of a part go.
pub(crate) type Below = Hashing<BufWriter<File>>;

/// How Parquet is written: without indexes of pages, which chunks that are copied do not have.
pub(crate) fn properties() -> WriterProperties {
    WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_max_row_group_row_count(Some(GROUP))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_offset_index_disabled(true)
        .set_created_by("comity".to_owned())
        .build()
}

/// A new file under the name it has while it is written.
pub(crate) fn new_below(path: &Path) -> Result<(Below, PathBuf), CrossingError> {
    let draft = draft_of(path);
    let file = File::create(&draft).map_err(CrossingError::file("cannot write", &draft))?;
    Ok((Hashing::new(BufWriter::with_capacity(1 << 20, file)), draft))
}

/// Makes a file that is whole durable, and gives it its name.
pub(crate) fn finish_below(below: Below, draft: &Path, path: &Path) -> Result<Digested, CrossingError> {
    let (mut buffered, digested) = below.finish();
    let done = buffered.flush().and_then(|()| buffered.get_ref().sync_all());
    done.map_err(CrossingError::file("cannot write", draft))?;
    fs::rename(draft, path).map_err(CrossingError::file("cannot write", path))?;
    sync_folder_of(path)?;
    Ok(digested)
}

/// What is written to.
enum Writer {
    Parquet(Box<ArrowWriter<Below>>),
    Csv(Box<csv::Writer<Below>>),
}

/// A file that is being written: under its name only when it is whole.
pub(crate) struct Sink {
    draft: PathBuf,
    path: PathBuf,
    writer: Writer,
    rows: u64,
}

impl Sink {
    pub(crate) fn create(path: &Path, format: Format, schema: &SchemaRef) -> Result<Self, CrossingError> {
        let (below, draft) = new_below(path)?;
        let writer = match format {
            Format::Parquet => {
                let options = ArrowWriterOptions::new().with_properties(properties()).with_skip_arrow_metadata(true);
                let writer = ArrowWriter::try_new_with_options(below, SchemaRef::clone(schema), options);
                Writer::Parquet(Box::new(writer.map_err(|error| CrossingError::table(path, error))?))
            }
            Format::Csv => {
                let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(below);
                let names = schema.fields().iter().map(|field| field.name().as_str());
                writer.write_record(names).map_err(|error| CrossingError::table(path, error))?;
                Writer::Csv(Box::new(writer))
            }
        };
        Ok(Self { draft, path: path.to_path_buf(), writer, rows: 0 })
    }

    pub(crate) fn write(&mut self, batch: &RecordBatch) -> Result<(), CrossingError> {
        let failed = |error: &dyn std::fmt::Display| CrossingError::table(&self.path, error.to_string());
        self.rows += batch.num_rows() as u64;
        match &mut self.writer {
            Writer::Parquet(writer) => writer.write(batch).map_err(|error| failed(&error)),
            Writer::Csv(writer) => {
                let mut columns = Vec::new();
                for column in batch.columns() {
                    columns.push(arrow_cast::cast(column, &DataType::Utf8).map_err(|error| failed(&error))?);
                }
                let texts: Vec<_> = columns.iter().map(|column| column.as_string::<i32>()).collect();
                for row in 0..batch.num_rows() {
                    let cells = texts.iter().map(|column| if column.is_null(row) { "" } else { column.value(row) });
                    writer.write_record(cells).map_err(|error| failed(&error))?;
                }
                Ok(())
            }
        }
    }

    /// Ends the file, makes it durable, and gives it its name.
    pub(crate) fn finish(self) -> Result<(Digested, u64), CrossingError> {
        let failed = |error: &dyn std::fmt::Display| CrossingError::table(&self.path, error.to_string());
        let below = match self.writer {
            Writer::Parquet(writer) => writer.into_inner().map_err(|error| failed(&error))?,
            Writer::Csv(writer) => writer.into_inner().map_err(|error| failed(&error.error()))?,
        };
        let digested = finish_below(below, &self.draft, &self.path)?;
        Ok((digested, self.rows))
    }
}
