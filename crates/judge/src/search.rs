// SPDX-License-Identifier: Apache-2.0
//! The set of verdicts of all completions, by branch and bound.
//!
//! At every node, Kleene logic and the search for steps exclude verdicts; where only verdicts that were already met are
//! left, nothing below can add one, and the node is not split. So the search stops as soon as each verdict is either met
//! or excluded, and most of what is unknown is never looked at.

use crate::finding::Verdict;
use crate::formula::{Test, Truth};
use crate::program::Program;
use crate::solve::Solver;
use crate::store::{Store, Variable};
use crate::verdicts::Verdicts;
use comity_terms::Class;
use std::collections::{BTreeMap, BTreeSet};

/// How many nodes are visited to rank questions, and the smallest share of completions that is still looked into.
const WEIGHED: usize = 600;
const SHARE: f64 = 1.0 / 512.0;

/// What one program leaves possible at a node, and the test to split on where that is more than one verdict.
struct Bound {
    left: Verdicts,
    split: Option<usize>,
}

impl<'a> Solver<'_, 'a> {
    /// The set of verdicts of all completions of the store: the worst of the programs in each.
    ///
    /// Where the budget runs out, the set also has every verdict that was not excluded.
    pub(crate) fn verdicts(&self, programs: &[&Program<'a>], store: &Store) -> BTreeSet<Verdict> {
        let mut found = Verdicts::NONE;
        self.descend(programs, store, &vec![Verdicts::ALL; programs.len()], &mut found);
        found.list()
    }

    fn descend(&self, programs: &[&Program<'a>], store: &Store, above: &[Verdicts], found: &mut Verdicts) {
        if !self.spend() {
            *found = found.with(Verdicts::worst(above.iter().copied()));
            return;
        }
        let mut left = Vec::with_capacity(programs.len());
        let mut split = None;
        for (program, above) in programs.iter().zip(above) {
            let bound = if above.is_one() { Bound { left: *above, split: None } } else { self.bound(program, store, *above, *found) };
            split = split.or(bound.split);
            left.push(bound.left);
        }
        let possible = Verdicts::worst(left.iter().copied());
        if possible.within(*found) {
            return;
        }
        // Where all agree, one completion is enough to have met the verdict; a store always has one.
        let Some(number) = split.filter(|_| !possible.is_one()) else {
            *found = found.with(possible);
            return;
        };
        for branch in self.split(number, store) {
            self.descend(programs, &branch, &left, found);
        }
    }

    /// What a program leaves possible in a store, of what it left possible above; `found` need not be excluded.
    fn bound(&self, program: &Program<'a>, store: &Store, above: Verdicts, found: Verdicts) -> Bound {
        let now = self.evaluation(store);
        let (unrestricted, lawful) = (now.value(program.unrestricted), now.value(program.lawful));
        if unrestricted == Truth::True {
            return Bound { left: Verdicts::UNRESTRICTED, split: None };
        }
        if lawful == Truth::True && unrestricted == Truth::False {
            return Bound { left: Verdicts::PERMITTED, split: None };
        }
        let mut left = above;
        if unrestricted == Truth::False {
            left = left.and(Verdicts::PERMITTED.with(Verdicts::FAILING));
        }
        match lawful {
            Truth::True => left = left.and(Verdicts::UNRESTRICTED.with(Verdicts::PERMITTED)),
            Truth::False => left = left.and(Verdicts::FAILING),
            Truth::Open => {}
        }
        // A step adds to what is in place. While it is not known what is, one answer for all completions could be wrong.
        let place = if lawful == Truth::Open { now.pick(program.lawful, &|number| self.adds(number)) } else { None };
        // Whether steps repair what fails is asked only where the answer can add a verdict.
        let failing = left.and(Verdicts::FAILING);
        let mut unsettled = None;
        if place.is_none() && failing == Verdicts::FAILING && !(failing.within(found) && lawful != Truth::False) {
            let wide = self.widened(store);
            if !self.could(program.lawful, &wide) {
                left = left.without(Verdicts::INCOMPLETE);
            } else if self.attain(program.lawful, &wide).is_some() {
                left = left.without(Verdicts::PROHIBITED);
            } else if lawful == Truth::False {
                let unknown = |number| !self.controllable(number, &wide) && self.truth(number, store) == Truth::Open;
                unsettled = self.evaluation(&wide).pick(program.lawful, &unknown).map(|(number, _)| number);
                if unsettled.is_none() {
                    left = Verdicts::PROHIBITED;
                }
            }
        }
        if left.is_one() {
            return Bound { left, split: None };
        }
        let split = match lawful {
            Truth::False => unsettled,
            Truth::Open => place.or_else(|| now.pick(program.lawful, &|_| true)).map(|(number, _)| number),
            Truth::True => now.pick(program.unrestricted, &|_| true).map(|(number, _)| number),
        };
        Bound { left, split }
    }

    /// Whether a test is on a list that steps only add to.
    fn adds(&self, number: usize) -> bool {
        let key = self.frame.tests.get(number).and_then(Test::set_key).and_then(|key| self.frame.words.key_at(key));
        key.is_some_and(|key| matches!(key.class, Class::Act | Class::Grant))
    }

    /// How much hangs on each variable that is not known: the share of the completions that it tells apart.
    ///
    /// An estimate to rank questions by: the search goes so deep and no deeper.
    pub(crate) fn weights(&self, programs: &[&Program<'a>], store: &Store) -> BTreeMap<Variable, f64> {
        let mut weights = BTreeMap::new();
        let search = Solver::with_budget(self.frame, WEIGHED);
        search.weigh(programs, store, &vec![Verdicts::ALL; programs.len()], 1.0, &mut weights);
        weights
    }

    fn weigh(
        &self,
        programs: &[&Program<'a>],
        store: &Store,
        above: &[Verdicts],
        share: f64,
        weights: &mut BTreeMap<Variable, f64>,
    ) -> Verdicts {
        if share < SHARE || !self.spend() {
            return Verdicts::worst(above.iter().copied());
        }
        let bounds = programs.iter().zip(above).map(|(program, above)| self.bound(program, store, *above, Verdicts::NONE));
        let bounds: Vec<Bound> = bounds.collect();
        let left: Vec<Verdicts> = bounds.iter().map(|bound| bound.left).collect();
        let possible = Verdicts::worst(left.iter().copied());
        let Some(number) = bounds.iter().find_map(|bound| bound.split).filter(|_| !possible.is_one()) else { return possible };
        let branches = self.split(number, store);
        let outcomes: Vec<Verdicts> = branches.iter().map(|branch| self.weigh(programs, branch, &left, share / 2.0, weights)).collect();
        if outcomes.windows(2).any(|pair| pair.first() != pair.last())
            && let Some(variable) = self.variable(number, store)
        {
            *weights.entry(variable).or_default() += share;
        }
        outcomes.into_iter().fold(Verdicts::NONE, Verdicts::with)
    }
}
