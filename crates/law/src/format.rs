// SPDX-License-Identifier: Apache-2.0
//! The formatter. It works on tokens: it changes white space and nothing else, so its output parses to the same instrument.
//!
//! Authors keep their line breaks; the formatter settles indentation, single spaces between tokens, and at most one empty
//! line. A line is indented by two spaces for each brace or parenthesis left open, by two more if it is a clause or
//! attribute of a provision that has no braces, and by two more if it goes on a line before.

use crate::diagnostic::Span;
use crate::lexer::{Token, TokenKind, tokens};

/// Words that begin an item of an instrument.
const ITEMS: &[&str] = &[
    "instrument",
    "kind",
    "of",
    "authority",
    "relates",
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
];

/// Items that attributes and clauses without braces may follow.
const PROVISIONS: &[&str] = &[
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
    "replace",
    "add",
    "set",
];

/// Words that begin an attribute or a clause.
const PARTS: &[&str] = &["cite", "in", "published", "note", "verified", "recalled", "when", "unless", "needs", "option"];

/// Lays a source out.
#[must_use]
pub fn format(text: &str) -> String {
    let tokens = tokens(text);
    let mut out = String::with_capacity(text.len());
    let mut depth: usize = 0;
    let mut previous: Option<Token> = None;
    // Whether the last item at the level of the instrument is a provision that may go on without braces.
    let mut loose = false;
    for token in tokens.iter().filter(|token| token.kind != TokenKind::End) {
        let slice = text.get(token.span.start..token.span.end).unwrap_or("");
        // Space at the end of a comment is no part of it; an unreadable token keeps even an odd kind of space.
        let slice = if token.kind == TokenKind::Comment { slice.trim_end() } else { slice };
        let breaks = previous.map_or(0, |previous| newlines(text, Span { start: previous.span.end, end: token.span.start }));
        let closes = matches!(token.kind, TokenKind::Close | TokenKind::CloseRound);
        if closes {
            depth = depth.saturating_sub(1);
        }
        let begins = breaks > 0 || previous.is_none();
        let level = depth + if begins { extra(token, slice, depth, &mut loose) } else { 0 };
        match previous {
            None => {}
            Some(_) if breaks > 0 => {
                out.push_str(if breaks > 1 && !closes { "\n\n" } else { "\n" });
                out.extend(std::iter::repeat_n("  ", level));
            }
            Some(previous) if spaced(previous.kind, token.kind) => out.push(' '),
            Some(_) => {}
        }
        out.push_str(slice);
        if matches!(token.kind, TokenKind::Open | TokenKind::OpenRound) {
            depth += 1;
        } else if closes && depth == 1 {
            loose = false;
        }
        previous = Some(*token);
    }
    if !out.is_empty() {
        out.push('\n');
    }
    out
}

/// How many levels a line that begins with this token stands deeper than its braces say.
fn extra(token: &Token, slice: &str, depth: usize, loose: &mut bool) -> usize {
    match token.kind {
        TokenKind::Comment | TokenKind::Close | TokenKind::CloseRound => 0,
        TokenKind::Word if PARTS.contains(&slice) => usize::from(depth == 1 && *loose),
        TokenKind::Word if depth <= 1 && ITEMS.contains(&slice) => {
            *loose = PROVISIONS.contains(&slice);
            0
        }
        // Within braces of their own, facts and listed conditions begin lines; at the level of clauses they go on one.
        TokenKind::Word if depth > 1 && !matches!(slice, "and" | "or") => 0,
        _ if depth > 1 => 1,
        _ => 1 + usize::from(*loose),
    }
}

fn newlines(text: &str, span: Span) -> usize {
    text.get(span.start..span.end).unwrap_or("").bytes().filter(|byte| *byte == b'\n').count()
}

fn spaced(before: TokenKind, after: TokenKind) -> bool {
    !matches!((before, after), (TokenKind::OpenRound, _) | (_, TokenKind::CloseRound | TokenKind::Comma))
}
