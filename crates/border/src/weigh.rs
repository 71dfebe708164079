// SPDX-License-Identifier: Apache-2.0
//! Which measures the columns can have together, and what the law sees of it.

use crate::manifest::{Column, Identifies, Manifest};
use crate::measure::{Grain, Measure};
use comity_flow::{Flow, Value};
use comity_terms::{Bits, Scheme, vocabulary};
use std::collections::BTreeMap;

/// So many different effects are looked at; what is beyond is left out, and the plan says so.
const EFFECTS: usize = 20_000;

/// What the law sees of the measures of all columns.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Effect {
    /// The data categories that leave.
    pub categories: Bits,
    /// The measures of the vocabulary that the columns amount to.
    pub measures: Bits,
}

/// The measures of all columns, by position in each column's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// For each column the position of its measure.
    pub choice: Vec<usize>,
    /// How far from what is most wanted: the sum of the positions.
    pub cost: usize,
    /// What the law sees.
    pub effect: Effect,
}

/// What is known of the columns so far. Two ways that agree in it are the same to the law from here on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct State {
    categories: Bits,
    /// A column that names persons directly leaves in clear.
    bare: bool,
    /// One is hidden behind a pseudonym or token.
    hashed: bool,
    /// An address leaves whole.
    whole_address: bool,
    /// An address leaves as its network.
    network: bool,
}

/// The assignments that differ in what the law sees, each the least costly of its kind, the least costly first;
/// `false` where there were too many to look at all.
#[must_use]
pub fn assignments(manifest: &Manifest) -> (Vec<Assignment>, bool) {
    let mut states: BTreeMap<State, (usize, Vec<usize>)> = BTreeMap::from([(State::start(), (0, Vec::new()))]);
    let mut whole = true;
    for column in &manifest.columns {
        let mut next: BTreeMap<State, (usize, Vec<usize>)> = BTreeMap::new();
        for (state, (cost, choice)) in &states {
            for (position, measure) in column.measures.iter().enumerate() {
                let after = state.after(column, measure);
                let mut chosen = choice.clone();
                chosen.push(position);
                let reached = (cost + position, chosen);
                match next.get_mut(&after) {
                    Some(known) if *known <= reached => {}
                    Some(known) => *known = reached,
                    None => {
                        next.insert(after, reached);
                    }
                }
            }
        }
        if next.len() > EFFECTS {
            whole = false;
            let mut all: Vec<_> = next.into_iter().collect();
            all.sort_by(|(_, one), (_, other)| one.cmp(other));
            all.truncate(EFFECTS);
            next = all.into_iter().collect();
        }
        states = next;
    }
    let mut all: Vec<Assignment> =
        states.into_iter().map(|(state, (cost, choice))| Assignment { choice, cost, effect: state.effect(manifest) }).collect();
    all.sort_by(|one, other| (one.cost, &one.choice).cmp(&(other.cost, &other.choice)));
    (all, whole)
}

/// What the law sees of these measures, one for each column.
#[must_use]
pub fn effect_of(manifest: &Manifest, measures: &[Measure]) -> Effect {
    let state = manifest.columns.iter().zip(measures).fold(State::start(), |state, (column, measure)| state.after(column, measure));
    state.effect(manifest)
}

impl State {
    fn start() -> Self {
        Self { categories: Bits::EMPTY, bare: false, hashed: false, whole_address: false, network: false }
    }

    fn after(&self, column: &Column, measure: &Measure) -> Self {
        let mut next = self.clone();
        if measure.leaves() {
            next.categories = next.categories.or(&column.holds);
            let address = vocabulary().find(Scheme::Category, "ip-address").is_some_and(|term| column.holds.contains(term));
            if address && *measure == Measure::Generalise(Grain::Network) {
                next.network = true;
            } else if address && !measure.hides() {
                next.whole_address = true;
            }
        }
        if column.identifies == Identifies::Directly {
            next.bare |= !measure.hides();
            next.hashed |= measure.leaves() && measure.hides();
        }
        next
    }

    fn effect(&self, manifest: &Manifest) -> Effect {
        let direct = manifest.columns.iter().any(|column| column.identifies == Identifies::Directly);
        let mut measures = Bits::default();
        let mut add = |id: &str| {
            if let Some(term) = vocabulary().find(Scheme::Measure, id) {
                measures.insert(term.index());
            }
        };
        // What would tell who somebody is stays with the exporter: the key, or the column itself.
        if direct && !self.bare {
            add("pseudonymised");
            if self.hashed {
                add("hashed-identifiers");
            }
        }
        if self.network && !self.whole_address {
            add("ip-truncated-before-transfer");
        }
        if manifest.release.is_some() {
            add("aggregated");
            add("noise-added");
        }
        Effect { categories: self.categories, measures }
    }
}

impl Effect {
    /// Puts what the law sees of the measures into a flow, beside the measures that the flow declares.
    pub fn lay(&self, flow: &mut Flow) {
        let words = vocabulary();
        if let Some(key) = words.key("data.categories") {
            flow.facts.insert(key, Value::Many(self.categories));
        }
        if let Some(key) = words.key("safeguards.measures") {
            let declared = match flow.facts.get(&key) {
                Some(Value::Many(measures)) => *measures,
                _ => Bits::default(),
            };
            flow.facts.insert(key, Value::Many(declared.or(&self.measures)));
        }
    }
}
