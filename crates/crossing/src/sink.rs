// SPDX-License-Identifier: Apache-2.0
//! Tables as they are written: encoded anew, without metadata of the source, hashed on the way.

use crate::files::{Digested, Hashing, draft_of, sync_folder_of};
use crate::fresh::fresh;
use crate::hints::Hints;
use crate::{CrossingError, Format};
use arrow_array::cast::AsArray;
use arrow_array::{Array, RecordBatch};
use arrow_ipc::writer::{FileWriter, StreamWriter};
use arrow_json::writer::{LineDelimited, WriterBuilder};
use arrow_schema::{DataType, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::Compression;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Rows of a row group that is written. It bounds what is held in memory.
const GROUP: usize = 1 << 17;
/// Bytes of a row group that is written, where rows are long.
const GROUP_BYTES: usize = 128 << 20;

/// Where bytes end up.
pub(crate) enum Target {
    File(File),
    Pipe(Box<dyn Write + Send>),
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.write(bytes),
            Self::Pipe(pipe) => pipe.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::File(file) => file.flush(),
            Self::Pipe(pipe) => pipe.flush(),
        }
    }
}

impl Target {
    /// Everything is where it stays: on the disk, or with whoever reads the pipe.
    fn settle(&mut self) -> io::Result<()> {
        match self {
            Self::File(file) => file.sync_all(),
            Self::Pipe(pipe) => pipe.flush(),
        }
    }
}

/// Where the bytes of a part go.
pub(crate) type Below = Hashing<BufWriter<Target>>;

/// How Parquet is written: without indexes of pages, which chunks that are copied do not have.
pub(crate) fn properties(hints: &Hints) -> WriterProperties {
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_max_row_group_row_count(Some(GROUP))
        .set_max_row_group_bytes(Some(GROUP_BYTES))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_offset_index_disabled(true)
        .set_created_by("comity".to_owned());
    hints.apply(properties).build()
}

/// A new file under the name it has while it is written.
pub(crate) fn new_below(path: &Path) -> Result<(Below, PathBuf), CrossingError> {
    let draft = draft_of(path);
    let file = File::create(&draft).map_err(CrossingError::file("cannot write", &draft))?;
    Ok((Hashing::new(BufWriter::with_capacity(1 << 20, Target::File(file))), draft))
}

/// Makes a file that is whole durable, and gives it its name.
pub(crate) fn finish_below(below: Below, draft: &Path, path: &Path) -> Result<Digested, CrossingError> {
    let digested = settle_below(below, draft)?;
    fs::rename(draft, path).map_err(CrossingError::file("cannot write", path))?;
    sync_folder_of(path)?;
    Ok(digested)
}

fn settle_below(below: Below, path: &Path) -> Result<Digested, CrossingError> {
    let (mut buffered, digested) = below.finish();
    buffered.flush().and_then(|()| buffered.get_mut().settle()).map_err(CrossingError::file("cannot write", path))?;
    Ok(digested)
}

/// What is written to.
enum Writer {
    Parquet(Box<ArrowWriter<Below>>),
    Csv(Box<csv::Writer<Below>>),
    JsonLines(Box<arrow_json::Writer<Below, LineDelimited>>),
    ArrowFile(Box<FileWriter<Below>>),
    ArrowStream(Box<StreamWriter<Below>>),
}

/// A file that is being written, under its name only when it is whole; or a pipe, which has no name.
pub(crate) struct Sink {
    draft: Option<PathBuf>,
    path: PathBuf,
    writer: Writer,
    rows: u64,
}

impl Sink {
    pub(crate) fn create(path: &Path, format: Format, schema: &SchemaRef, hints: &Hints) -> Result<Self, CrossingError> {
        let (below, draft) = new_below(path)?;
        Self::over(below, Some(draft), path, format, (schema, hints))
    }

    /// Writes into a pipe, which errors name as `path`.
    pub(crate) fn pipe(pipe: Box<dyn Write + Send>, path: &Path, format: Format, schema: &SchemaRef) -> Result<Self, CrossingError> {
        let below = Hashing::new(BufWriter::with_capacity(1 << 16, Target::Pipe(pipe)));
        Self::over(below, None, path, format, (schema, &Hints::default()))
    }

    fn over(
        below: Below,
        draft: Option<PathBuf>,
        path: &Path,
        format: Format,
        (schema, hints): (&SchemaRef, &Hints),
    ) -> Result<Self, CrossingError> {
        let writer = match format {
            Format::Parquet => {
                let options = ArrowWriterOptions::new().with_properties(properties(hints)).with_skip_arrow_metadata(true);
                let writer = ArrowWriter::try_new_with_options(below, SchemaRef::clone(schema), options);
                Writer::Parquet(Box::new(writer.map_err(|error| CrossingError::table(path, error))?))
            }
            Format::Csv => {
                let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(below);
                let names = schema.fields().iter().map(|field| field.name().as_str());
                writer.write_record(names).map_err(|error| CrossingError::table(path, error))?;
                Writer::Csv(Box::new(writer))
            }
            // Every key on every line: what there is does not depend on which rows leave.
            Format::JsonLines => Writer::JsonLines(Box::new(WriterBuilder::new().with_explicit_nulls(true).build(below))),
            Format::ArrowFile => {
                let writer = FileWriter::try_new(below, schema).map_err(|error| CrossingError::table(path, error))?;
                Writer::ArrowFile(Box::new(writer))
            }
            Format::ArrowStream => {
                let writer = StreamWriter::try_new(below, schema).map_err(|error| CrossingError::table(path, error))?;
                Writer::ArrowStream(Box::new(writer))
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
            Writer::JsonLines(writer) => writer.write(batch).map_err(|error| failed(&error)),
            Writer::ArrowFile(writer) => fresh(batch).and_then(|batch| writer.write(&batch)).map_err(|error| failed(&error)),
            Writer::ArrowStream(writer) => fresh(batch).and_then(|batch| writer.write(&batch)).map_err(|error| failed(&error)),
        }
    }

    /// Ends the file, makes it durable, and gives it its name.
    pub(crate) fn finish(self) -> Result<(Digested, u64), CrossingError> {
        let failed = |error: &dyn std::fmt::Display| CrossingError::table(&self.path, error.to_string());
        let below = match self.writer {
            Writer::Parquet(writer) => writer.into_inner().map_err(|error| failed(&error))?,
            Writer::Csv(writer) => writer.into_inner().map_err(|error| failed(&error.error()))?,
            Writer::JsonLines(mut writer) => {
                writer.finish().map_err(|error| failed(&error))?;
                writer.into_inner()
            }
            Writer::ArrowFile(writer) => writer.into_inner().map_err(|error| failed(&error))?,
            Writer::ArrowStream(writer) => writer.into_inner().map_err(|error| failed(&error))?,
        };
        let digested = match &self.draft {
            Some(draft) => finish_below(below, draft, &self.path)?,
            None => settle_below(below, &self.path)?,
        };
        Ok((digested, self.rows))
    }
}
