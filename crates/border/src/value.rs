// SPDX-License-Identifier: Apache-2.0
//! A measure on one value: the definition that all faster ways are held to.

use crate::format::Formatted;
use crate::manifest::Column;
use crate::meaning::of_day;
use crate::measure::{Grain, Keyed, Measure};
use crate::secret::{ColumnKey, Pseudonyms, Tokens};
use std::fmt::Write as _;
use std::net::IpAddr;

/// A measure made ready for the values of one column.
pub struct Ready<'a> {
    measure: &'a Measure,
    column: &'a Column,
    pseudonyms: Option<Pseudonyms>,
    tokens: Option<Tokens>,
    formatted: Option<Formatted>,
}

impl<'a> Ready<'a> {
    /// Makes a measure ready; the key is needed by those that [say so](Measure::needs_key), and none of their values
    /// leaves without it.
    #[must_use]
    pub fn new(measure: &'a Measure, column: &'a Column, key: Option<&ColumnKey>) -> Self {
        let pseudonyms = match measure {
            Measure::Pseudonymise(Keyed::Blake3) => key.map(ColumnKey::blake3),
            Measure::Pseudonymise(Keyed::HmacSha256) => key.map(ColumnKey::hmac_sha256),
            _ => None,
        };
        let tokens = (*measure == Measure::Tokenise).then(|| key.map(ColumnKey::tokens)).flatten();
        let formatted = match measure {
            Measure::Format(alphabet) => key.map(|key| key.formatted(*alphabet)),
            _ => None,
        };
        Self { measure, column, pseudonyms, tokens, formatted }
    }

    /// The measure.
    #[must_use]
    pub fn measure(&self) -> &'a Measure {
        self.measure
    }

    /// What leaves of a value: its text is written to `out`; `false` where nothing leaves.
    ///
    /// A value that a measure does not understand does not leave.
    pub fn write(&mut self, value: &str, out: &mut String) -> bool {
        match self.measure {
            Measure::Keep => out.push_str(value),
            Measure::Drop | Measure::Null => return false,
            Measure::Constant(constant) => out.push_str(constant),
            Measure::Truncate(count) => out.extend(value.chars().take(*count)),
            Measure::Generalise(grain) => return generalise(grain, self.column, value, out),
            Measure::Pseudonymise(_) => match &self.pseudonyms {
                Some(pseudonyms) => hex(&pseudonyms.of(value.as_bytes()), out),
                None => return false,
            },
            Measure::Tokenise => match self.tokens.as_mut().and_then(|tokens| tokens.of(value.as_bytes())) {
                Some(token) => hex(&token, out),
                None => return false,
            },
            Measure::Format(_) => match self.formatted.as_ref().and_then(|formatted| formatted.of(value.trim())) {
                Some(token) => out.push_str(&token),
                None => return false,
            },
        }
        true
    }

    /// What leaves of a value, as a text of its own.
    #[must_use]
    pub fn of(&mut self, value: Option<&str>) -> Option<String> {
        let mut out = String::new();
        // A constant stands where there was nothing, too: otherwise it would tell who had a value.
        let value = value.or_else(|| matches!(self.measure, Measure::Constant(_)).then_some(""))?;
        self.write(value, &mut out).then_some(out)
    }
}

/// Writes bytes in hexadecimal digits.
fn hex(bytes: &[u8], out: &mut String) {
    const DIGITS: [u8; 16] = *b"0123456789abcdef";
    let digit = |half: u8| DIGITS.get(usize::from(half)).copied().unwrap_or(b'0');
    for part in bytes.chunks(16) {
        let mut digits = [b'0'; 32];
        for (pair, byte) in digits.chunks_exact_mut(2).zip(part) {
            pair.iter_mut().zip([byte >> 4, byte & 15]).for_each(|(to, half)| *to = digit(half));
        }
        // Digits are ASCII, so this is always a text.
        out.push_str(digits.get(..2 * part.len()).and_then(|digits| std::str::from_utf8(digits).ok()).unwrap_or_default());
    }
}

fn generalise(grain: &Grain, column: &Column, value: &str, out: &mut String) -> bool {
    match grain {
        Grain::Year | Grain::Month | Grain::Decade => {
            let Some(day) = of_day(value.trim()) else { return false };
            let written = match grain {
                Grain::Year => write!(out, "{:04}", day.year()),
                Grain::Month => write!(out, "{:04}-{:02}", day.year(), day.month()),
                _ => write!(out, "{:04}s", day.year().div_euclid(10) * 10),
            };
            written.is_ok()
        }
        Grain::Network => match value.trim().parse() {
            Ok(IpAddr::V4(address)) => {
                let [one, two, three, _] = address.octets();
                write!(out, "{one}.{two}.{three}.0/24").is_ok()
            }
            Ok(IpAddr::V6(address)) => {
                let [one, two, three, ..] = address.segments();
                write!(out, "{}/48", std::net::Ipv6Addr::new(one, two, three, 0, 0, 0, 0, 0)).is_ok()
            }
            Err(_) => false,
        },
        Grain::Hierarchy(steps) => {
            // Whatever has nothing above it on the way is not understood: another height would tell values apart.
            let above = (0..*steps).try_fold(value.trim(), |value, _| column.hierarchy.get(value).map(String::as_str));
            above.is_some_and(|above| {
                out.push_str(above);
                true
            })
        }
        Grain::Multiple(count) => {
            let Ok(count) = i64::try_from(*count) else { return false };
            let value = value.trim();
            // Of a number with decimals, what stands before them decides, rounded down.
            let whole = value.parse::<i64>().ok().or_else(|| {
                let (whole, decimals) = value.split_once('.')?;
                let digits = !decimals.is_empty() && decimals.bytes().all(|digit| digit.is_ascii_digit());
                let whole: i64 = whole.parse().ok().filter(|_| digits)?;
                let down = value.starts_with('-') && decimals.bytes().any(|digit| digit != b'0');
                whole.checked_sub(i64::from(down))
            });
            match whole.and_then(|whole| whole.div_euclid(count).checked_mul(count)) {
                Some(multiple) => write!(out, "{multiple}").is_ok(),
                None => false,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Ready;
    use crate::manifest::{Column, Identifies};
    use crate::measure::Measure;
    use comity_terms::Bits;

    fn of(measure: &str, value: Option<&str>) -> Option<String> {
        let column = Column {
            name: "city".to_owned(),
            holds: Bits::default(),
            identifies: Identifies::No,
            decides: None,
            measures: Vec::new(),
            hierarchy: [("Cork", "Munster"), ("Munster", "Ireland")].map(|(of, above)| (of.to_owned(), above.to_owned())).into(),
            sensitive: false,
            joins: None,
            encrypt_to: Vec::new(),
            line: 1,
            places: crate::manifest::Places::default(),
        };
        Measure::parse(measure).ok().and_then(|measure| Ready::new(&measure, &column, None).of(value))
    }

    #[test]
    fn values_become_what_their_measure_says() {
        for (measure, value, expected) in [
            ("keep", "Cork", Some("Cork")),
            ("drop", "Cork", None),
            ("null", "Cork", None),
            ("constant no", "Cork", Some("no")),
            ("truncate 2", "Ærø", Some("Ær")),
            ("generalise hierarchy", "Cork", Some("Munster")),
            ("generalise hierarchy", "Kerry", None),
            ("generalise hierarchy 2", "Cork", Some("Ireland")),
            ("generalise hierarchy 2", "Munster", None),
            ("generalise year", "1985-03-12", Some("1985")),
            ("generalise year", "1985-03-12T10:00:00", Some("1985")),
            ("generalise year", "12.3.1985", None),
            ("generalise month", "1985-03-12", Some("1985-03")),
            ("generalise decade", "1985-03-12", Some("1980s")),
            ("generalise network", "192.0.2.77", Some("192.0.2.0/24")),
            ("generalise network", "2001:db8:1:2::3", Some("2001:db8:1::/48")),
            ("generalise network", "localhost", None),
            ("generalise multiple 10", "47", Some("40")),
            ("generalise multiple 10", "-3", Some("-10")),
            ("generalise multiple 10", "-0.5", Some("-10")),
            ("generalise multiple 10", "47.9", Some("40")),
            ("generalise multiple 10", "4e1", None),
            // Without a key nothing leaves.
            ("pseudonymise", "Cork", None),
            ("tokenise", "Cork", None),
            ("tokenise ff1 digits", "123456789", None),
        ] {
            assert_eq!(of(measure, Some(value)).as_deref(), expected, "{measure}: {value}");
        }
        assert_eq!(of("keep", None), None);
        assert_eq!(of("constant no", None).as_deref(), Some("no"));
    }
}
