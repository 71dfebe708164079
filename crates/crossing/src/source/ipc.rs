// SPDX-License-Identifier: Apache-2.0
//! Tables of Arrow IPC: files and streams of record batches.
//!
//! Batches come with buffers that may hold more than their rows show: dictionaries, views, metadata of fields within fields.
//! Every column is brought to a type that cannot, before anything is decided; the one exception are dictionaries of texts,
//! which enforcement knows.

use super::{BATCH, UNIT, open};
use crate::CrossingError;
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_ipc::reader::{FileReader, StreamReader, read_footer_length};
use arrow_ipc::root_as_footer;
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The file of an older format, which has the same ending.
const FEATHER_1: &[u8] = b"FEA1";

/// The longest description of columns that is read.
const LONGEST: u32 = 64 << 20;

/// The type without what could carry values of other rows, within fields, too.
fn plain(data_type: &DataType) -> Result<DataType, String> {
    Ok(match data_type {
        DataType::Dictionary(_, value) => plain(value)?,
        DataType::RunEndEncoded(_, value) => plain(value.data_type())?,
        DataType::Utf8View | DataType::LargeUtf8 => DataType::Utf8,
        DataType::BinaryView | DataType::LargeBinary => DataType::Binary,
        DataType::List(field) | DataType::ListView(field) => DataType::List(bare(field)?),
        DataType::LargeList(field) | DataType::LargeListView(field) => DataType::LargeList(bare(field)?),
        DataType::FixedSizeList(field, size) => DataType::FixedSizeList(bare(field)?, *size),
        DataType::Struct(fields) => DataType::Struct(fields.iter().map(bare).collect::<Result<Vec<_>, _>>()?.into()),
        DataType::Map(field, sorted) => DataType::Map(bare(field)?, *sorted),
        DataType::Union(..) => return Err("columns of unions cannot be read".to_owned()),
        other => other.clone(),
    })
}

/// A field without metadata.
fn bare(field: &Arc<Field>) -> Result<Arc<Field>, String> {
    Ok(Arc::new(Field::new(field.name(), plain(field.data_type())?, field.is_nullable())))
}

fn bare_schema(found: &Schema) -> Result<SchemaRef, String> {
    let fields: Result<Vec<_>, _> =
        found.fields().iter().map(|field| bare(field).map_err(|problem| format!("`{}`: {problem}", field.name()))).collect();
    Ok(Arc::new(Schema::new(fields?)))
}

/// What a table looks like.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) schema: SchemaRef,
    /// The sizes of the batches; none of a stream, which does not say.
    pub(super) batches: Option<Vec<u64>>,
}

impl Layout {
    pub(super) fn of(path: &Path, stream: bool) -> Result<Self, CrossingError> {
        let failed = |problem: String| CrossingError::table(path, problem);
        let (found, batches) = if stream {
            (streamed(path, open(path)?, None)?.0.schema(), None)
        } else {
            let sizes = sizes(path).map_err(failed)?;
            (reader(path, None)?.schema(), Some(sizes))
        };
        Ok(Self { schema: bare_schema(&found).map_err(failed)?, batches })
    }

    /// Neighbouring batches that are worked on together.
    pub(super) fn units(&self) -> Vec<Range<usize>> {
        let Some(sizes) = &self.batches else { return std::iter::once(0..1).collect() };
        let mut units: Vec<Range<usize>> = Vec::new();
        let mut bytes = UNIT;
        for (number, size) in sizes.iter().enumerate() {
            match units.last_mut() {
                Some(last) if bytes + size <= UNIT => {
                    last.end = number + 1;
                    bytes += size;
                }
                _ => {
                    units.push(number..number + 1);
                    bytes = *size;
                }
            }
        }
        // A table without rows is published, too.
        if units.is_empty() { std::iter::once(0..0).collect() } else { units }
    }
}

/// How large the batches of a file are, from its footer.
fn sizes(path: &Path) -> Result<Vec<u64>, String> {
    let mut file = open(path).map_err(|error| error.to_string())?;
    let mut read = |from: SeekFrom, count: usize| {
        let mut bytes = vec![0; count];
        file.seek(from).and_then(|_| file.read_exact(&mut bytes)).map(|()| bytes).map_err(|error| error.to_string())
    };
    if read(SeekFrom::Start(0), FEATHER_1.len())? == FEATHER_1 {
        return Err("it is Feather of version 1; expected version 2, which is Arrow IPC".to_owned());
    }
    let tail: [u8; 10] = read(SeekFrom::End(-10), 10)?.try_into().map_err(|_| "it is too short".to_owned())?;
    let length = read_footer_length(tail).map_err(|error| error.to_string())?;
    let from = i64::try_from(length).map_err(|error| error.to_string())?;
    let size = file.seek(SeekFrom::End(0)).map_err(|error| error.to_string())?;
    if length as u64 > size {
        return Err("its footer is longer than the file".to_owned());
    }
    let mut bytes = vec![0; length];
    file.seek(SeekFrom::End(-10 - from)).and_then(|_| file.read_exact(&mut bytes)).map_err(|error| error.to_string())?;
    let footer = root_as_footer(&bytes).map_err(|error| error.to_string())?;
    let blocks = footer.recordBatches().into_iter().flatten();
    Ok(blocks.map(|block| u64::try_from(block.bodyLength()).unwrap_or(UNIT)).collect())
}

fn reader(path: &Path, projection: Option<Vec<usize>>) -> Result<FileReader<BufReader<Box<dyn super::ReadSeek>>>, CrossingError> {
    let file = BufReader::with_capacity(1 << 20, open(path)?);
    FileReader::try_new(file, projection).map_err(|error| CrossingError::table(path, error))
}

/// The batches of a stream, after which there must be nothing: rows that nobody reads would be lost.
struct Streamed(StreamReader<BufReader<Box<dyn Read + Send>>>);

impl Iterator for Streamed {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(found) = self.0.next() {
            return Some(found);
        }
        match self.0.get_mut().fill_buf() {
            Ok([]) => None,
            Ok(_) => Some(Err(ArrowError::ParseError("there is more after the end of the stream".to_owned()))),
            Err(error) => Some(Err(error.into())),
        }
    }
}

/// What begins as a stream does. Of anything else the first bytes would be taken for a length, and as much memory be asked for.
fn begun(mut below: Box<dyn Read + Send>) -> Result<Box<dyn Read + Send>, String> {
    let mut head = Vec::new();
    below.by_ref().take(8).read_to_end(&mut head).map_err(|error| error.to_string())?;
    let (marker, length) = (head.first_chunk::<4>(), head.last_chunk::<4>().map(|length| u32::from_le_bytes(*length)));
    if marker != Some(&[0xff; 4]) || length.is_none_or(|length| length == 0 || length > LONGEST) {
        return Err("expected a stream of Arrow IPC, of Arrow 0.15 or later".to_owned());
    }
    Ok(Box::new(std::io::Cursor::new(head).chain(below)))
}

fn streamed(path: &Path, below: Box<dyn Read + Send>, projection: Option<Vec<usize>>) -> Result<Streamed, CrossingError> {
    let below = begun(below).map_err(|problem| CrossingError::table(path, problem))?;
    let below = BufReader::with_capacity(1 << 20, below);
    StreamReader::try_new(below, projection).map(Streamed).map_err(|error| CrossingError::table(path, error))
}

type Below = Box<dyn Iterator<Item = Result<RecordBatch, ArrowError>> + Send>;

/// The rows of some batches of a table.
pub(crate) struct Rows {
    path: PathBuf,
    below: Below,
    /// Those of which each distinct value is looked at once.
    coded: Vec<String>,
    /// A batch of the table, and how many of its rows were given.
    current: Option<(RecordBatch, usize)>,
}

impl Rows {
    pub(super) fn new(
        path: &Path,
        layout: &Layout,
        batches: &Range<usize>,
        columns: Option<&[&str]>,
        coded: &[&str],
    ) -> Result<Self, CrossingError> {
        let projection: Option<Vec<usize>> =
            columns.map(|columns| columns.iter().filter_map(|name| layout.schema.index_of(name).ok()).collect());
        let below: Below = if layout.batches.is_none() {
            Box::new(streamed(path, open(path)?, projection)?)
        } else {
            let mut reader = reader(path, projection)?;
            if batches.start > 0 {
                reader.set_index(batches.start).map_err(|error| CrossingError::table(path, error))?;
            }
            Box::new(reader.take(batches.len()))
        };
        Ok(Self::of(path, below, coded))
    }

    /// All columns of a table that comes through a pipe, and what they are.
    pub(super) fn piped(path: &Path, pipe: Box<dyn Read + Send>, coded: &[&str]) -> Result<(Self, SchemaRef), CrossingError> {
        let below = streamed(path, pipe, None)?;
        let schema = bare_schema(&below.0.schema()).map_err(|problem| CrossingError::table(path, problem))?;
        Ok((Self::of(path, Box::new(below), coded), schema))
    }

    fn of(path: &Path, below: Below, coded: &[&str]) -> Self {
        Self { path: path.to_path_buf(), below, coded: coded.iter().map(|name| (*name).to_owned()).collect(), current: None }
    }

    pub(super) fn next(&mut self) -> Result<Option<RecordBatch>, CrossingError> {
        loop {
            if let Some((batch, given)) = &mut self.current {
                let rows = BATCH.min(batch.num_rows() - *given);
                if rows > 0 {
                    let part = batch.slice(*given, rows);
                    *given += rows;
                    return self.plain(&part).map(Some).map_err(|error| CrossingError::table(&self.path, error));
                }
            }
            match self.below.next() {
                Some(Ok(batch)) => self.current = Some((batch, 0)),
                Some(Err(error)) => return Err(CrossingError::table(&self.path, error)),
                None => return Ok(None),
            }
        }
    }

    fn plain(&self, batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
        let mut fields = Vec::new();
        let mut columns = Vec::new();
        for (field, column) in batch.schema_ref().fields().iter().zip(batch.columns()) {
            let to = plain(field.data_type()).map_err(ArrowError::SchemaError)?;
            let to = if self.coded.contains(field.name()) && of_texts(column) {
                DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
            } else {
                to
            };
            columns.push(cast(column, &to)?);
            fields.push(Field::new(field.name(), to, field.is_nullable()));
        }
        let rows = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), columns, &rows)
    }
}

/// Whether a column is a dictionary of texts, of which it is worth to look at each once.
fn of_texts(column: &ArrayRef) -> bool {
    let DataType::Dictionary(_, value) = column.data_type() else { return false };
    let values = column.as_any_dictionary_opt().map_or(0, |dictionary| dictionary.values().len());
    matches!(plain(value), Ok(DataType::Utf8)) && values <= column.len()
}

fn cast(column: &ArrayRef, to: &DataType) -> Result<ArrayRef, ArrowError> {
    if column.data_type() == to { Ok(Arc::clone(column)) } else { arrow_cast::cast(column, to) }
}
