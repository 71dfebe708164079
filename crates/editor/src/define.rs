// SPDX-License-Identifier: Apache-2.0
//! Where the word under the cursor is defined.

use crate::flow_keys::{Holds, holds};
use crate::flow_place::{self, Part};
use crate::names::{self, Thing, instrument_of_term};
use crate::{Shelf, hover, law_place};
use comity_law::ast::Instrument;
use comity_law::{SourceId, Span};

/// A place in a library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// The source.
    pub source: SourceId,
    /// The name in it.
    pub span: Span,
}

/// Where the word at a byte of an instrument is defined: every version of a provision.
#[must_use]
pub fn in_instrument(shelf: &Shelf, name: &str, text: &str, byte: usize) -> Vec<Target> {
    let found = law_place::place(text, byte, false).and_then(|place| {
        let around = shelf.source(name).and_then(|source| names::around(shelf, source, byte));
        names::thing(shelf, around, &place)
    });
    found.map_or_else(Vec::new, |thing| targets(shelf, &thing))
}

/// Where the word at a byte of a flow file is defined: instruments, and contracts that are instruments.
#[must_use]
pub fn in_flow(shelf: &Shelf, text: &str, byte: usize) -> Vec<Target> {
    let found = flow_place::place(text, byte).filter(|place| place.part == Part::Value).and_then(|place| {
        let word = text.get(place.span.start..place.span.end)?;
        match holds(&place.path()) {
            Holds::Instruments => shelf.library.instrument(word).map(Thing::Instrument),
            other => hover::term(other.scheme()?, word).map(Thing::Term),
        }
    });
    found.map_or_else(Vec::new, |thing| targets(shelf, &thing))
}

fn targets(shelf: &Shelf, thing: &Thing<'_>) -> Vec<Target> {
    match thing {
        Thing::Provision(_, versions) => {
            versions.iter().map(|provision| Target { source: provision.source, span: provision.id.span }).collect()
        }
        Thing::Instrument(instrument) => vec![head(instrument)],
        Thing::Reading(owner, reading) => {
            let owner = reading_owner(shelf, owner, &reading.id.text);
            vec![Target { source: owner.source, span: reading.id.span }]
        }
        Thing::Choice(owner, reading, option) => {
            let owner = reading_owner(shelf, owner, &reading.id.text);
            vec![Target { source: owner.source, span: option.id.span }]
        }
        Thing::Term(term) => instrument_of_term(shelf, *term).map(head).into_iter().collect(),
        Thing::Group(_) | Thing::Key(_) | Thing::Word(_) => Vec::new(),
    }
}

fn head(instrument: &Instrument) -> Target {
    Target { source: instrument.source, span: instrument.id.span }
}

/// The instrument in whose text a reading stands: one that states none takes over those of its model.
fn reading_owner<'a>(shelf: &'a Shelf, owner: &'a Instrument, id: &str) -> &'a Instrument {
    let mut current = owner;
    // A chain of models is no longer than the library.
    for _ in 0..shelf.library.instruments.len() {
        let text = shelf.library.source(current.source).map_or("", |source| &source.text);
        let here = current.readings.iter().find(|reading| reading.id.text == id).is_some_and(|reading| {
            reading.id.span.start > current.span.start && text.get(reading.id.span.start..reading.id.span.end) == Some(id)
        });
        let model = current.adapts.as_ref().and_then(|model| shelf.library.instrument(&model.text));
        match model {
            Some(model) if !here => current = model,
            _ => return current,
        }
    }
    owner
}
