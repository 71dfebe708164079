// SPDX-License-Identifier: Apache-2.0
//! A value made ready for many tests: without spaces around it, without separators, as digits.

/// How many zeros a number may have lost at its start.
const LOST: usize = 3;

/// A value as the tests look at it.
#[derive(Clone, Debug)]
pub struct Value<'a> {
    /// The value without spaces around it.
    pub text: &'a str,
    /// Letters in upper case and digits, without spaces and the signs `.`, `-`, `/` and `'`.
    /// Empty where anything else stands in it, or where it is too long to be an identifier.
    pub plain: String,
    /// Zeros that may have been lost, and the digits.
    digits: Vec<u8>,
    /// Whether the column holds numbers, which lose the zeros at their start.
    number: bool,
}

impl<'a> Value<'a> {
    /// Makes a value ready. `number`: the column has a type of numbers.
    #[must_use]
    pub fn new(text: &'a str, number: bool) -> Self {
        /// The longest identifier that is looked for has 44 signs.
        const LONGEST: usize = 64;
        let text = text.trim();
        // What reads whole numbers with gaps writes them with a point.
        let text = if number { text.strip_suffix(".0").unwrap_or(text) } else { text };
        let separator = |letter: &char| matches!(letter, ' ' | '.' | '-' | '/' | '\'' | '\u{a0}');
        let fits = text.len() <= LONGEST && text.chars().all(|letter| letter.is_ascii_alphanumeric() || separator(&letter));
        let plain: String = if fits {
            text.chars().filter(|letter| !separator(letter)).map(|letter| letter.to_ascii_uppercase()).collect()
        } else {
            String::new()
        };
        let digits = if !plain.is_empty() && plain.bytes().all(|byte| byte.is_ascii_digit()) {
            std::iter::repeat_n(0, LOST).chain(plain.bytes().map(|byte| byte - b'0')).collect()
        } else {
            Vec::new()
        };
        Self { text, plain, digits, number }
    }

    /// All digits; none where it is not made of digits and separators.
    #[must_use]
    pub fn digits(&self) -> Option<&[u8]> {
        self.digits.get(LOST..).filter(|digits| !digits.is_empty())
    }

    /// The digits of a number of this length, with the zeros that a column of numbers has lost.
    #[must_use]
    pub fn number(&self, length: usize) -> Option<&[u8]> {
        let own = self.digits.len().checked_sub(LOST).filter(|own| *own > 0)?;
        let lost = length.checked_sub(own)?;
        if lost == 0 || (self.number && lost <= LOST) { self.digits.get(LOST - lost..) } else { None }
    }

    /// Letters and digits, where there are so many of them.
    #[must_use]
    pub fn signs(&self, length: usize) -> Option<&[u8]> {
        (self.plain.len() == length).then_some(self.plain.as_bytes())
    }
}

/// The number that stands in so many digits from a place on; nothing where there are too few of them.
#[must_use]
pub fn at(digits: &[u8], from: usize, length: usize) -> Option<u32> {
    let part = digits.get(from..from.checked_add(length)?)?;
    Some(part.iter().fold(0, |number, digit| number * 10 + u32::from(*digit)))
}

/// The sum of digits, each times its weight.
#[must_use]
pub fn weighted(digits: &[u8], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(digit, weight)| u32::from(*digit) * weight).sum()
}

/// The digit at a place, as a number.
#[must_use]
pub fn digit(digits: &[u8], place: usize) -> Option<u32> {
    digits.get(place).map(|digit| u32::from(*digit))
}

/// The digits in a text of digits.
#[must_use]
pub fn digits_of(text: &[u8]) -> Option<Vec<u8>> {
    text.iter().map(|byte| byte.is_ascii_digit().then(|| byte - b'0')).collect()
}

#[cfg(test)]
mod tests {
    use super::Value;

    #[test]
    fn separators_do_not_count_and_zeros_come_back() {
        let value = Value::new(" 12.345.678-k ", false);
        assert_eq!((value.text, value.plain.as_str(), value.digits()), ("12.345.678-k", "12345678K", None));
        assert_eq!(Value::new("0 1/2", false).digits(), Some(&[0, 1, 2][..]));
        assert_eq!(Value::new("12", true).number(4), Some(&[0, 0, 1, 2][..]));
        assert_eq!(Value::new("12", false).number(4), None);
        assert_eq!(Value::new("12", true).number(6), None);
        assert_eq!(Value::new("12.0", true).number(2), Some(&[1, 2][..]));
        assert_eq!(Value::new("a@b", false).plain, "");
        assert_eq!(Value::new("", true).number(2), None);
    }
}
