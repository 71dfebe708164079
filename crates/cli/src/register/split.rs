// SPDX-License-Identifier: Apache-2.0
//! The cells of a CSV file, each with its place, one row after the other.
//!
//! A message has to name the line and column of a cell, and a quote that is never closed must not swallow the rows after
//! it; a reader that hands over nothing but texts can do neither.

use std::io::{self, BufRead};

/// A row that is longer has lost a quote: a spreadsheet ends a cell at 32,767 characters.
const LONGEST: usize = 1 << 20;

/// Which characters the bytes of a file stand for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8.
    #[default]
    Utf8,
    /// The code page of Western European Windows.
    Windows1252,
}

/// Where a cell stands, in lines and characters counted from 1; the end is the first character after it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// Its first line.
    pub line: usize,
    /// Its first character.
    pub column: usize,
    /// Its last line.
    pub end_line: usize,
    /// The character after it.
    pub end_column: usize,
}

/// A row as the file has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Raw {
    /// Its number, as a spreadsheet counts.
    pub number: usize,
    /// Its first line.
    pub line: usize,
    /// Its cells; none for an empty line.
    pub cells: Vec<String>,
    /// The places of the cells; none where the file has no lines.
    pub spans: Vec<Span>,
    /// Cells that are not written right, by position.
    pub faults: Vec<(usize, String)>,
}

/// The rows of a CSV file. After a fault of the whole file nothing follows.
pub struct Rows<R> {
    bytes: io::Bytes<R>,
    peeked: Option<u8>,
    delimiter: u8,
    encoding: Encoding,
    number: usize,
    line: usize,
    column: usize,
    over: bool,
}

/// How a cell ended.
#[derive(PartialEq, Eq)]
enum End {
    Cell,
    Row,
    File,
}

impl<R: BufRead> Rows<R> {
    /// The rows of a text that begins at this line.
    pub fn new(from: R, delimiter: u8, encoding: Encoding, line: usize) -> Self {
        Self { bytes: from.bytes(), peeked: None, delimiter, encoding, number: 0, line, column: 1, over: false }
    }

    fn peek(&mut self) -> io::Result<Option<u8>> {
        if self.peeked.is_none() {
            self.peeked = self.bytes.next().transpose()?;
        }
        Ok(self.peeked)
    }

    /// The next byte, with every end of a line as `\n`.
    fn take(&mut self) -> io::Result<Option<u8>> {
        let Some(byte) = self.peek()? else { return Ok(None) };
        self.peeked = None;
        if byte == b'\r' || byte == b'\n' {
            if byte == b'\r' && self.peek()? == Some(b'\n') {
                self.peeked = None;
            }
            self.line += 1;
            self.column = 1;
            return Ok(Some(b'\n'));
        }
        // The later bytes of a character in UTF-8 are no characters of their own.
        if self.encoding == Encoding::Windows1252 || byte & 0xC0 != 0x80 {
            self.column += 1;
        }
        Ok(Some(byte))
    }

    fn row(&mut self) -> io::Result<Option<Raw>> {
        if self.peek()?.is_none() {
            return Ok(None);
        }
        self.number += 1;
        let mut row = Raw { number: self.number, line: self.line, ..Raw::default() };
        let mut length = 0;
        loop {
            let (cell, span, fault, end) = self.cell(&mut length)?;
            let position = row.cells.len();
            row.faults.extend(fault.map(|fault| (position, fault)));
            match decode(&cell, self.encoding) {
                Ok(text) => row.cells.push(text),
                Err(fault) => {
                    row.faults.push((position, fault));
                    row.cells.push(String::from_utf8_lossy(&cell).into_owned());
                }
            }
            row.spans.push(span);
            if end != End::Cell {
                break;
            }
        }
        if row.cells.len() == 1 && row.cells.first().is_some_and(String::is_empty) {
            row.cells.clear();
            row.spans.clear();
        }
        Ok(Some(row))
    }

    fn cell(&mut self, length: &mut usize) -> io::Result<(Vec<u8>, Span, Option<String>, End)> {
        let mut span = Span { line: self.line, column: self.column, end_line: self.line, end_column: self.column };
        let mut cell = Vec::new();
        let mut fault = None;
        let mut open = self.peek()? == Some(b'"');
        let mut closed = false;
        if open {
            self.take()?;
        }
        loop {
            (span.end_line, span.end_column) = (self.line, self.column);
            let Some(byte) = self.take()? else {
                if open {
                    fault = Some("expected a closing quote, found the end of the file".to_owned());
                }
                return Ok((cell, span, fault, End::File));
            };
            match byte {
                b'"' if open && self.peek()? == Some(b'"') => {
                    self.take()?;
                    cell.push(b'"');
                }
                b'"' if open => (open, closed) = (false, true),
                byte if open => cell.push(byte),
                byte if byte == self.delimiter => return Ok((cell, span, fault, End::Cell)),
                b'\n' => return Ok((cell, span, fault, End::Row)),
                byte => {
                    if closed && !byte.is_ascii_whitespace() && fault.is_none() {
                        fault = Some(
                            "expected the end of the cell after its closing quote, found more text; a quote in a quoted cell stands twice"
                                .to_owned(),
                        );
                    }
                    if !closed || fault.is_some() {
                        cell.push(byte);
                    }
                }
            }
            *length += 1;
            if *length > LONGEST {
                let why = format!("the row that begins in line {} does not end; is a quote in it not closed?", span.line);
                return Err(io::Error::other(why));
            }
        }
    }
}

impl<R: BufRead> Iterator for Rows<R> {
    type Item = io::Result<Raw>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.over {
            return None;
        }
        let row = self.row().transpose();
        self.over = !matches!(row, Some(Ok(_)));
        row
    }
}

/// The text of some bytes, or the first that cannot be read.
fn decode(bytes: &[u8], encoding: Encoding) -> Result<String, String> {
    match encoding {
        Encoding::Utf8 => match str::from_utf8(bytes) {
            Ok(text) => Ok(text.to_owned()),
            Err(error) => {
                let byte = bytes.get(error.valid_up_to()).copied().unwrap_or_default();
                Err(format!("expected text in UTF-8, found the byte {byte:02X}"))
            }
        },
        Encoding::Windows1252 => Ok(bytes.iter().map(|byte| windows_1252(*byte)).collect()),
    }
}

/// The 32 characters in which the code page differs from the first 256 of Unicode; a full stop: it has none there.
const DIFFERENT: &str = "€.‚ƒ„…†‡ˆ‰Š‹Œ.Ž..‘’“”•–—˜™š›œ.žŸ";

fn windows_1252(byte: u8) -> char {
    let other = byte.checked_sub(0x80).and_then(|at| DIFFERENT.chars().nth(usize::from(at)));
    other.filter(|letter| *letter != '.').unwrap_or_else(|| char::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn split(text: &[u8]) -> Vec<Raw> {
        Rows::new(text, b',', Encoding::Utf8, 1).map(|row| row.expect("it can be read")).collect()
    }

    #[test]
    fn rows_and_lines_are_counted_as_people_see_them() {
        for end in ["\n", "\r\n", "\r"] {
            let text = "a,b\n\n\"two\nlines\",x\nlast,\u{e4},z".replace('\n', end);
            let rows = split(text.as_bytes());
            let found: Vec<_> = rows.iter().map(|row| (row.number, row.line, row.cells.len())).collect();
            assert_eq!(found, [(1, 1, 2), (2, 2, 0), (3, 3, 2), (4, 5, 3)], "{end:?}");
            assert_eq!(rows[2].cells[0], "two\nlines");
            assert_eq!(rows[2].spans[1], Span { line: 4, column: 8, end_line: 4, end_column: 9 });
            assert_eq!(rows[3].spans[2], Span { line: 5, column: 8, end_line: 5, end_column: 9 });
        }
    }

    #[test]
    fn a_slip_with_quotes_is_named() {
        let rows = split(b"a,\"b \"big\" c\"\nd,\"e\nf,g\n");
        assert_eq!(rows[0].faults.len(), 1);
        assert!(rows[0].faults[0].1.contains("stands twice"));
        assert_eq!(rows[1].cells, ["d", "e\nf,g\n"]);
        assert!(rows[1].faults[0].1.contains("end of the file"));
        let endless = format!("a\n\"{}", "b,c\n".repeat(LONGEST));
        let last = Rows::new(endless.as_bytes(), b',', Encoding::Utf8, 1).last().expect("a row");
        assert!(last.expect_err("it never ends").to_string().contains("line 2"));
    }

    #[test]
    fn bytes_of_another_encoding_are_named_or_read() {
        let text = b"M\xFCller,\x80 5";
        let row = &split(text)[0];
        assert_eq!(row.faults.iter().map(|fault| fault.0).collect::<Vec<_>>(), [0, 1]);
        assert!(row.faults[0].1.contains("the byte FC"));
        let row = Rows::new(&text[..], b',', Encoding::Windows1252, 1).next().expect("a row").expect("it can be read");
        assert_eq!(row.cells, ["Müller", "€ 5"]);
        assert_eq!((0..=255).map(windows_1252).collect::<std::collections::BTreeSet<_>>().len(), 256);
    }

    proptest! {
        #[test]
        fn what_is_written_is_split_again(table in proptest::collection::vec(proptest::collection::vec("[a,;\"\n \u{e4}]{0,4}", 2..4), 1..5)) {
            let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
            for row in &table {
                writer.write_record(row).expect("memory");
            }
            let text = writer.into_inner().expect("memory");
            let rows = split(&text);
            prop_assert!(rows.iter().all(|row| row.faults.is_empty()));
            prop_assert_eq!(rows.into_iter().map(|row| row.cells).collect::<Vec<_>>(), table);
        }
    }
}
