// SPDX-License-Identifier: Apache-2.0
//! The flows that an instrument prohibits although it orders them, or although no single provision bars them.

use super::lens::{View, is_empty};
use super::says::Says;
use super::{Kind, Place};
use crate::diagram::{Full, Ref};
use crate::example::Path;
use crate::program::{Gate, Program};
use crate::space::NOTHING;
use comity_law::ast::Effect;

/// What stating one more fact costs, against what a fact out of the ordinary costs.
const STATING: u32 = 4;

/// A kind of failure, the provisions, and a flow that shows it.
pub(crate) struct Failure {
    pub(crate) kind: Kind,
    pub(crate) at: Place,
    pub(crate) other: Option<Place>,
    pub(crate) path: Path,
}

/// The provisions that stand beside every mechanism.
pub(crate) fn bars<'p, 'a>(program: &'p Program<'a>) -> impl Iterator<Item = &'p Gate<'a>> {
    program.forbids.iter().chain(&program.requires)
}

impl View<'_, '_> {
    /// The smallest flow of a set; none if it is empty.
    pub(crate) fn example(&mut self, set: Ref) -> Result<Option<Path>, Full> {
        if is_empty(set) {
            return Ok(None);
        }
        let marked = self.marked(set)?;
        let costs = self.space.costs(STATING);
        Ok(self.space.smallest(marked, &costs, &|leaf| leaf == 1, NOTHING))
    }

    /// Everything that fails without a word of the law, each with a smallest flow.
    pub(crate) fn failures(&mut self, says: &Says) -> Result<Vec<Failure>, Full> {
        let mut out = Vec::new();
        let prohibited = self.prohibited(says)?;
        if is_empty(prohibited) {
            return Ok(out);
        }
        let program = &says.program;
        for gate in &program.obliges {
            let holds = self.space.formula(gate.formula)?;
            let ordered = self.both(prohibited, holds)?;
            if let Some(path) = self.example(ordered)? {
                let other = self.culprit(program, &path)?;
                out.push(Failure { kind: Kind::OrderedAndProhibited, at: Place::of(gate.provision), other, path });
            }
        }
        let silent = self.unbarred(program, prohibited)?;
        let silent = self.clashes(program, silent, &mut out)?;
        self.gaps(says, silent, &mut out)?;
        Ok(out)
    }

    /// The flows that fail and that no steps repair: what steps lead to is taken off way by way, since one wide way leaves
    /// little for the others.
    fn prohibited(&mut self, says: &Says) -> Result<Ref, Full> {
        let program = &says.program;
        let governed = self.holds(says.governs)?;
        let free = self.space.formula(program.unrestricted)?;
        let reach = self.reach(free)?;
        let mut left = self.minus(governed, reach)?;
        for carried in program.permits.iter().filter_map(|gate| gate.carried) {
            if is_empty(left) {
                return Ok(left);
            }
            let carried = self.space.formula(carried)?;
            let reach = self.reach(carried)?;
            left = self.minus(left, reach)?;
        }
        Ok(left)
    }

    /// What a gate that stands beside the mechanisms asks: that a block does not hold, that a requirement is met.
    fn asked(&mut self, gate: &Gate) -> Result<Ref, Full> {
        let holds = self.space.formula(gate.formula)?;
        if matches!(gate.provision.effect, Effect::Forbid(_)) { self.space.diagram.negate(holds) } else { Ok(holds) }
    }

    /// Without the flows that one provision bars whatever anybody does: that is the law's word, and no gap.
    fn unbarred(&mut self, program: &Program, prohibited: Ref) -> Result<Ref, Full> {
        let mut silent = prohibited;
        for gate in bars(program) {
            if is_empty(silent) {
                break;
            }
            let asked = self.asked(gate)?;
            let can = self.reach(asked)?;
            silent = self.both(silent, can)?;
        }
        Ok(silent)
    }

    /// Takes off the flows on which two provisions cannot both be met.
    fn clashes(&mut self, program: &Program, mut silent: Ref, out: &mut Vec<Failure>) -> Result<Ref, Full> {
        let all: Vec<&Gate> = bars(program).collect();
        for (position, second) in all.iter().enumerate() {
            for first in all.iter().take(position) {
                if is_empty(silent) {
                    return Ok(silent);
                }
                let (a, b) = (self.asked(first)?, self.asked(second)?);
                let both = self.both(a, b)?;
                let can = self.reach(both)?;
                let clash = self.minus(silent, can)?;
                if let Some(path) = self.example(clash)? {
                    let other = Some(Place::of(first.provision));
                    out.push(Failure { kind: Kind::CannotBothBeMet, at: Place::of(second.provision), other, path });
                    silent = self.both(silent, can)?;
                }
            }
        }
        Ok(silent)
    }

    /// What is left finds no way though nothing bars it; each flow is told of once, at the first restriction that holds.
    fn gaps(&mut self, says: &Says, mut silent: Ref, out: &mut Vec<Failure>) -> Result<(), Full> {
        for gate in &says.program.restricts {
            let holds = self.space.formula(gate.formula)?;
            let here = self.both(silent, holds)?;
            if let Some(path) = self.example(here)? {
                out.push(Failure { kind: Kind::Gap, at: Place::of(gate.provision), other: None, path });
                silent = self.minus(silent, holds)?;
            }
        }
        if let Some(path) = self.example(silent)? {
            out.push(Failure { kind: Kind::Gap, at: Place::whole(says.program.instrument()), other: None, path });
        }
        Ok(())
    }

    /// The first provision that holds on a path, blocks before restrictions.
    fn culprit(&mut self, program: &Program, path: &Path) -> Result<Option<Place>, Full> {
        for gate in program.forbids.iter().chain(&program.restricts) {
            let holds = self.holds(gate.formula)?;
            let marked = self.marked(holds)?;
            if self.space.diagram.settles(marked, path, &|leaf| leaf == 1, NOTHING) {
                return Ok(Some(Place::of(gate.provision)));
            }
        }
        Ok(None)
    }
}
