// SPDX-License-Identifier: Apache-2.0
//! What can be done to a value before it leaves.

use crate::format::Alphabet;
use comity_terms::nearest;
use std::fmt;

/// How coarse a generalised value is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grain {
    /// The year of a day: `1985`.
    Year,
    /// The month of a day: `1985-03`.
    Month,
    /// The ten years around a day: `1980s`.
    Decade,
    /// The network of an address: /24 of IPv4, /48 of IPv6.
    Network,
    /// What the hierarchy of the column says stands so many steps above the value.
    Hierarchy(u32),
    /// A number cut down to a multiple.
    Multiple(u64),
}

/// The function behind a pseudonym.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Keyed {
    /// Keyed BLAKE3, the first 16 bytes.
    Blake3,
    /// HMAC with SHA-256 (RFC 2104, FIPS 198-1), the first 16 bytes.
    HmacSha256,
}

/// A technical safeguard applied to the values of a column.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Measure {
    /// The value leaves as it is.
    Keep,
    /// The column is left out; where other rows keep it, it is empty in this one.
    Drop,
    /// The column stays, empty.
    Null,
    /// The same value in every row.
    Constant(String),
    /// The first characters only.
    Truncate(usize),
    /// A coarser value.
    Generalise(Grain),
    /// A keyed hash: equal values stay equal, and who has no key cannot go back or try guesses.
    Pseudonymise(Keyed),
    /// A token from which the holder of the key can get the value back (AES-SIV, RFC 5297).
    Tokenise,
    /// A token as long as the value and of the same signs, from which the holder of the key can get the value back (FF1).
    Format(Alphabet),
}

/// Why a text is no measure.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a measure, such as `keep`, `drop`, `pseudonymise` or `generalise year`, found `{found}`{}", near.as_ref().map_or_else(String::new, |near| format!("; did you mean `{near}`?")))]
pub struct MeasureError {
    /// The text.
    pub found: String,
    /// The nearest measure.
    pub near: Option<String>,
}

const WORDS: [&str; 18] = [
    "keep",
    "drop",
    "null",
    "constant TEXT",
    "truncate COUNT",
    "generalise year",
    "generalise month",
    "generalise decade",
    "generalise network",
    "generalise hierarchy",
    "generalise hierarchy COUNT",
    "generalise multiple COUNT",
    "pseudonymise",
    "pseudonymise blake3",
    "pseudonymise hmac-sha256",
    "tokenise",
    "tokenise aes-siv",
    "tokenise ff1 ALPHABET",
];

impl Measure {
    /// The measures as they are written, for help texts.
    pub const WORDS: &'static [&'static str] = &WORDS;

    /// The measure that a text names.
    ///
    /// # Errors
    ///
    /// [`MeasureError`] with the nearest spelling.
    pub fn parse(text: &str) -> Result<Self, MeasureError> {
        let wrong = || MeasureError { found: text.to_owned(), near: nearest(text, WORDS.into_iter()).map(str::to_owned) };
        let (verb, argument) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
        let argument = argument.trim();
        Ok(match (verb, argument) {
            ("keep", "") => Self::Keep,
            ("drop", "") => Self::Drop,
            ("null", "") => Self::Null,
            ("constant", value) if !value.is_empty() => Self::Constant(value.to_owned()),
            ("truncate", count) => Self::Truncate(count.parse().ok().filter(|count| *count > 0).ok_or_else(wrong)?),
            ("generalise", "year") => Self::Generalise(Grain::Year),
            ("generalise", "month") => Self::Generalise(Grain::Month),
            ("generalise", "decade") => Self::Generalise(Grain::Decade),
            ("generalise", "network") => Self::Generalise(Grain::Network),
            ("generalise", "hierarchy") => Self::Generalise(Grain::Hierarchy(1)),
            ("generalise", counted) => match counted.split_once(' ').ok_or_else(wrong)? {
                ("hierarchy", steps) => {
                    Self::Generalise(Grain::Hierarchy(steps.trim().parse().ok().filter(|steps| *steps > 0).ok_or_else(wrong)?))
                }
                ("multiple", count) => {
                    Self::Generalise(Grain::Multiple(count.trim().parse().ok().filter(|count| *count > 1).ok_or_else(wrong)?))
                }
                _ => return Err(wrong()),
            },
            ("pseudonymise", "" | "blake3") => Self::Pseudonymise(Keyed::Blake3),
            ("pseudonymise", "hmac-sha256") => Self::Pseudonymise(Keyed::HmacSha256),
            ("tokenise", "" | "aes-siv") => Self::Tokenise,
            ("tokenise", format) => {
                let word = format.strip_prefix("ff1 ").ok_or_else(wrong)?.trim();
                Self::Format(Alphabet::WORDS.iter().find(|(known, _)| *known == word).ok_or_else(wrong)?.1)
            }
            _ => return Err(wrong()),
        })
    }

    /// Whether a value leaves at all.
    #[must_use]
    pub fn leaves(&self) -> bool {
        !matches!(self, Self::Drop | Self::Null | Self::Constant(_))
    }

    /// Whether every value becomes one.
    #[must_use]
    pub fn gives_always(&self) -> bool {
        matches!(self, Self::Keep | Self::Constant(_) | Self::Truncate(_) | Self::Pseudonymise(_) | Self::Tokenise)
    }

    /// Whether it hides whom a direct identifier names from everyone without the key.
    #[must_use]
    pub fn hides(&self) -> bool {
        !self.leaves() || self.needs_key()
    }

    /// Whether it needs a key.
    #[must_use]
    pub fn needs_key(&self) -> bool {
        matches!(self, Self::Pseudonymise(_) | Self::Tokenise | Self::Format(_))
    }

    /// Whether the value keeps its type. Every other measure makes a text.
    #[must_use]
    pub fn keeps_type(&self) -> bool {
        matches!(self, Self::Keep | Self::Drop | Self::Null)
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keep => out.write_str("keep"),
            Self::Drop => out.write_str("drop"),
            Self::Null => out.write_str("null"),
            Self::Constant(value) => write!(out, "constant {value}"),
            Self::Truncate(count) => write!(out, "truncate {count}"),
            Self::Generalise(Grain::Year) => out.write_str("generalise year"),
            Self::Generalise(Grain::Month) => out.write_str("generalise month"),
            Self::Generalise(Grain::Decade) => out.write_str("generalise decade"),
            Self::Generalise(Grain::Network) => out.write_str("generalise network"),
            Self::Generalise(Grain::Hierarchy(1)) => out.write_str("generalise hierarchy"),
            Self::Generalise(Grain::Hierarchy(steps)) => write!(out, "generalise hierarchy {steps}"),
            Self::Generalise(Grain::Multiple(count)) => write!(out, "generalise multiple {count}"),
            Self::Pseudonymise(Keyed::Blake3) => out.write_str("pseudonymise blake3"),
            Self::Pseudonymise(Keyed::HmacSha256) => out.write_str("pseudonymise hmac-sha256"),
            Self::Tokenise => out.write_str("tokenise aes-siv"),
            Self::Format(alphabet) => write!(out, "tokenise ff1 {}", alphabet.word()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Measure;

    #[test]
    fn what_is_written_is_read() {
        for word in Measure::WORDS {
            let word = word.replace("TEXT", "x y").replace("COUNT", "3").replace("ALPHABET", "upper-digits");
            let measure = Measure::parse(&word).ok();
            assert_eq!(measure.as_ref().map(|measure| Measure::parse(&measure.to_string()).ok()), Some(measure.clone()), "{word}");
            assert!(measure.is_some(), "{word}");
        }
    }

    #[test]
    fn a_slip_is_told() {
        let error = Measure::parse("pseudonimise").map_err(|error| error.to_string());
        assert!(error.is_err_and(|error| error.ends_with("did you mean `pseudonymise`?")));
        for wrong in [
            "",
            "truncate",
            "truncate 0",
            "generalise",
            "generalise multiple 1",
            "generalise hierarchy 0",
            "tokenise ff1",
            "tokenise ff1 letters",
            "tokenise ff3 digits",
            "keep it",
            "constant",
        ] {
            assert!(Measure::parse(wrong).is_err(), "{wrong}");
        }
    }
}
