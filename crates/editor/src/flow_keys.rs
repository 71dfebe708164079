// SPDX-License-Identifier: Apache-2.0
//! The tables and keys of flow files, cases and probes, and what their values are.

use crate::law_words::{VERDICTS, Word};
use comity_terms::{KeyId, KeyKind, Scheme, vocabulary};

/// What a key of a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// A fact of the vocabulary.
    Key(KeyId),
    /// A term, or several, outside the facts.
    Term(Scheme),
    /// Ids of instruments.
    Instruments,
    /// Ids of mechanisms or key paths.
    Reasons,
    /// One word of a list.
    OneOf(&'static [Word]),
    /// A day, a text or a number, with what it means.
    Other(&'static str),
    /// The file has no such key.
    Nothing,
}

impl Holds {
    /// The scheme of the values, where they are terms.
    #[must_use]
    pub fn scheme(self) -> Option<Scheme> {
        match self {
            Self::Term(scheme) => Some(scheme),
            Self::Key(id) => match vocabulary().key_at(id)?.kind {
                KeyKind::One(scheme) | KeyKind::Many(scheme) => Some(scheme),
                _ => None,
            },
            _ => None,
        }
    }

    /// What the key means, where it is no fact of the vocabulary.
    #[must_use]
    pub fn remark(self) -> Option<&'static str> {
        match self {
            Self::Other(remark) => Some(remark),
            Self::Instruments => Some("show these instruments only"),
            Self::Reasons => Some("ids of mechanisms, or key paths"),
            Self::OneOf(_) => Some("one word of a list"),
            Self::Term(scheme) => Some(scheme.noun()),
            Self::Key(_) | Self::Nothing => None,
        }
    }
}

const TOP: &[Word] = &[
    ("id", "the id by which other files name the flow"),
    ("title", "what it is, in a line"),
    ("on", "the day to judge at; without: today"),
    ("under", "show these instruments only"),
    ("profile", "a file whose keys are inherited"),
];

/// The tables, each with what it is about.
pub const TABLES: &[Word] = &[
    ("exporter", "who sends the data"),
    ("importer", "who receives them"),
    ("route", "where they go and are kept"),
    ("data", "which data"),
    ("subjects", "the persons they are about"),
    ("purpose", "what they are used for"),
    ("safeguards", "what is in place"),
    ("safeguards.assessment", "an assessment that was made"),
    ("safeguards.consent", "a consent that was obtained"),
    ("decided", "what a court or authority decided"),
    ("expected", "the verdict that a correct encoding gives"),
];

/// The tables that stand once for each entry.
pub const LISTS: &[Word] = &[("onward", "a later recipient"), ("subjects.counts", "a finer count")];

const PARTY: &[Word] = &[("name", "the name")];
const ONWARD: &[Word] = &[
    ("name", "the name, by which a later entry may call it"),
    ("from", "who sends to it: importer, or the name of an earlier entry"),
    ("purpose", "the purposes of this leg; without: as the flow"),
    ("contracts", "contracts of this leg"),
    ("measures", "measures of this leg"),
];
const COUNTS: &[Word] = &[
    ("of", "the categories counted"),
    ("unit", "persons or devices"),
    ("since", "the day from which they are counted"),
    ("at_least", "the number is at least this"),
    ("at_most", "the number is at most this"),
    ("exactly", "the number"),
];
const ITEM: &[Word] =
    &[("id", "what it is"), ("on", "the first day it is in place"), ("until", "the first day it is no longer in place"), REFERENCE];
const REFERENCE: Word = ("ref", "its evidence: a document as `FILE sha256:…`, `exhibit:FILE`, `receipt:FILE`; or words for people");
const SAFEGUARDS: &[Word] = &[("contracts_signed_on", "the day on which all contracts were signed")];
const ASSESSMENT: &[Word] = &[("on", "the day it was made"), REFERENCE];
const CERTIFIED: [&str; 3] = ["exporter.certified", "importer.certified", "onward.certified"];
const CONSENT: &[Word] = &[REFERENCE];
const CERTIFICATE: &[Word] = &[("id", "what it is"), REFERENCE];
const DECIDED: &[Word] = &[
    ("by", "the court or authority"),
    ("country", "its country"),
    ("date", "the day of the decision"),
    ("kind", "the kind of decision"),
    ("lawful", "whether the flow was lawful"),
    ("mechanism", "the mechanism that carried it"),
    ("lacking", "what was lacking"),
    ("cites", "the provisions named"),
    ("decides", "why, in a line"),
    ("sources", "where it can be read"),
    ("confidence", "how sure the encoder is"),
    ("pair", "a case that differs in one fact only"),
    ("note", "a remark"),
];
const EXPECTED: &[Word] = &[
    ("verdict", "the verdict"),
    ("mechanism", "the mechanism, where it is permitted"),
    ("missing", "what is missing, where it is incomplete"),
    ("cite", "the provision"),
    ("why", "why, in a line"),
    ("sure", "how sure the encoder is"),
];
const LAWFUL: &[Word] = &[("yes", "restricted, and lawful"), ("no", "unlawful"), ("not-restricted", "no restricted flow at all")];
const DECISIONS: &[Word] = &[
    ("judgment", "of a court"),
    ("fine", "of an authority"),
    ("order", "of an authority"),
    ("guidance", "of an authority"),
    ("approval", "of an authority"),
    ("opinion", "of an authority or a court's adviser"),
];
const DEGREES: &[Word] = &[("high", "sure"), ("medium", "fairly sure"), ("low", "not sure")];
const SENDERS: &[Word] = &[("importer", "the importer of the flow")];

/// What the key at a dotted path holds.
#[must_use]
pub fn holds(path: &str) -> Holds {
    let words = vocabulary();
    let item = path.strip_prefix("safeguards.").or(path.strip_prefix("onward.")).and_then(|rest| rest.split_once('.'));
    if let Some((list, part)) = item
        && let Some(Holds::Key(id)) = Some(fact(&format!("safeguards.{list}")))
        && matches!(words.key_at(id).map(|key| key.kind), Some(KeyKind::Many(_)))
    {
        return if part == "id" { Holds::Key(id) } else { other(ITEM, part) };
    }
    if let Some(part) = CERTIFIED.iter().find_map(|list| path.strip_prefix(list)?.strip_prefix('.')) {
        return if part == "id" { Holds::Term(Scheme::Certificate) } else { other(CERTIFICATE, part) };
    }
    if let Some(name) = path.strip_prefix("onward.") {
        return match name {
            "from" => Holds::OneOf(SENDERS),
            "name" => other(ONWARD, name),
            _ => fact(&recipient_path(name)),
        };
    }
    if let Some(name) = path.strip_prefix("subjects.counts.") {
        return match name {
            "of" => Holds::Term(Scheme::Category),
            "unit" => Holds::Term(Scheme::Unit),
            _ => other(COUNTS, name),
        };
    }
    match path {
        "under" => Holds::Instruments,
        "decided.country" => Holds::Term(Scheme::Place),
        "decided.kind" => Holds::OneOf(DECISIONS),
        "decided.lawful" => Holds::OneOf(LAWFUL),
        "decided.mechanism" | "expected.mechanism" => Holds::Term(Scheme::Mechanism),
        "decided.lacking" | "expected.missing" => Holds::Reasons,
        "decided.confidence" | "expected.sure" => Holds::OneOf(DEGREES),
        "expected.verdict" => Holds::OneOf(VERDICTS),
        "safeguards.contracts_signed_on" => other(SAFEGUARDS, "contracts_signed_on"),
        "safeguards.assessment.on" | "safeguards.assessment.ref" => other(ASSESSMENT, part_of(path)),
        "safeguards.consent.ref" => other(CONSENT, "ref"),
        "exporter.name" | "importer.name" => other(PARTY, "name"),
        _ => match path.split_once('.') {
            Some(("decided", name)) => other(DECIDED, name),
            Some(("expected", name)) => other(EXPECTED, name),
            Some(_) => fact(path),
            None => other(TOP, path),
        },
    }
}

fn part_of(path: &str) -> &str {
    path.rsplit_once('.').map_or(path, |(_, part)| part)
}

fn fact(path: &str) -> Holds {
    // `onward` and what is below `sender` are asked for in instruments; files say them by their tables.
    let asked_only = path == "onward" || path.starts_with("sender.");
    vocabulary().key(path).filter(|_| !asked_only).map_or(Holds::Nothing, Holds::Key)
}

fn other(words: &'static [Word], name: &str) -> Holds {
    words.iter().find(|(known, _)| *known == name).map_or(Holds::Nothing, |(_, remark)| Holds::Other(remark))
}

/// The keys that a table may have, with what each means.
#[must_use]
pub fn keys(table: &str) -> Vec<(String, String)> {
    let own = |words: &[Word]| words.iter().map(|(name, remark)| ((*name).to_owned(), (*remark).to_owned())).collect::<Vec<_>>();
    let facts = |table: &str| {
        let keys = vocabulary().keys().iter().filter(|key| !tables_below(&key.path));
        keys.filter_map(|key| Some((key.path.strip_prefix(table)?.strip_prefix('.')?.to_owned(), key.label.clone())))
            .filter(|(name, _)| !name.contains('.'))
            .collect::<Vec<_>>()
    };
    match table {
        "" => own(TOP),
        "exporter" | "importer" => [facts(table), own(PARTY)].concat(),
        "onward" => [own(ONWARD), facts("importer")].concat(),
        "safeguards" => [facts(table), own(SAFEGUARDS)].concat(),
        "safeguards.assessment" => [facts(table), own(ASSESSMENT)].concat(),
        "subjects.counts" => own(COUNTS),
        "decided" => own(DECIDED),
        "expected" => own(EXPECTED),
        "safeguards.consent" => [facts(table), own(CONSENT)].concat(),
        "route" | "data" | "subjects" | "purpose" => facts(table),
        _ if CERTIFIED.contains(&table) => own(CERTIFICATE),
        _ => match table.rsplit_once('.') {
            Some(("safeguards" | "onward", _)) => own(ITEM),
            _ => Vec::new(),
        },
    }
}

/// Facts that a file states by a table of their name.
fn tables_below(path: &str) -> bool {
    matches!(path, "safeguards.assessment" | "safeguards.consent")
}

/// The path of a key of a later recipient.
#[must_use]
pub fn recipient_path(name: &str) -> String {
    match name {
        "contracts" | "measures" => format!("safeguards.{name}"),
        "purpose" => "purpose.of".to_owned(),
        _ => format!("importer.{name}"),
    }
}
