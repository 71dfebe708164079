// SPDX-License-Identifier: Apache-2.0
//! From text to tokens. The lexer never fails: what it cannot read becomes an [`TokenKind::Unknown`].

use crate::diagnostic::Span;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// A word: keyword, identifier, key path or term, such as `eu.scc-2021/*`.
    Word,
    /// A group, such as `@EEA`.
    Group,
    /// A whole number, underscores allowed.
    Number,
    /// A day, `2018-05-25`.
    Date,
    /// A text in double quotes.
    Text,
    /// `{`
    Open,
    /// `}`
    Close,
    /// `(`
    OpenRound,
    /// `)`
    CloseRound,
    /// `,`
    Comma,
    /// `=>`
    Arrow,
    /// `=`, `<`, `>`, `<=`, `>=`
    Compare,
    /// From `#` to the end of the line.
    Comment,
    /// Anything else.
    Unknown,
    /// The end of the text.
    End,
}

/// A token with its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Where it stands.
    pub span: Span,
}

fn in_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'/' | b':' | b'*')
}

/// All tokens of a text, comments among them, ended by [`TokenKind::End`].
#[must_use]
pub fn tokens(text: &str) -> Vec<Token> {
    let bytes = text.as_bytes();
    let at = |index: usize| bytes.get(index).copied().unwrap_or(0);
    let mut out = Vec::with_capacity(text.len() / 6);
    let mut start = 0;
    while start < bytes.len() {
        let byte = at(start);
        if byte.is_ascii_whitespace() {
            start += 1;
            continue;
        }
        let run =
            |from: usize, keep: fn(u8) -> bool| from + bytes.get(from..).map_or(0, |rest| rest.iter().take_while(|b| keep(**b)).count());
        let (kind, end) = match byte {
            b'#' => (TokenKind::Comment, run(start, |b| b != b'\n')),
            b'"' => {
                let end = run(start + 1, |b| b != b'"' && b != b'\n');
                if at(end) == b'"' { (TokenKind::Text, end + 1) } else { (TokenKind::Unknown, end) }
            }
            b'{' => (TokenKind::Open, start + 1),
            b'}' => (TokenKind::Close, start + 1),
            b'(' => (TokenKind::OpenRound, start + 1),
            b')' => (TokenKind::CloseRound, start + 1),
            b',' => (TokenKind::Comma, start + 1),
            b'=' if at(start + 1) == b'>' => (TokenKind::Arrow, start + 2),
            b'<' | b'>' if at(start + 1) == b'=' => (TokenKind::Compare, start + 2),
            b'=' | b'<' | b'>' => (TokenKind::Compare, start + 1),
            b'@' => (TokenKind::Group, run(start + 1, in_word).max(start + 1)),
            b'0'..=b'9' => {
                let end = run(start, in_word);
                let word = bytes.get(start..end).unwrap_or_default();
                (number_or_date(word), end)
            }
            b'A'..=b'Z' | b'a'..=b'z' => (TokenKind::Word, run(start, in_word)),
            _ => {
                let step = text.get(start..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
                (TokenKind::Unknown, start + step)
            }
        };
        out.push(Token { kind, span: Span { start, end } });
        start = end;
    }
    out.push(Token { kind: TokenKind::End, span: Span { start: text.len(), end: text.len() } });
    out
}

fn number_or_date(word: &[u8]) -> TokenKind {
    let digits = |part: &[u8], length: usize| part.len() == length && part.iter().all(u8::is_ascii_digit);
    let mut parts = word.split(|byte| *byte == b'-');
    if word.iter().all(|byte| byte.is_ascii_digit() || *byte == b'_') {
        TokenKind::Number
    } else if parts.next().is_some_and(|part| digits(part, 4))
        && parts.next().is_some_and(|part| digits(part, 2))
        && parts.next().is_some_and(|part| digits(part, 2))
        && parts.next().is_none()
    {
        TokenKind::Date
    } else {
        TokenKind::Word
    }
}
