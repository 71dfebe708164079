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

#[cfg(test)]
mod tests {
    use super::{decimal, from_base64, from_hex, to_hex};

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
