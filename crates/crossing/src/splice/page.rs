// SPDX-License-Identifier: Apache-2.0
//! Headers of Parquet pages: read, changed, and written again.
//!
//! Source: Apache Parquet format, `parquet.thrift` (`PageHeader`); Apache Thrift, compact protocol. The library that reads
//! and writes tables keeps its own headers to itself, and gives no way to keep the bytes of a page.

/// A value in the compact protocol, as far as page headers have them.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Value {
    Bool(bool),
    /// A number, with the code of its width.
    Int(u8, i64),
    Binary(Vec<u8>),
    Struct(Vec<(i16, Value)>),
}

const TRUE: u8 = 1;
const FALSE: u8 = 2;
const I16: u8 = 4;
const I32: u8 = 5;
const I64: u8 = 6;
const BINARY: u8 = 8;
const STRUCT: u8 = 12;
/// Headers are no deeper than this.
const DEEPEST: usize = 4;

struct Bytes<'a> {
    all: &'a [u8],
    at: usize,
}

impl<'a> Bytes<'a> {
    fn byte(&mut self) -> Option<u8> {
        let byte = self.all.get(self.at).copied()?;
        self.at += 1;
        Some(byte)
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let taken = self.all.get(self.at..self.at.checked_add(count)?)?;
        self.at += count;
        Some(taken)
    }

    fn unsigned(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 127) << shift;
            if byte < 128 {
                return Some(value);
            }
        }
        None
    }

    fn signed(&mut self) -> Option<i64> {
        let zigzag = self.unsigned()?;
        Some((zigzag >> 1).cast_signed() ^ -((zigzag & 1).cast_signed()))
    }

    fn fields(&mut self, depth: usize) -> Option<Vec<(i16, Value)>> {
        let mut fields = Vec::new();
        let mut last = 0_i16;
        loop {
            let head = self.byte()?;
            if head == 0 {
                return Some(fields);
            }
            let id = match head >> 4 {
                0 => i16::try_from(self.signed()?).ok()?,
                step => last.checked_add(i16::from(step))?,
            };
            last = id;
            let value = match head & 15 {
                TRUE => Value::Bool(true),
                FALSE => Value::Bool(false),
                width @ (I16 | I32 | I64) => Value::Int(width, self.signed()?),
                BINARY => {
                    let length = usize::try_from(self.unsigned()?).ok()?;
                    Value::Binary(self.take(length)?.to_vec())
                }
                STRUCT if depth < DEEPEST => Value::Struct(self.fields(depth + 1)?),
                _ => return None,
            };
            fields.push((id, value));
        }
    }
}

fn write_unsigned(mut value: u64, out: &mut Vec<u8>) {
    while value >= 128 {
        out.push(u8::try_from(value & 127).unwrap_or(0) | 128);
        value >>= 7;
    }
    out.push(u8::try_from(value).unwrap_or(0));
}

fn write_signed(value: i64, out: &mut Vec<u8>) {
    write_unsigned(((value << 1) ^ (value >> 63)).cast_unsigned(), out);
}

fn write_fields(fields: &[(i16, Value)], out: &mut Vec<u8>) {
    let mut last = 0_i16;
    for (id, value) in fields {
        let code = match value {
            Value::Bool(true) => TRUE,
            Value::Bool(false) => FALSE,
            Value::Int(width, _) => *width,
            Value::Binary(_) => BINARY,
            Value::Struct(_) => STRUCT,
        };
        match id.checked_sub(last).and_then(|step| u8::try_from(step).ok()).filter(|step| (1..=15).contains(step)) {
            Some(step) => out.push(step << 4 | code),
            None => {
                out.push(code);
                write_signed(i64::from(*id), out);
            }
        }
        last = *id;
        match value {
            Value::Bool(_) => {}
            Value::Int(_, number) => write_signed(*number, out),
            Value::Binary(bytes) => {
                write_unsigned(bytes.len() as u64, out);
                out.extend_from_slice(bytes);
            }
            Value::Struct(fields) => write_fields(fields, out),
        }
    }
    out.push(0);
}

/// What kind of page a header is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Values of rows; whether they are numbers of entries in the dictionary.
    Data {
        /// Whether the values are numbers of entries in the dictionary.
        coded: bool,
    },
    /// The dictionary; how many entries, and whether they stand there as they are.
    Dictionary {
        /// How many entries.
        entries: usize,
        /// Whether they stand there as they are.
        plain: bool,
    },
    /// Anything else.
    Other,
}

/// The header of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    fields: Vec<(i16, Value)>,
    /// How many bytes it has itself.
    pub(super) length: usize,
}

/// Field ids of `PageHeader`.
const TYPE: i16 = 1;
const UNCOMPRESSED: i16 = 2;
const COMPRESSED: i16 = 3;
const CRC: i16 = 4;
const DATA: i16 = 5;
const DICTIONARY: i16 = 7;
const DATA_V2: i16 = 8;

fn number(fields: &[(i16, Value)], wanted: i16) -> Option<i64> {
    fields.iter().find(|(id, _)| *id == wanted).and_then(|(_, value)| match value {
        Value::Int(_, number) => Some(*number),
        _ => None,
    })
}

impl Header {
    /// The header at the start of some bytes; none if there is none, or one that cannot be read.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let mut bytes = Bytes { all: bytes, at: 0 };
        let fields = bytes.fields(0)?;
        number(&fields, TYPE).map(|_| Self { fields, length: bytes.at })
    }

    fn within(&self, wanted: i16) -> Option<&Vec<(i16, Value)>> {
        self.fields.iter().find(|(id, _)| *id == wanted).and_then(|(_, value)| match value {
            Value::Struct(fields) => Some(fields),
            _ => None,
        })
    }

    /// The kind of the page.
    pub(super) fn kind(&self) -> Kind {
        // The codes of encodings: 0 is plain, 2 and 8 are numbers of dictionary entries.
        let coded = |fields: &Vec<(i16, Value)>, place| matches!(number(fields, place), Some(2 | 8));
        if let Some(fields) = self.within(DATA) {
            return Kind::Data { coded: coded(fields, 2) };
        }
        if let Some(fields) = self.within(DATA_V2) {
            return Kind::Data { coded: coded(fields, 4) };
        }
        match self.within(DICTIONARY) {
            Some(fields) => match number(fields, 1).and_then(|entries| usize::try_from(entries).ok()) {
                Some(entries) => Kind::Dictionary { entries, plain: matches!(number(fields, 2), Some(0 | 2)) },
                None => Kind::Other,
            },
            None => Kind::Other,
        }
    }

    /// How many bytes the page has behind its header, and how many when they are decompressed.
    pub(super) fn sizes(&self) -> Option<(usize, usize)> {
        let size = |id| number(&self.fields, id).and_then(|size| usize::try_from(size).ok());
        Some((size(COMPRESSED)?, size(UNCOMPRESSED)?))
    }

    /// The header for a page with other sizes: without statistics, which hold values, and without a checksum of what was there.
    pub(super) fn with_sizes(&self, compressed: usize, uncompressed: usize) -> Option<Vec<u8>> {
        let mut fields = Vec::new();
        for (id, value) in &self.fields {
            let value = match (*id, value) {
                (CRC, _) => continue,
                (COMPRESSED, Value::Int(width, _)) => Value::Int(*width, i64::try_from(compressed).ok()?),
                (UNCOMPRESSED, Value::Int(width, _)) => Value::Int(*width, i64::try_from(uncompressed).ok()?),
                (DATA, Value::Struct(inner)) => Value::Struct(inner.iter().filter(|(id, _)| *id != 5).cloned().collect()),
                (DATA_V2, Value::Struct(inner)) => Value::Struct(inner.iter().filter(|(id, _)| *id != 8).cloned().collect()),
                // Entries that became pseudonyms stand in no order.
                (DICTIONARY, Value::Struct(inner)) => Value::Struct(inner.iter().filter(|(id, _)| *id != 3).cloned().collect()),
                (_, value) => value.clone(),
            };
            fields.push((*id, value));
        }
        let mut out = Vec::new();
        write_fields(&fields, &mut out);
        Some(out)
    }
}

#[cfg(test)]
mod tests {
    use super::{Header, Kind, Value, write_fields};

    #[test]
    fn headers_are_read_changed_and_written() {
        let statistics = Value::Struct(vec![
            (5, Value::Binary(b"zoe@example.org".to_vec())),
            (6, Value::Binary(b"ada@example.org".to_vec())),
            (7, Value::Bool(true)),
        ]);
        let page = Value::Struct(vec![
            (1, Value::Int(5, 1000)),
            (2, Value::Int(5, 8)),
            (3, Value::Int(5, 3)),
            (4, Value::Int(5, 3)),
            (5, statistics),
        ]);
        let fields = vec![(1, Value::Int(5, 0)), (2, Value::Int(5, 70_000)), (3, Value::Int(5, 300)), (4, Value::Int(5, -5)), (5, page)];
        let mut bytes = Vec::new();
        write_fields(&fields, &mut bytes);
        let length = bytes.len();
        bytes.extend_from_slice(b"the page itself");
        let header = Header::read(&bytes);
        assert_eq!(header.as_ref().map(|header| (&header.fields, header.length)), Some((&fields, length)));
        let Some(header) = header else { return };
        assert_eq!((header.kind(), header.sizes()), (Kind::Data { coded: true }, Some((300, 70_000))));
        let changed = header.with_sizes(301, 70_001).unwrap_or_default();
        assert!(!changed.windows(3).any(|window| window == b"ada"), "statistics hold values");
        let again = Header::read(&changed);
        assert_eq!(again.and_then(|header| header.sizes()), Some((301, 70_001)));
        for end in 0..length {
            assert!(bytes.get(..end).and_then(Header::read).is_none(), "cut at {end}");
        }
    }
}
