// SPDX-License-Identifier: Apache-2.0
//! Questions about the flows of one leg, within a budget: when it is used up, a question gets one fresh start.

use crate::compile::Frame;
use crate::diagram::{Full, Join, Ref};
use crate::formula::Formula;
use crate::space::{NOTHING, Space};

/// The flows of one leg on one day.
pub(crate) struct Lens<'f, 'a> {
    frame: &'f Frame<'a>,
    roots: Vec<Formula>,
    budget: usize,
    view: Option<View<'f, 'a>>,
    /// The largest diagram so far.
    pub(crate) nodes: usize,
}

/// A diagram with what every question needs.
pub(crate) struct View<'f, 'a> {
    pub(crate) space: Space<'f, 'a>,
    /// What the vocabulary allows, also after steps.
    pub(crate) allowed: Ref,
    /// What a flow can be as it stands.
    pub(crate) sane: Ref,
}

impl<'f, 'a> Lens<'f, 'a> {
    pub(crate) fn new(frame: &'f Frame<'a>, roots: Vec<Formula>, budget: usize) -> Self {
        Self { frame, roots, budget, view: None, nodes: 0 }
    }

    fn fresh(&self) -> Result<View<'f, 'a>, Full> {
        let mut space = Space::new(self.frame, &self.roots, self.frame.day, self.budget);
        let allowed = space.allowed()?;
        let sane = space.sane(allowed)?;
        Ok(View { space, allowed, sane })
    }

    /// The answer to a question; none where the budget does not suffice even for it alone.
    pub(crate) fn ask<T>(&mut self, question: impl Fn(&mut View<'f, 'a>) -> Result<T, Full>) -> Option<T> {
        loop {
            let fresh = self.view.is_none();
            let mut view = match self.view.take() {
                Some(view) => view,
                None => self.fresh().ok()?,
            };
            let answer = question(&mut view);
            self.nodes = self.nodes.max(view.space.diagram.size());
            match answer {
                Ok(answer) => {
                    self.view = Some(view);
                    return Some(answer);
                }
                Err(Full) if fresh => return None,
                Err(Full) => {}
            }
        }
    }
}

impl<'f, 'a> Lens<'f, 'a> {
    /// The flows that the last question was about.
    pub(crate) fn space(&self) -> Option<&Space<'f, 'a>> {
        self.view.as_ref().map(|view| &view.space)
    }
}

impl View<'_, '_> {
    /// The flows in which a formula holds.
    pub(crate) fn holds(&mut self, formula: Formula) -> Result<Ref, Full> {
        let holds = self.space.formula(formula)?;
        self.both(holds, self.sane)
    }

    pub(crate) fn both(&mut self, a: Ref, b: Ref) -> Result<Ref, Full> {
        self.space.diagram.join(Join::And, a, b)
    }

    /// In the first and not in the second.
    pub(crate) fn minus(&mut self, a: Ref, b: Ref) -> Result<Ref, Full> {
        let not = self.space.diagram.negate(b)?;
        self.both(a, not)
    }

    /// The flows from which steps reach one in which a formula holds.
    pub(crate) fn reach(&mut self, goal: Ref) -> Result<Ref, Full> {
        let goal = self.both(goal, self.allowed)?;
        self.space.reach(goal)
    }

    /// Whether two formulas have the same value on every flow.
    pub(crate) fn alike(&mut self, a: Formula, b: Formula) -> Result<bool, Full> {
        let (a, b) = (self.space.formula(a)?, self.space.formula(b)?);
        if a == b {
            return Ok(true);
        }
        Ok(self.both(a, self.sane)? == self.both(b, self.sane)?)
    }

    /// A set of flows with what no flow can be marked, so that facts that make no difference can be left out.
    pub(crate) fn marked(&mut self, set: Ref) -> Result<Ref, Full> {
        self.space.diagram.join(Join::Keep(NOTHING), self.sane, set)
    }
}

/// Whether a set of flows is empty.
pub(crate) fn is_empty(set: Ref) -> bool {
    set == Ref::flag(false)
}
