// SPDX-License-Identifier: Apache-2.0
//! The cells of a column as the server sends them in binary, and as Arrow holds them.
//!
//! Sources: PostgreSQL documentation, "COPY", binary format; the send functions of the types (`src/backend/utils/adt`): numbers in
//! network byte order, days and microseconds since the first of January 2000, their least and largest values for what has no end.

use arrow_array::ArrayRef;
use arrow_array::builder::{
    BinaryBuilder, BooleanBuilder, Date32Builder, Float32Builder, Float64Builder, Int16Builder, Int32Builder, Int64Builder, StringBuilder,
    TimestampMicrosecondBuilder,
};
use arrow_schema::{DataType, TimeUnit};
use postgres::types::Type;
use std::sync::Arc;

/// Days from 1970 to 2000.
const DAYS: i32 = 10_957;
/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;
/// The first and the last day that other formats can write, as days from 2000: 0001-01-01 and 9999-12-31.
const FIRST: i32 = -730_119;
const LAST: i32 = 2_921_939;

/// What the server is asked to send for a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Bool,
    Int2,
    Int4,
    Int8,
    Float4,
    Float8,
    Date,
    Timestamp,
    TimestampTz,
    Bytes,
    /// Its text, as the server writes it.
    Text,
}

impl Kind {
    /// How a type is read. Domains come as what they are made of.
    pub(super) fn of(type_: &Type) -> Self {
        match *type_ {
            Type::BOOL => Self::Bool,
            Type::INT2 => Self::Int2,
            Type::INT4 => Self::Int4,
            Type::INT8 => Self::Int8,
            Type::FLOAT4 => Self::Float4,
            Type::FLOAT8 => Self::Float8,
            Type::DATE => Self::Date,
            Type::TIMESTAMP => Self::Timestamp,
            Type::TIMESTAMPTZ => Self::TimestampTz,
            Type::BYTEA => Self::Bytes,
            // Numbers of any length among them: a text keeps every digit.
            _ => Self::Text,
        }
    }

    /// The name under which the digest of a table knows it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Int2 => "int2",
            Self::Int4 => "int4",
            Self::Int8 => "int8",
            Self::Float4 => "float4",
            Self::Float8 => "float8",
            Self::Date => "date",
            Self::Timestamp => "timestamp",
            Self::TimestampTz => "timestamptz",
            Self::Bytes => "bytea",
            Self::Text => "text",
        }
    }

    pub(super) fn data_type(self) -> DataType {
        match self {
            Self::Bool => DataType::Boolean,
            Self::Int2 => DataType::Int16,
            Self::Int4 => DataType::Int32,
            Self::Int8 => DataType::Int64,
            Self::Float4 => DataType::Float32,
            Self::Float8 => DataType::Float64,
            Self::Date => DataType::Date32,
            Self::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, None),
            Self::TimestampTz => DataType::Timestamp(TimeUnit::Microsecond, Some("+00:00".into())),
            Self::Bytes => DataType::Binary,
            Self::Text => DataType::Utf8,
        }
    }
}

/// The cells of one column, one after the other.
pub(super) enum Cells {
    Bool(BooleanBuilder),
    Int2(Int16Builder),
    Int4(Int32Builder),
    Int8(Int64Builder),
    Float4(Float32Builder),
    Float8(Float64Builder),
    Date(Date32Builder),
    Timestamp(TimestampMicrosecondBuilder),
    Bytes(BinaryBuilder),
    Text(StringBuilder),
}

/// So many bytes of a number; an error that says how many there were.
fn number<const SIZE: usize>(cell: &[u8]) -> Result<[u8; SIZE], String> {
    cell.try_into().map_err(|_| format!("expected {SIZE} bytes, found {}", cell.len()))
}

/// Microseconds since 1970 of those since 2000.
fn microseconds(since: i64) -> Result<i64, String> {
    let first = i64::from(FIRST) * DAY;
    let end = (i64::from(LAST) + 1) * DAY;
    if (first..end).contains(&since) {
        return Ok(since + i64::from(DAYS) * DAY);
    }
    Err(outside("a time", since == i64::MIN, since == i64::MAX))
}

fn days(since: i32) -> Result<i32, String> {
    if (FIRST..=LAST).contains(&since) { Ok(since + DAYS) } else { Err(outside("a day", since == i32::MIN, since == i32::MAX)) }
}

fn outside(what: &str, least: bool, largest: bool) -> String {
    let found = match (least, largest) {
        (true, _) => "`-infinity`",
        (_, true) => "`infinity`",
        _ => "one outside of them",
    };
    format!("expected {what} in the years 1 to 9999, found {found}; let a query give something else for it")
}

impl Cells {
    pub(super) fn new(kind: Kind) -> Self {
        match kind {
            Kind::Bool => Self::Bool(BooleanBuilder::new()),
            Kind::Int2 => Self::Int2(Int16Builder::new()),
            Kind::Int4 => Self::Int4(Int32Builder::new()),
            Kind::Int8 => Self::Int8(Int64Builder::new()),
            Kind::Float4 => Self::Float4(Float32Builder::new()),
            Kind::Float8 => Self::Float8(Float64Builder::new()),
            Kind::Date => Self::Date(Date32Builder::new()),
            Kind::Timestamp | Kind::TimestampTz => Self::Timestamp(TimestampMicrosecondBuilder::new().with_data_type(kind.data_type())),
            Kind::Bytes => Self::Bytes(BinaryBuilder::new()),
            Kind::Text => Self::Text(StringBuilder::new()),
        }
    }

    /// Adds a cell; `Err` says what was expected and what was found, and never a value.
    pub(super) fn add(&mut self, cell: Option<&[u8]>) -> Result<(), String> {
        match self {
            Self::Bool(cells) => cells.append_option(cell.map(number::<1>).transpose()?.map(|[byte]| byte != 0)),
            Self::Int2(cells) => cells.append_option(cell.map(number).transpose()?.map(i16::from_be_bytes)),
            Self::Int4(cells) => cells.append_option(cell.map(number).transpose()?.map(i32::from_be_bytes)),
            Self::Int8(cells) => cells.append_option(cell.map(number).transpose()?.map(i64::from_be_bytes)),
            Self::Float4(cells) => cells.append_option(cell.map(number).transpose()?.map(f32::from_be_bytes)),
            Self::Float8(cells) => cells.append_option(cell.map(number).transpose()?.map(f64::from_be_bytes)),
            Self::Date(cells) => {
                cells.append_option(cell.map(number).transpose()?.map(i32::from_be_bytes).map(days).transpose()?);
            }
            Self::Timestamp(cells) => {
                cells.append_option(cell.map(number).transpose()?.map(i64::from_be_bytes).map(microseconds).transpose()?);
            }
            Self::Bytes(cells) => cells.append_option(cell),
            Self::Text(cells) => {
                let text = cell.map(std::str::from_utf8).transpose();
                cells.append_option(text.map_err(|_| "expected text in UTF-8, found other bytes".to_owned())?);
            }
        }
        Ok(())
    }

    pub(super) fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Bool(cells) => Arc::new(cells.finish()),
            Self::Int2(cells) => Arc::new(cells.finish()),
            Self::Int4(cells) => Arc::new(cells.finish()),
            Self::Int8(cells) => Arc::new(cells.finish()),
            Self::Float4(cells) => Arc::new(cells.finish()),
            Self::Float8(cells) => Arc::new(cells.finish()),
            Self::Date(cells) => Arc::new(cells.finish()),
            Self::Timestamp(cells) => Arc::new(cells.finish()),
            Self::Bytes(cells) => Arc::new(cells.finish()),
            Self::Text(cells) => Arc::new(cells.finish()),
        }
    }
}
