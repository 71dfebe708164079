// SPDX-License-Identifier: Apache-2.0
//! Small ways of writing bytes and numbers as text, as the C2SP formats want them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Bytes in standard base64 with padding (RFC 4648, section 4).
#[must_use]
pub fn to_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Bytes written in standard base64 with padding; `None` for anything else.
#[must_use]
pub fn from_base64(written: &str) -> Option<Vec<u8>> {
    STANDARD.decode(written).ok()
}

/// Bytes in lower-case hexadecimal digits.
#[must_use]
pub fn to_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| DIGITS.get(usize::from(value)).copied().map_or('0', char::from);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// Bytes written in hexadecimal digits of either case; `None` for anything else.
#[must_use]
pub fn from_hex(written: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = written.chars().map(|digit| digit.to_digit(16).and_then(|value| u8::try_from(value).ok())).collect();
    let digits = digits?;
    let (pairs, rest) = digits.as_chunks::<2>();
    rest.is_empty().then(|| pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

/// A number written in ASCII digits without leading zeros, as sizes and indexes are; `None` for anything else.
#[must_use]
pub fn decimal(written: &str) -> Option<u64> {
    let canonical = written == "0" || !written.starts_with('0');
    let digits = !written.is_empty() && written.bytes().all(|byte| byte.is_ascii_digit());
    if canonical && digits { written.parse().ok() } else { None }
}

/// The days of a month of the Gregorian calendar; zero for a number that no month has.
#[must_use]
pub(crate) const fn days_of_month(year: u64, month: u64) -> u64 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    }
}

/// A time that a witness or a log states in seconds since 1970, as `2026-11-24T09:30:00Z` (RFC 3339).
///
/// Beyond the year 9999, which no witness means, the number itself.
#[must_use]
pub fn utc(seconds: u64) -> String {
    let (mut days, clock) = (seconds / 86_400, seconds % 86_400);
    for year in 1970..=9999 {
        for month in 1..=12 {
            let length = days_of_month(year, month);
            if days < length {
                let (day, hour, minute, second) = (days + 1, clock / 3600, clock / 60 % 60, clock % 60);
                return format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z");
            }
            days -= length;
        }
    }
    format!("second {seconds}")
}

#[cfg(test)]
mod tests {
    use super::{decimal, from_base64, from_hex, to_hex, utc};

    #[test]
    fn times_are_those_of_the_calendar() {
        assert_eq!(utc(0), "1970-01-01T00:00:00Z");
        assert_eq!(utc(951_825_599), "2000-02-29T11:59:59Z");
        assert_eq!(utc(4_107_542_400), "2100-03-01T00:00:00Z");
        assert_eq!(utc(253_402_300_799), "9999-12-31T23:59:59Z");
        assert_eq!(utc(253_402_300_800), "second 253402300800");
        assert_eq!(utc(u64::MAX), format!("second {}", u64::MAX));
    }

    #[test]
    fn a_number_has_one_way_of_being_written() {
        assert_eq!(decimal("0"), Some(0));
        assert_eq!(decimal("18446744073709551615"), Some(u64::MAX));
        for wrong in ["", "00", "01", "+1", "-1", " 1", "1 ", "18446744073709551616", "١"] {
            assert_eq!(decimal(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn bytes_have_one_way_of_being_written() {
        assert_eq!(from_hex("00ffA1").as_deref(), Some([0, 255, 161].as_slice()));
        assert_eq!(to_hex(&[0, 255, 161]), "00ffa1");
        assert_eq!(from_hex("0"), None);
        assert_eq!(from_hex("0x"), None);
        assert_eq!(from_base64("AA=="), Some(vec![0]));
        assert_eq!(from_base64("AB=="), None, "bits beyond the last byte");
        assert_eq!(from_base64("AA"), None, "padding left out");
    }
}
