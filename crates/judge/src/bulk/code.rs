// SPDX-License-Identifier: Apache-2.0
//! A program as a list of steps, for evaluation over many rows at once.

use super::columns::Columns;
use crate::compile::Frame;
use crate::formula::{Formula, Node};
use crate::program::{Program, Scope};
use comity_law::ast::Instrument;
use comity_terms::Term;
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
    /// The mechanisms in the order of the instrument: whether it holds, and which it is.
    pub(super) permits: Vec<(Input, Term)>,
    /// The tests on which the verdict can hang.
    pub(super) tests: Vec<usize>,
}

impl Code {
    /// Compiles an instrument; the frame stands at a day of the segment. Also whether the columns gained tests.
    pub(super) fn compile<'a>(frame: &mut Frame<'a>, columns: &mut Columns, instrument: &'a Instrument) -> (Self, bool) {
        let scope = Scope::compile(frame, instrument);
        let program = Program::compile(frame, scope);
        let grown = columns.grow(&frame.tests);
        let mut writer = Writer { frame, steps: Vec::new(), inputs: Vec::new(), done: HashMap::new(), tests: Vec::new() };
        let applicable = writer.formula(program.scope.applicable);
        let scope = writer.steps.len();
        let onward = writer.formula(program.onward);
        let unrestricted = writer.formula(program.unrestricted);
        let lawful = writer.formula(program.lawful);
        let permits = program.permits.iter().filter_map(|gate| Some((writer.formula(gate.formula), gate.mechanism?))).collect::<Vec<_>>();
        let (steps, inputs, tests) = (writer.steps, writer.inputs, writer.tests);
        (Self { steps, inputs, scope, applicable, onward, unrestricted, lawful, permits, tests }, grown)
    }
}

struct Writer<'f, 'a> {
    frame: &'f Frame<'a>,
    steps: Vec<Step>,
    inputs: Vec<Input>,
    done: HashMap<Formula, Input>,
    tests: Vec<usize>,
}

impl Writer<'_, '_> {
    /// Writes the steps of a formula, each once.
    fn formula(&mut self, formula: Formula) -> Input {
        if let Some(known) = self.done.get(&formula) {
            return *known;
        }
        let input = match self.frame.formulas.node(formula) {
            Some(Node::Test(number)) => {
                self.tests.push(*number);
                Input::Test(*number)
            }
            Some(Node::All(parts)) => self.step(Kind::All, &parts.clone()),
            Some(Node::Any(parts)) => self.step(Kind::Any, &parts.clone()),
            Some(Node::Not(inner)) => self.step(Kind::Not, &[*inner]),
            None => self.step(Kind::Any, &[]),
        };
        self.done.insert(formula, input);
        input
    }

    fn step(&mut self, kind: Kind, parts: &[Formula]) -> Input {
        let inputs: Vec<Input> = parts.iter().map(|part| self.formula(*part)).collect();
        let from = self.inputs.len();
        self.inputs.extend(inputs);
        self.steps.push(Step { kind, from, until: self.inputs.len() });
        Input::Step(self.steps.len() - 1)
    }
}
