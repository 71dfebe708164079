// SPDX-License-Identifier: Apache-2.0
//! Tables of JSON Lines: one object on each line, its keys the columns.
//!
//! No line says what the columns are, so that all lines are looked at before any is worked on: what keys there are, and
//! what their values are. A column of whole numbers, of numbers, or of truth values keeps its type; every other one is
//! text, in which a value that is no text stands as it is written. Numbers that a type would round are texts.
//!
//! A line that is no object, or has a key twice, is kept apart: whoever reads it next may understand it otherwise.

use super::{BATCH, Broken, UNIT, open};
use crate::CrossingError;
use arrow_array::builder::{BooleanBuilder, Float64Builder, Int64Builder, StringBuilder};
use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::io::{BufRead, BufReader, Read, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The longest line that is read; longer ones could not be kept in memory.
const LONGEST: u64 = 64 << 20;
/// A batch ends after lines of so many bytes.
const BYTES: usize = 16 << 20;
/// Whole numbers up to this size are numbers with a fraction, too, and stay what they are.
const EXACT: u64 = 1 << 53;
/// So many digits tell numbers apart that are held in 64 bits; with more, some would be rounded.
const DIGITS: usize = 17;

/// What the values of a column are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Seen {
    flags: bool,
    whole: bool,
    /// Whole numbers that are none with a fraction.
    wide: bool,
    fractions: bool,
    texts: bool,
}

impl Seen {
    fn and(&mut self, other: Self) {
        self.flags |= other.flags;
        self.whole |= other.whole;
        self.wide |= other.wide;
        self.fractions |= other.fractions;
        self.texts |= other.texts;
    }

    fn data_type(self) -> DataType {
        let numbers = self.whole || self.fractions;
        match self {
            Self { texts: true, .. } => DataType::Utf8,
            Self { flags: true, .. } if numbers => DataType::Utf8,
            Self { flags: true, .. } => DataType::Boolean,
            Self { fractions: true, wide: true, .. } => DataType::Utf8,
            Self { fractions: true, .. } => DataType::Float64,
            Self { whole: true, .. } => DataType::Int64,
            _ => DataType::Utf8,
        }
    }
}

/// What a value is, by itself.
fn seen(value: &str) -> Seen {
    let of = Seen::default();
    match value.as_bytes().first() {
        Some(b't' | b'f') => Seen { flags: true, ..of },
        Some(b'n') | None => of,
        Some(b'-' | b'0'..=b'9') => match whole(value) {
            Some(number) => Seen { whole: true, wide: number.unsigned_abs() > EXACT, ..of },
            None if fraction(value).is_some() => Seen { fractions: true, ..of },
            None => Seen { texts: true, ..of },
        },
        _ => Seen { texts: true, ..of },
    }
}

fn whole(value: &str) -> Option<i64> {
    value.parse().ok()
}

/// A number with a fraction or an exponent, if none of it is lost.
fn fraction(value: &str) -> Option<f64> {
    let mantissa = value.split(['e', 'E']).next()?;
    let digits = mantissa.chars().filter(char::is_ascii_digit).skip_while(|digit| *digit == '0').count();
    if mantissa.len() == value.len() && !value.contains('.') || digits > DIGITS {
        return None;
    }
    value.parse().ok().filter(|number: &f64| number.is_finite())
}

/// The text of a value: of a text what it says, of any other how it is written.
fn text(value: &str) -> Result<Cow<'_, str>, String> {
    let Some(inner) = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')) else { return Ok(Cow::Borrowed(value)) };
    if !inner.contains('\\') {
        return Ok(Cow::Borrowed(inner));
    }
    serde_json::from_str(value).map(Cow::Owned).map_err(|error| said(&error))
}

/// What is wrong with a line, without the number of the line within itself.
fn said(error: &serde_json::Error) -> String {
    let whole = error.to_string();
    let what = whole.rsplit_once(" at line ").map_or(whole.as_str(), |(what, _)| what);
    if error.column() > 0 { format!("{what} at character {}", error.column()) } else { what.to_owned() }
}

/// Columns by name.
#[derive(Clone, Debug, Default)]
struct Columns {
    names: Vec<String>,
    by_name: HashMap<String, usize>,
}

impl Columns {
    fn add(&mut self, name: &str) -> usize {
        if let Some(position) = self.by_name.get(name) {
            return *position;
        }
        let position = self.names.len();
        self.names.push(name.to_owned());
        self.by_name.insert(name.to_owned(), position);
        position
    }
}

/// The values of a line.
#[derive(Default)]
struct Values<'a> {
    /// Of each column that is known; none where the line has no such key.
    known: Vec<Option<&'a RawValue>>,
    others: Vec<(String, &'a RawValue)>,
}

/// Reads one line.
struct Line<'c>(&'c Columns);

/// Reads a key, and says which column it is.
struct Key<'c>(&'c Columns);

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = Result<usize, String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = Result<usize, String>;

    fn expecting(&self, to: &mut fmt::Formatter) -> fmt::Result {
        to.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(self.0.by_name.get(key).copied().ok_or_else(|| key.to_owned()))
    }
}

impl<'de> DeserializeSeed<'de> for Line<'_> {
    type Value = Values<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Line<'_> {
    type Value = Values<'de>;

    fn expecting(&self, to: &mut fmt::Formatter) -> fmt::Result {
        to.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let mut values = Values { known: vec![None; self.0.names.len()], others: Vec::new() };
        while let Some(key) = map.next_key_seed(Key(self.0))? {
            let value: &RawValue = map.next_value()?;
            let twice = |name: &str| M::Error::custom(format!("the key `{name}` stands twice"));
            match key {
                Ok(position) => match values.known.get_mut(position) {
                    Some(slot @ None) => *slot = Some(value),
                    _ => return Err(twice(self.0.names.get(position).map_or("", String::as_str))),
                },
                Err(name) if values.others.iter().any(|(other, _)| *other == name) => return Err(twice(&name)),
                Err(name) => values.others.push((name, value)),
            }
        }
        Ok(values)
    }
}

fn parse<'a>(columns: &Columns, line: &'a [u8]) -> Result<Values<'a>, String> {
    let line = std::str::from_utf8(line).map_err(|_| "expected text in UTF-8".to_owned())?;
    let mut deserializer = serde_json::Deserializer::from_str(line);
    let values = Line(columns).deserialize(&mut deserializer).map_err(|error| said(&error))?;
    deserializer.end().map_err(|error| said(&error))?;
    // Also those that are not asked for: a line is readable or it is not.
    for value in values.known.iter().flatten().chain(values.others.iter().map(|(_, value)| value)) {
        text(value.get())?;
    }
    Ok(values)
}

/// The lines of a file.
struct Lines {
    path: PathBuf,
    reader: BufReader<Box<dyn Read + Send>>,
    offset: u64,
    /// Lines read.
    line: u64,
    buffer: Vec<u8>,
}

impl Lines {
    fn open(path: &Path, offset: u64, line: u64) -> Result<Self, CrossingError> {
        let mut below = open(path)?;
        below.seek(SeekFrom::Start(offset)).map_err(CrossingError::file("cannot read", path))?;
        Ok(Self::over(path, below, offset, line))
    }

    fn over(path: &Path, below: Box<dyn Read + Send>, offset: u64, line: u64) -> Self {
        Self { path: path.to_path_buf(), reader: BufReader::with_capacity(1 << 20, below), offset, line, buffer: Vec::new() }
    }

    /// The next line without its end; none at the end of the file.
    fn next(&mut self) -> Result<Option<&[u8]>, CrossingError> {
        self.buffer.clear();
        let limited = self.reader.by_ref().take(LONGEST).read_until(b'\n', &mut self.buffer);
        let read = limited.map_err(CrossingError::file("cannot read", &self.path))?;
        if read == 0 {
            return Ok(None);
        }
        if read as u64 == LONGEST && self.buffer.last() != Some(&b'\n') {
            let problem = format!("line {}: expected lines of at most {} MB", self.line + 1, LONGEST >> 20);
            return Err(CrossingError::table(&self.path, problem));
        }
        let mut line = self.buffer.as_slice();
        if self.offset == 0 {
            line = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line);
        }
        self.offset += read as u64;
        self.line += 1;
        Ok(Some(line.trim_ascii()))
    }
}

/// Part of a file, from the beginning of a line to the end of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) start: u64,
    pub(super) end: u64,
    /// Lines before it.
    lines: u64,
    /// Lines in it that are not empty.
    pub(super) rows: u64,
}

/// What a file looks like.
#[derive(Clone, Debug, Default)]
pub(super) struct Shape {
    columns: Columns,
    seen: Vec<Seen>,
    pub(super) pieces: Vec<Piece>,
}

impl Shape {
    /// Looks at all lines of a file.
    pub(super) fn of(path: &Path) -> Result<Self, CrossingError> {
        let mut shape = Self::default();
        let mut lines = Lines::open(path, 0, 0)?;
        let mut piece = Piece { start: 0, end: 0, lines: 0, rows: 0 };
        while let Some(line) = lines.next()? {
            if !line.is_empty() {
                piece.rows += 1;
                shape.look(line);
            }
            piece.end = lines.offset;
            if piece.end - piece.start >= UNIT {
                let next = Piece { start: lines.offset, end: lines.offset, lines: lines.line, rows: 0 };
                shape.pieces.push(std::mem::replace(&mut piece, next));
            }
        }
        if piece.end > piece.start || shape.pieces.is_empty() {
            shape.pieces.push(piece);
        }
        Ok(shape)
    }

    fn look(&mut self, line: &[u8]) {
        // What cannot be read is told when it is worked on.
        let Ok(values) = parse(&self.columns, line) else { return };
        for (of, value) in self.seen.iter_mut().zip(&values.known) {
            of.and(value.map(|value| seen(value.get())).unwrap_or_default());
        }
        for (name, value) in values.others {
            self.columns.add(&name);
            self.seen.push(seen(value.get()));
        }
    }

    /// Makes the columns of tables that belong together the same.
    pub(super) fn join(shapes: &mut [&mut Self]) {
        let mut columns = Columns::default();
        let mut all: Vec<Seen> = Vec::new();
        for shape in shapes.iter() {
            for (name, of) in shape.columns.names.iter().zip(&shape.seen) {
                match all.get_mut(columns.add(name)) {
                    Some(known) => known.and(*of),
                    None => all.push(*of),
                }
            }
        }
        for shape in shapes {
            shape.columns = columns.clone();
            shape.seen.clone_from(&all);
        }
    }

    pub(super) fn schema(&self) -> SchemaRef {
        let fields = self.columns.names.iter().zip(&self.seen).map(|(name, seen)| Field::new(name, seen.data_type(), true));
        Arc::new(Schema::new(fields.collect::<Vec<_>>()))
    }
}

/// A column that is being read.
enum Builder {
    Flags(BooleanBuilder),
    Whole(Int64Builder),
    Numbers(Float64Builder),
    Texts(StringBuilder),
}

/// A value as its column has it.
enum Cell<'a> {
    None,
    Flag(bool),
    Whole(i64),
    Number(f64),
    Text(Cow<'a, str>),
}

impl Cell<'_> {
    fn of<'a>(value: Option<&'a RawValue>, data_type: &DataType) -> Result<Cell<'a>, String> {
        let Some(value) = value.map(RawValue::get).filter(|value| *value != "null") else { return Ok(Cell::None) };
        let wrong = |expected: &str| format!("expected {expected}, found {value}");
        Ok(match data_type {
            DataType::Boolean => Cell::Flag(value.parse().map_err(|_| wrong("true or false"))?),
            DataType::Int64 => Cell::Whole(whole(value).ok_or_else(|| wrong("a whole number"))?),
            DataType::Float64 => {
                let whole = whole(value).filter(|number| number.unsigned_abs() <= EXACT).and_then(|_| value.parse().ok());
                Cell::Number(whole.or_else(|| fraction(value)).ok_or_else(|| wrong("a number"))?)
            }
            _ => Cell::Text(text(value)?),
        })
    }
}

impl Builder {
    fn new(data_type: &DataType) -> Self {
        match data_type {
            DataType::Boolean => Self::Flags(BooleanBuilder::new()),
            DataType::Int64 => Self::Whole(Int64Builder::new()),
            DataType::Float64 => Self::Numbers(Float64Builder::new()),
            _ => Self::Texts(StringBuilder::new()),
        }
    }

    fn push(&mut self, cell: &Cell) {
        match (self, cell) {
            (Self::Flags(builder), Cell::Flag(flag)) => builder.append_value(*flag),
            (Self::Whole(builder), Cell::Whole(number)) => builder.append_value(*number),
            (Self::Numbers(builder), Cell::Number(number)) => builder.append_value(*number),
            (Self::Texts(builder), Cell::Text(text)) => builder.append_value(text),
            (Self::Flags(builder), _) => builder.append_null(),
            (Self::Whole(builder), _) => builder.append_null(),
            (Self::Numbers(builder), _) => builder.append_null(),
            (Self::Texts(builder), _) => builder.append_null(),
        }
    }

    fn finish(self) -> ArrayRef {
        match self {
            Self::Flags(mut builder) => Arc::new(builder.finish()),
            Self::Whole(mut builder) => Arc::new(builder.finish()),
            Self::Numbers(mut builder) => Arc::new(builder.finish()),
            Self::Texts(mut builder) => Arc::new(builder.finish()),
        }
    }
}

/// The rows of a piece of a file.
pub(crate) struct Rows {
    lines: Lines,
    end: u64,
    columns: Columns,
    /// All columns, which every line is held to.
    whole: SchemaRef,
    /// The columns that are asked for, by position.
    kept: Vec<usize>,
    schema: SchemaRef,
}

impl Rows {
    pub(super) fn new(path: &Path, shape: &Shape, pieces: &[Piece], columns: Option<&[&str]>) -> Result<Self, CrossingError> {
        let (start, lines) = pieces.first().map_or((0, 0), |piece| (piece.start, piece.lines));
        let end = pieces.last().map_or(0, |piece| piece.end);
        Ok(Self::over(Lines::open(path, start, lines)?, end, shape, columns))
    }

    /// All lines that come through a pipe, held to what other tables look like.
    pub(super) fn piped(path: &Path, pipe: Box<dyn Read + Send>, shape: &Shape) -> Self {
        Self::over(Lines::over(path, pipe, 0, 0), u64::MAX, shape, None)
    }

    fn over(lines: Lines, end: u64, shape: &Shape, columns: Option<&[&str]>) -> Self {
        let whole = shape.schema();
        let kept: Vec<usize> = match columns {
            Some(columns) => columns.iter().filter_map(|name| shape.columns.by_name.get(*name).copied()).collect(),
            None => (0..whole.fields().len()).collect(),
        };
        let fields: Vec<_> = kept.iter().filter_map(|position| whole.fields().get(*position)).map(Arc::clone).collect();
        Self { lines, end, columns: shape.columns.clone(), whole, kept, schema: Arc::new(Schema::new(fields)) }
    }

    pub(super) fn next(&mut self) -> Result<Option<(RecordBatch, Vec<Broken>)>, CrossingError> {
        let mut builders: Vec<Builder> = self.schema.fields().iter().map(|field| Builder::new(field.data_type())).collect();
        let (mut rows, mut bytes, mut broken) = (0, 0, Vec::new());
        while rows + broken.len() < BATCH && bytes < BYTES && self.lines.offset < self.end {
            let number = self.lines.line + 1;
            let Some(line) = self.lines.next()? else { break };
            if line.is_empty() {
                continue;
            }
            bytes += line.len();
            match cells(&self.columns, &self.whole, line) {
                Ok(cells) => {
                    for (builder, position) in builders.iter_mut().zip(&self.kept) {
                        builder.push(cells.get(*position).unwrap_or(&Cell::None));
                    }
                    rows += 1;
                }
                Err(problem) => broken.push(Broken { line: number, problem, cells: vec![String::from_utf8_lossy(line).into_owned()] }),
            }
        }
        if rows == 0 && broken.is_empty() {
            return Ok(None);
        }
        let columns: Vec<ArrayRef> = builders.into_iter().map(Builder::finish).collect();
        let rows = RecordBatchOptions::new().with_row_count(Some(rows));
        let batch = RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &rows)
            .map_err(|error| CrossingError::table(&self.lines.path, error))?;
        Ok(Some((batch, broken)))
    }
}

/// The cells of a line, each as its column has it.
fn cells<'a>(columns: &Columns, schema: &Schema, line: &'a [u8]) -> Result<Vec<Cell<'a>>, String> {
    let values = parse(columns, line)?;
    if let Some((name, _)) = values.others.first() {
        return Err(format!("the key `{name}` was in no line when the table was looked at"));
    }
    let typed = values.known.into_iter().zip(schema.fields());
    typed.map(|(value, field)| Cell::of(value, field.data_type()).map_err(|problem| format!("`{}`: {problem}", field.name()))).collect()
}

#[cfg(test)]
mod tests {
    use super::{Columns, parse, seen, text};
    use arrow_schema::DataType;

    #[test]
    fn columns_keep_their_type_where_nothing_is_rounded() {
        let of = |values: &[&str]| {
            let mut all = super::Seen::default();
            values.iter().for_each(|value| all.and(seen(value)));
            all.data_type()
        };
        assert_eq!(of(&["1", "-7", "null"]), DataType::Int64);
        assert_eq!(of(&["9223372036854775807", "1"]), DataType::Int64);
        assert_eq!(of(&["9223372036854775808"]), DataType::Utf8);
        assert_eq!(of(&["1", "1.5", "2e3"]), DataType::Float64);
        assert_eq!(of(&["9007199254740993", "1.5"]), DataType::Utf8);
        assert_eq!(of(&["1234567890.123456789"]), DataType::Utf8);
        assert_eq!(of(&["1e400"]), DataType::Utf8);
        assert_eq!(of(&["true", "false", "null"]), DataType::Boolean);
        assert_eq!(of(&["true", "1"]), DataType::Utf8);
        assert_eq!(of(&["1", "\"1\""]), DataType::Utf8);
        assert_eq!(of(&["{}", "[1]"]), DataType::Utf8);
        assert_eq!(of(&["null"]), DataType::Utf8);
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_not_read() {
        let mut columns = Columns::default();
        columns.add("a");
        for (line, problem) in [
            (r#"{"a":1,"a":2}"#, "the key `a` stands twice"),
            (r#"{"b":1,"b":2}"#, "the key `b` stands twice"),
            (r#"{"a":1} {"a":2}"#, "trailing characters"),
            (r#"[1]"#, "expected an object"),
            (r#"{"a":"\ud800"}"#, "at character"),
            (r#"{"a":1"#, "EOF"),
        ] {
            let found = parse(&columns, line.as_bytes()).err().unwrap_or_default();
            assert!(found.contains(problem), "{line}: {found}");
            assert!(!found.contains("line 1"), "{found}");
        }
        assert!(parse(&columns, b"{\"a\":\"\xff\"}").is_err());
        assert_eq!(text(r#""a\u00e9\"""#).as_deref(), Ok("aé\""));
        assert_eq!(text("[1, 2]").as_deref(), Ok("[1, 2]"));
    }
}
