// SPDX-License-Identifier: Apache-2.0
//! The rows that a server sends for `COPY … (FORMAT binary)`.

use super::cells::{Cells, Kind};
use arrow_array::RecordBatch;
use arrow_schema::{Field, Schema, SchemaRef};
use std::io::{self, Read};
use std::sync::Arc;

/// What every such stream begins with.
const SIGNATURE: [u8; 11] = *b"PGCOPY\n\xff\r\n\0";
/// Rows, and bytes of cells, that are held at once.
const ROWS: usize = 8192;
const BYTES: usize = 16 << 20;

/// A column of a table or query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: Kind,
}

/// The columns as Arrow has them.
pub(super) fn schema(columns: &[Column]) -> SchemaRef {
    let fields: Vec<Field> = columns.iter().map(|column| Field::new(&column.name, column.kind.data_type(), true)).collect();
    Arc::new(Schema::new(fields))
}

/// Why rows cannot be read.
#[derive(Debug)]
pub(super) enum RowsError {
    /// They stopped coming.
    Read(io::Error),
    /// They are not what was asked for.
    Wrong(String),
}

impl From<io::Error> for RowsError {
    fn from(error: io::Error) -> Self {
        Self::Read(error)
    }
}

/// Reads rows, a few thousand at a time.
pub(super) struct Rows<'a, R> {
    from: R,
    columns: &'a [Column],
    schema: SchemaRef,
    /// Rows that were read.
    count: u64,
    cell: Vec<u8>,
    ended: bool,
}

impl<'a, R: Read> Rows<'a, R> {
    pub(super) fn begin(mut from: R, columns: &'a [Column]) -> Result<Self, RowsError> {
        let signature: [u8; 11] = take(&mut from)?;
        if signature != SIGNATURE {
            return Err(RowsError::Wrong("expected rows in the binary format of COPY, found something else".to_owned()));
        }
        let flags = u32::from_be_bytes(take(&mut from)?);
        if flags != 0 {
            return Err(RowsError::Wrong(format!("expected rows in the binary format of COPY without flags, found {flags:#x}")));
        }
        let more = u64::from(u32::from_be_bytes(take(&mut from)?));
        if io::copy(&mut from.by_ref().take(more), &mut io::sink())? != more {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        }
        Ok(Self { from, columns, schema: schema(columns), count: 0, cell: Vec::new(), ended: false })
    }

    /// The next batch; none after the last, which the server says.
    pub(super) fn next(&mut self) -> Result<Option<RecordBatch>, RowsError> {
        if self.ended {
            return Ok(None);
        }
        let mut cells: Vec<Cells> = self.columns.iter().map(|column| Cells::new(column.kind)).collect();
        let (mut rows, mut bytes) = (0, 0);
        while rows < ROWS && bytes < BYTES {
            let width = i16::from_be_bytes(take(&mut self.from)?);
            if width == -1 {
                self.ended = true;
                // What comes after the end is not hashed by whoever stops here.
                if io::copy(&mut self.from, &mut io::sink())? > 0 {
                    return Err(RowsError::Wrong("expected nothing after the last row".to_owned()));
                }
                break;
            }
            self.count += 1;
            if usize::try_from(width) != Ok(self.columns.len()) {
                return Err(RowsError::Wrong(format!("row {}: expected {} cells, found {width}", self.count, self.columns.len())));
            }
            for (column, cells) in self.columns.iter().zip(&mut cells) {
                let size = i32::from_be_bytes(take(&mut self.from)?);
                let wrong = |problem: String| RowsError::Wrong(format!("column `{}`, row {}: {problem}", column.name, self.count));
                let cell = match u64::try_from(size) {
                    Ok(size) => {
                        self.cell.clear();
                        // In pieces: a length is not believed before as many bytes have come.
                        if self.from.by_ref().take(size).read_to_end(&mut self.cell)? as u64 != size {
                            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
                        }
                        bytes += self.cell.len();
                        Some(self.cell.as_slice())
                    }
                    Err(_) if size == -1 => None,
                    Err(_) => return Err(wrong(format!("expected a length, found {size}"))),
                };
                cells.add(cell).map_err(wrong)?;
            }
            rows += 1;
        }
        if rows == 0 {
            return Ok(None);
        }
        let batch = RecordBatch::try_new(SchemaRef::clone(&self.schema), cells.iter_mut().map(Cells::finish).collect());
        batch.map(Some).map_err(|error| RowsError::Wrong(error.to_string()))
    }
}

fn take<const SIZE: usize>(from: &mut impl Read) -> Result<[u8; SIZE], RowsError> {
    let mut bytes = [0; SIZE];
    from.read_exact(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::super::cells::Kind;
    use super::{Column, ROWS, Rows, RowsError, SIGNATURE};
    use arrow_array::cast::AsArray;
    use arrow_array::types::{Date32Type, Int32Type};
    use arrow_array::{Array, RecordBatch};

    fn columns() -> Vec<Column> {
        let named = |name: &str, kind| Column { name: name.to_owned(), kind };
        vec![named("id", Kind::Int4), named("note", Kind::Text), named("born", Kind::Date)]
    }

    fn begun() -> Vec<u8> {
        [SIGNATURE.as_slice(), &[0; 8]].concat()
    }

    fn row(cells: [Option<&[u8]>; 3]) -> Vec<u8> {
        let mut bytes = 3_i16.to_be_bytes().to_vec();
        for cell in cells {
            bytes.extend(cell.map_or(-1, |cell| i32::try_from(cell.len()).unwrap()).to_be_bytes());
            bytes.extend(cell.unwrap_or_default());
        }
        bytes
    }

    fn read(bytes: &[u8]) -> Result<Vec<RecordBatch>, RowsError> {
        let columns = columns();
        let mut rows = Rows::begin(bytes, &columns)?;
        let mut batches = Vec::new();
        while let Some(batch) = rows.next()? {
            batches.push(batch);
        }
        Ok(batches)
    }

    #[test]
    fn rows_come_as_they_were_sent() {
        let mut bytes = begun();
        for number in 0..ROWS as i32 + 5 {
            bytes.extend(row([Some(&number.to_be_bytes()), (number != 7).then_some(b"\xc3\xa4"), Some(&0_i32.to_be_bytes())]));
        }
        bytes.extend((-1_i16).to_be_bytes());
        let batches = read(&bytes).unwrap();
        assert_eq!(batches.iter().map(RecordBatch::num_rows).collect::<Vec<_>>(), [ROWS, 5]);
        let first = &batches[0];
        assert_eq!(first.column(0).as_primitive::<Int32Type>().value(4711), 4711);
        assert!(first.column(1).is_null(7) && first.column(1).as_string::<i32>().value(8) == "ä");
        assert_eq!(first.column(2).as_primitive::<Date32Type>().value(0), 10_957);
    }

    #[test]
    fn a_stream_that_is_cut_off_anywhere_is_an_error() {
        let mut bytes = begun();
        bytes.extend(row([Some(&1_i32.to_be_bytes()), Some(b"x"), None]));
        bytes.extend((-1_i16).to_be_bytes());
        assert_eq!(read(&bytes).unwrap().len(), 1);
        for end in 0..bytes.len() {
            assert!(matches!(read(&bytes[..end]), Err(RowsError::Read(_))), "cut after {end} bytes");
        }
        bytes.push(0);
        assert!(matches!(read(&bytes), Err(RowsError::Wrong(_))));
    }

    #[test]
    fn what_is_not_asked_for_is_named_and_not_shown() {
        let of = |bytes: Vec<u8>| match read(&[begun(), bytes, (-1_i16).to_be_bytes().to_vec()].concat()) {
            Err(RowsError::Wrong(problem)) => problem,
            other => format!("{other:?}"),
        };
        let one = Some(1_i32.to_be_bytes());
        let one = one.as_ref().map(<[u8; 4]>::as_slice);
        assert_eq!(of(row([Some(b"secret"), None, None])), "column `id`, row 1: expected 4 bytes, found 6");
        assert_eq!(of(row([one, Some(b"\xff"), None])), "column `note`, row 1: expected text in UTF-8, found other bytes");
        let forever = i32::MAX.to_be_bytes();
        let said = of([row([one, None, None]), row([one, None, Some(&forever)])].concat());
        assert!(said.starts_with("column `born`, row 2: expected a day in the years 1 to 9999, found `infinity`"), "{said}");
        assert_eq!(of(2_i16.to_be_bytes().to_vec()), "row 1: expected 3 cells, found 2");
        assert!(of([3_i16.to_be_bytes().to_vec(), (-2_i32).to_be_bytes().to_vec()].concat()).contains("expected a length, found -2"));
    }
}
