// SPDX-License-Identifier: Apache-2.0
//! Places in a text, as editors count them: lines from 0, columns in units of UTF-16.

use comity_law::Span;
use lsp_types::{Position, Range};

/// A text with the beginnings of its lines.
pub struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    /// Finds the lines of a text.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { text, starts }
    }

    /// The line without its end; `None` past the last.
    #[must_use]
    pub fn line(&self, line: usize) -> Option<&'a str> {
        let start = *self.starts.get(line)?;
        let end = self.starts.get(line + 1).map_or(self.text.len(), |next| next - 1);
        let line = self.text.get(start..end)?;
        Some(line.strip_suffix('\r').unwrap_or(line))
    }

    /// The place of a byte. One inside a character counts as the beginning of the character.
    #[must_use]
    pub fn position(&self, byte: usize) -> Position {
        let byte = floor(self.text, byte);
        let line = self.starts.partition_point(|start| *start <= byte).saturating_sub(1);
        let start = self.starts.get(line).copied().unwrap_or(0);
        let before = self.text.get(start..byte).unwrap_or("");
        Position { line: small(line), character: small(before.chars().map(char::len_utf16).sum()) }
    }

    /// The byte of a place. One past the end of a line counts as its end, one inside a character as its beginning.
    #[must_use]
    pub fn byte(&self, position: Position) -> usize {
        let line = usize::try_from(position.line).unwrap_or(usize::MAX);
        let (Some(start), Some(text)) = (self.starts.get(line), self.line(line)) else { return self.text.len() };
        let mut left = usize::try_from(position.character).unwrap_or(usize::MAX);
        let mut byte = *start;
        for letter in text.chars() {
            if left < letter.len_utf16() {
                break;
            }
            left -= letter.len_utf16();
            byte += letter.len_utf8();
        }
        byte
    }

    /// The byte at a line and a column that are both counted from 1, the column in characters.
    #[must_use]
    pub fn byte_of_characters(&self, line: usize, column: usize) -> usize {
        let line = line.saturating_sub(1);
        let (Some(start), Some(text)) = (self.starts.get(line), self.line(line)) else { return self.text.len() };
        start + text.chars().take(column.saturating_sub(1)).map(char::len_utf8).sum::<usize>()
    }

    /// The stretch of a span.
    #[must_use]
    pub fn range(&self, span: Span) -> Range {
        Range { start: self.position(span.start), end: self.position(span.end) }
    }
}

fn floor(text: &str, byte: usize) -> usize {
    (0..=byte.min(text.len())).rev().find(|byte| text.is_char_boundary(*byte)).unwrap_or(0)
}

fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::Lines;
    use lsp_types::Position;

    #[test]
    fn columns_count_units_of_utf_16() {
        // One byte, two bytes and one unit, four bytes and two units.
        let text = "ab\nÄ𝄞x\r\nlast";
        let lines = Lines::new(text);
        for (byte, line, character) in [(0, 0, 0), (2, 0, 2), (3, 1, 0), (5, 1, 1), (9, 1, 3), (10, 1, 4), (12, 2, 0), (16, 2, 4)] {
            assert_eq!(lines.position(byte), Position { line, character }, "byte {byte}");
            assert_eq!(lines.byte(Position { line, character }), byte, "{line}:{character}");
        }
    }

    #[test]
    fn places_that_are_none_fall_on_the_nearest_before() {
        let lines = Lines::new("ab\nÄ𝄞x\r\nlast");
        assert_eq!(lines.byte(Position { line: 1, character: 2 }), 5, "inside a pair of units");
        assert_eq!(lines.byte(Position { line: 0, character: 99 }), 2, "past the end of the line");
        assert_eq!(lines.byte(Position { line: 9, character: 0 }), 16, "past the end of the text");
        assert_eq!(lines.position(4), Position { line: 1, character: 0 }, "inside a character");
    }

    #[test]
    fn columns_of_characters_are_turned_too() {
        let lines = Lines::new("ab\nÄ𝄞x");
        assert_eq!(lines.byte_of_characters(2, 3), 9);
        assert_eq!(lines.byte_of_characters(1, 1), 0);
    }
}
