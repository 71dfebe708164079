// SPDX-License-Identifier: Apache-2.0
//! What the findings of an instrument say on a leg, as formulas: two instruments whose formulas have the same values on
//! every flow make the same findings.

use crate::compile::Frame;
use crate::formula::Formula;
use crate::program::{Program, Scope};
use comity_law::ast::{Effect, Instrument, Provision};
use std::collections::BTreeMap;

/// One thing that a finding can say.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Thing {
    /// The verdict is `unrestricted`.
    Unrestricted,
    /// The verdict is `unrestricted` or `permitted`; which of the other two it is follows from where this holds.
    Lawful,
    /// A mechanism carries the flow: the index of the mechanism.
    Carried(u16),
    /// A duty is owed.
    Duty(String),
    /// The flow is ordered.
    Order(String),
    /// A reference to the instrument is satisfied.
    Served,
}

/// All that the findings of an instrument say on a leg.
pub(crate) struct Says<'a> {
    pub(crate) program: Program<'a>,
    pub(crate) things: BTreeMap<Thing, Formula>,
    /// The instrument makes a finding on this leg.
    pub(crate) governs: Formula,
}

impl<'a> Says<'a> {
    /// Compiles an instrument for the leg of the frame.
    pub(crate) fn compile(frame: &mut Frame<'a>, instrument: &'a Instrument) -> Self {
        let scope = Scope::compile(frame, instrument);
        let program = Program::compile(frame, scope);
        let serves: Vec<&Provision> = instrument
            .provisions
            .iter()
            .filter(|provision| provision.effect == Effect::Serves && instrument.holds(provision, frame.day, frame.known))
            .collect();
        let serves: Vec<Formula> = serves.into_iter().map(|provision| frame.provision(instrument, provision)).collect();
        let first = frame.first_leg;
        let formulas = &mut frame.formulas;
        let reached = if first { formulas.always() } else { program.onward };
        let beyond = formulas.negate(reached);
        let governs = formulas.all(vec![reached, program.scope.applicable]);
        let unrestricted = formulas.any(vec![beyond, program.unrestricted]);
        let restricted = formulas.negate(unrestricted);
        let mut things: BTreeMap<Thing, Vec<Formula>> = BTreeMap::new();
        things.insert(Thing::Unrestricted, vec![unrestricted]);
        things.insert(Thing::Lawful, vec![formulas.any(vec![unrestricted, program.lawful])]);
        for gate in &program.permits {
            if let (Some(mechanism), Some(carried)) = (gate.mechanism, gate.carried) {
                let carries = formulas.all(vec![restricted, carried]);
                things.entry(Thing::Carried(mechanism.index())).or_default().push(carries);
            }
        }
        for gate in &program.duties {
            let owed = formulas.all(vec![restricted, gate.formula]);
            things.entry(Thing::Duty(gate.provision.id.text.clone())).or_default().push(owed);
        }
        for gate in &program.obliges {
            let ordered = formulas.all(vec![governs, gate.formula]);
            things.entry(Thing::Order(gate.provision.id.text.clone())).or_default().push(ordered);
        }
        things.insert(Thing::Served, serves);
        let things = things.into_iter().map(|(thing, parts)| (thing, formulas.any(parts))).collect();
        Self { program, things, governs }
    }

    /// The pairs of formulas that are not written alike in two instruments.
    pub(crate) fn differing(&self, other: &Self, never: Formula) -> Vec<(Formula, Formula)> {
        let of = |says: &Self, thing: &Thing| says.things.get(thing).copied().unwrap_or(never);
        let all = self.things.keys().chain(other.things.keys().filter(|thing| !self.things.contains_key(thing)));
        all.map(|thing| (of(self, thing), of(other, thing))).filter(|(a, b)| a != b).collect()
    }
}
