// SPDX-License-Identifier: Apache-2.0
//! Tables as they are read: their columns, their units of work, and the batches of a unit.

mod csv;
mod ipc;
mod json;

use crate::files::{is_remote, no_secret_in};
use crate::splice::entries_of;
use crate::store::Object;
use crate::wanted::is_database;
use crate::{CrossingError, Format};
use arrow_array::RecordBatch;
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use comity_border::Manifest;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::basic::{Encoding, EncodingMask};
use parquet::errors::ParquetError;
use parquet::file::reader::ChunkReader;
use std::fs::File;
use std::io::{Read, Seek};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Rows read at once.
const BATCH: usize = 8192;
/// A unit is as many row groups as come to this many compressed bytes; of other formats, as much of the file.
const UNIT: u64 = 64 << 20;

/// The header of a page is shorter than this.
const HEAD: u64 = 1 << 10;

/// A row of a file that could not be read as one of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Broken {
    /// The line it begins on.
    pub(crate) line: u64,
    /// What is wrong with it.
    pub(crate) problem: String,
    /// The cells that it has.
    pub(crate) cells: Vec<String>,
}

/// Part of an input that is worked on as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unit {
    /// Which input.
    pub(crate) input: usize,
    /// Which row groups, batches or pieces; of formats without, none.
    pub(crate) groups: Range<usize>,
    /// How many rows, where the file says so.
    pub(crate) rows: Option<u64>,
}

/// What is read from.
pub(crate) trait ReadSeek: Read + Seek + Send {}
impl<T: Read + Seek + Send> ReadSeek for T {}

fn open(path: &Path) -> Result<Box<dyn ReadSeek>, CrossingError> {
    if is_remote(path) {
        return Ok(Box::new(Object::of(path)?.reader()));
    }
    Ok(Box::new(File::open(path).map_err(CrossingError::file("cannot read", path))?))
}

/// What is known of a table from looking at it.
enum Known {
    Parquet(ArrowReaderMetadata),
    Csv,
    Json(json::Shape),
    Ipc(ipc::Layout),
}

/// A table that can be read.
pub(crate) struct Source {
    pub(crate) path: PathBuf,
    format: Format,
    schema: SchemaRef,
    known: Known,
    /// Columns whose values do not all stand in dictionaries, as far as the file says.
    various: Vec<String>,
}

impl Source {
    pub(crate) fn open(path: &Path) -> Result<Self, CrossingError> {
        if is_database(path) {
            let problem = "tables of databases cross as copies, which are not made here".to_owned();
            return Err(CrossingError::Database { what: "cannot read", name: "the URL of a table".to_owned(), problem });
        }
        no_secret_in(path)?;
        let format = Format::of(path)?;
        let (schema, known) = match format {
            Format::Parquet => {
                // Types as the file has them: what a writer noted beside them could name types that share values among rows.
                let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
                let loaded = if is_remote(path) {
                    ArrowReaderMetadata::load(&Object::of(path)?, options)
                } else {
                    ArrowReaderMetadata::load(&File::open(path).map_err(CrossingError::file("cannot read", path))?, options)
                };
                let metadata = loaded.map_err(|error| CrossingError::table(path, error))?;
                (Arc::clone(metadata.schema()), Known::Parquet(metadata))
            }
            Format::Csv => (csv::schema(path)?, Known::Csv),
            Format::JsonLines => {
                let shape = json::Shape::of(path)?;
                (shape.schema(), Known::Json(shape))
            }
            Format::ArrowFile | Format::ArrowStream => {
                let layout = ipc::Layout::of(path, format == Format::ArrowStream)?;
                (Arc::clone(&layout.schema), Known::Ipc(layout))
            }
        };
        let mut source = Self { path: path.to_path_buf(), format, schema, known, various: Vec::new() };
        if let Some(metadata) = source.groups() {
            let all = 0..metadata.metadata().num_row_groups();
            let names = source.schema.fields().iter().map(|field| field.name());
            let file = if is_remote(path) { None } else { File::open(path).ok() };
            let various = |name: &&String| !source.in_dictionary(name, &all) || source.mostly_different(name, file.as_ref());
            source.various = names.filter(various).cloned().collect();
        }
        Ok(source)
    }

    /// Opens tables that belong together. Those of formats that do not say what their columns are have the columns of all.
    pub(crate) fn open_all(paths: &[PathBuf]) -> Result<Vec<Self>, CrossingError> {
        let mut sources = paths.iter().map(|path| Self::open(path)).collect::<Result<Vec<_>, _>>()?;
        let mut shapes: Vec<&mut json::Shape> = sources
            .iter_mut()
            .filter_map(|source| match &mut source.known {
                Known::Json(shape) => Some(shape),
                _ => None,
            })
            .collect();
        json::Shape::join(&mut shapes);
        for source in &mut sources {
            if let Known::Json(shape) = &source.known {
                source.schema = shape.schema();
            }
        }
        Ok(sources)
    }

    /// Columns in which almost every value is another.
    pub(crate) fn various(&self) -> &[String] {
        &self.various
    }

    pub(crate) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The metadata of a Parquet file that is at hand; an object is read by the columns that are asked for.
    pub(crate) fn parquet(&self) -> Option<&ArrowReaderMetadata> {
        self.groups().filter(|_| !is_remote(&self.path))
    }

    fn groups(&self) -> Option<&ArrowReaderMetadata> {
        match &self.known {
            Known::Parquet(metadata) => Some(metadata),
            _ => None,
        }
    }

    /// Reads the columns with these names, to the end.
    pub(crate) fn each(
        &self,
        columns: &[&str],
        mut of: impl FnMut(&RecordBatch) -> Result<(), CrossingError>,
    ) -> Result<(), CrossingError> {
        for unit in self.units(0) {
            let mut batches = self.batches(&unit, Some(columns), columns)?;
            while let Some((batch, _)) = batches.next()? {
                of(&batch)?;
            }
        }
        Ok(())
    }

    /// The units of work, in order.
    pub(crate) fn units(&self, input: usize) -> Vec<Unit> {
        let metadata = match &self.known {
            Known::Parquet(metadata) => metadata,
            Known::Csv => return vec![Unit { input, groups: 0..0, rows: None }],
            Known::Json(shape) => {
                let pieces = shape.pieces.iter().enumerate();
                return pieces.map(|(number, piece)| Unit { input, groups: number..number + 1, rows: Some(piece.rows) }).collect();
            }
            Known::Ipc(layout) => return layout.units().into_iter().map(|groups| Unit { input, groups, rows: None }).collect(),
        };
        let mut units: Vec<Unit> = Vec::new();
        let mut bytes = UNIT;
        for (number, group) in metadata.metadata().row_groups().iter().enumerate() {
            let size = u64::try_from(group.compressed_size()).unwrap_or(0);
            let rows = u64::try_from(group.num_rows()).unwrap_or(0);
            match units.last_mut() {
                Some(last) if bytes + size <= UNIT => {
                    last.groups.end = number + 1;
                    last.rows = last.rows.map(|before| before + rows);
                    bytes += size;
                }
                _ => {
                    units.push(Unit { input, groups: number..number + 1, rows: Some(rows) });
                    bytes = size;
                }
            }
        }
        units
    }

    /// The batches of a unit; `columns` by name, none for all. Columns of texts come as dictionaries where `coded` says so.
    pub(crate) fn batches(&self, unit: &Unit, columns: Option<&[&str]>, coded: &[&str]) -> Result<Batches, CrossingError> {
        let metadata = match &self.known {
            Known::Parquet(metadata) => metadata,
            Known::Csv => {
                let kept: Option<Vec<usize>> = columns.map(|columns| {
                    let named = |field: &&str| self.schema.index_of(field).ok();
                    columns.iter().filter_map(named).collect()
                });
                return Ok(Batches::Csv(csv::Rows::new(&self.path, &self.schema, kept)?));
            }
            Known::Json(shape) => {
                let pieces = shape.pieces.get(unit.groups.clone()).unwrap_or_default();
                return Ok(Batches::Json(json::Rows::new(&self.path, shape, pieces, columns)?));
            }
            Known::Ipc(layout) => return Ok(Batches::Ipc(ipc::Rows::new(&self.path, layout, &unit.groups, columns, coded)?)),
        };
        let failed = |error| CrossingError::table(&self.path, error);
        let fields: Vec<Field> = self
            .schema
            .fields()
            .iter()
            .map(|field| {
                let text = *field.data_type() == DataType::Utf8 && coded.contains(&field.name().as_str());
                let text = text && self.in_dictionary(field.name(), &unit.groups);
                let field = field.as_ref().clone();
                if text { field.with_data_type(DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))) } else { field }
            })
            .collect();
        let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true).with_schema(Arc::new(Schema::new(fields)));
        let metadata = ArrowReaderMetadata::try_new(Arc::clone(metadata.metadata()), options).map_err(failed)?;
        let rows = if is_remote(&self.path) {
            rows_of(Object::of(&self.path)?.by_turns(), metadata, &unit.groups, columns)
        } else {
            let file = File::open(&self.path).map_err(CrossingError::file("cannot read", &self.path))?;
            rows_of(file, metadata, &unit.groups, columns)
        };
        Ok(Batches::Parquet(self.path.clone(), rows.map_err(failed)?))
    }

    /// Whether all values of a column stand in dictionaries in these row groups, as far as the file says.
    fn in_dictionary(&self, name: &str, groups: &Range<usize>) -> bool {
        let all = self.groups().map(|metadata| metadata.metadata().row_groups()).unwrap_or_default();
        all.get(groups.clone()).unwrap_or_default().iter().all(|group| {
            let chunk = group.columns().iter().find(|chunk| chunk.column_path().string() == name);
            let only = |mask: &EncodingMask| mask.is_only(Encoding::RLE_DICTIONARY) || mask.is_only(Encoding::PLAIN_DICTIONARY);
            chunk.is_some_and(|chunk| chunk.dictionary_page_offset().is_some() && chunk.page_encoding_stats_mask().is_none_or(only))
        })
    }

    /// Whether the dictionary of a column in the first row group has an entry for every second row or more.
    fn mostly_different(&self, name: &str, file: Option<&File>) -> bool {
        let found = || {
            let group = self.groups()?.metadata().row_groups().first()?;
            let chunk = group.columns().iter().find(|chunk| chunk.column_path().string() == name)?;
            let (start, length) = (u64::try_from(chunk.dictionary_page_offset()?).ok()?, chunk.byte_range().1);
            let head = file?.get_bytes(start, usize::try_from(length.min(HEAD)).ok()?).ok()?;
            let entries = u64::try_from(entries_of(&head)?).ok()?;
            Some(entries >= u64::try_from(group.num_rows()).ok()?.div_ceil(2))
        };
        // What cannot be looked at is encoded as the library would have it.
        found().unwrap_or(false)
    }

    /// What is wrong between the manifest and this table.
    pub(crate) fn against(&self, manifest: &Manifest) -> Result<(), CrossingError> {
        let problems = manifest.fits(&self.schema);
        if problems.is_empty() { Ok(()) } else { Err(CrossingError::Manifest(problems)) }
    }

    pub(crate) fn format(&self) -> Format {
        self.format
    }
}

/// The rows of some row groups.
fn rows_of<T: ChunkReader + 'static>(
    file: T,
    metadata: ArrowReaderMetadata,
    groups: &Range<usize>,
    columns: Option<&[&str]>,
) -> Result<ParquetRecordBatchReader, ParquetError> {
    let mut builder =
        ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata).with_row_groups(groups.clone().collect()).with_batch_size(BATCH);
    if let Some(columns) = columns {
        let mask = ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied());
        builder = builder.with_projection(mask);
    }
    builder.build()
}

/// The batches of a table that comes through a pipe, and its columns. Of JSON Lines, `sample` says what the columns are.
///
/// # Errors
///
/// [`CrossingError::Piped`] for formats that cannot be read from the first byte to the last.
pub(crate) fn piped(
    path: &Path,
    pipe: Box<dyn Read + Send>,
    format: Format,
    sample: &[Source],
    coded: &[&str],
) -> Result<(Batches, SchemaRef), CrossingError> {
    match format {
        Format::Csv => csv::Rows::piped(path, pipe).map(|(rows, schema)| (Batches::Csv(rows), schema)),
        Format::ArrowStream => ipc::Rows::piped(path, pipe, coded).map(|(rows, schema)| (Batches::Ipc(rows), schema)),
        Format::JsonLines => match sample.first().map(|sample| &sample.known) {
            Some(Known::Json(shape)) => Ok((Batches::Json(json::Rows::piped(path, pipe, shape)), shape.schema())),
            _ => Err(CrossingError::table(path, "JSON Lines through a pipe have the columns of a sample, which is JSON Lines, too")),
        },
        Format::Parquet | Format::ArrowFile => Err(CrossingError::Piped(format.ending())),
    }
}

/// The batches of a unit.
pub(crate) enum Batches {
    Parquet(PathBuf, ParquetRecordBatchReader),
    Csv(csv::Rows),
    Json(json::Rows),
    Ipc(ipc::Rows),
}

impl Batches {
    /// The next batch, and the rows beside it that could not be read.
    pub(crate) fn next(&mut self) -> Result<Option<(RecordBatch, Vec<Broken>)>, CrossingError> {
        match self {
            Self::Parquet(path, reader) => match reader.next() {
                Some(Ok(batch)) => Ok(Some((batch, Vec::new()))),
                Some(Err(error)) => Err(CrossingError::table(path, error)),
                None => Ok(None),
            },
            Self::Csv(rows) => rows.next(),
            Self::Json(rows) => rows.next(),
            Self::Ipc(rows) => Ok(rows.next()?.map(|batch| (batch, Vec::new()))),
        }
    }
}
