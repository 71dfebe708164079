// SPDX-License-Identifier: Apache-2.0
//! An instrument compiled for one leg on one day: the formulas whose values make its finding.

use crate::compile::Frame;
use crate::formula::Formula;
use comity_law::ast::{Effect, Instrument, Provision};
use comity_terms::Term;
use std::rc::Rc;

/// A provision with the formula that says whether it holds (for a `require`: whether it is met).
pub(crate) struct Gate<'a> {
    pub(crate) provision: &'a Provision,
    pub(crate) mechanism: Option<Term>,
    pub(crate) formula: Rc<Formula>,
}

/// An instrument compiled for one leg.
pub(crate) struct Program<'a> {
    pub(crate) instrument: &'a Instrument,
    pub(crate) applies: Vec<Gate<'a>>,
    pub(crate) outside: Vec<Gate<'a>>,
    pub(crate) restricts: Vec<Gate<'a>>,
    pub(crate) forbids: Vec<Gate<'a>>,
    pub(crate) requires: Vec<Gate<'a>>,
    pub(crate) permits: Vec<Gate<'a>>,
    pub(crate) obliges: Vec<Gate<'a>>,
    pub(crate) duties: Vec<Gate<'a>>,
    pub(crate) onward: Rc<Formula>,
    /// The instrument governs the flow.
    pub(crate) applicable: Rc<Formula>,
    /// Not governed, or governed and neither blocked nor restricted.
    pub(crate) unrestricted: Rc<Formula>,
    /// No block, and every requirement is met.
    pub(crate) clear: Rc<Formula>,
    /// Unrestricted, or clear with a mechanism that carries the flow.
    pub(crate) lawful: Rc<Formula>,
}

fn any(gates: &[Gate]) -> Rc<Formula> {
    Formula::any(gates.iter().map(|gate| Rc::clone(&gate.formula)).collect())
}

impl<'a> Program<'a> {
    pub(crate) fn compile(frame: &mut Frame<'a>, instrument: &'a Instrument) -> Self {
        let live = instrument.in_force_on(frame.day, frame.known);
        let mut gates = |keep: fn(&Effect) -> bool| -> Vec<Gate<'a>> {
            let mut out = Vec::new();
            for provision in instrument.provisions.iter().filter(|provision| live && keep(&provision.effect)) {
                if instrument.holds(provision, frame.day, frame.known) {
                    let (mechanism, formula) = match &provision.effect {
                        Effect::Permit(mechanism) => (Some(*mechanism), frame.provision(instrument, provision)),
                        Effect::Forbid(mechanism) => (*mechanism, frame.provision(instrument, provision)),
                        Effect::Require(mechanism) => (*mechanism, frame.requirement(instrument, provision)),
                        _ => (None, frame.provision(instrument, provision)),
                    };
                    out.push(Gate { provision, mechanism, formula });
                }
            }
            out
        };
        let applies = gates(|effect| *effect == Effect::Applies);
        let outside = gates(|effect| *effect == Effect::Outside);
        let restricts = gates(|effect| *effect == Effect::Restrict);
        let forbids = gates(|effect| matches!(effect, Effect::Forbid(_)));
        let requires = gates(|effect| matches!(effect, Effect::Require(_)));
        let permits = gates(|effect| matches!(effect, Effect::Permit(_)));
        let obliges = gates(|effect| *effect == Effect::Oblige);
        let duties = gates(|effect| matches!(effect, Effect::Duty(..)));
        let onward = any(&gates(|effect| *effect == Effect::Onward));

        let applicable = Formula::all(vec![any(&applies), Formula::negate(any(&outside))]);
        let blocked = any(&forbids);
        let free = Formula::all(vec![Formula::negate(Rc::clone(&blocked)), Formula::negate(any(&restricts))]);
        let unrestricted = Formula::any(vec![Formula::negate(Rc::clone(&applicable)), free]);
        let mut clear = vec![Formula::negate(blocked)];
        clear.extend(requires.iter().map(|gate| Rc::clone(&gate.formula)));
        let clear = Formula::all(clear);
        let lawful = Formula::any(vec![Rc::clone(&unrestricted), Formula::all(vec![any(&permits), Rc::clone(&clear)])]);
        Self {
            instrument,
            applies,
            outside,
            restricts,
            forbids,
            requires,
            permits,
            obliges,
            duties,
            onward,
            applicable,
            unrestricted,
            clear,
            lawful,
        }
    }
}
