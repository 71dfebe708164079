// SPDX-License-Identifier: Apache-2.0
//! A value of Parquet as the text that a cell of a CSV register would have.

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime, date, datetime};
use parquet::basic::{ConvertedType, LogicalType, TimeUnit};
use parquet::schema::types::ColumnDescriptor;

/// What a number of a column stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A number with a sign.
    Signed,
    /// A number without one, of so many bits.
    Unsigned,
    /// Days since 1970-01-01.
    Day,
    /// A moment, in so many nanoseconds since 1970-01-01.
    Moment(i128),
    /// A time of the day.
    Time,
    /// A number with so many digits after the point.
    Decimal(usize),
    /// Sixteen bytes that are an identifier.
    Uuid,
    /// A number of two bytes with a point.
    Half,
    /// Text.
    Text,
    /// Anything else.
    Other,
}

impl Kind {
    /// The kind of a column: what newer writers say, or else what older ones do.
    pub fn of(column: &ColumnDescriptor) -> Self {
        let unit = |unit: &TimeUnit| match unit {
            TimeUnit::MILLIS => 1_000_000,
            TimeUnit::MICROS => 1_000,
            TimeUnit::NANOS => 1,
        };
        let scale = || usize::try_from(column.type_scale()).unwrap_or(0);
        match column.logical_type_ref() {
            Some(LogicalType::Timestamp(moment)) => return Self::Moment(unit(&moment.unit)),
            Some(LogicalType::Time(_)) => return Self::Time,
            Some(LogicalType::Uuid) => return Self::Uuid,
            Some(LogicalType::Float16) => return Self::Half,
            Some(LogicalType::String | LogicalType::Enum | LogicalType::Json) => return Self::Text,
            _ => {}
        }
        match column.converted_type() {
            ConvertedType::UTF8 | ConvertedType::ENUM | ConvertedType::JSON => Self::Text,
            ConvertedType::DATE => Self::Day,
            ConvertedType::TIMESTAMP_MILLIS => Self::Moment(1_000_000),
            ConvertedType::TIMESTAMP_MICROS => Self::Moment(1_000),
            ConvertedType::TIME_MILLIS | ConvertedType::TIME_MICROS => Self::Time,
            ConvertedType::DECIMAL => Self::Decimal(scale()),
            ConvertedType::UINT_8 | ConvertedType::UINT_16 | ConvertedType::UINT_32 | ConvertedType::UINT_64 => Self::Unsigned,
            ConvertedType::BSON | ConvertedType::INTERVAL => Self::Other,
            _ => Self::Signed,
        }
    }
}

/// The words of a value that has no cell.
fn no_cell(found: &str) -> String {
    format!("expected a text, a number, a day, a flag or a list of them, found {found}")
}

/// A whole number of four or eight bytes; `unsigned` are its bits without a sign.
pub fn whole(value: i64, unsigned: u64, kind: Kind) -> Result<String, String> {
    Ok(match kind {
        Kind::Unsigned => unsigned.to_string(),
        Kind::Day => day(value)?,
        Kind::Moment(unit) => moment(i128::from(value) * unit)?,
        Kind::Decimal(scale) => decimal(i128::from(value), scale),
        Kind::Time => return Err(no_cell("a time of the day")),
        _ => value.to_string(),
    })
}

/// A number with a point. What is not a number is what data frames write for an empty cell.
pub fn real(value: f64) -> String {
    if value.is_nan() { String::new() } else { value.to_string() }
}

/// A text, or a value of another kind that is written in bytes.
pub fn bytes(value: &[u8], kind: Kind) -> Result<String, String> {
    match kind {
        Kind::Decimal(scale) => {
            let negative = value.first().is_some_and(|byte| *byte >= 0x80);
            let start = if negative { -1 } else { 0 };
            let number = (value.len() <= 16).then(|| value.iter().fold(start, |number: i128, byte| (number << 8) | i128::from(*byte)));
            number.map(|number| decimal(number, scale)).ok_or_else(|| no_cell("a number of more than 38 digits"))
        }
        Kind::Uuid => {
            let hex: String = value.iter().map(|byte| format!("{byte:02x}")).collect();
            let cuts = [8, 12, 16, 20];
            Ok(hex.char_indices().flat_map(|(at, digit)| cuts.contains(&at).then_some('-').into_iter().chain([digit])).collect())
        }
        Kind::Half => match value {
            [low, high] => Ok(real(half(u16::from_le_bytes([*low, *high])))),
            _ => Err(no_cell("a damaged number")),
        },
        Kind::Other => Err(no_cell("bytes")),
        // Older writers do not say of a text that it is one.
        _ => match std::str::from_utf8(value) {
            Ok(text) => Ok(text.to_owned()),
            Err(error) => Err(format!("it is not UTF-8 text: byte {} cannot be read", error.valid_up_to() + 1)),
        },
    }
}

/// A number of two bytes, as IEEE 754 has it.
fn half(bits: u16) -> f64 {
    let (exponent, fraction) = (i32::from((bits >> 10) & 0x1F), f64::from(bits & 0x3FF));
    let size = match exponent {
        0 => fraction * 2_f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1.0 + fraction / 1024.0) * 2_f64.powi(exponent - 15),
    };
    if bits & 0x8000 == 0 { size } else { -size }
}

/// A moment in nanoseconds since 1970-01-01, as the older type of twelve bytes has it.
pub fn old_moment(nanoseconds: i128) -> Result<String, String> {
    moment(nanoseconds)
}

fn day(days: i64) -> Result<String, String> {
    let first: Date = date(1970, 1, 1);
    let found = days.checked_mul(24).and_then(|hours| first.checked_add(SignedDuration::from_hours(hours)).ok());
    found.map(|day| day.to_string()).ok_or_else(|| no_cell(&format!("the day {days} after 1970-01-01, which no calendar here has")))
}

fn moment(nanoseconds: i128) -> Result<String, String> {
    const SECOND: i128 = 1_000_000_000;
    let first: DateTime = datetime(1970, 1, 1, 0, 0, 0, 0);
    let (seconds, rest) = (nanoseconds.div_euclid(SECOND), nanoseconds.rem_euclid(SECOND));
    let since = i64::try_from(seconds).ok().zip(i32::try_from(rest).ok()).map(|(seconds, rest)| SignedDuration::new(seconds, rest));
    let found = since.and_then(|since| first.checked_add(since).ok());
    found.map(|moment| moment.to_string()).ok_or_else(|| no_cell("a moment that no calendar here has"))
}

/// The number without zeros at its end: `12.00` counts people as `12` does.
fn decimal(value: i128, scale: usize) -> String {
    let digits = format!("{:0>width$}", value.unsigned_abs(), width = scale + 1);
    let (whole, rest) = digits.split_at_checked(digits.len().saturating_sub(scale)).unwrap_or((&digits, ""));
    let rest = rest.trim_end_matches('0');
    let sign = if value < 0 { "-" } else { "" };
    if rest.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{rest}") }
}

/// The value of a list as a part of a cell: a sign in it is not one between values.
pub fn part(value: &str, lists: Option<char>) -> String {
    let mut out = String::with_capacity(value.len());
    for letter in value.chars() {
        if matches!(letter, '\\' | ';' | '\n') || Some(letter) == lists {
            out.push('\\');
        }
        out.push(letter);
    }
    out
}
