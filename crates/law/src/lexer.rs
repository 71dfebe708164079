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

/// Words that begin an item of an instrument.
pub(crate) const ITEMS: &[&str] = &[
    "applies",
    "outside",
    "restrict",
    "permit",
    "require",
    "forbid",
    "oblige",
    "exception",
    "serves",
    "define",
    "onward",
    "duty",
    "right",
    "clock",
    "penalty",
    "reading",
    "base",
    "case",
    "adopt",
    "omit",
    "replace",
    "add",
    "set",
    "instrument",
];

/// All tokens of a text, comments among them, ended by [`TokenKind::End`].
#[must_use]
pub fn tokens(text: &str) -> Vec<Token> {
    lex(text, false)
}

/// As [`tokens`], without cases and the facts they share: most of the text of a library, and of no use for judging.
#[must_use]
pub fn tokens_without_cases(text: &str) -> Vec<Token> {
    lex(text, true)
}

/// The first byte after the braces that open at or after `start`; texts and comments are read over.
fn after_braces(bytes: &[u8], start: usize) -> usize {
    let mut depth = 0_usize;
    let mut position = start;
    while let Some(byte) = bytes.get(position) {
        let until = |stop: fn(u8) -> bool| bytes.get(position + 1..).and_then(|rest| rest.iter().position(|byte| stop(*byte)));
        match byte {
            b'"' => position += until(|byte| byte == b'"' || byte == b'\n').map_or(bytes.len(), |length| length + 1),
            b'#' => position += until(|byte| byte == b'\n').map_or(bytes.len(), |length| length + 1),
            b'{' => depth += 1,
            b'}' if depth <= 1 => return position + 1,
            b'}' => depth -= 1,
            _ => {}
        }
        position += 1;
    }
    bytes.len()
}

fn lex(text: &str, over_cases: bool) -> Vec<Token> {
    // Where cases are read over: how many braces are open, and whether what stands here belongs to a case.
    let (mut depth, mut over) = (0_usize, false);
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
        if over_cases {
            let word = if kind == TokenKind::Word { text.get(start..end).unwrap_or("") } else { "" };
            match kind {
                TokenKind::Open => depth += 1,
                TokenKind::Close => depth = depth.saturating_sub(1),
                TokenKind::Word if depth == 1 && matches!(word, "case" | "base") => {
                    over = true;
                    start = after_braces(bytes, end);
                    continue;
                }
                _ => {}
            }
            over &= !(kind == TokenKind::Close || ITEMS.contains(&word));
            if over {
                start = end;
                continue;
            }
        }
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
