// SPDX-License-Identifier: Apache-2.0
//! The next best question: the fact whose answer removes the most undecided mass for the effort of finding it out.
//!
//! The undecided mass is the chance that two completions of what is known differ in their verdict.
//! A question splits the completions by its answers; what it removes is the mass before, less the mean of the mass after.
//! Answers that no law tells apart count as one, and others evenly, for nobody knows how likely an answer is;
//! only flags are taken to be set less often than not, and lists to be short.
//!
//! The mass is estimated on a fixed sample of completions, in which all formulas are valued at once: see `ask::sample`.
//! Whether a flow is decided is never taken from the sample: the exact search says that.

mod column;
mod detail;
mod mask;
mod sample;

pub use crate::apply::tell;
pub use detail::{Answer, Detail, Ground, detail};

use crate::compile::Frame;
use crate::finding::Verdict;
use crate::judgment::{JudgeError, Options, Reach, governing, question};
use crate::leg::Leg;
use crate::program::Program;
use crate::solve::Solver;
use crate::store::{Store, Variable};
use comity_flow::{Flow, Sender};
use comity_law::Library;
use comity_terms::{Bits, KeyId, Term, vocabulary};
use sample::Sample;
use std::collections::BTreeMap;

/// How many nodes the exact search may visit where the sample does not tell whether a flow is decided.
const NODES: usize = 2_000;
/// Less is within what the sample may be mistaken in.
const LEAST: f64 = 0.004;

/// What a question is about.
#[derive(Clone, Debug, PartialEq)]
pub enum About {
    /// A fact of the flow, or of the later recipient with this number.
    Fact(KeyId, Option<usize>),
    /// How many there are with data of some categories, over the months up to the day of the flow.
    Count {
        /// The categories.
        of: Bits,
        /// Persons or devices.
        unit: Term,
        /// The months.
        months: u32,
    },
    /// The day of a safeguard that the flow lists without one; with the number of the later recipient.
    Day(KeyId, Term, Option<usize>),
    /// Which of competing readings is right: the instrument, the reading, and the options.
    Reading(String, String, Vec<String>),
}

/// A question with its worth.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// The key path, or `reading:id`; `onward.` stands for `importer.` where a later recipient is meant.
    pub path: String,
    /// The question for a person.
    pub text: String,
    /// What it is about.
    pub about: About,
    /// How hard it is to answer, from 1 to 5.
    pub effort: u8,
    /// The undecided mass that it removes, between 0 and 1.
    pub gain: f64,
    leg: usize,
    variable: Variable,
}

/// The questions that could decide a flow, the best first; none where it is decided.
///
/// # Errors
///
/// If the options name what the library does not have.
pub fn ask(library: &Library, flow: &Flow, options: &Options) -> Result<Vec<Question>, JudgeError> {
    let mut worlds = Vec::new();
    for leg in Leg::all(flow) {
        let (frame, programs, store) = governing(library, flow, options, leg, Reach::Now)?;
        worlds.push((leg, frame, programs, store));
    }
    // A leg that is decided is not asked about, and what is better than its verdict makes no difference on another.
    let mut floor = Verdict::Unrestricted;
    let mut open = Vec::new();
    for (leg, frame, programs, store) in &worlds {
        let asker = Asker::new(frame, programs, store);
        let sample = Sample::of(&asker.solver, &asker.programs, store);
        let decided = if sample.surely_differs(0) { Settled::Open(Vec::new()) } else { asker.settled(store, NODES) };
        match decided {
            Settled::Decided(verdict) => floor = floor.max(verdict),
            Settled::Open(weights) => open.push((*leg, asker, sample, weights)),
        }
    }
    let mut best: BTreeMap<(String, String), Question> = BTreeMap::new();
    if floor < Verdict::Prohibited {
        for (leg, asker, sample, weights) in &open {
            for new in asker.questions(flow, *leg, sample, weights, floor) {
                let known = best.entry((new.path.clone(), format!("{:?}", new.about))).or_insert_with(|| new.clone());
                if new.gain > known.gain {
                    *known = new;
                }
            }
        }
    }
    let mut questions: Vec<Question> = best.into_values().collect();
    let worth = |question: &Question| question.gain / f64::from(question.effort.max(1));
    questions.sort_by(|a, b| worth(b).total_cmp(&worth(a)).then_with(|| a.effort.cmp(&b.effort)).then_with(|| a.path.cmp(&b.path)));
    Ok(questions)
}

/// Whether a leg is decided.
enum Settled {
    Decided(Verdict),
    /// It is not, or not within the budget; with the variables that the search split on, and how much hung on each.
    Open(Vec<(Variable, f64)>),
}

struct Asker<'f, 'a> {
    solver: Solver<'f, 'a>,
    programs: Vec<&'f Program<'a>>,
    store: &'f Store,
}

impl<'f, 'a> Asker<'f, 'a> {
    fn new(frame: &'f Frame<'a>, programs: &'f [Program<'a>], store: &'f Store) -> Self {
        Self { solver: Solver::new(frame), programs: programs.iter().collect(), store }
    }

    /// The exact answer, as far as the budget goes.
    fn settled(&self, store: &Store, nodes: usize) -> Settled {
        let search = Solver::with_budget(self.solver.frame, nodes);
        let verdicts = search.verdicts(&self.programs, store);
        match verdicts.first() {
            Some(verdict) if verdicts.len() == 1 && !search.exhausted() => Settled::Decided(*verdict),
            _ => Settled::Open(search.weights(&self.programs, store).into_iter().collect()),
        }
    }

    fn questions(&self, flow: &Flow, leg: Leg, sample: &Sample, weights: &[(Variable, f64)], floor: Verdict) -> Vec<Question> {
        let floor = Verdict::ALL.iter().position(|verdict| *verdict == floor).and_then(|floor| u8::try_from(floor).ok()).unwrap_or(0);
        let labels: Vec<u8> = sample.labels.iter().map(|label| (*label).max(floor)).collect();
        let before = differing(&labels);
        let mut gains: BTreeMap<Variable, f64> = BTreeMap::new();
        for column in sample.columns.iter().filter(|column| !sample.follows(column.variable)) {
            let gain = (before - after(&labels, &column.of)).max(0.0);
            if gain >= LEAST {
                gains.insert(column.variable, gain);
            }
        }
        // What is too rare for the sample is ranked by the search.
        if gains.is_empty() {
            let searched = if weights.is_empty() { self.weights() } else { weights.to_vec() };
            gains.extend(searched.into_iter().map(|(variable, weight)| (variable, weight * LEAST)));
        }
        gains.into_iter().filter_map(|(variable, gain)| self.question(flow, leg, variable, gain)).collect()
    }

    fn weights(&self) -> Vec<(Variable, f64)> {
        match self.settled(self.store, NODES) {
            Settled::Decided(_) => Vec::new(),
            Settled::Open(weights) => weights,
        }
    }

    fn question(&self, flow: &Flow, leg: Leg, variable: Variable, gain: f64) -> Option<Question> {
        let (words, frame) = (vocabulary(), self.solver.frame);
        let number = match leg {
            Leg::First => None,
            Leg::Onward(number) => Some(number),
        };
        let mut path = question(frame, variable, self.store);
        let (about, mut text, effort) = match variable {
            Variable::Key(key) => {
                let own = words.key_at(key)?;
                let (key, owner) = place(flow, key, &own.path, number)?;
                let key_path = &words.key_at(key)?.path;
                path = if owner.is_some() { onward_path(key_path) } else { key_path.clone() };
                (About::Fact(key, owner), own.question.clone(), own.effort)
            }
            Variable::Counter(number) => {
                let spec = frame.counters.get(number)?;
                let text = format!(
                    "How many {} with these data are there, over the {} months before the flow: {}?",
                    words.entry(spec.unit).map_or("persons", |entry| entry.label.as_str()),
                    spec.months,
                    in_words(&spec.of)
                );
                (About::Count { of: spec.of, unit: spec.unit, months: spec.months }, text, 3)
            }
            Variable::ItemDay(position) => {
                let item = self.store.item_days.get(position)?;
                let comity_terms::KeyKind::Many(scheme) = words.key_at(item.key)?.kind else { return None };
                let term = words.term_at(scheme, item.term)?;
                let own = own_of_leg(&words.key_at(item.key)?.path);
                let label = words.entry(term).map_or("", |entry| entry.label.as_str());
                (About::Day(item.key, term, number.filter(|_| own)), format!("On which day was this signed, filed or granted: {label}?"), 1)
            }
            Variable::Reading(number) => {
                let spec = frame.readings.get(number)?;
                let reading = frame.library.instrument(&spec.instrument)?.readings.iter().find(|reading| reading.id.text == spec.id)?;
                (About::Reading(spec.instrument.clone(), spec.id.clone(), spec.options.clone()), reading.question.clone(), 5)
            }
        };
        if let About::Fact(_, Some(owner)) | About::Day(_, _, Some(owner)) = about {
            let name = flow.onward.get(owner).map(|entry| entry.name.clone()).filter(|name| !name.is_empty());
            text = format!("Of the later recipient {}: {text}", name.unwrap_or_else(|| (owner + 1).to_string()));
        }
        let leg = number.map_or(0, |number| number + 1);
        Some(Question { path, text, about, effort, gain, leg, variable })
    }
}

/// The chance that the verdicts of two completions differ.
fn differing(labels: &[u8]) -> f64 {
    let mut counts = [0_u32; 4];
    for label in labels {
        if let Some(count) = counts.get_mut(usize::from(*label)) {
            *count += 1;
        }
    }
    differing_counts(&counts)
}

fn differing_counts(counts: &[u32; 4]) -> f64 {
    let total: u32 = counts.iter().sum();
    let pairs = |count: u32| f64::from(count) * f64::from(count.saturating_sub(1));
    if total < 2 { 0.0 } else { 1.0 - counts.iter().map(|count| pairs(*count)).sum::<f64>() / pairs(total) }
}

/// The same chance for two completions that share the answer; answers that only one completion has say nothing.
fn after(labels: &[u8], of: &[u16]) -> f64 {
    let mut counts: BTreeMap<u16, [u32; 4]> = BTreeMap::new();
    for (number, label) in of.iter().zip(labels) {
        if let Some(count) = counts.entry(*number).or_default().get_mut(usize::from(*label)) {
            *count += 1;
        }
    }
    let (mut mass, mut weight) = (0.0, 0.0);
    for counts in counts.values() {
        let total: u32 = counts.iter().sum();
        if total > 1 {
            mass += f64::from(total) * differing_counts(counts);
            weight += f64::from(total);
        }
    }
    if weight > 0.0 { mass / weight } else { f64::INFINITY }
}

/// Where a fact of a leg stands in the flow: its key, and the later recipient whose own it is.
fn place(flow: &Flow, key: KeyId, path: &str, leg: Option<usize>) -> Option<(KeyId, Option<usize>)> {
    let Some(number) = leg else { return Some((key, None)) };
    if let Some(rest) = path.strip_prefix("sender.") {
        let key = vocabulary().key(&format!("importer.{rest}"))?;
        return Some((
            key,
            match flow.onward.get(number)?.from {
                Sender::Importer => None,
                Sender::Onward(earlier) => Some(earlier),
            },
        ));
    }
    let own = own_of_leg(path) || (path == "purpose.of" && flow.onward.get(number)?.purpose.is_some());
    Some((key, own.then_some(number)))
}

/// Whether a later recipient has such a fact of its own.
fn own_of_leg(path: &str) -> bool {
    path.starts_with("importer.") || path == "safeguards.contracts" || path == "safeguards.measures"
}

fn onward_path(path: &str) -> String {
    path.split_once('.').map_or_else(|| path.to_owned(), |(_, rest)| format!("onward.{rest}"))
}

/// The widest categories of a set, by their labels.
fn in_words(of: &Bits) -> String {
    let words = vocabulary();
    let terms: Vec<Term> = of.iter().filter_map(|index| words.term_at(comity_terms::Scheme::Category, index)).collect();
    let top = terms.iter().filter(|term| !terms.iter().any(|wide| wide != *term && words.is_below(**term, *wide)));
    top.filter_map(|term| words.entry(*term)).map(|entry| entry.label.as_str()).collect::<Vec<_>>().join(", ")
}
