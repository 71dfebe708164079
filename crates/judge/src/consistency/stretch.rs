// SPDX-License-Identifier: Apache-2.0
//! One stretch of days: what is in conflict or falls through on its legs, and which suspects do something.

use super::failures::bars;
use super::lens::{Lens, View, is_empty};
use super::says::{Says, Thing};
use super::{Doubt, Example, Found, Kind, Place, Suspect, Undecided};
use crate::compile::Frame;
use crate::example::Path;
use crate::finding::{Possible, Verdict};
use crate::formula::{Formula, Node, Test};
use crate::leg::Leg;
use crate::program::{Program, Scope};
use crate::solve::Solver;
use comity_flow::{Format, read, write};
use comity_law::Library;
use comity_law::ast::{ClauseKind, Effect, Instrument, Provision};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// Everything that an instrument says on a day, by structure: two days with the same have the same answers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Signature {
    clauses: Vec<(usize, Vec<Formula>)>,
    nodes: Vec<Node>,
    tests: Vec<Test>,
}

/// One day of an instrument.
pub(crate) struct Asked<'a> {
    pub(crate) library: &'a Library,
    pub(crate) instrument: &'a Instrument,
    /// The instrument without each of its provisions.
    pub(crate) without: &'a BTreeMap<usize, Instrument>,
    pub(crate) day: Date,
    pub(crate) known: Date,
    pub(crate) budget: usize,
    pub(crate) nodes: usize,
}

impl<'a> Asked<'a> {
    fn frame(&self, leg: Leg) -> Frame<'a> {
        let mut frame = Frame::new(self.library, self.day, self.known);
        frame.first_leg = leg == Leg::First;
        frame
    }

    fn in_force(&self) -> impl Iterator<Item = (usize, &'a Provision)> + use<'_, 'a> {
        let instrument = self.instrument;
        instrument.provisions.iter().enumerate().filter(|(_, provision)| instrument.holds(provision, self.day, self.known))
    }

    /// What the day says by structure; none where the answers depend on the day itself.
    pub(crate) fn signature(&self) -> Option<Signature> {
        // Who sends is not told apart, so that one signature stands for both legs.
        let mut frame = self.frame(Leg::Onward(0));
        let clauses: Vec<(usize, Vec<Formula>)> = self
            .in_force()
            .map(|(position, provision)| (position, provision.clauses.iter().map(|clause| frame.clause(self.instrument, clause)).collect()))
            .collect();
        if frame.tests.iter().any(|test| matches!(test, Test::Item(..))) {
            return None;
        }
        let mut nodes = Vec::new();
        let mut seen = BTreeSet::new();
        let mut next: Vec<Formula> = clauses.iter().flat_map(|(_, formulas)| formulas).copied().collect();
        while let Some(formula) = next.pop() {
            if !seen.insert(formula) {
                continue;
            }
            let Some(node) = frame.formulas.node(formula) else { continue };
            match node {
                Node::All(parts) | Node::Any(parts) => next.extend(parts.iter().copied()),
                Node::Not(inner) => next.push(*inner),
                Node::Test(_) => {}
            }
            nodes.push(node.clone());
        }
        Some(Signature { clauses, nodes, tests: frame.tests })
    }

    /// Looks at all legs: what was found, and what the budget did not decide. Suspects that do something are taken off.
    pub(crate) fn look(&mut self, suspects: &mut Vec<Suspect>) -> (Vec<Found>, Vec<Undecided>) {
        let (mut found, mut undecided) = (Vec::new(), Vec::new());
        // What serves a reference can be asked on any leg; else only an instrument that follows the data reaches a later one.
        let follows = self.in_force().any(|(_, provision)| matches!(provision.effect, Effect::Onward | Effect::Serves));
        let legs: &[Leg] = if follows { &[Leg::First, Leg::Onward(0)] } else { &[Leg::First] };
        for leg in legs {
            self.look_at(*leg, suspects, &mut found, &mut undecided);
        }
        (found, undecided)
    }

    fn look_at(&mut self, leg: Leg, suspects: &mut Vec<Suspect>, found: &mut Vec<Found>, undecided: &mut Vec<Undecided>) {
        let mut frame = self.frame(leg);
        let says = Says::compile(&mut frame, self.instrument);
        let versions = self.versions(&mut frame);
        let doubts: Vec<Vec<Question>> = suspects.iter().map(|suspect| self.questions(&mut frame, &says, suspect)).collect();
        let program = &says.program;
        let mut roots: Vec<Formula> = says.things.values().copied().collect();
        roots.extend([program.lawful, says.governs]);
        roots.extend(bars(program).chain(&program.restricts).chain(&program.obliges).map(|gate| gate.formula));
        roots.extend(versions.iter().flat_map(|(_, _, a, b)| [*a, *b]));
        roots.extend(doubts.iter().flatten().flat_map(Question::formulas));
        let mut lens = Lens::new(&frame, roots, self.budget);

        for (first, second, a, b) in &versions {
            let differ = |view: &mut View| {
                let (a, b) = (view.holds(*a)?, view.holds(*b)?);
                let (one, two) = (view.minus(a, b)?, view.minus(b, a)?);
                view.example(if is_empty(one) { two } else { one })
            };
            match lens.ask(differ) {
                Some(None) => {}
                Some(Some(path)) => found.push(self.found(&lens, Kind::TwoValues, Place::of(second), Some(Place::of(first)), &path, leg)),
                None => undecided.push(Undecided { at: Place::of(second), day: self.day }),
            }
        }
        match lens.ask(|view| view.failures(&says)) {
            Some(failures) => {
                for failure in failures {
                    let found_here = self.found(&lens, failure.kind, failure.at, failure.other, &failure.path, leg);
                    // The example is judged as anybody would judge it, by the search and not by the diagram.
                    if found_here.example.as_ref().is_some_and(|example| example.verdict == Some(Verdict::Prohibited)) {
                        found.push(found_here);
                    } else {
                        undecided.push(Undecided { at: found_here.at, day: self.day });
                    }
                }
            }
            None => undecided.push(Undecided { at: Place::whole(self.instrument), day: self.day }),
        }

        let mut number = 0;
        suspects.retain_mut(|suspect| {
            let questions = doubts.get(number).map(Vec::as_slice).unwrap_or_default();
            number += 1;
            self.doubt(&mut lens, suspect, questions, leg)
        });
        self.nodes = self.nodes.max(lens.nodes);
    }

    /// Asks whether a suspect does something here; it stays suspect if not.
    fn doubt(&self, lens: &mut Lens<'_, 'a>, suspect: &mut Suspect, questions: &[Question], leg: Leg) -> bool {
        for question in questions {
            match question {
                Question::Differs { pairs, within, ways } => {
                    if !pairs.is_empty() && lens.ask(|view| view.tells_apart(pairs, within, ways)) == Some(true) {
                        return false;
                    }
                    for (with, without) in pairs {
                        match lens.ask(|view| view.alike(*with, *without)) {
                            Some(true) => {}
                            Some(false) => return false,
                            None => suspect.undecided = Some(self.day),
                        }
                    }
                }
                Question::Fires(formula) => match lens.ask(|view| view.holds(*formula)) {
                    Some(set) if is_empty(set) => {}
                    Some(_) => return false,
                    None => suspect.undecided = Some(self.day),
                },
                Question::Shows(formula, governs) => {
                    let shown = lens.ask(|view| {
                        let holds = view.holds(*formula)?;
                        let governs = view.holds(*governs)?;
                        let both = view.both(holds, governs)?;
                        view.example(if is_empty(both) { holds } else { both })
                    });
                    if let Some(Some(path)) = shown {
                        suspect.holds = true;
                        if suspect.example.is_none() {
                            suspect.example = self.shown(lens, &path, leg);
                        }
                    }
                }
            }
        }
        true
    }

    /// What is asked of a suspect on this leg: nothing where it is not in force.
    fn questions(&self, frame: &mut Frame<'a>, says: &Says<'a>, suspect: &Suspect) -> Vec<Question> {
        let holds = |position: usize| self.in_force().find(|(at, _)| *at == position).map(|(_, provision)| provision);
        match &suspect.doubt {
            Doubt::Matters(position) => {
                let (Some(provision), Some(without)) = (holds(*position), self.without.get(position)) else { return Vec::new() };
                frame.turn_to(self.library, self.day, self.known);
                let less = Says::compile(frame, without);
                // The definitions of the whole instrument, not of the lesser one.
                frame.turn_to(self.library, self.day, self.known);
                let formula = match provision.effect {
                    // A requirement that is met does nothing: it shows itself where it is not.
                    Effect::Require(_) => {
                        let met = frame.requirement(self.instrument, provision);
                        frame.formulas.negate(met)
                    }
                    _ => frame.provision(self.instrument, provision),
                };
                let never = frame.formulas.never();
                let pairs = says.differing(&less, never);
                // It can only matter where the instrument restricts the flow, with it or without it, or serves others.
                let free = [says, &less].map(|says| says.things.get(&Thing::Unrestricted).copied().unwrap_or(never));
                let free = frame.formulas.all(free.to_vec());
                let live = frame.formulas.negate(free);
                let within = if provision.effect == Effect::Serves { vec![formula] } else { vec![formula, live] };
                let ways = says.program.permits.iter().map(|gate| gate.formula).collect();
                vec![Question::Differs { pairs, within, ways }, Question::Shows(formula, says.governs)]
            }
            Doubt::Fires(position, target) => {
                let Some(exception) = holds(*position) else { return Vec::new() };
                let fires = frame.provision(self.instrument, exception);
                let targets: Vec<&Provision> =
                    self.in_force().map(|(_, provision)| provision).filter(|provision| provision.id.text == *target).collect();
                targets
                    .into_iter()
                    .map(|target| {
                        let mut parts = self.own(frame, target, None);
                        parts.push(fires);
                        Question::Fires(frame.formulas.all(parts))
                    })
                    .collect()
            }
            Doubt::Unless(position, number) => {
                let Some(provision) = holds(*position) else { return Vec::new() };
                let Some(clause) = provision.clauses.get(*number) else { return Vec::new() };
                let spared = frame.clause(self.instrument, clause);
                let mut parts = self.own(frame, provision, Some(*number));
                parts.push(frame.formulas.negate(spared));
                vec![Question::Fires(frame.formulas.all(parts))]
            }
        }
    }

    /// What a provision itself asks for, exceptions and one clause left aside. What a `require` needs is no condition of it.
    fn own(&self, frame: &mut Frame<'a>, provision: &Provision, but: Option<usize>) -> Vec<Formula> {
        let requires = matches!(provision.effect, Effect::Require(_));
        provision
            .clauses
            .iter()
            .enumerate()
            .filter(|(number, clause)| {
                Some(*number) != but
                    && match clause.kind {
                        ClauseKind::When => true,
                        ClauseKind::Needs => !requires,
                        // Of two exceptions that overlap, neither makes the other dead.
                        ClauseKind::Unless => but.is_none(),
                    }
            })
            .map(|(_, clause)| frame.clause(self.instrument, clause))
            .collect()
    }

    /// Versions of one definition that are in force together.
    fn versions(&self, frame: &mut Frame<'a>) -> Vec<(&'a Provision, &'a Provision, Formula, Formula)> {
        let defines: Vec<&'a Provision> =
            self.in_force().map(|(_, provision)| provision).filter(|provision| provision.effect == Effect::Define).collect();
        let mut out = Vec::new();
        for (position, second) in defines.iter().enumerate() {
            for first in defines.iter().take(position).filter(|first| first.id.text == second.id.text) {
                let (a, b) = (frame.provision(self.instrument, first), frame.provision(self.instrument, second));
                out.push((*first, *second, a, b));
            }
        }
        out
    }

    fn found(&self, lens: &Lens<'_, 'a>, kind: Kind, at: Place, other: Option<Place>, path: &Path, leg: Leg) -> Found {
        Found { kind, at, other, days: Vec::new(), example: self.shown(lens, path, leg) }
    }

    /// A path as an example, judged.
    fn shown(&self, lens: &Lens<'_, 'a>, path: &Path, leg: Leg) -> Option<Example> {
        let space = lens.space()?;
        let mut flow = space.flow(path, self.day);
        flow.under = vec![self.instrument.id.text.clone()];
        let readings = space.readings(path);
        // What is judged is what somebody reads who opens the file.
        let flow_read = read(&write(&flow), Format::Toml, &|_| Err("no profile".to_owned())).ok()?;
        let mut frame = self.frame(leg);
        let scope = Scope::compile(&mut frame, self.instrument);
        let program = Program::compile(&mut frame, scope);
        let store = leg.store(&flow_read, &frame, &readings);
        let verdicts = Solver::new(&frame).verdicts(&[&program], &store);
        let leg = leg.name(&flow_read);
        Some(Example { flow, readings, known_on: self.known, leg, verdict: Possible(verdicts).decided() })
    }
}

/// What is asked of a suspect.
enum Question {
    /// Whether a pair of formulas differs on some flow; it is tried first within some sets, by several ways.
    Differs { pairs: Vec<(Formula, Formula)>, within: Vec<Formula>, ways: Vec<Formula> },
    /// Whether a formula holds on some flow.
    Fires(Formula),
    /// A flow on which the first formula holds, governed where the second does.
    Shows(Formula, Formula),
}

impl Question {
    fn formulas(&self) -> Vec<Formula> {
        match self {
            Self::Differs { pairs, within, ways } => {
                pairs.iter().flat_map(|(a, b)| [*a, *b]).chain(within.iter().copied()).chain(ways.iter().copied()).collect()
            }
            Self::Fires(formula) => vec![*formula],
            Self::Shows(formula, governs) => vec![*formula, *governs],
        }
    }
}
