// SPDX-License-Identifier: Apache-2.0
//! What may stand at a place in an instrument.
//!
//! The answer is found from the tokens before the place, not from the parsed instrument: while somebody writes, the
//! text around the cursor seldom parses.

use crate::law_tokens::{Tok, Tokens};
use crate::law_words::Word;
use comity_law::Span;
use comity_law::lexer::{TokenKind, tokens};
use comity_terms::Scheme;

/// One thing that may stand at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expect {
    /// A word of the language.
    Word(&'static [Word]),
    /// A term.
    Term(Scheme),
    /// A term or, among places, a group or `recognized by`.
    Set(Scheme),
    /// A key of a flow.
    Key,
    /// A key of a later recipient, without its table.
    RecipientKey,
    /// A definition of the instrument.
    Definition,
    /// A permit of the instrument.
    Permit,
    /// A provision of the instrument.
    Provision,
    /// A duty of the instrument.
    Duty,
    /// A provision of the model that the instrument adapts.
    Model,
    /// An instrument of the library.
    Instrument,
    /// A party whose recognition is asked for.
    Recognizer,
    /// What a party may recognize somebody as.
    Recognition,
    /// A reading of the instrument.
    Reading,
    /// The question that a reading of the instrument asks: `reading:NAME`.
    Question,
    /// An option of the named reading.
    Choice(String),
    /// Who bears a duty.
    Bearer,
    /// What sets a clock going.
    Trigger,
    /// A name that is given here.
    Declared,
}

/// A place in an instrument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// What may stand there.
    pub expects: Vec<Expect>,
    /// The word that stands there; empty where none does.
    pub word: String,
    /// The stretch of that word.
    pub span: Span,
    /// The word after it, if one follows.
    pub next: String,
}

/// What may stand where the cursor is, and what does; `None` within a text in quotes or a comment.
///
/// While somebody writes, the word at the cursor is the one that ends there: `writing`. To be shown, it may begin there.
#[must_use]
pub fn place(text: &str, byte: usize, writing: bool) -> Option<Place> {
    let mut before: Vec<Tok> = Vec::new();
    let mut at = Span { start: byte, end: byte };
    let mut next = String::new();
    let mut over = false;
    for token in tokens(text) {
        let Span { start, end } = token.span;
        let slice = text.get(start..end).unwrap_or("");
        let inside = start < byte && byte < end;
        match token.kind {
            TokenKind::End => break,
            TokenKind::Comment if inside || (start < byte && byte == end) => return None,
            TokenKind::Comment => {}
            TokenKind::Text if inside => return None,
            TokenKind::Unknown if slice.starts_with('"') && start < byte && byte <= end => return None,
            TokenKind::Word | TokenKind::Group | TokenKind::Number | TokenKind::Date
                if !over && byte <= end && (start < byte || (!writing && start == byte)) =>
            {
                at = token.span;
                over = true;
            }
            kind if end <= byte => before.push((kind, slice)),
            kind => {
                if kind == TokenKind::Word {
                    slice.clone_into(&mut next);
                }
                break;
            }
        }
    }
    let word = text.get(at.start..at.end).unwrap_or("").to_owned();
    Some(Place { expects: Tokens(&before).expects(), word, span: at, next })
}
