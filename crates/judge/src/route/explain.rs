// SPDX-License-Identifier: Apache-2.0
//! Why there is no route: what closes every way, or which facts nobody stated.

use super::{Closed, LegWorld, Routes, World};
use crate::formula::{Formula, Truth};
use crate::judgment::question;
use crate::program::{Gate, Program};
use crate::solve::Solver;
use crate::store::Store;

impl<'a> World<'a> {
    pub(super) fn explain(&mut self, found: &mut Routes) {
        for leg in &self.legs {
            let solver = Solver::new(&leg.frame);
            let wide = solver.widened_for_advice(&leg.store);
            for program in &leg.programs {
                if solver.attain(program.lawful, &wide).is_some() {
                    continue;
                }
                if solver.could(program.lawful, &wide) {
                    ask(leg, program.lawful, &wide, found);
                    continue;
                }
                let blocking = program.forbids.iter().filter(|gate| solver.value(gate.formula, &wide) == Truth::True);
                let unmet = program.requires.iter().filter(|gate| !solver.could(gate.formula, &wide));
                let closed = program.permits.iter().filter(|gate| !solver.could(gate.formula, &wide));
                let restricting = program.restricts.iter().filter(|gate| solver.value(gate.formula, &wide) == Truth::True);
                blocking.chain(unmet).chain(restricting).chain(closed).for_each(|gate| close(program, gate, &mut found.closed_by));
            }
        }
        // Each instrument can be satisfied, and not all of them together.
        if found.closed_by.is_empty() && found.questions.is_empty() && found.exact {
            self.legs.iter_mut().for_each(|leg| together(leg, found));
        }
    }
}

/// The instruments of a leg that cannot be satisfied together: none of those named could be left out.
fn together(leg: &mut LegWorld, found: &mut Routes) {
    let mut kept: Vec<usize> = (0..leg.programs.len()).collect();
    if attainable(leg, &kept) {
        return;
    }
    let mut position = 0;
    while position < kept.len() {
        let mut fewer = kept.clone();
        fewer.remove(position);
        if attainable(leg, &fewer) { position += 1 } else { kept = fewer }
    }
    let solver = Solver::new(&leg.frame);
    for program in kept.iter().filter_map(|at| leg.programs.get(*at)) {
        let before = found.closed_by.len();
        failing(&solver, program, &leg.store).for_each(|gate| close(program, gate, &mut found.closed_by));
        if found.closed_by.len() == before {
            // It permits the flow as it stands, in a way that what the others ask for would close.
            program.permits.iter().for_each(|gate| close(program, gate, &mut found.closed_by));
        }
    }
}

fn attainable(leg: &mut LegWorld, programs: &[usize]) -> bool {
    let lawful: Vec<Formula> = programs.iter().filter_map(|at| leg.programs.get(*at)).map(|program| program.lawful).collect();
    let lawful = leg.frame.formulas.all(lawful);
    let solver = Solver::new(&leg.frame);
    solver.attain(lawful, &solver.widened_for_advice(&leg.store)).is_some()
}

/// Asks for the unknown facts on which a formula hangs.
fn ask(leg: &LegWorld, formula: Formula, wide: &Store, found: &mut Routes) {
    for variable in Solver::new(&leg.frame).open_facts(formula, wide) {
        crate::trace::push(&mut found.questions, &question(&leg.frame, variable, &leg.store));
    }
}

/// The gates of a program that keep a store from being lawful: blocks, requirements that are not met, restrictions.
pub(super) fn failing<'p, 'a>(
    solver: &'p Solver<'_, 'a>,
    program: &'p Program<'a>,
    store: &'p Store,
) -> impl Iterator<Item = &'p Gate<'a>> {
    let blocking = program.forbids.iter().filter(|gate| solver.value(gate.formula, store) != Truth::False);
    let unmet = program.requires.iter().filter(|gate| solver.value(gate.formula, store) != Truth::True);
    let restricting = program.restricts.iter().filter(|gate| solver.value(gate.formula, store) != Truth::False);
    blocking.chain(unmet).chain(restricting)
}

pub(super) fn close(program: &Program, gate: &Gate, found: &mut Vec<Closed>) {
    let entry = Closed {
        instrument: program.instrument().id.text.clone(),
        provision: gate.provision.id.text.clone(),
        cites: gate.provision.cites.clone(),
    };
    if !found.contains(&entry) {
        found.push(entry);
    }
}
