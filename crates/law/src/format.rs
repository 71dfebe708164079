// SPDX-License-Identifier: Apache-2.0
//! The formatter. It works on tokens: it changes white space and nothing else, so its output parses to the same instrument.
//!
//! Authors keep their line breaks; the formatter settles indentation (two spaces for each brace or parenthesis left open,
//! two more for a line that goes on a clause), single spaces between tokens, and at most one empty line.

use crate::diagnostic::Span;
use crate::lexer::{Token, TokenKind, tokens};

/// Words that begin a line of their own level; a line that begins otherwise goes on the one before.
const LINE_HEADS: &[&str] = &[
    "instrument", "kind", "cite", "of", "authority", "in", "published", "note", "verified", "recalled", "relates", "applies", "outside",
    "restrict", "permit", "require", "forbid", "oblige", "exception", "serves", "define", "onward", "duty", "right", "clock", "penalty",
    "reading", "option", "base", "case", "adopt", "omit", "replace", "add", "set", "when", "unless", "needs", "on", "known", "unknown",
    "count",
];

/// Lays a source out.
#[must_use]
pub fn format(text: &str) -> String {
    let tokens = tokens(text);
    let mut out = String::with_capacity(text.len());
    let mut depth: usize = 0;
    let mut previous: Option<Token> = None;
    // Whether the braces open now hold a clause list (lines inside may go on) or a list of facts.
    for token in tokens.iter().filter(|token| token.kind != TokenKind::End) {
        let slice = text.get(token.span.start..token.span.end).unwrap_or("").trim_end();
        let breaks = previous.map_or(0, |previous| newlines(text, Span { start: previous.span.end, end: token.span.start }));
        let closes = matches!(token.kind, TokenKind::Close | TokenKind::CloseRound);
        if closes {
            depth = depth.saturating_sub(1);
        }
        match previous {
            None => {}
            Some(_) if breaks > 0 => {
                out.push_str(if breaks > 1 && !closes { "\n\n" } else { "\n" });
                let goes_on = !closes && !starts_line(token, slice);
                out.extend(std::iter::repeat_n("  ", depth + usize::from(goes_on)));
            }
            Some(previous) if spaced(previous.kind, token.kind) => out.push(' '),
            Some(_) => {}
        }
        out.push_str(slice);
        if matches!(token.kind, TokenKind::Open | TokenKind::OpenRound) {
            depth += 1;
        }
        previous = Some(*token);
    }
    if !out.is_empty() {
        out.push('\n');
    }
    out
}

fn newlines(text: &str, span: Span) -> usize {
    text.get(span.start..span.end).unwrap_or("").bytes().filter(|byte| *byte == b'\n').count()
}

fn starts_line(token: &Token, slice: &str) -> bool {
    match token.kind {
        TokenKind::Comment | TokenKind::Close | TokenKind::CloseRound => true,
        TokenKind::Word => LINE_HEADS.contains(&slice) || slice.contains('.') || slice.contains('-') || slice.len() > 12,
        _ => false,
    }
}

fn spaced(before: TokenKind, after: TokenKind) -> bool {
    !matches!((before, after), (TokenKind::OpenRound, _) | (_, TokenKind::CloseRound | TokenKind::Comma))
}
