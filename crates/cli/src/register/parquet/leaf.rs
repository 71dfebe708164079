// SPDX-License-Identifier: Apache-2.0
//! A column of a Parquet file: its name, and its cells a batch at a time.

use super::value::{self, Kind};
use parquet::column::reader::ColumnReader;
use parquet::data_type::{ByteArray, FixedLenByteArray, Int96};
use parquet::errors::ParquetError;
use parquet::schema::types::ColumnDescriptor;

/// A cell, or why it has no text.
pub type Cell = Result<String, String>;

/// A column with values: the innermost one, where columns are grouped.
pub struct Leaf {
    /// Its name: the names of the groups it is in, with dots between them, as key paths have them.
    pub name: String,
    /// Its number in the file.
    pub at: usize,
    kind: Kind,
    /// The level at which a value is there.
    full: i16,
    /// The level at which the list has an element; none where the column has no lists.
    element: Option<i16>,
    /// Lists of lists, which no key has.
    too_deep: bool,
    /// A sign between the values of a list, besides those that the notation has.
    lists: Option<char>,
}

impl Leaf {
    /// The column at this number.
    pub fn of(at: usize, column: &ColumnDescriptor, lists: Option<char>) -> Self {
        Self {
            name: name(column),
            at,
            kind: Kind::of(column),
            full: column.max_def_level(),
            element: (column.max_rep_level() > 0).then(|| column.repeated_ancestor_def_level()),
            too_deep: column.max_rep_level() > 1,
            lists,
        }
    }

    /// The next cells, so many as there are up to the number asked for.
    pub fn cells(&self, reader: &mut ColumnReader, most: usize) -> Result<Vec<Cell>, ParquetError> {
        use ColumnReader as R;
        let kind = self.kind;
        match reader {
            R::BoolColumnReader(reader) => {
                self.read(most, |l| reader.read_records(most, Some(l.0), Some(l.1), l.2), |flag: &bool| Ok(flag.to_string()))
            }
            R::Int32ColumnReader(reader) => self.read(
                most,
                |l| reader.read_records(most, Some(l.0), Some(l.1), l.2),
                |number: &i32| value::whole(i64::from(*number), u64::from(number.cast_unsigned()), kind),
            ),
            R::Int64ColumnReader(reader) => self.read(
                most,
                |l| reader.read_records(most, Some(l.0), Some(l.1), l.2),
                |number: &i64| value::whole(*number, number.cast_unsigned(), kind),
            ),
            R::Int96ColumnReader(reader) => self.read(
                most,
                |l| reader.read_records(most, Some(l.0), Some(l.1), l.2),
                |moment: &Int96| value::old_moment(nanoseconds(moment)),
            ),
            R::FloatColumnReader(reader) => {
                // The shortest text of a number of four bytes is not that of the same number in eight.
                let text = |number: &f32| Ok(if number.is_nan() { String::new() } else { number.to_string() });
                self.read(most, |l| reader.read_records(most, Some(l.0), Some(l.1), l.2), text)
            }
            R::DoubleColumnReader(reader) => {
                self.read(most, |l| reader.read_records(most, Some(l.0), Some(l.1), l.2), |number: &f64| Ok(value::real(*number)))
            }
            R::ByteArrayColumnReader(reader) => self.read(
                most,
                |l| reader.read_records(most, Some(l.0), Some(l.1), l.2),
                |bytes: &ByteArray| value::bytes(bytes.data(), kind),
            ),
            R::FixedLenByteArrayColumnReader(reader) => self.read(
                most,
                |l| reader.read_records(most, Some(l.0), Some(l.1), l.2),
                |bytes: &FixedLenByteArray| value::bytes(bytes.data(), kind),
            ),
        }
    }

    /// Puts values back where their levels say that they stand.
    fn read<T>(
        &self,
        most: usize,
        read: impl FnOnce((&mut Vec<i16>, &mut Vec<i16>, &mut Vec<T>)) -> Result<(usize, usize, usize), ParquetError>,
        text: impl Fn(&T) -> Cell,
    ) -> Result<Vec<Cell>, ParquetError> {
        let (mut definitions, mut repetitions, mut values) = (Vec::new(), Vec::new(), Vec::with_capacity(most));
        let (records, _, levels) = read((&mut definitions, &mut repetitions, &mut values))?;
        let mut values = values.iter();
        let mut next = || values.next().map_or_else(|| Err("the file ends before this cell".to_owned()), &text);
        if self.full == 0 {
            return Ok((0..records).map(|_| next()).collect());
        }
        let Some(element) = self.element else {
            return Ok(definitions.iter().map(|level| if *level == self.full { next() } else { Ok(String::new()) }).collect());
        };
        let mut rows: Vec<Vec<(i16, Option<Cell>)>> = Vec::with_capacity(records);
        for (definition, repetition) in definitions.iter().zip(&repetitions).take(levels) {
            let found = (*definition, (*definition == self.full).then(&mut next));
            match rows.last_mut() {
                Some(row) if *repetition > 0 => row.push(found),
                _ => rows.push(vec![found]),
            }
        }
        Ok(rows.into_iter().map(|row| self.list(row, element)).collect())
    }

    /// One list as one cell.
    fn list(&self, row: Vec<(i16, Option<Cell>)>, element: i16) -> Cell {
        if self.too_deep {
            return Err("expected a list of values, found a list of lists".to_owned());
        }
        let mut parts = Vec::new();
        for (level, cell) in row {
            match cell {
                Some(cell) => parts.push(value::part(&cell?, self.lists)),
                // An element that is null could be any: the list must not look shorter than it is.
                None if level >= element => return Err("expected values, found a list with one that is null".to_owned()),
                None if level == element - 1 => return Ok("none".to_owned()),
                None => return Ok(String::new()),
            }
        }
        Ok(parts.join("; "))
    }
}

/// The path without the names that the format puts between a list and its values.
fn name(column: &ColumnDescriptor) -> String {
    let parts = column.path().parts();
    let between = match parts {
        [.., middle, last] if column.max_rep_level() > 0 => match (middle.as_str(), last.as_str()) {
            ("list", "element" | "item") | ("bag", "array_element") => 2,
            (_, "array") => 1,
            _ => 0,
        },
        _ => 0,
    };
    parts.get(..parts.len() - between).unwrap_or(parts).join(".")
}

/// The older type of twelve bytes: nanoseconds of a day, and the Julian day.
fn nanoseconds(moment: &Int96) -> i128 {
    const EPOCH: i128 = 2_440_588;
    const DAY: i128 = 86_400_000_000_000;
    match moment.data() {
        [low, high, day] => (i128::from(*day) - EPOCH) * DAY + ((i128::from(*high) << 32) | i128::from(*low)),
        _ => 0,
    }
}
