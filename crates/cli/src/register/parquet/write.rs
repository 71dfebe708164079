// SPDX-License-Identifier: Apache-2.0
//! A register as a Parquet file: every column is text, and an empty cell is null.

use super::super::Map;
use crate::input::reason;
use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

/// So many rows stand in a row group.
const GROUP: usize = 1 << 16;

/// Writes a Parquet file with the notation of cells.
pub fn write(path: &Path, header: &[String], rows: &[Vec<String>], _: &Map) -> Result<(), String> {
    let file = File::create(path).map_err(|error| reason(&error))?;
    fill(file, header, rows).map_err(|error| error.to_string())
}

fn fill(file: File, header: &[String], rows: &[Vec<String>]) -> Result<(), ParquetError> {
    let columns: Result<Vec<Arc<Type>>, ParquetError> = header
        .iter()
        .map(|name| {
            let column = Type::primitive_type_builder(name, Physical::BYTE_ARRAY);
            column.with_repetition(Repetition::OPTIONAL).with_logical_type(Some(LogicalType::String)).build().map(Arc::new)
        })
        .collect();
    let schema = Arc::new(Type::group_type_builder("flows").with_fields(columns?).build()?);
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut writer = SerializedFileWriter::new(file, schema, Arc::new(properties))?;
    for rows in rows.chunks(GROUP) {
        let mut group = writer.next_row_group()?;
        for at in 0..header.len() {
            let Some(mut column) = group.next_column()? else { break };
            let cells = || rows.iter().map(|row| row.get(at).map_or("", String::as_str));
            let values: Vec<ByteArray> = cells().filter(|cell| !cell.is_empty()).map(ByteArray::from).collect();
            let levels: Vec<i16> = cells().map(|cell| i16::from(!cell.is_empty())).collect();
            column.typed::<ByteArrayType>().write_batch(&values, Some(&levels), None)?;
            column.close()?;
        }
        group.close()?;
    }
    writer.close().map(|_| ())
}
