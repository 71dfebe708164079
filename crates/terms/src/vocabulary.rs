// SPDX-License-Identifier: Apache-2.0
//! The vocabulary itself: look-up, subsumption, nearest spelling.

use crate::bits::Bits;
use crate::group::Group;
use crate::key::{Key, KeyId};
use crate::scheme::Scheme;
use crate::table;
use jiff::civil::Date;
use std::collections::HashMap;
use std::sync::LazyLock;

/// A term: its scheme and its place in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Term {
    pub(crate) scheme: Scheme,
    pub(crate) index: u16,
}

impl Term {
    /// The scheme it belongs to.
    #[must_use]
    pub fn scheme(self) -> Scheme {
        self.scheme
    }

    /// Its place in the scheme, the index used in [`Bits`].
    #[must_use]
    pub fn index(self) -> u16 {
        self.index
    }
}

/// What the tables say of a term.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    /// The id, as flows and instruments write it.
    pub id: String,
    /// A name for people.
    pub label: String,
    /// The ids right above it in its scheme.
    pub parents: Vec<String>,
    /// The IRI of the W3C Data Privacy Vocabulary 2.3, where it has the concept.
    pub dpv: Option<String>,
    /// A remark: what the term takes in and leaves out.
    pub note: String,
    /// False for a term that nobody may add for the sake of a flow although its key can be changed:
    /// anonymising, for instance, makes it another flow.
    pub step: bool,
}

#[derive(Default)]
pub(crate) struct SchemeTable {
    pub(crate) entries: Vec<Entry>,
    pub(crate) by_id: HashMap<String, u16>,
    pub(crate) below: Vec<Bits>,
}

/// All terms, keys and groups.
#[derive(Default)]
pub struct Vocabulary {
    pub(crate) schemes: HashMap<Scheme, SchemeTable>,
    pub(crate) keys: Vec<Key>,
    pub(crate) key_by_path: HashMap<String, KeyId>,
    pub(crate) groups: Vec<Group>,
    pub(crate) aliases: HashMap<(Scheme, String), String>,
    /// Rows of the embedded tables that could not be read; a test holds this empty.
    pub(crate) problems: Vec<String>,
}

static EMBEDDED: LazyLock<Vocabulary> = LazyLock::new(table::read);

/// The vocabulary embedded in this build.
#[must_use]
pub fn vocabulary() -> &'static Vocabulary {
    &EMBEDDED
}

impl Vocabulary {
    /// The term with this exact id.
    #[must_use]
    pub fn find(&self, scheme: Scheme, id: &str) -> Option<Term> {
        let index = *self.schemes.get(&scheme)?.by_id.get(id)?;
        Some(Term { scheme, index })
    }

    /// The place that a code of a flow file means.
    ///
    /// The exact place; for an ISO 3166-2 part that is listed under its own code (`FR-971`), that place;
    /// for another part of a known country, the country; for an unlisted `INT:` name, `INT:other`.
    #[must_use]
    pub fn place(&self, code: &str) -> Option<Term> {
        if let Some(term) = self.find(Scheme::Place, code) {
            return Some(term);
        }
        if code.strip_prefix("INT:").is_some_and(|name| !name.trim().is_empty()) {
            return self.find(Scheme::Place, "INT:other");
        }
        let (country, part) = code.split_once('-')?;
        let of_part = |letter: u8| letter.is_ascii_uppercase() || letter.is_ascii_digit();
        if country.len() != 2 || !(1..=3).contains(&part.len()) || !part.bytes().all(of_part) {
            return None;
        }
        // The Union is a party, not a territory: it has no parts.
        if country == "EU" {
            return None;
        }
        // A part that has a code of its own is often a law area of its own, so the country would be the wrong answer.
        let own = self.alias(Scheme::Place, code).unwrap_or(country);
        self.find(Scheme::Place, own)
    }

    /// The entry of a term.
    #[must_use]
    pub fn entry(&self, term: Term) -> Option<&Entry> {
        self.schemes.get(&term.scheme)?.entries.get(usize::from(term.index))
    }

    /// The id of a term; empty for a term of another vocabulary.
    #[must_use]
    pub fn id(&self, term: Term) -> &str {
        self.entry(term).map_or("", |entry| entry.id.as_str())
    }

    /// The id at an index of a scheme.
    #[must_use]
    pub fn id_at(&self, scheme: Scheme, index: u16) -> &str {
        self.id(Term { scheme, index })
    }

    /// The term at an index of a scheme.
    #[must_use]
    pub fn term_at(&self, scheme: Scheme, index: u16) -> Option<Term> {
        let term = Term { scheme, index };
        self.entry(term).map(|_| term)
    }

    /// The entries of a scheme in table order.
    #[must_use]
    pub fn entries(&self, scheme: Scheme) -> &[Entry] {
        self.schemes.get(&scheme).map_or(&[], |table| &table.entries)
    }

    /// Every term of a scheme.
    #[must_use]
    pub fn all(&self, scheme: Scheme) -> Bits {
        Bits::first(self.entries(scheme).len())
    }

    /// A term and everything below it.
    #[must_use]
    pub fn below(&self, term: Term) -> Bits {
        self.schemes.get(&term.scheme).and_then(|table| table.below.get(usize::from(term.index))).copied().unwrap_or_default()
    }

    /// Whether `narrow` is `wide` or lies below it.
    #[must_use]
    pub fn is_below(&self, narrow: Term, wide: Term) -> bool {
        narrow.scheme == wide.scheme && self.below(wide).contains(narrow)
    }

    /// The members of a group on a day, with the parts below them; `None` for an unknown group.
    #[must_use]
    pub fn members(&self, group: &str, day: Date) -> Option<Bits> {
        let group = self.group(group)?;
        let mut set = Bits::EMPTY;
        for index in group.on(day).iter() {
            set = set.or(&self.below(Term { scheme: Scheme::Place, index }));
        }
        Some(set)
    }

    /// The group with this name (without `@`).
    #[must_use]
    pub fn group(&self, name: &str) -> Option<&Group> {
        self.groups.iter().find(|group| group.name == name)
    }

    /// All groups in table order.
    #[must_use]
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// All keys in the order of the reference page.
    #[must_use]
    pub fn keys(&self) -> &[Key] {
        &self.keys
    }

    /// The key at a dotted path.
    #[must_use]
    pub fn key(&self, path: &str) -> Option<KeyId> {
        self.key_by_path.get(path).copied()
    }

    /// What the tables say of a key.
    #[must_use]
    pub fn key_at(&self, id: KeyId) -> Option<&Key> {
        self.keys.get(id.index())
    }

    /// The id that an alias of the facts stands for.
    #[must_use]
    pub fn alias(&self, scheme: Scheme, alias: &str) -> Option<&str> {
        self.aliases.get(&(scheme, alias.to_owned())).map(String::as_str)
    }

    /// All aliases: the word of the facts, its scheme, and the id that it stands for; in the order of scheme and word.
    #[must_use]
    pub fn aliases(&self) -> Vec<(&str, Scheme, &str)> {
        let mut all: Vec<(&str, Scheme, &str)> =
            self.aliases.iter().map(|((scheme, alias), id)| (alias.as_str(), *scheme, id.as_str())).collect();
        all.sort_by_key(|(alias, scheme, _)| (*scheme, *alias));
        all
    }

    /// The id of a scheme that is nearest in spelling, if any is near enough to suggest.
    #[must_use]
    pub fn nearest(&self, scheme: Scheme, wrong: &str) -> Option<&str> {
        if let Some(id) = self.alias(scheme, wrong) {
            return Some(id);
        }
        nearest(wrong, self.entries(scheme).iter().map(|entry| entry.id.as_str()))
    }

    /// The key path nearest in spelling.
    #[must_use]
    pub fn nearest_key(&self, wrong: &str) -> Option<&str> {
        nearest(wrong, self.keys.iter().map(|key| key.path.as_str()))
    }

    /// Rows of the embedded tables that could not be read. Empty in a released build.
    #[must_use]
    pub fn problems(&self) -> &[String] {
        &self.problems
    }
}

/// The candidate nearest to `wrong` in spelling, if it is near enough to be what was meant.
///
/// Near enough is a Jaro-Winkler similarity of at least 0.82, ignoring case: a slip or two in a word, not another word.
#[must_use]
pub fn nearest<'a>(wrong: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wrong = wrong.to_lowercase();
    // A slip changes a letter or two, not the length of the word; a word may also be cut short.
    let slack = (wrong.len() / 3).max(1);
    candidates
        .filter(|candidate| {
            candidate.len().abs_diff(wrong.len()) <= slack || (wrong.len() > 3 && candidate.to_lowercase().starts_with(&wrong))
        })
        .map(|candidate| (strsim::jaro_winkler(&wrong, &candidate.to_lowercase()), candidate))
        .filter(|(score, _)| *score >= 0.82)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}
