// SPDX-License-Identifier: Apache-2.0
//! Why what looks cheaper is no route: for each instrument that fails, the cheapest steps that satisfy it alone, and what
//! still stands in their way.

use super::explain::failing;
use super::{Choice, Closed, Rests, Route, Routes, World};
use crate::formula::{Formula, Truth};
use crate::solve::Solver;
use crate::store::Store;

/// Steps that cost less than the best route and satisfy one instrument, and are no route, or a worse one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cheaper {
    /// The instrument that they satisfy.
    pub instrument: String,
    /// The steps, as key paths.
    pub steps: Vec<String>,
    /// What they cost.
    pub cost: u64,
    /// What fails after them; empty: they are a route on a derogation or on consent, which comes after every safeguard.
    pub fails: Vec<Closed>,
}

impl World<'_> {
    /// For each instrument that fails as things stand, the cheapest that satisfies it, where it costs less than the best
    /// route and is no part of it.
    pub(super) fn cheaper(&mut self, found: &mut Routes) {
        let Some(best) = found.routes.first().cloned() else { return };
        let now = self.stores(&[]);
        for leg in 0..self.legs.len() {
            for program in 0..self.legs.get(leg).map_or(0, |leg| leg.programs.len()) {
                let Some(lawful) = self.legs.get(leg).and_then(|leg| leg.programs.get(program)).map(|program| program.lawful) else {
                    continue;
                };
                let holds = |leg: usize, store: Option<&Store>| match (self.legs.get(leg), store) {
                    (Some(leg), Some(store)) => Solver::new(&leg.frame).value(lawful, store) == Truth::True,
                    _ => true,
                };
                if holds(leg, now.get(leg)) {
                    continue;
                }
                let Some(route) = self.alone(leg, lawful) else { continue };
                let part = route.changes.iter().all(|own| best.changes.iter().any(|known| known.step == own.step));
                if route.cost >= best.cost || part {
                    continue;
                }
                let fails = self.fails_after(&route.changes);
                let instrument = self.legs.get(leg).and_then(|leg| leg.programs.get(program)).map(|program| program.instrument());
                let Some(instrument) = instrument.filter(|_| !fails.is_empty() || best.rests == Rests::Safeguard) else { continue };
                let steps = route.steps.iter().map(|step| step.path.clone()).collect();
                let new = Cheaper { instrument: instrument.id.text.clone(), steps, cost: route.cost, fails };
                if !found.cheaper.iter().any(|known| known.steps == new.steps) {
                    found.cheaper.push(new);
                }
            }
        }
        found.cheaper.sort_by_key(|cheaper| cheaper.cost);
    }

    /// The cheapest way to satisfy one formula on one leg, whatever it rests on.
    fn alone(&mut self, only: usize, lawful: Formula) -> Option<Route> {
        let mut kept = Vec::with_capacity(self.legs.len());
        for (number, leg) in self.legs.iter_mut().enumerate() {
            let target = if number == only { lawful } else { leg.frame.formulas.all(Vec::new()) };
            kept.push(std::mem::replace(&mut leg.lawful, target));
        }
        let mut alone = Routes { exact: true, ..Routes::default() };
        self.search(Rests::Derogation, 1, &mut alone);
        for (leg, lawful) in self.legs.iter_mut().zip(kept) {
            leg.lawful = lawful;
        }
        alone.routes.pop()
    }

    /// What keeps the flow from being lawful after some steps.
    fn fails_after(&self, changes: &[Choice]) -> Vec<Closed> {
        let chosen: Vec<usize> = changes.iter().filter_map(|change| self.choices.iter().position(|choice| choice == change)).collect();
        let mut fails = Vec::new();
        for (leg, store) in self.legs.iter().zip(self.stores(&chosen)) {
            let solver = Solver::new(&leg.frame);
            for program in leg.programs.iter().filter(|program| solver.value(program.lawful, &store) != Truth::True) {
                failing(&solver, program, &store).for_each(|gate| super::explain::close(program, gate, &mut fails));
            }
        }
        fails
    }
}
