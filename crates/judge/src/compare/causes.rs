// SPDX-License-Identifier: Apache-2.0
//! What makes an instrument judge a flow as it does: for each verdict, the provisions that can bring it about.

use crate::compile::Frame;
use crate::finding::Verdict;
use crate::formula::Formula;
use crate::program::{Gate, Program};
use comity_terms::Term;

/// What a provision does where it brings a verdict about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Why {
    /// No provision brings the flow under the instrument.
    Beyond,
    /// It leaves the flow out of the instrument.
    LeavesOut,
    /// It excepts the flow from what would restrict it.
    Exempts,
    /// The instrument governs the flow and restricts nothing in it.
    Free,
    /// It is a mechanism that carries the flow.
    Permits,
    /// It is a mechanism of the kind that carries the flow under the other side, and does not here.
    Lacks,
    /// It asks for something that the flow has not.
    Unmet,
    /// It forbids the flow.
    Forbids,
    /// It restricts the flow, and no mechanism carries it.
    Restricts,
}

/// A reason of a verdict.
#[derive(Clone, Debug, PartialEq)]
pub struct Cause {
    /// What it does.
    pub why: Why,
    /// The id of the provision; none where it is the want of one.
    pub provision: Option<String>,
    /// Its citations; without a provision, those of the provisions that are wanting.
    pub cites: Vec<String>,
    /// The mechanism that it opens.
    pub(crate) mechanism: Option<Term>,
}

impl Cause {
    fn of(why: Why, gate: &Gate) -> Self {
        let provision = gate.provision;
        Self { why, provision: Some(provision.id.text.clone()), cites: provision.cites.clone(), mechanism: gate.mechanism }
    }

    fn wanting(why: Why, gates: &[Gate]) -> Self {
        let mut cites: Vec<String> = Vec::new();
        for cite in gates.iter().flat_map(|gate| &gate.provision.cites) {
            if !cites.contains(cite) {
                cites.push(cite.clone());
            }
        }
        Self { why, provision: None, cites, mechanism: None }
    }
}

/// A cause with the condition under which it brings its verdict about.
pub(crate) type Reason = (Cause, Formula);

/// The causes of every verdict of one side, those of the plainest verdict first.
pub(crate) struct Causes {
    unrestricted: Vec<Reason>,
    permitted: Vec<Reason>,
    failing: Vec<Reason>,
    lacking: Vec<Cause>,
}

impl Causes {
    /// The causes of a program; the frame still stands on its day.
    pub(crate) fn of<'a>(frame: &mut Frame<'a>, program: &Program<'a>) -> Self {
        Self {
            unrestricted: unrestricted(frame, program),
            permitted: program.permits.iter().map(|gate| (Cause::of(Why::Permits, gate), gate.formula)).collect(),
            failing: failing(frame, program),
            lacking: program.permits.iter().map(|gate| Cause::of(Why::Lacks, gate)).collect(),
        }
    }

    /// The causes of a verdict.
    pub(crate) fn of_verdict(&self, verdict: Verdict) -> &[Reason] {
        match verdict {
            Verdict::Unrestricted => &self.unrestricted,
            Verdict::Permitted => &self.permitted,
            Verdict::Incomplete | Verdict::Prohibited => &self.failing,
        }
    }

    /// What is to be said of a cause beside one of the other side: where that is a mechanism, the like of it here.
    pub(crate) fn beside(&self, own: &Cause, other: &Cause) -> Cause {
        let like = |cause: &&Cause| cause.mechanism.is_some() && cause.mechanism == other.mechanism;
        let named = |cause: &&Cause| cause.provision == other.provision;
        match (own.why, other.why) {
            (Why::Restricts, Why::Permits) => {
                let mut all = self.lacking.iter().filter(like);
                all.clone().find(named).or_else(|| all.next()).unwrap_or(own).clone()
            }
            _ => own.clone(),
        }
    }
}

fn unrestricted<'a>(frame: &mut Frame<'a>, program: &Program<'a>) -> Vec<Reason> {
    let scope = &program.scope;
    let inside = frame.formulas.any(scope.applies.iter().map(|gate| gate.formula).collect());
    let mut out = vec![(Cause::wanting(Why::Beyond, &scope.applies), frame.formulas.negate(inside))];
    for gate in &scope.outside {
        let holds = frame.formulas.all(vec![inside, gate.formula]);
        out.push((Cause::of(Why::LeavesOut, gate), holds));
    }
    let mut exempt = Vec::new();
    for gate in program.restricts.iter().chain(&program.forbids) {
        for exception in frame.exceptions(scope.instrument, &gate.provision.id.text) {
            let formula = frame.provision(scope.instrument, exception);
            let gate = Gate { provision: exception, mechanism: None, formula, carried: None };
            let holds = frame.formulas.all(vec![scope.applicable, formula]);
            if !exempt.contains(&formula) {
                exempt.push(formula);
                out.push((Cause::of(Why::Exempts, &gate), holds));
            }
        }
    }
    let some = frame.formulas.any(exempt);
    let none = frame.formulas.negate(some);
    let free = frame.formulas.all(vec![scope.applicable, none]);
    out.push((Cause::wanting(Why::Free, &program.restricts), free));
    out
}

fn failing<'a>(frame: &mut Frame<'a>, program: &Program<'a>) -> Vec<Reason> {
    let mut out = Vec::new();
    for gate in &program.requires {
        out.push((Cause::of(Why::Unmet, gate), frame.formulas.negate(gate.formula)));
    }
    for gate in &program.forbids {
        out.push((Cause::of(Why::Forbids, gate), gate.formula));
    }
    let some = frame.formulas.any(out.iter().map(|(_, formula)| *formula).collect());
    let none = frame.formulas.negate(some);
    for gate in &program.restricts {
        let holds = frame.formulas.all(vec![none, gate.formula]);
        out.push((Cause::of(Why::Restricts, gate), holds));
    }
    out
}
