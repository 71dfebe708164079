// SPDX-License-Identifier: Apache-2.0
//! The cheapest lawful routes: sets of steps after which every applicable instrument permits the flow, on every leg.
//!
//! `choices` lists the steps that could matter. `search` looks for sets of them, cheapest first, so that the first set
//! that works is a cheapest one. `explain` says why there is none, and `cheaper` why what costs less is none.
//! `importers` finds the best of several importers.
//! Routes that rest on a derogation or on consent come after every route that rests on a safeguard, whatever they cost.

mod cheaper;
mod choices;
mod explain;
mod importers;
mod search;

pub use cheaper::Cheaper;
pub use importers::{Importer, routes_among};

use crate::change::Change;
use crate::compile::Frame;
use crate::cost::{Cost, Costs};
use crate::finding::Verdict;
use crate::formula::{Formula, Truth};
use crate::judgment::{JudgeError, Options, Reach, governing};
use crate::leg::Leg;
use crate::program::{Gate, Program};
use crate::solve::Solver;
use crate::store::Store;
use comity_flow::Flow;
use comity_law::Library;
use comity_terms::{Bits, KeyId, Scheme};

/// What to look for.
#[derive(Clone, Debug, Default)]
pub struct RouteOptions {
    /// How many routes to find.
    pub limit: usize,
    /// Categories that the flow could do without.
    pub droppable: Bits,
    /// What steps cost.
    pub costs: Costs,
    /// Whether to say why what costs less than the best route is none: a search more for each instrument that fails.
    pub cheaper: bool,
}

/// One step of a route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The key path, with `+value` where a value is added; `importer+NAME` where another importer is used.
    pub path: String,
    /// The leg that it is taken on, such as `importer>Helper`; none where it serves all legs, or where there is only one.
    pub leg: Option<String>,
    /// What it is for: instruments with the mechanism or provision that would fail without it.
    pub aims: Vec<String>,
    /// Where these laws ask it.
    pub cites: Vec<String>,
    /// What it costs.
    pub cost: Cost,
}

/// What a route rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rests {
    /// Safeguards, adequacy, exemptions.
    Safeguard,
    /// A derogation or consent, under one instrument at least.
    Derogation,
}

/// A set of steps after which every applicable instrument permits the flow; none can be left out.
///
/// Two routes differ in their steps: what comes out of one step (the result of an assessment, the places that data are
/// moved to) makes no other route.
#[derive(Clone, Debug)]
pub struct Route {
    /// The steps.
    pub steps: Vec<Step>,
    /// Money and the worth of the hours of all steps.
    pub cost: u64,
    /// How long the slowest formality takes, in days.
    pub days: u32,
    /// What it rests on.
    pub rests: Rests,
    /// The verdict after it.
    pub verdict: Verdict,
    /// The mechanism under each instrument that restricts the flow.
    pub mechanisms: Vec<(String, String)>,
    changes: Vec<Choice>,
    /// The flow with another importer, where the route begins with that.
    instead: Option<Box<Flow>>,
}

/// A provision that closes a way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    /// The instrument.
    pub instrument: String,
    /// The provision.
    pub provision: String,
    /// Its citations.
    pub cites: Vec<String>,
}

/// The routes, or why there is none.
#[derive(Clone, Debug, Default)]
pub struct Routes {
    /// The routes, the best first. A route without steps: the flow is lawful as it stands.
    pub routes: Vec<Route>,
    /// Where nothing works: the provisions that close every way.
    pub closed_by: Vec<Closed>,
    /// Where it was asked for: what costs less than the best route, and why it is none.
    pub cheaper: Vec<Cheaper>,
    /// Facts that the flow leaves out and that no route gets round.
    pub questions: Vec<String>,
    /// False where the search gave up: then cheaper routes may exist.
    pub exact: bool,
    /// How many sets of steps were looked at.
    pub looked_at: usize,
}

/// A change, on one leg or on all.
#[derive(Clone, Debug, PartialEq)]
struct Choice {
    leg: Option<usize>,
    change: Change,
    path: String,
    cost: Cost,
    /// What it adds to the cost of a route.
    weight: u64,
    key: Option<KeyId>,
    /// The number of the step that people see: choices with one number differ in what comes out of it.
    step: usize,
}

struct LegWorld<'a> {
    /// Its name, where there are several.
    name: Option<String>,
    frame: Frame<'a>,
    programs: Vec<Program<'a>>,
    store: Store,
    /// Lawful under every program, by whatever mechanism.
    lawful: Formula,
    /// Lawful under every program without derogations.
    safe: Formula,
}

struct World<'a> {
    legs: Vec<LegWorld<'a>>,
    choices: Vec<Choice>,
}

/// The cheapest routes of a flow.
///
/// # Errors
///
/// If the options name what the library does not have.
pub fn routes(library: &Library, flow: &Flow, options: &Options, wanted: &RouteOptions) -> Result<Routes, JudgeError> {
    let mut world = World::new(library, flow, options)?;
    world.choices = world.all_choices(wanted);
    let mut found = Routes { exact: true, ..Routes::default() };
    let now = world.stores(&[]);
    for rests in [Rests::Safeguard, Rests::Derogation] {
        // A flow that is lawful as it stands needs no steps.
        if world.holds(&now, rests) {
            found.routes.push(world.route(&[], 0, rests, &now));
            return Ok(found);
        }
    }
    for rests in [Rests::Safeguard, Rests::Derogation] {
        if found.routes.len() < wanted.limit.max(1) {
            world.search(rests, wanted.limit.max(1), &mut found);
        }
    }
    if found.routes.is_empty() {
        world.explain(&mut found);
    } else if wanted.cheaper {
        world.cheaper(&mut found);
    }
    Ok(found)
}

/// The flow as a route would leave it.
#[must_use]
pub fn apply(flow: &Flow, route: &Route) -> Flow {
    let mut next = route.instead.as_deref().unwrap_or(flow).clone();
    // Time passes after what was done is done, or it would not have rested.
    let (waits, acts): (Vec<&Choice>, Vec<&Choice>) = route.changes.iter().partition(|choice| choice.change == Change::Wait);
    for choice in acts.into_iter().chain(waits) {
        crate::apply::change(&mut next, choice.leg, &choice.change);
    }
    crate::apply::settle(&mut next);
    next
}

fn is_derogation(frame: &Frame, gate: &Gate) -> bool {
    let words = frame.words;
    let Some(mechanism) = gate.mechanism else { return false };
    ["derogation", "explicit-consent"]
        .iter()
        .filter_map(|id| words.find(Scheme::Mechanism, id))
        .any(|family| words.is_below(mechanism, family))
}

impl<'a> World<'a> {
    fn new(library: &'a Library, flow: &Flow, options: &Options) -> Result<Self, JudgeError> {
        let mut legs = Vec::new();
        for leg in Leg::all(flow) {
            let (mut frame, programs, store) = governing(library, flow, options, leg, Reach::AfterSteps)?;
            let lawful: Vec<Formula> = programs.iter().map(|program| program.lawful).collect();
            let lawful = frame.formulas.all(lawful);
            let mut safe = Vec::new();
            for program in &programs {
                let carried: Vec<Formula> =
                    program.permits.iter().filter(|gate| !is_derogation(&frame, gate)).filter_map(|gate| gate.carried).collect();
                let carried = frame.formulas.any(carried);
                safe.push(frame.formulas.any(vec![program.unrestricted, carried]));
            }
            let safe = frame.formulas.all(safe);
            let name = (!flow.onward.is_empty()).then(|| leg.name(flow));
            legs.push(LegWorld { name, frame, programs, store, lawful, safe });
        }
        Ok(Self { legs, choices: Vec::new() })
    }

    fn stores(&self, chosen: &[usize]) -> Vec<Store> {
        self.legs
            .iter()
            .enumerate()
            .map(|(number, leg)| {
                let changes: Vec<Change> = chosen
                    .iter()
                    .filter_map(|index| self.choices.get(*index))
                    .filter(|choice| choice.leg.is_none_or(|own| own == number))
                    .map(|choice| choice.change.clone())
                    .collect();
                leg.frame.applied(&leg.store, &changes)
            })
            .collect()
    }

    fn target(leg: &LegWorld, rests: Rests) -> Formula {
        if rests == Rests::Safeguard { leg.safe } else { leg.lawful }
    }

    fn holds(&self, stores: &[Store], rests: Rests) -> bool {
        // In a store without a value for some fact everything would hold.
        let holds = |leg: &LegWorld, store: &Store| {
            !store.is_void() && Solver::new(&leg.frame).value(Self::target(leg, rests), store) == Truth::True
        };
        self.legs.iter().zip(stores).all(|(leg, store)| holds(leg, store))
    }

    fn route(&self, chosen: &[usize], cost: u64, rests: Rests, stores: &[Store]) -> Route {
        let choices: Vec<&Choice> = chosen.iter().filter_map(|index| self.choices.get(*index)).collect();
        let mut mechanisms = Vec::new();
        let mut verdict = Verdict::Unrestricted;
        for (leg, store) in self.legs.iter().zip(stores) {
            let solver = Solver::new(&leg.frame);
            for program in leg.programs.iter().filter(|program| solver.value(program.unrestricted, store) != Truth::True) {
                verdict = Verdict::Permitted;
                if let Some(mechanism) = self.carrying(leg, program, store, rests) {
                    let pair = (program.instrument().id.text.clone(), mechanism);
                    if !mechanisms.contains(&pair) {
                        mechanisms.push(pair);
                    }
                }
            }
        }
        let mut steps: Vec<(usize, Step)> = Vec::new();
        for choice in &choices {
            let new = self.step(choice, chosen);
            match steps.iter_mut().find(|(number, _)| *number == choice.step) {
                Some((_, known)) => {
                    new.aims.iter().for_each(|aim| crate::trace::push(&mut known.aims, aim));
                    new.cites.iter().for_each(|cite| crate::trace::push(&mut known.cites, cite));
                }
                None => steps.push((choice.step, new)),
            }
        }
        let steps = steps.into_iter().map(|(_, step)| step).collect();
        Route {
            steps,
            cost,
            days: choices.iter().map(|choice| choice.cost.days).max().unwrap_or(0),
            rests,
            verdict,
            mechanisms,
            changes: choices.into_iter().cloned().collect(),
            instead: None,
        }
    }

    fn carrying(&self, leg: &LegWorld<'a>, program: &Program<'a>, store: &Store, rests: Rests) -> Option<String> {
        let solver = Solver::new(&leg.frame);
        let mut gates = program.permits.iter().filter(|gate| rests == Rests::Derogation || !is_derogation(&leg.frame, gate));
        let gate = gates.find(|gate| solver.value(gate.formula, store) == Truth::True)?;
        Some(leg.frame.words.id(gate.mechanism?).to_owned())
    }

    /// A step with what would fail without it.
    fn step(&self, choice: &Choice, chosen: &[usize]) -> Step {
        let without: Vec<usize> = chosen.iter().copied().filter(|index| self.choices.get(*index) != Some(choice)).collect();
        let (with, without) = (self.stores(chosen), self.stores(&without));
        let (mut aims, mut cites) = (Vec::new(), Vec::new());
        for ((leg, with), without) in self.legs.iter().zip(&with).zip(&without) {
            let solver = Solver::new(&leg.frame);
            for program in leg.programs.iter().filter(|program| solver.value(program.lawful, without) != Truth::True) {
                let turned =
                    |gate: &&Gate| solver.value(gate.formula, with) == Truth::True && solver.value(gate.formula, without) != Truth::True;
                let lifted =
                    |gate: &&Gate| solver.value(gate.formula, with) == Truth::False && solver.value(gate.formula, without) != Truth::False;
                let gate = program
                    .requires
                    .iter()
                    .find(turned)
                    .or_else(|| program.forbids.iter().find(lifted))
                    .or_else(|| program.permits.iter().find(turned))
                    .or_else(|| program.restricts.iter().find(lifted));
                let Some(gate) = gate else { continue };
                let aim =
                    gate.mechanism.map_or_else(|| gate.provision.id.text.clone(), |mechanism| leg.frame.words.id(mechanism).to_owned());
                crate::trace::push(&mut aims, &format!("{}: {aim}", program.instrument().id.text));
                gate.provision.cites.iter().for_each(|cite| crate::trace::push(&mut cites, cite));
            }
        }
        let leg = choice.leg.and_then(|leg| self.legs.get(leg)).and_then(|leg| leg.name.clone());
        Step { path: choice.path.clone(), leg, aims, cites, cost: choice.cost }
    }
}
