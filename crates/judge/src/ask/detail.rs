// SPDX-License-Identifier: Apache-2.0
//! What the answers to a question would decide, and which provisions ask it.

use super::column::{classes, ranges};
use super::sample::{Sample, surely_differ};
use super::{Asker, NODES, Question, Settled};
use crate::compile::Frame;
use crate::finding::Verdict;
use crate::formula::{Evaluation, Formula, Node, Test, Truth};
use crate::judgment::{JudgeError, Options, Reach, governing};
use crate::leg::Leg;
use crate::program::{Gate, Program};
use crate::store::{Domain, NO, Store, Variable, YES};
use comity_flow::Flow;
use comity_law::Library;
use comity_terms::{Bits, KeyKind, vocabulary};
use std::collections::HashSet;

/// A class of answers that no law tells apart, and what it would leave possible.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The answers, as a flow file writes them; of a list, the one member that is added.
    pub values: Vec<String>,
    /// The verdict that every completion then has; none: several remain, or it was not found out within the budget.
    pub decides: Option<Verdict>,
    /// The verdicts that are likely to remain.
    pub left: Vec<Verdict>,
}

/// A provision that asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ground {
    /// Its instrument.
    pub instrument: String,
    /// Its id.
    pub provision: String,
    /// Its citations.
    pub cites: Vec<String>,
    /// What it says, where a remark does.
    pub note: Option<String>,
}

/// More of a question.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Detail {
    /// Its answers; those with the same outcome stand together.
    pub answers: Vec<Answer>,
    /// The provisions that hang on it.
    pub grounds: Vec<Ground>,
}

/// What the answers to a question of [`super::ask`] would decide, and which provisions ask it.
///
/// # Errors
///
/// If the options name what the library does not have.
pub fn detail(library: &Library, flow: &Flow, options: &Options, question: &Question) -> Result<Detail, JudgeError> {
    let leg = question.leg.checked_sub(1).map_or(Leg::First, Leg::Onward);
    let (frame, programs, store) = governing(library, flow, options, leg, Reach::Now)?;
    let asker = Asker::new(&frame, &programs, &store);
    let mut left = NODES;
    let mut answers: Vec<Answer> = Vec::new();
    for (values, after) in parts(&frame, &store, question.variable) {
        let (decides, possible) = asker.outcome(&after, &mut left);
        match answers.iter_mut().find(|known| known.decides == decides && known.left == possible) {
            Some(known) => known.values.extend(values),
            None => answers.push(Answer { values, decides, left: possible }),
        }
    }
    let grounds = programs.iter().flat_map(|program| asker.grounds(program, question.variable)).collect();
    Ok(Detail { answers, grounds })
}

/// The store under each class of answers, with the answers in words.
fn parts(frame: &Frame, store: &Store, variable: Variable) -> Vec<(Vec<String>, Store)> {
    let words = vocabulary();
    let own = |test: &&Test| match variable {
        Variable::ItemDay(position) => test.set_key() == store.item_days.get(position).map(|item| item.key),
        _ => test.variable() == variable,
    };
    let tests: Vec<&Test> = frame.tests.iter().filter(own).collect();
    let kind = match variable {
        Variable::Key(key) => words.key_at(key).map(|key| key.kind),
        _ => None,
    };
    let mut out: Vec<(Vec<String>, Store)> = Vec::new();
    match (variable, store.get(variable)) {
        (Variable::Reading(number), Some(Domain::One(set))) => {
            let options = frame.readings.get(number).map(|reading| reading.options.as_slice()).unwrap_or_default();
            for index in set.iter() {
                let name = options.get(usize::from(index)).cloned().unwrap_or_default();
                out.push((vec![name], store.with(variable, Domain::One(Bits::single(index)))));
            }
        }
        (_, Some(Domain::One(_))) if kind == Some(KeyKind::Flag) => {
            for (word, index) in [("yes", YES), ("no", NO)] {
                out.push((vec![word.to_owned()], store.with(variable, Domain::One(Bits::single(index)))));
            }
        }
        (_, Some(Domain::One(candidates))) => {
            let Some(KeyKind::One(scheme)) = kind else { return out };
            for class in classes(*candidates, &tests, None) {
                let names = class.iter().map(|index| words.id_at(scheme, index).to_owned()).collect();
                out.push((names, store.with(variable, Domain::One(class))));
            }
        }
        (_, Some(Domain::Many { yes, open })) => {
            let Some(KeyKind::Many(scheme)) = kind else { return out };
            for class in classes(*open, &tests, None) {
                let names = class.iter().map(|index| words.id_at(scheme, index).to_owned()).collect();
                let with = class.lowest().map_or(*yes, |member| yes.or(&Bits::single(member)));
                out.push((names, store.with(variable, Domain::Many { yes: with, open: Bits::EMPTY })));
            }
            out.push((vec!["none".to_owned()], store.with(variable, Domain::Many { yes: *yes, open: Bits::EMPTY })));
        }
        (_, Some(Domain::Range { low, high })) => {
            for (start, end) in ranges(*low, *high, &tests) {
                let name = if end == u64::MAX { format!("{start} or more") } else { format!("{start} to {end}") };
                out.push((vec![name], store.with(variable, Domain::Range { low: start, high: end })));
            }
        }
        (_, None) => {}
    }
    out.retain_mut(|(_, store)| store.propagate());
    out
}

impl Asker<'_, '_> {
    /// The verdict of all completions of a store if there is one, and the verdicts that are likely otherwise.
    fn outcome(&self, store: &Store, left: &mut usize) -> (Option<Verdict>, Vec<Verdict>) {
        let sample = Sample::of(&self.solver, &self.programs, store);
        let seen = |label: usize| sample.labels.iter().any(|known| usize::from(*known) == label);
        let likely = || Verdict::ALL.into_iter().enumerate().filter(|(label, _)| seen(*label)).map(|(_, verdict)| verdict).collect();
        if surely_differ(sample.labels.iter().copied()) || *left == 0 {
            return (None, likely());
        }
        match self.only(store, left) {
            Some(verdict) => (Some(verdict), vec![verdict]),
            None => (None, likely()),
        }
    }

    /// The verdict of all completions; none where there are several, or where the budget ran out.
    fn only(&self, store: &Store, left: &mut usize) -> Option<Verdict> {
        let nodes = (*left).clamp(1, NODES / 10);
        *left = left.saturating_sub(nodes / 4);
        match self.settled(store, nodes) {
            Settled::Decided(verdict) => Some(verdict),
            Settled::Open(_) => None,
        }
    }

    fn grounds(&self, program: &Program, variable: Variable) -> Vec<Ground> {
        let values = self.solver.evaluation(self.store);
        let gates =
            [&program.scope.applies, &program.scope.outside, &program.restricts, &program.forbids, &program.requires, &program.permits];
        let asks = |gate: &&Gate| self.hangs(&values, gate.formula, variable, &mut HashSet::new());
        let ground = |gate: &Gate| Ground {
            instrument: program.instrument().id.text.clone(),
            provision: gate.provision.id.text.clone(),
            cites: gate.provision.cites.clone(),
            note: gate.provision.note.clone(),
        };
        gates.into_iter().flatten().filter(asks).map(ground).collect()
    }

    /// Whether a formula is open because a test of the variable is.
    fn hangs(&self, values: &Evaluation, formula: Formula, variable: Variable, seen: &mut HashSet<Formula>) -> bool {
        if values.value(formula) != Truth::Open || !seen.insert(formula) {
            return false;
        }
        match self.solver.frame.formulas.node(formula) {
            Some(Node::All(parts) | Node::Any(parts)) => parts.iter().any(|part| self.hangs(values, *part, variable, seen)),
            Some(Node::Not(inner)) => self.hangs(values, *inner, variable, seen),
            Some(Node::Test(number)) => self.solver.frame.tests.get(*number).is_some_and(|test| match variable {
                Variable::ItemDay(position) => test.set_key() == self.store.item_days.get(position).map(|item| item.key),
                _ => test.variable() == variable,
            }),
            None => false,
        }
    }
}
