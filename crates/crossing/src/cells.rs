// SPDX-License-Identifier: Apache-2.0
//! The cells of tables as texts, for whoever wants to know what the columns hold before anything is decided.

use crate::source::Source;
use crate::survey::open;
use crate::{CrossingError, Progress};
use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_array::{Array, ArrayRef};
use arrow_schema::{ArrowError, DataType};
use std::path::PathBuf;

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// The name of its type, as the file has it.
    pub type_name: String,
    /// Whether its cells can be read as texts: bytes and nested values cannot.
    pub readable: bool,
}

/// Tables of one shape that are opened for reading.
pub struct Tables {
    sources: Vec<Source>,
    columns: Vec<Column>,
}

impl Tables {
    /// Opens tables.
    ///
    /// # Errors
    ///
    /// [`CrossingError`] if one cannot be read, or has another shape than the first.
    pub fn open(inputs: &[PathBuf]) -> Result<Self, CrossingError> {
        let sources = open(inputs)?;
        let fields = sources.first().map(|source| source.schema().fields().clone()).unwrap_or_default();
        let columns = fields.iter().map(|field| Column {
            name: field.name().clone(),
            type_name: field.data_type().to_string(),
            readable: readable(field.data_type()),
        });
        Ok(Self { columns: columns.collect(), sources })
    }

    /// The columns.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Reads every cell that is readable: `each` is told the number of the column, the text, and in how many more rows it
    /// stands; nothing stands for an empty cell. Returns how many rows of the files could not be read.
    ///
    /// # Errors
    ///
    /// [`CrossingError`] if a table cannot be read.
    pub fn cells(&self, each: &mut dyn FnMut(usize, Option<&str>, u64), progress: &mut dyn FnMut(Progress)) -> Result<u64, CrossingError> {
        let names: Vec<&str> = self.columns.iter().filter(|column| column.readable).map(|column| column.name.as_str()).collect();
        let units = |(at, source): (usize, &Source)| source.units(at).iter().map(|unit| unit.rows).sum::<Option<u64>>();
        let of = self.sources.iter().enumerate().map(units).sum();
        let (mut rows, mut unread) = (0, 0);
        for (at, source) in self.sources.iter().enumerate() {
            for unit in source.units(at) {
                let mut batches = source.batches(&unit, Some(&names), &names)?;
                while let Some((batch, broken)) = batches.next()? {
                    unread += broken.len() as u64;
                    rows += (batch.num_rows() + broken.len()) as u64;
                    for (number, column) in self.columns.iter().enumerate().filter(|(_, column)| column.readable) {
                        let cells = batch.column_by_name(&column.name);
                        let cells =
                            cells.ok_or_else(|| CrossingError::table(&source.path, format!("column `{}` is missing", column.name)))?;
                        texts(cells, &mut |text, rows| each(number, text, rows))
                            .map_err(|error| CrossingError::table(&source.path, error))?;
                    }
                    progress(Progress { phase: "survey", passed: 0, rows, of });
                }
            }
        }
        Ok(unread)
    }
}

/// Whether the cells of a type have texts that a person would read.
fn readable(data_type: &DataType) -> bool {
    let bytes = matches!(
        data_type,
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) | DataType::Null
    );
    !bytes && !data_type.is_nested() && arrow_cast::can_cast_types(data_type, &DataType::Utf8)
}

/// Tells each text of a column with the number of its rows; of a dictionary, each entry once.
fn texts(column: &ArrayRef, each: &mut dyn FnMut(Option<&str>, u64)) -> Result<(), ArrowError> {
    if let DataType::Dictionary(key, _) = column.data_type()
        && **key == DataType::Int32
    {
        let dictionary = column.as_dictionary::<Int32Type>();
        let values = arrow_cast::cast(dictionary.values(), &DataType::Utf8)?;
        let values = values.as_string::<i32>();
        let mut counts = vec![0_u64; values.len()];
        let mut empty = 0;
        for key in dictionary.keys() {
            match key.and_then(|key| counts.get_mut(usize::try_from(key).ok()?)) {
                Some(count) => *count += 1,
                None => empty += 1,
            }
        }
        values.iter().zip(counts).chain([(None, empty)]).filter(|(_, rows)| *rows > 0).for_each(|(text, rows)| each(text, rows));
        return Ok(());
    }
    let cells = arrow_cast::cast(column, &DataType::Utf8)?;
    cells.as_string::<i32>().iter().for_each(|text| each(text, 1));
    Ok(())
}
