// SPDX-License-Identifier: Apache-2.0
//! Comparing syntax trees by what they show of themselves: no field can be forgotten.

use comity_law::lexer::{TokenKind, tokens};

const SPAN: &str = "Span { start: ";

/// Every span in what a tree shows of itself: first and end byte.
fn spans(shown: &str) -> impl Iterator<Item = (usize, usize)> {
    shown.split(SPAN).skip(1).map(|rest| {
        let (start, rest) = rest.split_once(", end: ").expect("a span has an end");
        let end = rest.split_once(" }").expect("a span is closed").0;
        (start.parse().expect("a number"), end.parse().expect("a number"))
    })
}

/// Asserts that every span lies within the text, on whole characters.
pub fn assert_spans_within(shown: &str, text: &str) {
    for (start, end) in spans(shown) {
        assert!(start <= end && end <= text.len(), "span {start}..{end} of a text of {} bytes", text.len());
        assert!(text.is_char_boundary(start) && text.is_char_boundary(end), "span {start}..{end} cuts a character");
    }
}

/// What a tree shows of itself without spans and digests.
pub fn without_places(shown: &str) -> String {
    let mut out = String::with_capacity(shown.len());
    for (number, part) in shown.split(SPAN).enumerate() {
        let part = if number == 0 { part } else { part.split_once(" }").map_or("", |(_, rest)| rest) };
        out.push_str(part);
    }
    let mut parts = out.split("digest: \"");
    let mut rest = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        rest.push_str(part.split_once('"').map_or("", |(_, rest)| rest));
    }
    rest
}

/// The tokens of a text: kinds and slices, comments without the space at their end.
pub fn tokens_of(text: &str) -> Vec<(TokenKind, String)> {
    let slice = |token: &comity_law::lexer::Token| text.get(token.span.start..token.span.end).unwrap_or_default();
    tokens(text)
        .iter()
        .map(|token| {
            let slice = slice(token);
            (token.kind, if token.kind == TokenKind::Comment { slice.trim_end() } else { slice }.to_owned())
        })
        .collect()
}
