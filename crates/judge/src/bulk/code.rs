// SPDX-License-Identifier: Apache-2.0
//! A program as a list of steps, for evaluation over many rows at once.

use super::columns::{Columns, Mask};
use super::wide::Wide;
use crate::compile::Frame;
use crate::formula::{Formula, Node};
use crate::program::{Program, Scope};
use comity_law::ast::Instrument;
use comity_terms::Term;
use std::cell::RefCell;
use std::collections::HashMap;

/// Where the value of a formula stands while a block is evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Input {
    /// A test: its number in the frame.
    Test(usize),
    /// The result of an earlier step.
    Step(usize),
}

/// What a step computes of its inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// All hold.
    All,
    /// One holds.
    Any,
    /// The only one does not.
    Not,
}

/// One step; its inputs are a range of the list of inputs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub(super) kind: Kind,
    /// For a disjunction: one more input, looked up for each row.
    pub(super) wide: Option<usize>,
    pub(super) from: usize,
    pub(super) until: usize,
}

/// An instrument on the days of one segment, for one kind of leg.
pub(super) struct Code {
    pub(super) steps: Vec<Step>,
    pub(super) inputs: Vec<Input>,
    /// The steps up to here decide whether the instrument governs.
    pub(super) scope: usize,
    pub(super) applicable: Input,
    pub(super) onward: Input,
    pub(super) unrestricted: Input,
    pub(super) lawful: Input,
    /// Disjunctions that are looked up.
    pub(super) wides: Vec<RefCell<Wide>>,
    /// The mechanisms: its place in the order of the instrument, whether it holds, and which it is.
    pub(super) permits: Vec<(usize, Input, Term)>,
    /// For each wide disjunction, the mechanisms that are its parts, with their places in the order of the instrument.
    pub(super) wide_permits: Vec<HashMap<usize, (usize, Term)>>,
    /// The tests on which the verdict can hang.
    pub(super) masks: Vec<Mask>,
}

impl Code {
    /// Compiles an instrument; the frame stands at a day of the segment. Also whether a column has new codes.
    pub(super) fn compile<'a>(frame: &mut Frame<'a>, columns: &mut Columns, instrument: &'a Instrument) -> (Self, bool) {
        let scope = Scope::compile(frame, instrument);
        let program = Program::compile(frame, scope);
        let recoded = columns.grow(&frame.tests);
        let mut writer = Writer {
            frame,
            columns,
            steps: Vec::new(),
            inputs: Vec::new(),
            done: HashMap::new(),
            tests: Vec::new(),
            wides: Vec::new(),
            taken: HashMap::new(),
        };
        let applicable = writer.formula(program.scope.applicable);
        let scope = writer.steps.len();
        let onward = writer.formula(program.onward);
        let unrestricted = writer.formula(program.unrestricted);
        let lawful = writer.formula(program.lawful);
        let mut permits = Vec::new();
        let mut wide_permits = vec![HashMap::new(); writer.wides.len()];
        for (order, gate) in program.permits.iter().enumerate() {
            let Some(mechanism) = gate.mechanism else { continue };
            let taken = writer.taken.get(&gate.formula).copied();
            match taken.and_then(|(wide, part)| Some((wide_permits.get_mut(wide)?, part))) {
                Some((parts, part)) => {
                    parts.entry(part).or_insert((order, mechanism));
                }
                None => permits.push((order, writer.formula(gate.formula), mechanism)),
            }
        }
        let (steps, inputs, tests, wides) = (writer.steps, writer.inputs, writer.tests, writer.wides);
        let wides = wides.into_iter().map(RefCell::new).collect();
        let masks = columns.masks(&tests, &frame.tests);
        (Self { steps, inputs, scope, applicable, onward, unrestricted, lawful, wides, permits, wide_permits, masks }, recoded)
    }
}

struct Writer<'f, 'a> {
    frame: &'f Frame<'a>,
    columns: &'f Columns,
    steps: Vec<Step>,
    inputs: Vec<Input>,
    done: HashMap<Formula, Input>,
    tests: Vec<usize>,
    wides: Vec<Wide>,
    /// The parts of wide disjunctions: in which, and the how manieth.
    taken: HashMap<Formula, (usize, usize)>,
}

impl<'f> Writer<'f, '_> {
    /// Writes the steps of a formula, each once.
    fn formula(&mut self, formula: Formula) -> Input {
        if let Some(known) = self.done.get(&formula) {
            return *known;
        }
        let frame: &'f Frame = self.frame;
        let input = match frame.formulas.node(formula) {
            Some(Node::Test(number)) => {
                self.tests.push(*number);
                Input::Test(*number)
            }
            Some(Node::All(parts)) => self.step(Kind::All, None, parts),
            Some(Node::Any(parts)) => self.any(parts),
            Some(Node::Not(inner)) => self.step(Kind::Not, None, &[*inner]),
            None => self.step(Kind::Any, None, &[]),
        };
        self.done.insert(formula, input);
        input
    }

    fn any(&mut self, parts: &[Formula]) -> Input {
        let Some((wide, taken, left)) = Wide::of(self.frame, self.columns, parts) else { return self.step(Kind::Any, None, parts) };
        let number = self.wides.len();
        self.wides.push(wide);
        for (part, formula) in taken.into_iter().enumerate() {
            self.frame.formulas.tests(formula, &mut self.tests);
            self.taken.entry(formula).or_insert((number, part));
        }
        self.step(Kind::Any, Some(number), &left)
    }

    fn step(&mut self, kind: Kind, wide: Option<usize>, parts: &[Formula]) -> Input {
        let inputs: Vec<Input> = parts.iter().map(|part| self.formula(*part)).collect();
        let from = self.inputs.len();
        self.inputs.extend(inputs);
        self.steps.push(Step { kind, wide, from, until: self.inputs.len() });
        Input::Step(self.steps.len() - 1)
    }
}
