// SPDX-License-Identifier: Apache-2.0
//! Measures on a whole column.

use super::texts;
use crate::manifest::Column;
use crate::measure::Measure;
use crate::plan::{Outcome, Plan};
use crate::secret::ColumnKey;
use crate::value::Ready;
use arrow_array::builder::StringBuilder;
use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_array::{Array, ArrayRef, BooleanArray, RecordBatch, StringArray, UInt64Array, new_null_array};
use arrow_schema::{ArrowError, DataType};
use arrow_select::take::take;
use arrow_select::zip::zip;
use std::sync::Arc;

/// The type without what could carry values of other rows: dictionaries and views hold more than their rows show.
pub(super) fn plain(data_type: &DataType) -> DataType {
    match data_type {
        DataType::Dictionary(_, value) => plain(value),
        DataType::Utf8View | DataType::LargeUtf8 => DataType::Utf8,
        DataType::BinaryView | DataType::LargeBinary => DataType::Binary,
        DataType::RunEndEncoded(_, value) => plain(value.data_type()),
        other => other.clone(),
    }
}

/// The measures of one column.
pub(super) struct Kernel {
    /// Where it stands in the table.
    position: usize,
    column: Column,
    key: Option<ColumnKey>,
    data_type: DataType,
    /// The measures, each once.
    measures: Vec<Measure>,
    /// For each outcome the number of its measure; of outcomes that do not leave, none is used.
    of_outcome: Vec<usize>,
}

impl Kernel {
    pub(super) fn new(position: usize, column: &Column, key: Option<ColumnKey>, number: usize, data_type: DataType, plan: &Plan) -> Self {
        let measures: Vec<Measure> = plan.measures_of(number).into_iter().cloned().collect();
        let of_outcome = plan
            .outcomes
            .iter()
            .map(|outcome| match outcome {
                Outcome::Pass { measures: chosen, .. } => {
                    chosen.get(number).and_then(|chosen| measures.iter().position(|measure| measure == chosen)).unwrap_or(usize::MAX)
                }
                Outcome::Hold { .. } => usize::MAX,
            })
            .collect();
        Self { position, column: column.clone(), key, data_type, measures, of_outcome }
    }

    /// The name of the column.
    pub(super) fn name(&self) -> &str {
        &self.column.name
    }

    /// What leaves of the column in these rows, whose outcomes are given.
    pub(super) fn run(&self, batch: &RecordBatch, outcomes: &[u16]) -> Result<ArrayRef, ArrowError> {
        let column = batch
            .columns()
            .get(self.position)
            .ok_or_else(|| ArrowError::SchemaError(format!("column `{}` is missing", self.column.name)))?;
        let number = |outcome: &u16| self.of_outcome.get(usize::from(*outcome)).copied().unwrap_or(usize::MAX);
        let mut used = vec![false; self.measures.len()];
        for outcome in outcomes {
            if let Some(used) = used.get_mut(number(outcome)) {
                *used = true;
            }
        }
        let mut result: Option<ArrayRef> = None;
        let several = used.iter().filter(|used| **used).count() > 1;
        for (measure, which) in self.measures.iter().zip(0..).filter(|(_, which)| used.get(*which) == Some(&true)) {
            let mask = several.then(|| outcomes.iter().map(|outcome| Some(number(outcome) == which)).collect::<BooleanArray>());
            let made = measured(column, measure, &self.column, self.key.as_ref(), &self.data_type)?;
            result = Some(match (result, mask) {
                (Some(so_far), Some(mask)) => zip(&mask, &made, &so_far)?,
                // What another measure is for is put over it by the measures to come.
                _ => made,
            });
        }
        Ok(result.unwrap_or_else(|| new_null_array(&self.data_type, outcomes.len())))
    }
}

/// What leaves of a column under one measure, as values of a type: the type of the table where the measure
/// [keeps it](Measure::keeps_type), else text.
///
/// # Errors
///
/// [`ArrowError`] if the column has no text.
pub fn measured(
    column: &ArrayRef,
    measure: &Measure,
    described: &Column,
    key: Option<&ColumnKey>,
    data_type: &DataType,
) -> Result<ArrayRef, ArrowError> {
    match measure {
        Measure::Drop | Measure::Null => Ok(new_null_array(data_type, column.len())),
        Measure::Keep => compact(arrow_cast::cast(column, data_type)?),
        Measure::Constant(constant) => {
            let rows = std::iter::repeat_n(Some(constant.as_str()), column.len());
            Ok(Arc::new(rows.collect::<StringArray>()))
        }
        _ => {
            let mut ready = Ready::new(measure, described, key);
            if let DataType::Dictionary(key, _) = column.data_type()
                && **key == DataType::Int32
                // A dictionary is that of a whole row group, and may hold more values than there are rows here.
                && column.as_dictionary::<Int32Type>().values().len() < column.len()
            {
                let dictionary = column.as_dictionary::<Int32Type>();
                let values = of_texts(&mut ready, texts(dictionary.values())?.as_string::<i32>());
                return take(&values, dictionary.keys(), None);
            }
            Ok(Arc::new(of_texts(&mut ready, texts(column)?.as_string::<i32>())))
        }
    }
}

/// The column without values of rows that are not in it: a part of a column shares the values of the whole, and who
/// writes its buffers as they are would send them.
fn compact(column: ArrayRef) -> Result<ArrayRef, ArrowError> {
    let exact = match column.data_type() {
        DataType::Utf8 => exact(column.as_string::<i32>().value_offsets(), column.as_string::<i32>().value_data().len()),
        DataType::Binary => exact(column.as_binary::<i32>().value_offsets(), column.as_binary::<i32>().value_data().len()),
        other => other.is_primitive() || matches!(other, DataType::Boolean | DataType::Null),
    };
    if exact {
        return Ok(column);
    }
    let rows = u64::try_from(column.len()).unwrap_or(0);
    take(&column, &UInt64Array::from_iter_values(0..rows), None)
}

/// Whether the values of the rows are all the values there are.
fn exact(offsets: &[i32], values: usize) -> bool {
    offsets.first() == Some(&0) && offsets.last().and_then(|last| usize::try_from(*last).ok()) == Some(values)
}

fn of_texts(ready: &mut Ready<'_>, cells: &StringArray) -> StringArray {
    let mut out = StringBuilder::with_capacity(cells.len(), cells.value_data().len());
    let mut text = String::new();
    for cell in cells {
        text.clear();
        match cell {
            Some(cell) if ready.write(cell, &mut text) => out.append_value(&text),
            _ => out.append_null(),
        }
    }
    out.finish()
}
