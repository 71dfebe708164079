// SPDX-License-Identifier: Apache-2.0
//! The next best question: the fact whose answer removes the most undecided mass for the effort of finding it out.
//!
//! The verdict of a flow with unknown facts is a distribution: each split of the search halves what is left, and each
//! leaf gives its share to a verdict. The undecided mass is what does not belong to the likeliest verdict.
//! A question splits the completions by all answers that make a difference; what it removes is the mass before, less the
//! mean of the mass after. Shares are even, for nobody knows how likely an answer is.

use crate::finding::Verdict;
use crate::formula::{Test, Truth};
use crate::judgment::{JudgeError, Options, governing, question};
use crate::leg::Leg;
use crate::program::Program;
use crate::solve::Solver;
use crate::store::{Domain, Store, Variable, YES};
use comity_flow::Flow;
use comity_law::Library;
use comity_terms::{KeyKind, vocabulary};
use std::collections::BTreeMap;

/// How many nodes each distribution may cost; beyond it the rest counts as undecided.
const NODES: usize = 1_500;
/// How many answers of a question are told apart.
const ANSWERS: usize = 12;

/// One answer to a question, and what it would leave possible.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The value or class of values, in words.
    pub value: String,
    /// The share of the verdicts, the best first, under this answer.
    pub shares: [f64; 4],
}

/// A question with its worth.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// The key path, or `reading:id`.
    pub path: String,
    /// The question for a person.
    pub text: String,
    /// How hard it is to answer, from 1 to 5.
    pub effort: u8,
    /// The undecided mass that it removes, between 0 and 1.
    pub gain: f64,
    /// What each answer would leave.
    pub answers: Vec<Answer>,
}

/// The questions that could decide a flow, the best first; none where it is decided.
///
/// # Errors
///
/// If the options name what the library does not have.
pub fn ask(library: &Library, flow: &Flow, options: &Options) -> Result<Vec<Question>, JudgeError> {
    let mut best: BTreeMap<String, Question> = BTreeMap::new();
    for leg in Leg::all(flow) {
        let (frame, programs, store) = governing(library, flow, options, leg)?;
        let programs: Vec<&Program> = programs.iter().collect();
        let asker = Asker { solver: Solver::new(&frame), programs };
        let before = asker.distribution(&store);
        for variable in asker.candidates(&store) {
            let path = question(&frame, variable, &store);
            let answers = asker.answers(variable, &store);
            let after: f64 = answers.iter().map(|(_, share, shares)| share * mass(shares)).sum();
            let gain = (mass(&before) - after).max(0.0);
            let (text, effort) = words_of(variable, &path);
            let new = Question {
                path: path.clone(),
                text,
                effort,
                gain,
                answers: answers.into_iter().map(|(value, _, shares)| Answer { value, shares }).collect(),
            };
            let known = best.entry(path).or_insert_with(|| new.clone());
            if new.gain > known.gain {
                *known = new;
            }
        }
    }
    let mut questions: Vec<Question> = best.into_values().collect();
    let worth = |question: &Question| question.gain / f64::from(question.effort.max(1));
    questions.sort_by(|a, b| worth(b).total_cmp(&worth(a)).then_with(|| a.effort.cmp(&b.effort)).then_with(|| a.path.cmp(&b.path)));
    Ok(questions)
}

/// What does not belong to the likeliest verdict.
fn mass(shares: &[f64; 4]) -> f64 {
    1.0 - shares.iter().copied().fold(0.0, f64::max)
}

fn words_of(variable: Variable, path: &str) -> (String, u8) {
    match variable {
        Variable::Key(key) => vocabulary().key_at(key).map_or_else(|| (path.to_owned(), 3), |key| (key.question.clone(), key.effort)),
        Variable::Reading(_) => (format!("Which reading of `{}` is right?", path.trim_start_matches("reading:")), 5),
        Variable::Counter(_) => ("How many persons or devices are counted, by category?".to_owned(), 3),
        Variable::ItemDay(_) => ("On which day was it signed, filed or granted?".to_owned(), 1),
    }
}

struct Asker<'f, 'a> {
    solver: Solver<'f, 'a>,
    programs: Vec<&'f Program<'a>>,
}

impl Asker<'_, '_> {
    /// The share of each verdict among the completions.
    fn distribution(&self, store: &Store) -> [f64; 4] {
        let mut shares = [0.0; 4];
        let mut left = NODES;
        self.spread(store, 1.0, &mut left, &mut shares);
        shares
    }

    fn spread(&self, store: &Store, share: f64, left: &mut usize, shares: &mut [f64; 4]) {
        if *left == 0 || share < 1e-6 {
            shares.iter_mut().for_each(|slot| *slot += share / 4.0);
            return;
        }
        *left -= 1;
        match self.solver.step(&self.programs, store) {
            Ok(verdict) => {
                let position = Verdict::ALL.iter().position(|known| *known == verdict).unwrap_or(0);
                if let Some(slot) = shares.get_mut(position) {
                    *slot += share;
                }
            }
            Err(number) => {
                let branches = self.solver.split(number, store);
                let each = share / f64::from(u32::try_from(branches.len().max(1)).unwrap_or(u32::MAX));
                branches.iter().for_each(|branch| self.spread(branch, each, left, shares));
            }
        }
    }

    /// The variables that the search for the verdicts splits on with different outcomes.
    fn candidates(&self, store: &Store) -> Vec<Variable> {
        let search = Solver::with_budget(self.solver.frame, NODES * 2);
        let _ = search.verdicts(&self.programs, store);
        let weight = search.weight.borrow();
        let mut all: Vec<(Variable, f64)> = weight.iter().map(|(variable, weight)| (*variable, *weight)).collect();
        all.sort_by(|a, b| b.1.total_cmp(&a.1));
        all.into_iter().take(24).map(|(variable, _)| variable).collect()
    }

    /// The classes of answers that make a difference: their words, their share, and the distribution after them.
    fn answers(&self, variable: Variable, store: &Store) -> Vec<(String, f64, [f64; 4])> {
        let mut done: Vec<(Store, f64)> = Vec::new();
        let mut open: Vec<(Store, f64)> = vec![(store.clone(), 1.0)];
        while let Some((current, share)) = open.pop() {
            let test =
                self.solver.frame.tests.iter().position(|test| self.about(test, variable, &current) && test.truth(&current) == Truth::Open);
            let branches = test.map(|number| self.solver.split(number, &current)).unwrap_or_default();
            if branches.is_empty() || done.len() + open.len() >= ANSWERS {
                done.push((current, share));
                continue;
            }
            let each = share / f64::from(u32::try_from(branches.len()).unwrap_or(u32::MAX));
            open.extend(branches.into_iter().rev().map(|branch| (branch, each)));
        }
        done.iter().map(|(after, share)| (self.value(variable, store, after), *share, self.distribution(after))).collect()
    }

    fn about(&self, test: &Test, variable: Variable, store: &Store) -> bool {
        match variable {
            Variable::ItemDay(position) => store.item_days.get(position).is_some_and(|item| test.set_key() == Some(item.key)),
            _ => test.variable() == variable,
        }
    }

    /// What an answer says, in words.
    fn value(&self, variable: Variable, before: &Store, after: &Store) -> String {
        let words = vocabulary();
        let kind = match variable {
            Variable::Key(key) => words.key_at(key).map(|key| key.kind),
            Variable::Counter(_) => Some(KeyKind::Count),
            Variable::Reading(number) => {
                let options = self.solver.frame.readings.get(number).map(|reading| reading.options.as_slice()).unwrap_or_default();
                return match after.get(variable) {
                    Some(Domain::One(set)) => {
                        set.iter().filter_map(|index| options.get(usize::from(index))).cloned().collect::<Vec<_>>().join(" or ")
                    }
                    _ => String::new(),
                };
            }
            Variable::ItemDay(position) => {
                return after.item_days.get(position).map_or(String::new(), |item| format!("until {}", item.high));
            }
        };
        let some = |scheme, set: &comity_terms::Bits| {
            let all: Vec<&str> = set.iter().take(4).map(|index| words.id_at(scheme, index)).collect();
            if set.len() > 4 { format!("{} …", all.join(", ")) } else { all.join(", ") }
        };
        match (kind, before.get(variable), after.get(variable)) {
            (Some(KeyKind::Flag), _, Some(Domain::One(set))) => (if set.has(YES) { "yes" } else { "no" }).to_owned(),
            (Some(KeyKind::One(scheme)), _, Some(Domain::One(set))) => some(scheme, set),
            (Some(KeyKind::Many(scheme)), Some(Domain::Many { yes: had, .. }), Some(Domain::Many { yes, .. })) => {
                let new = yes.minus(had);
                if new.is_empty() { "none of these".to_owned() } else { format!("with {}", some(scheme, &new)) }
            }
            (_, _, Some(Domain::Range { low, high })) if *high == u64::MAX => format!("{low} or more"),
            (_, _, Some(Domain::Range { low, high })) => format!("{low} to {high}"),
            _ => String::new(),
        }
    }
}
