// SPDX-License-Identifier: Apache-2.0
//! What may be written at the cursor.

use crate::flow_keys::{self, Holds, holds};
use crate::flow_place::{self, Part};
use crate::law_place::{self, Expect};
use crate::law_words::Word;
use crate::{Shelf, names, show};
use comity_law::Span;
use comity_law::ast::{Effect, Instrument};
use comity_terms::{KeyKind, Scheme, vocabulary};
use std::collections::BTreeSet;

/// What kind of thing is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A name that the instrument gives.
    Name,
    /// A term.
    Term,
    /// A group of places.
    Group,
    /// A key of a flow, or a table.
    Key,
    /// A word of the language.
    Word,
    /// An instrument of the library.
    Instrument,
}

/// One thing that is offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// What it is called.
    pub label: String,
    /// What kind of thing it is.
    pub kind: Kind,
    /// What it means, in a line.
    pub detail: String,
    /// More about it, in Markdown.
    pub more: String,
    /// What is written.
    pub text: String,
    /// What that replaces.
    pub span: Span,
    /// What is offered first.
    pub rank: usize,
}

struct Offers {
    span: Span,
    rank: usize,
    all: Vec<Offer>,
}

impl Offers {
    fn new(span: Span) -> Self {
        Self { span, rank: 0, all: Vec::new() }
    }

    fn add(&mut self, label: &str, kind: Kind, detail: &str, more: String) {
        if !self.all.iter().any(|offer| offer.label == label) {
            let (label, detail) = (label.to_owned(), detail.to_owned());
            self.all.push(Offer { text: label.clone(), label, kind, detail, more, span: self.span, rank: self.rank });
        }
    }

    fn words(&mut self, words: &[Word]) {
        for (word, meaning) in words {
            self.add(word, Kind::Word, meaning, String::new());
        }
    }

    fn terms(&mut self, scheme: Scheme) {
        let words = vocabulary();
        for entry in words.entries(scheme) {
            let more = words.find(scheme, &entry.id).map_or_else(String::new, show::term);
            self.add(&entry.id, Kind::Term, &entry.label, more);
        }
    }

    fn keys(&mut self) {
        for key in vocabulary().keys().iter().filter(|key| key.path.contains('.') && key.kind != KeyKind::Day) {
            self.add(&key.path, Kind::Key, &key.label, format!("{}\n\n{}; *{}*", key.question, show::takes(key.kind), key.class.word()));
        }
    }

    fn instruments(&mut self, shelf: &Shelf) {
        for instrument in &shelf.library.instruments {
            self.add(&instrument.id.text, Kind::Instrument, &instrument.title, show::instrument(instrument));
        }
    }

    fn provisions(&mut self, shelf: &Shelf, owner: Option<&Instrument>, keep: impl Fn(&Effect) -> bool) {
        let Some(owner) = owner else { return };
        for provision in owner.provisions.iter().filter(|provision| keep(&provision.effect)) {
            let detail = format!("{} {}", provision.effect.word(), provision.cites.join("; "));
            self.add(&provision.id.text, Kind::Name, detail.trim(), show::provision(shelf, owner, provision));
        }
    }
}

/// What may be written at a byte of an instrument; `name` is the name of its text in the library.
#[must_use]
pub fn in_instrument(shelf: &Shelf, name: &str, text: &str, byte: usize) -> Vec<Offer> {
    let Some(place) = law_place::place(text, byte, true) else { return Vec::new() };
    let around = shelf.source(name).and_then(|source| names::around(shelf, source, byte));
    let mut offers = Offers::new(place.span);
    for expect in &place.expects {
        offer(shelf, around, expect, &mut offers);
        offers.rank += 1;
    }
    offers.all
}

fn offer(shelf: &Shelf, around: Option<&Instrument>, expect: &Expect, offers: &mut Offers) {
    match expect {
        Expect::Word(words) => offers.words(words),
        Expect::Term(scheme) => offers.terms(*scheme),
        Expect::Set(scheme) => {
            if *scheme == Scheme::Place {
                for group in vocabulary().groups() {
                    offers.add(&format!("@{}", group.name), Kind::Group, &group.label, show::group(shelf, group));
                }
                offers.words(&[("recognized by", "the places that a party recognizes as adequate")]);
            }
            offers.terms(*scheme);
        }
        Expect::Key => offers.keys(),
        Expect::RecipientKey => {
            for (name, label) in flow_keys::keys("onward").iter().filter(|(name, _)| !matches!(name.as_str(), "name" | "from")) {
                offers.add(name, Kind::Key, label, String::new());
            }
        }
        Expect::Definition => offers.provisions(shelf, around, |effect| *effect == Effect::Define),
        Expect::Permit => offers.provisions(shelf, around, |effect| matches!(effect, Effect::Permit(_))),
        Expect::Duty => offers.provisions(shelf, around, |effect| matches!(effect, Effect::Duty(..))),
        // An exception to an exception is one, so all heads that decide something are offered.
        Expect::Provision => offers
            .provisions(shelf, around, |effect| !matches!(effect, Effect::Define | Effect::Right | Effect::Clock(..) | Effect::Penalty(_))),
        Expect::Model => {
            let model = around.and_then(|instrument| instrument.adapts.as_ref()).and_then(|model| shelf.library.instrument(&model.text));
            offers.provisions(shelf, model, |_| true);
        }
        Expect::Instrument => offers.instruments(shelf),
        Expect::Recognizer => {
            let parties: BTreeSet<&str> = shelf.library.recognitions.iter().map(|row| vocabulary().id(row.by)).collect();
            for party in parties {
                offers.add(&format!("{party} recognizes importer"), Kind::Term, "by a row of a table of recognitions", String::new());
            }
        }
        Expect::Recognition => {
            let kinds: BTreeSet<&str> = shelf.library.recognitions.iter().map(|row| row.kind.as_str()).collect();
            kinds.into_iter().for_each(|kind| offers.add(kind, Kind::Name, "a kind of recognition", String::new()));
        }
        Expect::Reading | Expect::Question => {
            let prefix = if *expect == Expect::Question { "reading:" } else { "" };
            for reading in around.into_iter().flat_map(|instrument| &instrument.readings) {
                offers.add(&format!("{prefix}{}", reading.id.text), Kind::Name, &reading.question, String::new());
            }
        }
        Expect::Choice(name) => {
            let reading = around.and_then(|instrument| instrument.readings.iter().find(|reading| reading.id.text == *name));
            for option in reading.into_iter().flat_map(|reading| &reading.options) {
                offers.add(&option.id.text, Kind::Name, &option.text, String::new());
            }
        }
        Expect::Bearer => {
            offers.words(&[("exporter", "who sends the data"), ("importer", "who receives them")]);
            used(shelf, offers, |effect| match effect {
                Effect::Duty(bearer, _) => Some(bearer),
                _ => None,
            });
        }
        Expect::Trigger => used(shelf, offers, |effect| match effect {
            Effect::Duty(_, Some((_, trigger))) | Effect::Clock(_, trigger) => Some(trigger),
            _ => None,
        }),
        Expect::Declared => {}
    }
}

/// Words that the library uses in the same place.
fn used(shelf: &Shelf, offers: &mut Offers, word: impl Fn(&Effect) -> Option<&String>) {
    let provisions = shelf.library.instruments.iter().flat_map(|instrument| &instrument.provisions);
    let words: BTreeSet<&String> = provisions.filter_map(|provision| word(&provision.effect)).collect();
    words.into_iter().for_each(|word| offers.add(word, Kind::Name, "used in the library", String::new()));
}

/// What may be written at a byte of a flow file.
#[must_use]
pub fn in_flow(shelf: &Shelf, text: &str, byte: usize) -> Vec<Offer> {
    let Some(place) = flow_place::place(text, byte) else { return Vec::new() };
    let mut offers = Offers::new(place.span);
    match place.part {
        Part::Header => {
            for (table, meaning) in flow_keys::TABLES.iter().chain(flow_keys::LISTS) {
                offers.add(table, Kind::Key, meaning, String::new());
            }
        }
        Part::Key => {
            let owner = place.owner();
            for (name, label) in flow_keys::keys(&owner).iter().filter(|(name, _)| !place.stated.contains(name)) {
                let more = match holds(&format!("{owner}.{name}")) {
                    Holds::Key(id) => show::key(id),
                    _ => String::new(),
                };
                offers.add(name, Kind::Key, label, more);
            }
            // A new table begins a line.
            let line = text.get(..place.span.start).unwrap_or("").rsplit('\n').next().unwrap_or("");
            if place.key.is_empty() && line.trim().is_empty() {
                offers.rank = 1;
                flow_keys::TABLES.iter().for_each(|(table, meaning)| offers.add(&format!("[{table}]"), Kind::Key, meaning, String::new()));
                flow_keys::LISTS.iter().for_each(|(table, meaning)| offers.add(&format!("[[{table}]]"), Kind::Key, meaning, String::new()));
            }
        }
        Part::Value => {
            values(shelf, holds(&place.path()), &mut offers);
            // Flags stand without quotes, words with them.
            if !place.quoted {
                for offer in offers.all.iter_mut().filter(|offer| !matches!(offer.label.as_str(), "true" | "false")) {
                    offer.text = format!("\"{}\"", offer.label);
                }
            } else {
                offers.all.retain(|offer| !matches!(offer.label.as_str(), "true" | "false"));
            }
        }
    }
    offers.all
}

fn values(shelf: &Shelf, holds: Holds, offers: &mut Offers) {
    match holds {
        Holds::Key(id) if vocabulary().key_at(id).is_some_and(|key| key.kind == KeyKind::Flag) => {
            offers.words(&[("true", "yes"), ("false", "no")]);
        }
        Holds::Instruments => offers.instruments(shelf),
        Holds::Reasons => {
            offers.terms(Scheme::Mechanism);
            offers.keys();
        }
        Holds::OneOf(words) => offers.words(words),
        Holds::Key(_) | Holds::Term(_) => {
            if let Some(scheme) = holds.scheme() {
                offers.terms(scheme);
                // `eu.scc-2021/*` is how instruments name the module that fits the roles; a file leaves the module out.
                offers.all.retain(|offer| !offer.label.ends_with("/*"));
                let nothing = matches!(scheme, Scheme::AssessmentKind | Scheme::AssessmentResult | Scheme::Transaction);
                offers.all.retain(|offer| !(nothing && offer.label == "none"));
            }
        }
        Holds::Other(_) | Holds::Nothing => {}
    }
}
