// SPDX-License-Identifier: Apache-2.0
//! An instrument compiled for one leg on one day: the formulas whose values make its finding.

use crate::compile::Frame;
use crate::formula::Formula;
use comity_law::ast::{Effect, Instrument, Provision};
use comity_terms::Term;

/// A provision with the formula that says whether it holds (for a `require`: whether it is met).
#[derive(Clone)]
pub(crate) struct Gate<'a> {
    pub(crate) provision: &'a Provision,
    pub(crate) mechanism: Option<Term>,
    pub(crate) formula: Formula,
    /// For a mechanism: it holds, no block does, and every requirement is met.
    pub(crate) carried: Option<Formula>,
}

/// Whether an instrument governs the flow: compiled first, since most do not.
#[derive(Clone)]
pub(crate) struct Scope<'a> {
    pub(crate) instrument: &'a Instrument,
    pub(crate) applies: Vec<Gate<'a>>,
    pub(crate) outside: Vec<Gate<'a>>,
    /// The instrument governs the flow.
    pub(crate) applicable: Formula,
}

/// An instrument compiled for one leg.
pub(crate) struct Program<'a> {
    pub(crate) scope: Scope<'a>,
    pub(crate) restricts: Vec<Gate<'a>>,
    pub(crate) forbids: Vec<Gate<'a>>,
    pub(crate) requires: Vec<Gate<'a>>,
    pub(crate) permits: Vec<Gate<'a>>,
    pub(crate) obliges: Vec<Gate<'a>>,
    pub(crate) duties: Vec<Gate<'a>>,
    pub(crate) onward: Formula,
    /// Not governed, or governed and neither blocked nor restricted.
    pub(crate) unrestricted: Formula,
    /// Unrestricted, or with a mechanism that carries the flow, no block, and every requirement met.
    pub(crate) lawful: Formula,
}

/// The provisions of a kind that are in force and known, compiled.
fn gates<'a>(frame: &mut Frame<'a>, instrument: &'a Instrument, keep: fn(&Effect) -> bool) -> Vec<Gate<'a>> {
    if !instrument.in_force_on(frame.day, frame.known) {
        return Vec::new();
    }
    let mut out = Vec::new();
    for provision in instrument.provisions.iter().filter(|provision| keep(&provision.effect)) {
        if instrument.holds(provision, frame.day, frame.known) {
            let (mechanism, formula) = match &provision.effect {
                Effect::Permit(mechanism) => (Some(*mechanism), frame.provision(instrument, provision)),
                Effect::Forbid(mechanism) => (*mechanism, frame.provision(instrument, provision)),
                Effect::Require(mechanism) => (*mechanism, frame.requirement(instrument, provision)),
                _ => (None, frame.provision(instrument, provision)),
            };
            out.push(Gate { provision, mechanism, formula, carried: None });
        }
    }
    out
}

fn any(frame: &mut Frame, gates: &[Gate]) -> Formula {
    frame.formulas.any(gates.iter().map(|gate| gate.formula).collect())
}

impl<'a> Scope<'a> {
    pub(crate) fn compile(frame: &mut Frame<'a>, instrument: &'a Instrument) -> Self {
        let applies = gates(frame, instrument, |effect| *effect == Effect::Applies);
        let outside = gates(frame, instrument, |effect| *effect == Effect::Outside);
        let (inside, beyond) = (any(frame, &applies), any(frame, &outside));
        let within = frame.formulas.negate(beyond);
        let applicable = frame.formulas.all(vec![inside, within]);
        Self { instrument, applies, outside, applicable }
    }
}

impl<'a> Program<'a> {
    pub(crate) fn compile(frame: &mut Frame<'a>, scope: Scope<'a>) -> Self {
        let instrument = scope.instrument;
        let restricts = gates(frame, instrument, |effect| *effect == Effect::Restrict);
        let forbids = gates(frame, instrument, |effect| matches!(effect, Effect::Forbid(_)));
        let requires = gates(frame, instrument, |effect| matches!(effect, Effect::Require(_)));
        let mut permits = gates(frame, instrument, |effect| matches!(effect, Effect::Permit(_)));
        let obliges = gates(frame, instrument, |effect| *effect == Effect::Oblige);
        let duties = gates(frame, instrument, |effect| matches!(effect, Effect::Duty(..)));
        let onward = gates(frame, instrument, |effect| *effect == Effect::Onward);
        let onward = any(frame, &onward);

        let (blocked, restricted) = (any(frame, &forbids), any(frame, &restricts));
        let formulas = &mut frame.formulas;
        let (unblocked, free) = (formulas.negate(blocked), formulas.negate(restricted));
        let ungoverned = formulas.negate(scope.applicable);
        let untouched = formulas.all(vec![unblocked, free]);
        let unrestricted = formulas.any(vec![ungoverned, untouched]);
        let clear = formulas.all(std::iter::once(unblocked).chain(requires.iter().map(|gate| gate.formula)).collect());
        for gate in &mut permits {
            gate.carried = Some(formulas.all(vec![gate.formula, clear]));
        }
        let carried = formulas.any(permits.iter().map(|gate| gate.formula).collect());
        let permitted = formulas.all(vec![carried, clear]);
        let lawful = formulas.any(vec![unrestricted, permitted]);
        Self { scope, restricts, forbids, requires, permits, obliges, duties, onward, unrestricted, lawful }
    }

    pub(crate) fn instrument(&self) -> &'a Instrument {
        self.scope.instrument
    }
}
