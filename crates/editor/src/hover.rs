// SPDX-License-Identifier: Apache-2.0
//! What to show of the word under the cursor.

use crate::flow_keys::{Holds, holds};
use crate::flow_place::{self, Part};
use crate::names::{self, Thing};
use crate::{Shelf, law_place, show};
use comity_law::Span;
use comity_terms::{Scheme, Term, vocabulary};

/// What is shown of a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Markdown.
    pub text: String,
    /// The word.
    pub span: Span,
}

/// What to show at a byte of an instrument; `name` is the name of its text in the library.
#[must_use]
pub fn in_instrument(shelf: &Shelf, name: &str, text: &str, byte: usize) -> Option<Shown> {
    let place = law_place::place(text, byte, false)?;
    let around = shelf.source(name).and_then(|source| names::around(shelf, source, byte));
    let thing = names::thing(shelf, around, &place)?;
    Some(Shown { text: show::thing(shelf, &thing), span: place.span })
}

/// What to show at a byte of a flow file.
#[must_use]
pub fn in_flow(shelf: &Shelf, text: &str, byte: usize) -> Option<Shown> {
    let place = flow_place::place(text, byte)?;
    let word = text.get(place.span.start..place.span.end).filter(|word| !word.is_empty())?;
    let shown = match place.part {
        Part::Header => return None,
        Part::Key => match holds(&place.path_with(word)) {
            Holds::Key(id) => show::key(id),
            other => other.remark()?.to_owned(),
        },
        Part::Value => match holds(&place.path()) {
            Holds::Instruments => show::thing(shelf, &Thing::Instrument(shelf.library.instrument(word)?)),
            Holds::Reasons => match vocabulary().key(word) {
                Some(id) => show::key(id),
                None => show::term(vocabulary().find(Scheme::Mechanism, word)?),
            },
            other => show::thing(shelf, &Thing::Term(term(other.scheme()?, word)?)),
        },
    };
    Some(Shown { text: shown, span: place.span })
}

/// The term that a flow means by a word.
#[must_use]
pub fn term(scheme: Scheme, word: &str) -> Option<Term> {
    if scheme == Scheme::Place { vocabulary().place(word) } else { vocabulary().find(scheme, word) }
}
