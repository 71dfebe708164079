// SPDX-License-Identifier: Apache-2.0
//! Row groups of Parquet files without decoding what need not be decoded.
//!
//! Where all rows of a row group share one outcome, a column that is kept is copied as it is, and of a column that becomes
//! something else only the dictionary is made anew. Columns that allow neither are decoded alone. Row groups with several
//! outcomes are decoded, enforced row by row, and encoded again, into the same file.

mod chunk;
mod page;

use crate::CrossingError;
use crate::apart::Apart;
use crate::hints::Hints;
use crate::journal::{Done, Journal, Part};
use crate::sink::{Below, finish_below, new_below, properties};
use crate::source::{Source, Unit};
use arrow_array::RecordBatch;
use arrow_schema::{DataType, SchemaRef};
use comity_border::enforce::{Decider, UNKNOWN, column_key, measured};
use comity_border::measure::Measure;
use comity_border::plan::Outcome;
use comity_border::value::Ready;
use comity_border::{Enforcer, Plan, Secret};
use page::{Header, Kind};
use parquet::arrow::arrow_writer::{ArrowColumnChunk, ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves};
use parquet::basic::{ConvertedType, LogicalType, Repetition, Type as Physical};
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::ParquetError;
use parquet::file::metadata::{ColumnChunkMetaData, RowGroupMetaData};
use parquet::file::reader::{ChunkReader, Length};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::{Type, TypePtr};
use std::fs::File;
use std::sync::Arc;

/// Writers that put into a dictionary what rows hold, and nothing else. Of a file of any other, dictionaries are not copied:
/// some hold values of rows that are not there, and nobody decided on those.
const EXACT: [&str; 4] = ["parquet-rs", "comity", "DuckDB", "parquet-mr"];

/// How many entries the dictionary has whose page begins with these bytes; none where it is no page of a dictionary.
pub(crate) fn entries_of(page: &[u8]) -> Option<usize> {
    match Header::read(page)?.kind() {
        Kind::Dictionary { entries, .. } => Some(entries),
        _ => None,
    }
}

/// A column of the output.
struct Column {
    /// Where it stands among those of the manifest.
    described: usize,
    /// Where it stands among those of the table.
    position: usize,
}

/// What stays the same for all row groups of a unit.
struct Splicer<'a> {
    plan: &'a Plan,
    secret: Option<&'a Secret>,
    source: &'a Source,
    file: File,
    output: SchemaRef,
    columns: Vec<Column>,
    /// Whether dictionaries of the file hold nothing but what rows hold.
    exact: bool,
}

/// The columns of the output as the file will have them; none where the table has what this way cannot do.
fn schema(source: &Source, output: &SchemaRef) -> Option<TypePtr> {
    let metadata = source.parquet()?.metadata();
    let root = metadata.file_metadata().schema_descr();
    let flat = root
        .columns()
        .iter()
        .all(|column| column.path().parts().len() == 1 && column.max_rep_level() == 0 && column.physical_type() != Physical::INT96);
    if !flat || root.num_columns() != source.schema().fields().len() {
        return None;
    }
    let mut fields: Vec<TypePtr> = Vec::new();
    for field in output.fields() {
        let position = source.schema().index_of(field.name()).ok()?;
        let of_source = root.columns().get(position)?.self_type_ptr();
        let same = source.schema().field(position).data_type() == field.data_type();
        let required = of_source.get_basic_info().repetition() == Repetition::REQUIRED;
        if same && required != field.is_nullable() {
            fields.push(of_source);
        } else {
            let repetition = if field.is_nullable() { Repetition::OPTIONAL } else { Repetition::REQUIRED };
            let made = if same {
                Type::primitive_type_builder(field.name(), of_source.get_physical_type())
                    .with_repetition(repetition)
                    .with_logical_type(of_source.get_basic_info().logical_type_ref().cloned())
                    .with_converted_type(of_source.get_basic_info().converted_type())
                    .with_length(if let Type::PrimitiveType { type_length, .. } = of_source.as_ref() { *type_length } else { -1 })
                    .with_precision(if let Type::PrimitiveType { precision, .. } = of_source.as_ref() { *precision } else { -1 })
                    .with_scale(if let Type::PrimitiveType { scale, .. } = of_source.as_ref() { *scale } else { -1 })
                    .build()
            } else if *field.data_type() == DataType::Utf8 {
                Type::primitive_type_builder(field.name(), Physical::BYTE_ARRAY)
                    .with_repetition(repetition)
                    .with_logical_type(Some(LogicalType::String))
                    .with_converted_type(ConvertedType::UTF8)
                    .build()
            } else {
                return None;
            };
            fields.push(Arc::new(made.ok()?));
        }
    }
    Type::group_type_builder("schema").with_fields(fields).build().ok().map(Arc::new)
}

/// Works on a unit of a Parquet file; none where this way cannot do it.
pub(crate) fn work(
    plan: &Plan,
    secret: Option<&Secret>,
    source: &Source,
    (unit, name): (&Unit, &str),
    journal: &Journal,
    read: &dyn Fn(u64, u64) -> bool,
) -> Result<Option<Done>, CrossingError> {
    let mut enforcer = Enforcer::new(plan, secret, source.schema())?;
    let output = SchemaRef::clone(enforcer.output());
    let (Some(metadata), Some(schema)) = (source.parquet(), schema(source, &output)) else { return Ok(None) };
    let path = journal.data().join(name);
    let failed = |error: ParquetError| CrossingError::table(&path, error);
    let file = File::open(&source.path).map_err(CrossingError::file("cannot read", &source.path))?;
    let created_by = metadata.metadata().file_metadata().created_by().unwrap_or_default();
    let place = |field: &Arc<arrow_schema::Field>| {
        let described = plan.manifest.columns.iter().position(|column| column.name == *field.name())?;
        Some(Column { described, position: source.schema().index_of(field.name()).ok()? })
    };
    let Some(columns) = output.fields().iter().map(place).collect::<Option<Vec<_>>>() else { return Ok(None) };
    let exact = EXACT.iter().any(|writer| created_by.starts_with(writer));
    let splicer = Splicer { plan, secret, source, file, output: SchemaRef::clone(&output), columns, exact };
    let (below, draft) = new_below(&path)?;
    let mut writer = SerializedFileWriter::new(below, schema, Arc::new(properties(&Hints::of_output(plan, source)))).map_err(failed)?;
    let factory = ArrowRowGroupWriterFactory::new(&writer, output);
    let mut apart = Apart::new(journal.apart().join(name), source.format(), Hints::of_quarantine(source));
    let mut rows = 0;
    for number in unit.groups.clone() {
        let Some(group) = metadata.metadata().row_groups().get(number) else { continue };
        let count = u64::try_from(group.num_rows()).unwrap_or(0);
        let one = Unit { input: unit.input, groups: number..number + 1, rows: Some(count) };
        let (ordinal, before) = (writer.flushed_row_groups().len(), rows);
        if let Some(outcome) = splicer.shared(&one)? {
            let Some(Outcome::Pass { measures, .. }) = plan.outcomes.get(outcome) else { continue };
            let mut to = writer.next_row_group().map_err(failed)?;
            splicer.group(&one, group, measures, &factory, ordinal, &mut to)?;
            to.close().map_err(failed)?;
            enforcer.tally.passed += count;
            if let Some(of_outcome) = enforcer.tally.rows.get_mut(outcome) {
                *of_outcome += count;
            }
            rows += count;
        } else {
            let mut writers = factory.create_column_writers(ordinal).map_err(failed)?;
            let mut passed = 0;
            let coded = crate::unit::coded(plan);
            let mut batches = source.batches(&one, None, &coded)?;
            while let Some((batch, _)) = batches.next()? {
                let enforced = enforcer.enforce(&batch)?;
                passed += enforced.passed.num_rows() as u64;
                if enforced.passed.num_rows() > 0 {
                    write_columns(&mut writers, &enforced.passed).map_err(failed)?;
                }
                apart.keep(&enforcer, &enforced.quarantined, (&source.path, &[]))?;
            }
            if passed > 0 {
                let mut to = writer.next_row_group().map_err(failed)?;
                for writer in writers {
                    writer.close().and_then(|chunk| chunk.append_to_row_group(&mut to)).map_err(failed)?;
                }
                to.close().map_err(failed)?;
                rows += passed;
            }
        }
        if !read(count, rows - before) {
            return Err(CrossingError::Stopped);
        }
    }
    let below = writer.into_inner().map_err(failed)?;
    let part = |(file, rows)| Part { name: name.to_owned(), rows, file };
    let data = Some(part((finish_below(below, &draft, &path)?, rows)));
    let apart = apart.finish()?.map(part);
    Ok(Some(Done { tally: enforcer.tally, broken: 0, data, apart }))
}

fn write_columns(writers: &mut [ArrowColumnWriter], batch: &RecordBatch) -> Result<(), ParquetError> {
    let schema = batch.schema();
    let mut writers = writers.iter_mut();
    for (field, column) in schema.fields().iter().zip(batch.columns()) {
        for leaf in compute_leaves(field, column)? {
            let writer = writers.next().ok_or_else(|| ParquetError::General("a column has no writer".to_owned()))?;
            writer.write(&leaf)?;
        }
    }
    Ok(())
}

impl Splicer<'_> {
    /// The outcome that all rows of a row group share, where it lets them leave.
    fn shared(&self, group: &Unit) -> Result<Option<usize>, CrossingError> {
        // Which rows a class holds back is only known row by row.
        if self.plan.anonymity.as_ref().is_some_and(|anonymity| anonymity.held > 0) {
            return Ok(None);
        }
        let deciding: Vec<&str> = self.plan.manifest.deciding().map(|(_, column, _)| column.name.as_str()).collect();
        let mut shared: Option<u16> = None;
        let mut decider: Option<Decider> = None;
        let mut batches = self.source.batches(group, Some(&deciding), &deciding)?;
        while let Some((batch, _)) = batches.next()? {
            let decider = decider.get_or_insert_with(|| Decider::new(self.plan, batch.schema_ref()));
            let outcomes = decider.decide(&batch).map_err(|error| CrossingError::table(&self.source.path, error))?;
            for outcome in outcomes {
                if *shared.get_or_insert(outcome) != outcome {
                    return Ok(None);
                }
            }
        }
        let shared = shared.filter(|outcome| *outcome != UNKNOWN).map(usize::from);
        Ok(shared.filter(|outcome| matches!(self.plan.outcomes.get(*outcome), Some(Outcome::Pass { .. }))))
    }

    /// A row group whose rows all have these measures.
    fn group(
        &self,
        unit: &Unit,
        group: &RowGroupMetaData,
        measures: &[Measure],
        factory: &ArrowRowGroupWriterFactory,
        ordinal: usize,
        to: &mut SerializedRowGroupWriter<'_, Below>,
    ) -> Result<(), CrossingError> {
        let failed = |error: ParquetError| CrossingError::table(&self.source.path, error);
        let mut decoded: Vec<&str> = Vec::new();
        let mut plans = Vec::new();
        for (column, field) in self.columns.iter().zip(self.output.fields()) {
            let (Some(measure), Some(chunk)) = (measures.get(column.described), group.columns().get(column.position)) else { continue };
            let made = self.spliced(column, field, measure, chunk)?;
            if made.is_none() {
                decoded.push(field.name());
            }
            plans.push(made);
        }
        let mut chunks =
            if decoded.is_empty() { Vec::new() } else { self.encoded(unit, &decoded, measures, factory, ordinal)? }.into_iter();
        for made in plans {
            match made {
                Some((bytes, close)) => to.append_column(&bytes, close).map_err(failed)?,
                None => {
                    let chunk = chunks.next().ok_or_else(|| CrossingError::table(&self.source.path, "a column was not encoded"))?;
                    chunk.append_to_row_group(to).map_err(failed)?;
                }
            }
        }
        Ok(())
    }

    /// A chunk that need not be decoded.
    fn spliced(
        &self,
        column: &Column,
        field: &arrow_schema::Field,
        measure: &Measure,
        chunk: &ColumnChunkMetaData,
    ) -> Result<Option<(Span, ColumnCloseResult)>, CrossingError> {
        let same = self.source.schema().field(column.position).data_type() == field.data_type();
        let required = chunk.column_descr().self_type().get_basic_info().repetition() == Repetition::REQUIRED;
        if !same || required == field.is_nullable() {
            return Ok(None);
        }
        let coded = chunk.dictionary_page_offset().is_some();
        let (start, length) = chunk.byte_range();
        let close = |metadata: ColumnChunkMetaData, bytes: u64| ColumnCloseResult {
            bytes_written: bytes,
            rows_written: u64::try_from(metadata.num_values()).unwrap_or(0),
            metadata,
            bloom_filter: None,
            column_index: None,
            offset_index: None,
        };
        if *measure == Measure::Keep && (self.exact || !coded) {
            let file = self.file.try_clone().map_err(CrossingError::file("cannot read", &self.source.path))?;
            return Ok(Some((Span::File(file), close(chunk.clone(), length))));
        }
        // What makes a text of every text, and can be done to each entry of a dictionary once.
        let by_entry = matches!(
            measure,
            Measure::Pseudonymise(_) | Measure::Tokenise | Measure::Format(_) | Measure::Truncate(_) | Measure::Generalise(_)
        );
        if !coded || !by_entry || chunk.column_type() != Physical::BYTE_ARRAY || *field.data_type() != DataType::Utf8 {
            return Ok(None);
        }
        let Some(described) = self.plan.manifest.columns.get(column.described) else { return Ok(None) };
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let bytes = self.file.get_bytes(start, length).map_err(|error| CrossingError::table(&self.source.path, error))?;
        let key = column_key(self.plan, column.described, self.secret);
        let mut ready = Ready::new(measure, described, key.as_ref());
        let Some(made) = chunk::rewrite(&bytes, chunk.compression(), |value, out| ready.write(value, out)) else { return Ok(None) };
        let size = |bytes: usize| i64::try_from(bytes).unwrap_or(i64::MAX);
        let metadata = chunk
            .clone()
            .into_builder()
            .clear_statistics()
            .set_dictionary_page_offset(Some(0))
            .set_data_page_offset(size(made.data_at))
            .set_total_compressed_size(size(made.bytes.len()))
            .set_total_uncompressed_size(size(made.uncompressed))
            .set_unencoded_byte_array_data_bytes(None)
            .set_bloom_filter_offset(None)
            .set_bloom_filter_length(None)
            .build()
            .map_err(|error| CrossingError::table(&self.source.path, error))?;
        let bytes_written = made.bytes.len() as u64;
        Ok(Some((Span::Bytes(made.bytes.into()), close(metadata, bytes_written))))
    }

    /// The columns with these names, decoded, made what their measure says, and encoded again.
    fn encoded(
        &self,
        unit: &Unit,
        names: &[&str],
        measures: &[Measure],
        factory: &ArrowRowGroupWriterFactory,
        ordinal: usize,
    ) -> Result<Vec<ArrowColumnChunk>, CrossingError> {
        let failed = |error: ParquetError| CrossingError::table(&self.source.path, error);
        let all = factory.create_column_writers(ordinal).map_err(failed)?;
        let mut writers: Vec<(usize, ArrowColumnWriter)> =
            all.into_iter().enumerate().filter(|(at, _)| names.contains(&self.output.field(*at).name().as_str())).collect();
        let coded = crate::unit::coded(self.plan);
        let mut batches = self.source.batches(unit, Some(names), &coded)?;
        while let Some((batch, _)) = batches.next()? {
            for (at, writer) in &mut writers {
                let field = self.output.field(*at);
                let described = self.columns.get(*at).map_or(usize::MAX, |column| column.described);
                let (Some(column), Some(measure), Some(cells)) =
                    (self.plan.manifest.columns.get(described), measures.get(described), batch.column_by_name(field.name()))
                else {
                    return Err(CrossingError::table(&self.source.path, format!("column `{}` is missing", field.name())));
                };
                let key = column_key(self.plan, described, self.secret);
                let made = measured(cells, measure, column, key.as_ref(), field.data_type());
                let made = made.map_err(|error| CrossingError::table(&self.source.path, error))?;
                for leaf in compute_leaves(field, &made).map_err(failed)? {
                    writer.write(&leaf).map_err(failed)?;
                }
            }
        }
        writers.into_iter().map(|(_, writer)| writer.close().map_err(failed)).collect()
    }
}

/// Bytes of a chunk: where they are, or made anew.
enum Span {
    File(File),
    Bytes(bytes::Bytes),
}

impl Length for Span {
    fn len(&self) -> u64 {
        match self {
            Self::File(file) => file.len(),
            Self::Bytes(bytes) => bytes.len() as u64,
        }
    }
}

impl ChunkReader for Span {
    type T = Box<dyn std::io::Read>;

    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        Ok(match self {
            Self::File(file) => Box::new(ChunkReader::get_read(file, start)?),
            Self::Bytes(bytes) => Box::new(ChunkReader::get_read(bytes, start)?),
        })
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<bytes::Bytes, ParquetError> {
        match self {
            Self::File(file) => file.get_bytes(start, length),
            Self::Bytes(bytes) => bytes.get_bytes(start, length),
        }
    }
}
