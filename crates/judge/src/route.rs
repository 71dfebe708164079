// SPDX-License-Identifier: Apache-2.0
//! The cheapest lawful routes: sets of steps after which every applicable instrument permits the flow, on every leg.
//!
//! A best-first search over sets of steps, cheapest first, so the first set that works is a cheapest one.
//! From a set that does not work yet the search goes on only with steps on facts that the formulas still hang on:
//! as long as a formula is not true, making it true takes a change of a test that stands in a part that is not true.
//! Routes that rest on a derogation or on consent come after every route that rests on a safeguard, whatever they cost.

use crate::change::Change;
use crate::compile::Frame;
use crate::cost::{Cost, Costs};
use crate::finding::Verdict;
use crate::formula::{Formula, Node, Test, Truth, added_fits};
use crate::judgment::{JudgeError, Options, governing, question};
use crate::leg::Leg;
use crate::program::{Gate, Program};
use crate::solve::Solver;
use crate::store::{Domain, NO, Store, Variable, YES};
use comity_flow::Flow;
use comity_law::Library;
use comity_terms::{Bits, Class, KeyId, KeyKind, Scheme};
use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashSet};

/// How many sets of steps the search looks at before it gives up and says so.
const BUDGET: usize = 20_000;

/// What to look for.
#[derive(Clone, Debug, Default)]
pub struct RouteOptions {
    /// How many routes to find.
    pub limit: usize,
    /// Categories that the flow could do without.
    pub droppable: Bits,
    /// What steps cost.
    pub costs: Costs,
}

/// One step of a route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The key path, with `+value` where a value is added.
    pub path: String,
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
    key: Option<KeyId>,
}

struct LegWorld<'a> {
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
    world.choices = world.choices(wanted);
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
            world.search(rests, wanted, &mut found);
        }
    }
    if found.routes.is_empty() {
        world.explain(&mut found);
    }
    Ok(found)
}

/// The flow as a route would leave it.
#[must_use]
pub fn apply(flow: &Flow, route: &Route) -> Flow {
    let mut next = flow.clone();
    for choice in &route.changes {
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
            let (mut frame, programs, store) = governing(library, flow, options, leg)?;
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
            legs.push(LegWorld { frame, programs, store, lawful, safe });
        }
        Ok(Self { legs, choices: Vec::new() })
    }

    /// Every step that could matter: for each test that a step can turn, the ways to turn it.
    fn choices(&self, wanted: &RouteOptions) -> Vec<Choice> {
        let mut all: Vec<Choice> = Vec::new();
        for (number, leg) in self.legs.iter().enumerate() {
            let solver = Solver::new(&leg.frame);
            let mut wide = solver.widened_for_advice(&leg.store);
            let categories = leg.frame.words.key("data.categories");
            if let Some(key) = categories.filter(|_| !wanted.droppable.is_empty())
                && let Some(free) = wide.free.get_mut(key.index())
            {
                *free = true;
            }
            let mut tests = Vec::new();
            signed_tests(&leg.frame, leg.lawful, true, &mut tests);
            tests.sort_unstable();
            tests.dedup();
            for (test, positive) in tests {
                let Some(test) = leg.frame.tests.get(test) else { continue };
                if !wide.is_free(test.variable()) {
                    continue;
                }
                for change in turn(leg, test, positive, &wide, wanted) {
                    let path = leg.frame.paths(std::slice::from_ref(&change), &leg.store).swap_remove(0);
                    let key = match &change {
                        Change::Set(key, _) | Change::Add(key, _) | Change::Renew(key, _) => Some(*key),
                        Change::Wait => None,
                    };
                    let cost = wanted.costs.of(&path);
                    let choice = Choice { leg: own_leg(&leg.frame, key, number), change, path, cost, key };
                    if !all.contains(&choice) {
                        all.push(choice);
                    }
                }
            }
        }
        all
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
        self.legs.iter().zip(stores).all(|(leg, store)| Solver::new(&leg.frame).value(Self::target(leg, rests), store) == Truth::True)
    }

    fn weight(&self, chosen: &[usize], costs: &Costs) -> u64 {
        // Parts of one step (kind and result of one assessment) are done once.
        let steps: BTreeSet<(Option<usize>, &str, u64)> = chosen
            .iter()
            .filter_map(|index| self.choices.get(*index))
            .map(|choice| (choice.leg, choice.path.as_str(), costs.weight(choice.cost)))
            .collect();
        steps.into_iter().map(|(.., weight)| weight).sum()
    }

    fn search(&self, rests: Rests, wanted: &RouteOptions, found: &mut Routes) {
        if self.legs.iter().any(|leg| {
            let solver = Solver::new(&leg.frame);
            !solver.could(Self::target(leg, rests), &solver.widened_for_advice(&leg.store)) && wanted.droppable.is_empty()
        }) {
            return;
        }
        let mut heap: BinaryHeap<Reverse<(u64, usize, Vec<usize>)>> = BinaryHeap::from([Reverse((0, 0, Vec::new()))]);
        let mut seen: HashSet<Vec<usize>> = HashSet::new();
        while let Some(Reverse((cost, _, chosen))) = heap.pop() {
            if found.looked_at >= BUDGET {
                found.exact = false;
                return;
            }
            // What contains a route needs steps that it could leave out.
            let contains =
                |route: &Route| route.changes.iter().all(|known| chosen.iter().any(|index| self.choices.get(*index) == Some(known)));
            if found.routes.iter().any(contains) {
                continue;
            }
            found.looked_at += 1;
            let stores = self.stores(&chosen);
            if self.holds(&stores, rests) {
                found.routes.push(self.route(&chosen, cost, rests, &stores));
                if found.routes.len() >= wanted.limit.max(1) {
                    return;
                }
                continue;
            }
            for index in self.relevant(&stores, rests) {
                if chosen.contains(&index) || self.contradicts(&chosen, index) {
                    continue;
                }
                let mut next = chosen.clone();
                next.push(index);
                next.sort_unstable();
                if seen.insert(next.clone()) {
                    heap.push(Reverse((self.weight(&next, &wanted.costs), next.len(), next)));
                }
            }
        }
    }

    /// Two values for one key.
    fn contradicts(&self, chosen: &[usize], index: usize) -> bool {
        let Some(new) = self.choices.get(index) else { return true };
        matches!(new.change, Change::Set(..))
            && chosen
                .iter()
                .filter_map(|known| self.choices.get(*known))
                .any(|known| known.key == new.key && known.leg == new.leg && matches!(known.change, Change::Set(..)))
    }

    /// The choices on facts that the formulas still hang on.
    fn relevant(&self, stores: &[Store], rests: Rests) -> BTreeSet<usize> {
        let mut relevant = BTreeSet::new();
        for (number, (leg, store)) in self.legs.iter().zip(stores).enumerate() {
            let mut variables: BTreeSet<Variable> = BTreeSet::new();
            hanging(leg, Self::target(leg, rests), store, &mut variables);
            for (index, choice) in self.choices.iter().enumerate().filter(|(_, choice)| choice.leg.is_none_or(|own| own == number)) {
                let touches = match choice.key {
                    Some(key) => variables.contains(&Variable::Key(key)),
                    None => true,
                };
                if touches {
                    relevant.insert(index);
                }
            }
        }
        relevant
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
        let mut steps: Vec<Step> = Vec::new();
        for step in choices.iter().map(|choice| self.step(choice, chosen)) {
            if !steps.contains(&step) {
                steps.push(step);
            }
        }
        Route {
            steps,
            cost,
            days: choices.iter().map(|choice| choice.cost.days).max().unwrap_or(0),
            rests,
            verdict,
            mechanisms,
            changes: choices.into_iter().cloned().collect(),
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
        Step { path: choice.path.clone(), aims, cites, cost: choice.cost }
    }

    /// Why there is no route: what closes every way, or which facts nobody stated.
    fn explain(&self, found: &mut Routes) {
        for leg in &self.legs {
            let solver = Solver::new(&leg.frame);
            let wide = solver.widened_for_advice(&leg.store);
            for program in &leg.programs {
                if solver.attain(program.lawful, &wide).is_some() {
                    continue;
                }
                if solver.could(program.lawful, &wide) {
                    let unknown = solver.open_facts(program.lawful, &wide);
                    for path in unknown.into_iter().map(|variable| question(&leg.frame, variable, &leg.store)) {
                        crate::trace::push(&mut found.questions, &path);
                    }
                    continue;
                }
                let blocking = program.forbids.iter().filter(|gate| solver.value(gate.formula, &wide) == Truth::True);
                let unmet = program.requires.iter().filter(|gate| !solver.could(gate.formula, &wide));
                let closed = program.permits.iter().filter(|gate| !solver.could(gate.formula, &wide));
                let restricting = program.restricts.iter().filter(|gate| solver.value(gate.formula, &wide) == Truth::True);
                for gate in blocking.chain(unmet).chain(restricting).chain(closed) {
                    let entry = Closed {
                        instrument: program.instrument().id.text.clone(),
                        provision: gate.provision.id.text.clone(),
                        cites: gate.provision.cites.clone(),
                    };
                    if !found.closed_by.contains(&entry) {
                        found.closed_by.push(entry);
                    }
                }
            }
        }
    }
}

/// The leg that a change belongs to; none: to all. On a later leg contracts, measures and the importer are the recipient's own.
fn own_leg(frame: &Frame, key: Option<KeyId>, leg: usize) -> Option<usize> {
    let path = key.and_then(|key| frame.words.key_at(key)).map_or("", |key| key.path.as_str());
    (path.starts_with("importer.") || path == "safeguards.contracts" || path == "safeguards.measures").then_some(leg)
}

fn signed_tests(frame: &Frame, formula: Formula, positive: bool, out: &mut Vec<(usize, bool)>) {
    match frame.formulas.node(formula) {
        Some(Node::All(parts) | Node::Any(parts)) => parts.iter().for_each(|part| signed_tests(frame, *part, positive, out)),
        Some(Node::Not(inner)) => signed_tests(frame, *inner, !positive, out),
        Some(Node::Test(number)) => out.push((*number, positive)),
        None => {}
    }
}

/// The variables of tests in parts of a formula that are not true.
fn hanging(leg: &LegWorld, formula: Formula, store: &Store, out: &mut BTreeSet<Variable>) {
    fn walk(leg: &LegWorld, now: &crate::formula::Evaluation, formula: Formula, wanted: Truth, out: &mut BTreeSet<Variable>) {
        if now.value(formula) == wanted {
            return;
        }
        match leg.frame.formulas.node(formula) {
            Some(Node::All(parts) | Node::Any(parts)) => parts.iter().for_each(|part| walk(leg, now, *part, wanted, out)),
            Some(Node::Not(inner)) => walk(leg, now, *inner, !wanted, out),
            Some(Node::Test(number)) => {
                if let Some(test) = leg.frame.tests.get(*number) {
                    out.insert(test.variable());
                }
            }
            None => {}
        }
    }
    let solver = Solver::new(&leg.frame);
    walk(leg, &solver.evaluation(store), formula, Truth::True, out);
}

/// The changes that turn a test the wanted way.
fn turn(leg: &LegWorld, test: &Test, positive: bool, wide: &Store, wanted: &RouteOptions) -> Vec<Change> {
    let words = leg.frame.words;
    let mut out = Vec::new();
    match test {
        Test::In(Variable::Key(key), set) => {
            let (Some(Domain::One(now)), Some(Domain::One(free))) = (leg.store.get(Variable::Key(*key)), wide.get(Variable::Key(*key)))
            else {
                return out;
            };
            let aim = if positive { free.and(set) } else { free.minus(set) };
            // What was stated and done is not taken back to open another way.
            let stated = now.len() == 1 && words.key_at(*key).is_some_and(|key| key.kind != KeyKind::Flag && key.class == Class::Act);
            let none = |index: u16| match words.key_at(*key).map(|key| key.kind) {
                Some(KeyKind::One(scheme)) => words.id_at(scheme, index) == "none",
                _ => false,
            };
            if now.within(&aim) || (stated && !positive && !now.lowest().is_some_and(none)) {
                return out;
            }
            let flag = words.key_at(*key).is_some_and(|key| key.kind == KeyKind::Flag);
            let value = if flag { if aim.has(YES) { Some(YES) } else { aim.has(NO).then_some(NO) } } else { aim.lowest() };
            out.extend(value.map(|index| Change::Set(*key, Domain::One(Bits::single(index)))));
        }
        Test::AtLeast(Variable::Key(key), number) => {
            let value = if positive { *number } else { number.saturating_sub(1) };
            out.push(Change::Set(*key, Domain::Range { low: value, high: value }));
        }
        Test::In(..) | Test::AtLeast(..) => {}
        Test::Meets(key, set) | Test::Several(key, _, set) | Test::Item(key, set, _) => {
            let (Some(Domain::Many { yes, .. }), Some(Domain::Many { open, .. })) =
                (leg.store.get(Variable::Key(*key)), wide.get(Variable::Key(*key)))
            else {
                return out;
            };
            let class = words.key_at(*key).map_or(Class::Given, |key| key.class);
            if class == Class::Given {
                // Only categories that the flow could do without.
                let kept = yes.minus(&set.and(&wanted.droppable));
                if !positive && kept != *yes && !kept.is_empty() {
                    out.push(Change::Set(*key, Domain::Many { yes: kept, open: Bits::EMPTY }));
                }
            } else if class == Class::Design {
                let value = if positive { set.lowest().map(|index| yes.or(&Bits::single(index))) } else { Some(yes.minus(set)) };
                let value = value.map(|value| if value.is_empty() { home(leg, &open.or(yes).minus(set)) } else { value });
                out.extend(
                    value.filter(|value| value != yes).map(|value| Change::Set(*key, Domain::Many { yes: value, open: Bits::EMPTY })),
                );
            } else if positive {
                for member in Solver::new(&leg.frame).representatives(*key, &open.and(set)) {
                    out.push(Change::Add(*key, member));
                }
                if let Test::Item(_, _, day) = test
                    && added_fits(wide, *day)
                {
                    for item in leg.store.item_days.iter().filter(|item| item.key == *key && set.has(item.term)) {
                        out.push(Change::Renew(*key, item.term));
                    }
                    out.push(Change::Wait);
                }
            }
        }
        Test::Within(key, set) => {
            let Some(Domain::Many { yes, .. }) = leg.store.get(Variable::Key(*key)) else { return out };
            let class = words.key_at(*key).map_or(Class::Given, |key| key.class);
            if class == Class::Design {
                let value = if positive { yes.and(set) } else { yes.minus(set) };
                let value = if value.is_empty() { home(leg, set) } else { value };
                if value != *yes {
                    out.push(Change::Set(*key, Domain::Many { yes: value, open: Bits::EMPTY }));
                }
            }
        }
        Test::Empty(key) => {
            let design = words.key_at(*key).is_some_and(|key| key.class == Class::Design);
            if design && positive {
                out.push(Change::Set(*key, Domain::Many { yes: Bits::EMPTY, open: Bits::EMPTY }));
            }
        }
    }
    out
}

/// A place to keep data in: the exporter's own, if allowed.
fn home(leg: &LegWorld, allowed: &Bits) -> Bits {
    let seat = leg.frame.words.key("exporter.seat").and_then(|key| match leg.store.get(Variable::Key(key)) {
        Some(Domain::One(seat)) if seat.len() == 1 && seat.meets(allowed) => Some(*seat),
        _ => None,
    });
    seat.unwrap_or_else(|| allowed.lowest().map_or(Bits::EMPTY, Bits::single))
}
