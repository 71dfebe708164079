// SPDX-License-Identifier: Apache-2.0
//! A path of the diagram as a flow that a person can read, with as few facts as show the point.

use crate::apply::settle;
use crate::classes::{Dated, Level, representative};
use crate::diagram::Ref;
use crate::space::Space;
use crate::store::{NO, Variable};
use comity_flow::{Counter, Flow, Item, Onward, Sender, Value};
use comity_terms::{Bits, KeyId, KeyKind, vocabulary};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// What one path says: for each level, the value that it has, or none where any will do.
pub(crate) type Path = Vec<Option<usize>>;

impl Space<'_, '_> {
    /// The cheapest path to a leaf that `wanted` accepts, with every fact left out that makes no difference;
    /// `beyond` is the leaf of what no flow can be.
    pub(crate) fn smallest(&self, reference: Ref, costs: &[Vec<u32>], wanted: &impl Fn(u32) -> bool, beyond: u32) -> Option<Path> {
        let (_, steps) = self.diagram.cheapest(reference, costs, wanted)?;
        let mut path: Path = vec![None; self.levels.len()];
        for (level, value) in steps {
            if let Some(slot) = path.get_mut(level) {
                *slot = Some(value);
            }
        }
        let facts: BTreeSet<Fact> = self.levels.iter().map(|level| self.fact(level)).collect();
        // What follows from others is left out first: the facts that stand last in the order of the keys.
        for fact in facts.into_iter().rev() {
            let mut shorter = path.clone();
            for (slot, level) in shorter.iter_mut().zip(&self.levels) {
                if self.fact(level) == fact {
                    *slot = self.silence(level);
                }
            }
            if shorter != path && self.diagram.settles(reference, &shorter, wanted, beyond) {
                path = shorter;
            }
        }
        Some(path)
    }

    fn fact(&self, level: &Level) -> Fact {
        match level {
            Level::Classes(variable, _) | Level::Ranges(variable, _) => Fact::Of(*variable),
            Level::Member(key, ..) => Fact::Of(Variable::Key(*key)),
            Level::Waited => Fact::Waited,
        }
    }

    /// The value that a level has in a flow that does not state its fact; none where it is then open.
    fn silence(&self, level: &Level) -> Option<usize> {
        let words = self.frame.words;
        let key = level.key().and_then(|key| words.key_at(key));
        let in_safeguards = key.is_some_and(|key| key.path.starts_with("safeguards."));
        match level {
            Level::Waited | Level::Member(_, _, Dated::Later) => Some(0),
            _ if !in_safeguards => None,
            Level::Classes(_, classes) => {
                let none = match key.map(|key| key.kind) {
                    Some(KeyKind::One(scheme)) => words.find(scheme, "none").map_or(NO, |term| term.index()),
                    _ => NO,
                };
                classes.iter().position(|class| class.has(none))
            }
            _ => Some(0),
        }
    }

    /// The readings that a path fixes: instrument, reading, option.
    pub(crate) fn readings(&self, path: &Path) -> Vec<(String, String, String)> {
        let fixed = path.iter().zip(&self.levels).filter_map(|(value, level)| {
            let (Some(value), Level::Classes(Variable::Reading(number), classes)) = (value, level) else { return None };
            let reading = self.frame.readings.get(*number)?;
            let option = reading.options.get(usize::from(classes.get(*value)?.lowest()?))?;
            Some((reading.instrument.clone(), reading.id.clone(), option.clone()))
        });
        fixed.collect()
    }

    /// The flow of a path; what the path leaves open is left out of the flow.
    pub(crate) fn flow(&self, path: &Path, day: Date) -> Flow {
        let words = vocabulary();
        let mut flow = Flow { id: "example".to_owned(), on: Some(day), ..Flow::default() };
        let mut sets: BTreeMap<KeyId, Bits> = BTreeMap::new();
        for (value, level) in path.iter().zip(&self.levels) {
            let Some(value) = *value else { continue };
            match level {
                Level::Classes(Variable::Key(key), classes) => {
                    let Some(index) = classes.get(value).and_then(|class| representative(words, *key, class)) else { continue };
                    let stated = match words.key_at(*key).map(|key| key.kind) {
                        Some(KeyKind::Flag) => Some(Value::Flag(index != NO)),
                        Some(KeyKind::One(scheme)) => words.term_at(scheme, index).map(Value::One),
                        _ => None,
                    };
                    // That no assessment was made is said by leaving it out.
                    let is_none = matches!(&stated, Some(Value::One(term)) if words.id(*term) == "none")
                        && words.key_at(*key).is_some_and(|key| key.path.starts_with("safeguards."));
                    if let Some(stated) = stated.filter(|_| !is_none) {
                        flow.facts.insert(*key, stated);
                    }
                }
                Level::Member(key, class, dated) => {
                    let set = sets.entry(*key).or_default();
                    if value == 0 {
                        continue;
                    }
                    let Some(index) = representative(words, *key, class) else { continue };
                    set.insert(index);
                    if let (Dated::Within(_, last), Some(KeyKind::Many(scheme))) = (dated, words.key_at(*key).map(|key| key.kind))
                        && let Some(term) = words.term_at(scheme, index)
                    {
                        flow.items.push(Item { key: *key, term, on: Some(*last), until: None, reference: None });
                    }
                }
                Level::Ranges(Variable::Key(key), starts) => {
                    if let Some(start) = starts.get(value) {
                        flow.facts.insert(*key, Value::Count(*start));
                    }
                }
                Level::Ranges(Variable::Counter(number), starts) => {
                    if let (Some(spec), Some(start)) = (self.frame.counters.get(*number), starts.get(value)) {
                        flow.counts.push(Counter { of: spec.of, unit: spec.unit, since: None, at_least: *start, at_most: Some(*start) });
                    }
                }
                Level::Classes(..) | Level::Ranges(..) | Level::Waited => {}
            }
        }
        flow.facts.extend(sets.into_iter().map(|(key, set)| (key, Value::Many(set))));
        // Who states a part has the whole.
        settle(&mut flow);
        if !self.frame.first_leg {
            hand_on(&mut flow);
        }
        flow
    }
}

/// A fact of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fact {
    Of(Variable),
    Waited,
}

/// Turns the facts of a later leg into a flow with that leg: the sender is the importer, the importer the recipient behind it.
fn hand_on(flow: &mut Flow) {
    let words = vocabulary();
    let mut leg = Onward { name: "recipient".to_owned(), from: Sender::Importer, facts: BTreeMap::new(), purpose: None, items: Vec::new() };
    let mut rest = BTreeMap::new();
    let mut sent = BTreeMap::new();
    for (key, value) in std::mem::take(&mut flow.facts) {
        let path = words.key_at(key).map_or("", |key| key.path.as_str());
        match path {
            "onward" => {}
            "sender.seat" | "sender.role" => {
                if let Some(own) = words.key(&path.replace("sender.", "importer.")) {
                    sent.insert(own, value);
                }
            }
            "safeguards.contracts" | "safeguards.measures" => {
                if let (Value::Many(set), Some(KeyKind::Many(scheme))) = (value, words.key_at(key).map(|key| key.kind)) {
                    let terms = set.iter().filter_map(|index| words.term_at(scheme, index));
                    let undated = terms.filter(|term| !flow.items.iter().any(|item| item.key == key && item.term == *term));
                    leg.items.extend(undated.map(|term| Item { key, term, on: None, until: None, reference: None }));
                }
                let (own, others) = std::mem::take(&mut flow.items).into_iter().partition(|item| item.key == key);
                let own: Vec<Item> = own;
                leg.items.extend(own);
                flow.items = others;
            }
            _ if path.starts_with("importer.") => {
                leg.facts.insert(key, value);
            }
            _ => {
                rest.insert(key, value);
            }
        }
    }
    rest.extend(sent);
    flow.facts = rest;
    flow.onward.push(leg);
}
