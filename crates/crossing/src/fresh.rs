// SPDX-License-Identifier: Apache-2.0
//! Columns whose buffers hold the values of their rows, and nothing else.
//!
//! A column may be part of a longer one, whose buffers it shares; and beneath a row that is empty there may lie a value.
//! Most formats write what rows show. Arrow IPC writes buffers as they are.

use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions, make_array};
use arrow_data::ArrayData;
use arrow_data::transform::MutableArrayData;
use arrow_schema::{ArrowError, SchemaRef};

/// The same rows in buffers of their own.
pub(crate) fn fresh(batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    let columns = batch.columns().iter().map(|column| Ok(make_array(copy(&column.to_data())?)));
    let columns = columns.collect::<Result<Vec<ArrayRef>, ArrowError>>()?;
    let rows = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(SchemaRef::clone(batch.schema_ref()), columns, &rows)
}

fn copy(data: &ArrayData) -> Result<ArrayData, ArrowError> {
    // Rows are empty only where the column says which.
    let mut made = MutableArrayData::new(vec![data], data.nulls().is_some(), data.len());
    let mut at = 0;
    for (start, end) in data.nulls().map_or_else(|| vec![(0, data.len())], |nulls| nulls.valid_slices().collect()) {
        if start > at {
            made.try_extend_nulls(start - at)?;
        }
        made.try_extend(0, start, end)?;
        at = end;
    }
    if data.len() > at {
        made.try_extend_nulls(data.len() - at)?;
    }
    let made = made.freeze();
    if made.child_data().is_empty() {
        return Ok(made);
    }
    // The rows of fields within fields were copied with what lies beneath those of them that are empty.
    let children = made.child_data().iter().map(copy).collect::<Result<Vec<_>, _>>()?;
    made.into_builder().child_data(children).build()
}

#[cfg(test)]
mod tests {
    use super::fresh;
    use arrow_array::cast::AsArray;
    use arrow_array::types::Int64Type;
    use arrow_array::{Array, ArrayRef, Int64Array, ListArray, RecordBatch, StringArray, StructArray};
    use arrow_data::ArrayData;
    use arrow_schema::{DataType, Field};
    use std::sync::Arc;

    fn holds(data: &ArrayData, needle: &[u8]) -> bool {
        let here = data.buffers().iter().any(|buffer| buffer.as_slice().windows(needle.len()).any(|window| window == needle));
        here || data.child_data().iter().any(|child| holds(child, needle))
    }

    /// Two rows, beneath the second of which lies a value that nobody should see; and a third that is cut off.
    fn hidden() -> (StringArray, Int64Array) {
        let nulls = arrow_array::BooleanArray::from(vec![true, false, true]);
        let nulls = Some(nulls.values().clone().into());
        let texts = StringArray::from(vec!["seen", "beneath", "cut off"]);
        let texts = StringArray::new(texts.offsets().clone(), texts.values().clone(), nulls.clone());
        let numbers = Int64Array::new(vec![1, i64::from_le_bytes(*b"beneath!"), i64::from_le_bytes(*b"cut off!")].into(), nulls);
        (texts, numbers)
    }

    #[test]
    fn nothing_lies_beneath_or_beside() {
        let (texts, numbers) = hidden();
        let within = StructArray::from(vec![
            (Arc::new(Field::new("t", DataType::Utf8, true)), Arc::new(texts.clone()) as ArrayRef),
            (Arc::new(Field::new("n", DataType::Int64, true)), Arc::new(numbers.clone()) as ArrayRef),
        ]);
        let list = ListArray::new(
            Arc::new(Field::new("item", within.data_type().clone(), true)),
            offsets(&[0, 2, 3]),
            Arc::new(within.clone()),
            None,
        );
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("texts", Arc::new(texts.slice(0, 2))),
            ("numbers", Arc::new(numbers.slice(0, 2))),
            ("within", Arc::new(within.slice(0, 2))),
        ];
        for (name, column) in columns.into_iter().chain([("list", Arc::new(list.slice(0, 1)) as ArrayRef)]) {
            let before = RecordBatch::try_from_iter([(name, column)]).unwrap();
            assert!(holds(&before.column(0).to_data(), b"beneath"), "{name}");
            let after = fresh(&before).unwrap();
            assert_eq!(before, after, "{name}");
            assert!(!holds(&after.column(0).to_data(), b"beneath") && !holds(&after.column(0).to_data(), b"cut off"), "{name}");
        }
        let again = fresh(&RecordBatch::try_from_iter([("n", Arc::new(numbers) as ArrayRef)]).unwrap()).unwrap();
        assert_eq!(again.column(0).as_primitive::<Int64Type>().value(1), 0);
    }

    fn offsets(offsets: &[i32]) -> arrow_buffer::OffsetBuffer<i32> {
        arrow_buffer::OffsetBuffer::new(offsets.to_vec().into())
    }
}
