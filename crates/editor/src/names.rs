// SPDX-License-Identifier: Apache-2.0
//! What the word at a place stands for.

use crate::Shelf;
use crate::flow_keys::recipient_path;
use crate::law_place::{Expect, Place};
use crate::law_words::meaning;
use comity_law::SourceId;
use comity_law::ast::{Effect, Instrument, Provision, Reading, ReadingOption};
use comity_terms::{Group, KeyId, Scheme, Term, vocabulary};

/// What a word stands for.
pub enum Thing<'a> {
    /// A provision: all its versions, in the order of the file.
    Provision(&'a Instrument, Vec<&'a Provision>),
    /// An instrument.
    Instrument(&'a Instrument),
    /// A reading.
    Reading(&'a Instrument, &'a Reading),
    /// An option of a reading.
    Choice(&'a Instrument, &'a Reading, &'a ReadingOption),
    /// A term.
    Term(Term),
    /// A group of places.
    Group(&'a Group),
    /// A key of a flow.
    Key(KeyId),
    /// A word of the language, with its meaning.
    Word(&'static str),
}

/// The instrument around a byte of a source; behind the last one, the last one, since it may be unfinished.
#[must_use]
pub fn around(shelf: &Shelf, source: SourceId, byte: usize) -> Option<&Instrument> {
    shelf
        .library
        .instruments
        .iter()
        .filter(|instrument| instrument.source == source && instrument.span.start <= byte)
        .max_by_key(|instrument| instrument.span.start)
}

/// What the word at a place in an instrument stands for.
#[must_use]
pub fn thing<'a>(shelf: &'a Shelf, around: Option<&'a Instrument>, place: &Place) -> Option<Thing<'a>> {
    let word = place.word.as_str();
    if let Some(group) = word.strip_prefix('@') {
        return vocabulary().group(group).map(Thing::Group);
    }
    if word.is_empty() {
        return None;
    }
    place.expects.iter().find_map(|expect| resolve(shelf, around, place, expect, word))
}

fn resolve<'a>(shelf: &'a Shelf, around: Option<&'a Instrument>, place: &Place, expect: &Expect, word: &str) -> Option<Thing<'a>> {
    let words = vocabulary();
    let term = |scheme| words.find(scheme, word).map(Thing::Term);
    let provision = |keep: fn(&Effect) -> bool| versions(around?, word, keep);
    match expect {
        Expect::Word(list) => {
            list.iter().any(|(known, _)| known.split(' ').next() == Some(word)).then(|| meaning(word)).flatten().map(Thing::Word)
        }
        Expect::Term(scheme) | Expect::Set(scheme) => term(*scheme),
        Expect::Key => words.key(word).map(Thing::Key),
        Expect::RecipientKey => words.key(&recipient_path(word)).map(Thing::Key),
        Expect::Definition => provision(|effect| *effect == Effect::Define),
        Expect::Permit => provision(|effect| matches!(effect, Effect::Permit(_))),
        Expect::Duty => provision(|effect| matches!(effect, Effect::Duty(..))),
        Expect::Provision => provision(|_| true),
        Expect::Declared => declared(around?, place),
        Expect::Model => versions(shelf.library.instrument(&around?.adapts.as_ref()?.text)?, word, |_| true),
        Expect::Instrument => shelf.library.instrument(word).map(Thing::Instrument),
        Expect::Recognizer => (place.next == "recognizes").then(|| term(Scheme::Place)).flatten(),
        Expect::Reading => reading(around?, word).map(|(instrument, reading)| Thing::Reading(instrument, reading)),
        Expect::Question => {
            reading(around?, word.strip_prefix("reading:")?).map(|(instrument, reading)| Thing::Reading(instrument, reading))
        }
        Expect::Choice(name) => {
            let (instrument, reading) = reading(around?, name)?;
            let option = reading.options.iter().find(|option| option.id.text == word)?;
            Some(Thing::Choice(instrument, reading, option))
        }
        Expect::Recognition | Expect::Bearer | Expect::Trigger => None,
    }
}

/// All versions of a provision.
fn versions<'a>(instrument: &'a Instrument, id: &str, keep: fn(&Effect) -> bool) -> Option<Thing<'a>> {
    let found: Vec<&Provision> =
        instrument.provisions.iter().filter(|provision| provision.id.text == id && keep(&provision.effect)).collect();
    (!found.is_empty()).then_some(Thing::Provision(instrument, found))
}

/// What is given its name at the place.
fn declared<'a>(instrument: &'a Instrument, place: &Place) -> Option<Thing<'a>> {
    let here = |span: comity_law::Span| span == place.span;
    if here(instrument.id.span) {
        return Some(Thing::Instrument(instrument));
    }
    if let Some(provision) = instrument.provisions.iter().find(|provision| provision.source == instrument.source && here(provision.id.span))
    {
        return Some(Thing::Provision(instrument, vec![provision]));
    }
    for reading in &instrument.readings {
        if here(reading.id.span) {
            return Some(Thing::Reading(instrument, reading));
        }
        if let Some(option) = reading.options.iter().find(|option| here(option.id.span)) {
            return Some(Thing::Choice(instrument, reading, option));
        }
    }
    None
}

fn reading<'a>(instrument: &'a Instrument, id: &str) -> Option<(&'a Instrument, &'a Reading)> {
    instrument.readings.iter().find(|reading| reading.id.text == id).map(|reading| (instrument, reading))
}

/// The instrument that bears the id of a term: a set of clauses is a contract and an instrument.
#[must_use]
pub fn instrument_of_term(shelf: &Shelf, term: Term) -> Option<&Instrument> {
    let id = vocabulary().id(term);
    shelf.library.instrument(id.split('/').next().unwrap_or(id))
}
