// SPDX-License-Identifier: Apache-2.0
//! Tables as they are read: their columns, their units of work, and the batches of a unit.

use crate::{CrossingError, Format};
use arrow_array::builder::StringBuilder;
use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use comity_border::Manifest;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::basic::{Encoding, EncodingMask};
use std::fs::File;
use std::io::BufReader;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Rows read at once.
const BATCH: usize = 8192;
/// A unit is as many row groups as come to this many compressed bytes.
const UNIT: u64 = 64 << 20;

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
    /// Which row groups; of formats without, none.
    pub(crate) groups: Range<usize>,
    /// How many rows, where the file says so.
    pub(crate) rows: Option<u64>,
}

/// A table that can be read.
pub(crate) struct Source {
    pub(crate) path: PathBuf,
    format: Format,
    schema: SchemaRef,
    metadata: Option<ArrowReaderMetadata>,
}

impl Source {
    pub(crate) fn open(path: &Path) -> Result<Self, CrossingError> {
        let format = Format::of(path)?;
        let (schema, metadata) = match format {
            Format::Parquet => {
                let file = File::open(path).map_err(CrossingError::file("cannot read", path))?;
                // Types as the file has them: what a writer noted beside them could name types that share values among rows.
                let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
                let metadata = ArrowReaderMetadata::load(&file, options).map_err(|error| CrossingError::table(path, error))?;
                (Arc::clone(metadata.schema()), Some(metadata))
            }
            Format::Csv => {
                let mut reader = csv_reader(path)?;
                let header = reader.headers().map_err(|error| CrossingError::table(path, error))?;
                if header.is_empty() {
                    return Err(CrossingError::table(path, "it is empty; the first row names the columns"));
                }
                let fields: Vec<Field> = header.iter().map(|name| Field::new(name, DataType::Utf8, true)).collect();
                (Arc::new(Schema::new(fields)), None)
            }
        };
        Ok(Self { path: path.to_path_buf(), format, schema, metadata })
    }

    pub(crate) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The metadata of a Parquet file.
    pub(crate) fn parquet(&self) -> Option<&ArrowReaderMetadata> {
        self.metadata.as_ref()
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
        let Some(metadata) = &self.metadata else { return vec![Unit { input, groups: 0..0, rows: None }] };
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
        let Some(metadata) = &self.metadata else {
            let kept: Option<Vec<usize>> = columns.map(|columns| {
                let named = |field: &&str| self.schema.index_of(field).ok();
                columns.iter().filter_map(named).collect()
            });
            return Ok(Batches::Csv(CsvBatches::new(&self.path, &self.schema, kept)?));
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
        let file = File::open(&self.path).map_err(CrossingError::file("cannot read", &self.path))?;
        let mut builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata)
            .with_row_groups(unit.groups.clone().collect())
            .with_batch_size(BATCH);
        if let Some(columns) = columns {
            let mask = ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied());
            builder = builder.with_projection(mask);
        }
        Ok(Batches::Parquet(self.path.clone(), builder.build().map_err(failed)?))
    }

    /// Whether all values of a column stand in dictionaries in these row groups, as far as the file says.
    fn in_dictionary(&self, name: &str, groups: &Range<usize>) -> bool {
        let all = self.metadata.as_ref().map(|metadata| metadata.metadata().row_groups()).unwrap_or_default();
        all.get(groups.clone()).unwrap_or_default().iter().all(|group| {
            let chunk = group.columns().iter().find(|chunk| chunk.column_path().string() == name);
            let only = |mask: &EncodingMask| mask.is_only(Encoding::RLE_DICTIONARY) || mask.is_only(Encoding::PLAIN_DICTIONARY);
            chunk.is_some_and(|chunk| chunk.dictionary_page_offset().is_some() && chunk.page_encoding_stats_mask().is_none_or(only))
        })
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

fn csv_reader(path: &Path) -> Result<csv::Reader<BufReader<File>>, CrossingError> {
    let file = File::open(path).map_err(CrossingError::file("cannot read", path))?;
    // Rows with too few or too many cells are told apart one by one, not by giving up.
    Ok(csv::ReaderBuilder::new().flexible(true).from_reader(BufReader::with_capacity(1 << 20, file)))
}

/// The batches of a unit.
pub(crate) enum Batches {
    Parquet(PathBuf, parquet::arrow::arrow_reader::ParquetRecordBatchReader),
    Csv(CsvBatches),
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
            Self::Csv(batches) => batches.next(),
        }
    }
}

/// The rows of a CSV file, as texts.
pub(crate) struct CsvBatches {
    path: PathBuf,
    reader: csv::Reader<BufReader<File>>,
    schema: SchemaRef,
    width: usize,
    kept: Vec<usize>,
    ended: bool,
}

impl CsvBatches {
    fn new(path: &Path, schema: &SchemaRef, kept: Option<Vec<usize>>) -> Result<Self, CrossingError> {
        let width = schema.fields().len();
        let kept = kept.unwrap_or_else(|| (0..width).collect());
        let fields: Vec<Field> =
            kept.iter().filter_map(|position| schema.fields().get(*position)).map(|field| field.as_ref().clone()).collect();
        Ok(Self { path: path.to_path_buf(), reader: csv_reader(path)?, schema: Arc::new(Schema::new(fields)), width, kept, ended: false })
    }

    fn next(&mut self) -> Result<Option<(RecordBatch, Vec<Broken>)>, CrossingError> {
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
