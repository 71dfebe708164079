// SPDX-License-Identifier: Apache-2.0
//! Tokens that look like what they stand for: as long, and of the same signs (FF1).
//!
//! Source: NIST SP 800-38G, method FF1. Its revision asks for a million values or more: of fewer, somebody who may have
//! values made into tokens could go through all of them, and the method itself is weaker. FF3 is not offered: it was broken.

use aes::Aes256;
use fpe::ff1::{FF1, FlexibleNumeralString};

/// The signs that a value is made of, and its token too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Alphabet {
    /// `0` to `9`: 6 signs or more.
    Digits,
    /// `a` to `z`: 5 or more.
    Lower,
    /// `A` to `Z`: 5 or more.
    Upper,
    /// `0` to `9` and `a` to `z`: 4 or more.
    LowerDigits,
    /// `0` to `9` and `A` to `Z`: 4 or more.
    UpperDigits,
}

impl Alphabet {
    /// The words of the manifest.
    pub const WORDS: [(&'static str, Self); 5] = [
        ("digits", Self::Digits),
        ("lower", Self::Lower),
        ("upper", Self::Upper),
        ("lower-digits", Self::LowerDigits),
        ("upper-digits", Self::UpperDigits),
    ];

    /// The word of the manifest.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, alphabet)| *alphabet == self).map_or("", |(word, _)| word)
    }

    /// The signs, in the order of their numerals.
    #[must_use]
    pub fn signs(self) -> &'static str {
        match self {
            Self::Digits => "0123456789",
            Self::Lower => "abcdefghijklmnopqrstuvwxyz",
            Self::Upper => "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
            Self::LowerDigits => "0123456789abcdefghijklmnopqrstuvwxyz",
            Self::UpperDigits => "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        }
    }
}

/// Makes tokens of one alphabet, and turns them back.
pub struct Formatted {
    cipher: Option<FF1<Aes256>>,
    alphabet: Alphabet,
}

impl Formatted {
    /// Makes tokens under a key.
    #[must_use]
    pub fn new(key: &[u8; 32], alphabet: Alphabet) -> Self {
        let radix = u32::try_from(alphabet.signs().len()).unwrap_or(0);
        // INVARIANT: every alphabet has between 2 and 65,536 signs.
        Self { cipher: FF1::new(key, radix).ok(), alphabet }
    }

    /// The token of a value; none where the value has another sign, or is so short that there are less than a million like it.
    #[must_use]
    pub fn of(&self, value: &str) -> Option<String> {
        self.tweaked(value, &[])
    }

    fn tweaked(&self, value: &str, tweak: &[u8]) -> Option<String> {
        self.text(self.cipher.as_ref()?.encrypt(tweak, &self.numerals(value)?).ok()?)
    }

    /// The value of a token; none where it can be none.
    #[must_use]
    pub fn back(&self, token: &str) -> Option<String> {
        self.text(self.cipher.as_ref()?.decrypt(&[], &self.numerals(token)?).ok()?)
    }

    fn numerals(&self, text: &str) -> Option<FlexibleNumeralString> {
        let of = |sign: char| self.alphabet.signs().find(sign).and_then(|at| u16::try_from(at).ok());
        text.chars().map(of).collect::<Option<Vec<u16>>>().map(FlexibleNumeralString::from)
    }

    fn text(&self, numerals: FlexibleNumeralString) -> Option<String> {
        let signs = self.alphabet.signs().as_bytes();
        Vec::<u16>::from(numerals).into_iter().map(|numeral| signs.get(usize::from(numeral)).map(|sign| char::from(*sign))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Alphabet, Formatted};
    use proptest::prelude::*;

    /// 2B7E151628AED2A6ABF7158809CF4F3C EF4359D8D580AA4F7F036D6F04FC6A94
    const KEY: [u8; 32] = [
        0x2b, 0x7e, 0x15, 0x16, 0x28, 0xae, 0xd2, 0xa6, 0xab, 0xf7, 0x15, 0x88, 0x09, 0xcf, 0x4f, 0x3c, 0xef, 0x43, 0x59, 0xd8, 0xd5, 0x80,
        0xaa, 0x4f, 0x7f, 0x03, 0x6d, 0x6f, 0x04, 0xfc, 0x6a, 0x94,
    ];

    /// NIST, Cryptographic Standards and Guidelines, examples with intermediate values: FF1 samples 7, 8 and 9 (AES-256).
    #[test]
    fn the_samples_of_nist_come_out() {
        for (alphabet, tweak, value, token) in [
            (Alphabet::Digits, "", "0123456789", "6657667009"),
            (Alphabet::Digits, "9876543210", "0123456789", "1001623463"),
            (Alphabet::LowerDigits, "7777pqrs777", "0123456789abcdefghi", "xs8a0azh2avyalyzuwd"),
        ] {
            let made = Formatted::new(&KEY, alphabet).tweaked(value, tweak.as_bytes());
            assert_eq!(made.as_deref(), Some(token), "{tweak} {value}");
        }
    }

    #[test]
    fn less_than_a_million_values_have_no_tokens() {
        for (alphabet, short, enough) in [
            (Alphabet::Digits, "12345", "123456"),
            (Alphabet::Lower, "abcd", "abcde"),
            (Alphabet::Upper, "ABCD", "ABCDE"),
            (Alphabet::LowerDigits, "a1b", "a1b2"),
            (Alphabet::UpperDigits, "A1B", "A1B2"),
        ] {
            let formatted = Formatted::new(&KEY, alphabet);
            assert_eq!(formatted.of(short), None, "{short}");
            assert!(formatted.of(enough).is_some(), "{enough}");
            assert_eq!(formatted.of(&format!("{enough}-")), None, "a sign that is not in the alphabet");
            assert_eq!(formatted.of(""), None);
        }
    }

    proptest! {
        #[test]
        fn tokens_look_alike_and_come_back(value in "[0-9]{6,40}") {
            let formatted = Formatted::new(&KEY, Alphabet::Digits);
            let token = formatted.of(&value).unwrap_or_default();
            prop_assert_eq!(token.len(), value.len());
            prop_assert!(token.bytes().all(|sign| sign.is_ascii_digit()));
            prop_assert_eq!(formatted.back(&token), Some(value));
        }
    }
}
