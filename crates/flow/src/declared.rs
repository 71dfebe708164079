// SPDX-License-Identifier: Apache-2.0
//! The acts and grants that a flow declares, and the evidence that it names for them with `ref`.

use crate::fill::{CLEAR_TEXT, EXCLUDE_CLEAR_TEXT};
use crate::reader::Reader;
use crate::safeguards::{ASSESSMENT, CONSENT};
use crate::{Flow, Value, node::Node};
use comity_terms::{Bits, KeyId, KeyKind, Scheme, Term, Vocabulary, vocabulary};
use std::collections::BTreeMap;

const MEASURES: &str = "safeguards.measures";
const CERTIFIED: [&str; 2] = ["exporter.certified", "importer.certified"];

/// An act or a grant that a flow declares: a contract, a filing, an assessment, consent, a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Declared {
    /// The later recipient whose own it is, by its position in [`Flow::onward`]; none: it is the flow's.
    pub onward: Option<usize>,
    /// The key it stands under, such as `safeguards.contracts` or `safeguards.consent`.
    pub key: KeyId,
    /// Which of a list; none for the assessment and for consent.
    pub term: Option<Term>,
}

impl Declared {
    /// Its key path with `+id` where it stands in a list, such as `safeguards.contracts+eu.scc-2021/2`.
    #[must_use]
    pub fn path(&self) -> String {
        self.written("")
    }

    /// The key path of its evidence, such as `safeguards.contracts.ref+eu.scc-2021/2` or `safeguards.consent.ref`.
    #[must_use]
    pub fn evidence_path(&self) -> String {
        self.written(".ref")
    }

    fn written(&self, after_key: &str) -> String {
        let words = vocabulary();
        let key = words.key_at(self.key).map_or("", |key| key.path.as_str());
        let key = match (self.onward, key.split_once('.')) {
            // Of a later recipient, the keys stand right in its entry.
            (Some(_), Some((_, name))) => format!("onward.{name}"),
            _ => key.to_owned(),
        };
        let id = self.term.map(|term| words.id(term)).map_or(String::new(), |id| format!("+{}", id.strip_suffix("/*").unwrap_or(id)));
        format!("{key}{after_key}{id}")
    }
}

/// The lists whose entries are acts or grants.
fn lists(words: &Vocabulary) -> impl Iterator<Item = (KeyId, Scheme)> + '_ {
    words.keys().iter().filter(|key| key.path.starts_with("safeguards.") || CERTIFIED.contains(&key.path.as_str())).filter_map(|key| {
        match key.kind {
            KeyKind::Many(scheme) => Some((words.key(&key.path)?, scheme)),
            _ => None,
        }
    })
}

/// The keys of acts and grants that stand in no list.
fn tables(words: &Vocabulary) -> impl Iterator<Item = KeyId> + '_ {
    [ASSESSMENT, CONSENT].into_iter().filter_map(|path| words.key(path))
}

fn members(words: &Vocabulary, scheme: Scheme, set: &Bits) -> Vec<Term> {
    // One measure is no safeguard but a fact about the importer.
    let terms = set.iter().filter_map(|index| words.term_at(scheme, index));
    terms.filter(|term| words.id(*term) != CLEAR_TEXT).collect()
}

impl Flow {
    /// The acts and grants that are in place on the day of the flow.
    #[must_use]
    pub fn declared(&self) -> Vec<Declared> {
        let words = vocabulary();
        let mut out = Vec::new();
        for (key, scheme) in lists(words) {
            if let Some(Value::Many(set)) = self.facts.get(&key) {
                out.extend(members(words, scheme, set).into_iter().map(|term| Declared { onward: None, key, term: Some(term) }));
            }
            for (position, leg) in self.onward.iter().enumerate() {
                let mut set: Bits = leg.items.iter().filter(|item| item.key == key).map(|item| item.term.index()).collect();
                if let Some(Value::Many(own)) = leg.facts.get(&key) {
                    set = set.or(own);
                }
                let own = members(words, scheme, &set).into_iter();
                out.extend(own.map(|term| Declared { onward: Some(position), key, term: Some(term) }));
            }
        }
        for key in tables(words).filter(|key| self.facts.get(key) == Some(&Value::Flag(true))) {
            out.push(Declared { onward: None, key, term: None });
        }
        out
    }

    /// The texts of `ref` for an act or grant; of a list, those of all entries with its id that are in place.
    #[must_use]
    pub fn references_of(&self, declared: &Declared) -> Vec<&str> {
        let items = match declared.onward {
            None => Some(&self.items),
            Some(position) => self.onward.get(position).map(|leg| &leg.items),
        };
        let items = items.into_iter().flatten().filter(|item| item.key == declared.key && Some(item.term) == declared.term);
        let named = items.filter(|item| item.in_place(self.on)).filter_map(|item| item.reference.as_deref());
        named.chain(self.references.get(declared).map(String::as_str)).collect()
    }

    /// The flow without some of its acts and grants: as if they had never been declared, nor anything that follows from them.
    #[must_use]
    pub fn without(&self, gone: &[Declared]) -> Self {
        let words = vocabulary();
        let mut flow = self.clone();
        for Declared { onward, key, term } in gone {
            let (facts, items) = match onward {
                None => (&mut flow.facts, &mut flow.items),
                Some(position) => match flow.onward.get_mut(*position) {
                    Some(leg) => (&mut leg.facts, &mut leg.items),
                    None => continue,
                },
            };
            match term {
                Some(term) => {
                    items.retain(|item| item.key != *key || item.term != *term);
                    if let Some(Value::Many(set)) = facts.get_mut(key) {
                        set.remove(term.index());
                    }
                }
                None => {
                    let path = words.key_at(*key).map_or("", |key| key.path.as_str());
                    let parts = words.keys().iter().filter(|part| part.path.strip_prefix(path).is_some_and(|rest| rest.starts_with('.')));
                    for (part, id) in parts.filter_map(|part| Some((part, words.key(&part.path)?))) {
                        match part.kind {
                            KeyKind::One(scheme) => facts.extend(words.find(scheme, "none").map(|none| (id, Value::One(none)))),
                            _ => facts.extend([(id, Value::Flag(false))]),
                        }
                    }
                    facts.insert(*key, Value::Flag(false));
                    if path == ASSESSMENT {
                        flow.assessed_on = None;
                    }
                }
            }
            flow.references.remove(&Declared { onward: *onward, key: *key, term: *term });
        }
        flow.forget_clear_text(self);
        flow
    }

    /// Takes back that the importer does not read clear text where only a measure that is gone said so.
    fn forget_clear_text(&mut self, before: &Self) {
        let words = vocabulary();
        let (Some(fact), Some(measures)) = (words.key("importer.reads_clear_text"), words.key(MEASURES)) else { return };
        let excluding = |set: Option<&Value>, items: &[crate::Item]| {
            EXCLUDE_CLEAR_TEXT.into_iter().filter_map(|id| words.find(Scheme::Measure, id)).any(|term| {
                matches!(set, Some(Value::Many(set)) if set.contains(term))
                    || items.iter().any(|item| item.key == measures && item.term == term)
            })
        };
        let says_not = |facts: &BTreeMap<KeyId, Value>| facts.get(&fact) == Some(&Value::Flag(false));
        if says_not(&self.facts)
            && !before.lines.contains_key("importer.reads_clear_text")
            && excluding(before.facts.get(&measures), &[])
            && !excluding(self.facts.get(&measures), &[])
        {
            self.facts.remove(&fact);
        }
        for (position, (leg, old)) in self.onward.iter_mut().zip(&before.onward).enumerate() {
            let stated = before.lines.contains_key(&format!("onward[{position}].reads_clear_text"));
            if says_not(&leg.facts) && !stated && excluding(None, &old.items) && !excluding(None, &leg.items) {
                leg.facts.remove(&fact);
            }
        }
    }
}

/// Reads a list of certificates, whose entries are ids, or tables with an `id` and its evidence.
pub(crate) fn read_certified(
    reader: &mut Reader,
    path: &str,
    at: (Option<usize>, KeyId),
    node: &Node,
    references: &mut BTreeMap<Declared, String>,
) -> Option<Value> {
    let (onward, key) = at;
    let certificates = crate::safeguards::read_list(reader, path, (key, Scheme::Certificate), node, &["id", "ref"], None)?;
    let mut set = Bits::EMPTY;
    for item in certificates {
        set.insert(item.term.index());
        // A text with nothing to read names nothing.
        if let Some(text) = item.reference.filter(|text| !text.trim().is_empty()) {
            references.insert(Declared { onward, key, term: Some(item.term) }, text);
        }
    }
    Some(Value::Many(set))
}
