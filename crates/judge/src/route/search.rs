// SPDX-License-Identifier: Apache-2.0
//! The search for sets of steps that work, cheapest first.
//!
//! A formula that does not hold yet makes demands: sets of steps of which every set that works takes one at least.
//! The search goes on with the steps of one demand, the smallest, and none that works is missed by that. What demands
//! without a step in common still cost, each at its cheapest, is less than what any set costs that works, so a set comes
//! up only when nothing cheaper is left (the A* of Hart, Nilsson and Raphael, 1968).

use super::{Choice, LegWorld, Rests, Routes, World};
use crate::change::Change;
use crate::formula::{DayTest, Evaluation, Formula, Node, Test, Truth};
use crate::solve::Solver;
use crate::store::{Store, Variable};
use comity_terms::{Bits, Class, KeyId};
use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};

/// How many sets of steps the search looks at before it gives up and says so.
const BUDGET: usize = 20_000;

/// The whole to which the qualities of consent belong.
const CONSENT: &str = "safeguards.consent";

/// A set of choices of which one at least must be made.
type Demand = Bits;

/// A set of choices on the way: what it will cost at least, how many there are, and their numbers.
type Waiting = Reverse<(u64, usize, Vec<usize>)>;

/// The choices that can turn a test one way, looked up once for each.
#[derive(Default)]
struct Turning(RefCell<HashMap<(usize, usize, bool), Demand>>);

impl World<'_> {
    /// Adds routes, cheapest first, until there are so many or nothing is left.
    pub(super) fn search(&self, rests: Rests, limit: usize, found: &mut Routes) {
        if self.is_hopeless(rests) {
            return;
        }
        let turning = Turning::default();
        let mut heap: BinaryHeap<Waiting> = BinaryHeap::from([Reverse((0, 0, Vec::new()))]);
        let mut seen: HashSet<Vec<usize>> = HashSet::new();
        if self.choices.len() > Bits::CAPACITY {
            found.exact = false;
        }
        while let Some(Reverse((_, _, chosen))) = heap.pop() {
            if found.looked_at >= BUDGET {
                found.exact = false;
                return;
            }
            if self.has_a_route(&chosen, found) {
                continue;
            }
            found.looked_at += 1;
            let stores = self.stores(&chosen);
            if stores.iter().any(Store::is_void) {
                continue;
            }
            if self.holds(&stores, rests) {
                let cost = self.cost(&chosen);
                found.routes.push(self.route(&chosen, cost, rests, &stores));
                if found.routes.len() >= limit {
                    return;
                }
                continue;
            }
            let Some(demands) = self.demands(&stores, rests, &turning) else { continue };
            let open: Vec<Vec<usize>> = demands.iter().map(|demand| self.open(demand, &chosen)).collect();
            let Some(branch) = open.iter().min_by_key(|open| open.len()) else { continue };
            for index in branch {
                let mut next = chosen.clone();
                next.push(*index);
                next.sort_unstable();
                if seen.insert(next.clone()) {
                    heap.push(Reverse((self.cost(&next) + self.still(&open, &next), next.len(), next)));
                }
            }
        }
    }

    /// Whether no steps at all lead there on some leg. Categories that can be left out are more than the solver knows of.
    fn is_hopeless(&self, rests: Rests) -> bool {
        let given = |choice: &Choice| {
            let key = choice.key.and_then(|key| comity_terms::vocabulary().key_at(key));
            key.is_some_and(|key| key.class == Class::Given)
        };
        !self.choices.iter().any(given)
            && self.legs.iter().any(|leg| {
                let solver = Solver::new(&leg.frame);
                let reached = solver.attain(Self::target(leg, rests), &solver.widened_for_advice(&leg.store));
                reached.is_none() && !solver.exhausted()
            })
    }

    /// What contains the steps of a route needs steps that it could leave out.
    fn has_a_route(&self, chosen: &[usize], found: &Routes) -> bool {
        let choices = || chosen.iter().filter_map(|index| self.choices.get(*index));
        // Who obtains consent of some quality has obtained consent.
        let covers = |own: &Choice, known: &Choice| {
            own.step == known.step || known.path == CONSENT && own.path.strip_prefix(CONSENT).is_some_and(|rest| rest.starts_with('.'))
        };
        let contains = |known: &Choice| choices().any(|own| covers(own, known));
        found.routes.iter().any(|route| route.changes.iter().all(contains))
    }

    /// What a set costs: choices that are one step are paid for once.
    fn cost(&self, chosen: &[usize]) -> u64 {
        let choices = || chosen.iter().filter_map(|index| self.choices.get(*index));
        let first = |at: usize, step: usize| !choices().take(at).any(|earlier| earlier.step == step);
        choices().enumerate().filter(|(at, choice)| first(*at, choice.step)).map(|(_, choice)| choice.weight).sum()
    }

    /// What demands that are still to be met cost at least.
    fn still(&self, demands: &[Vec<usize>], chosen: &[usize]) -> u64 {
        let paid: Vec<usize> = chosen.iter().filter_map(|index| self.choices.get(*index)).map(|choice| choice.step).collect();
        let mut bounds: Vec<(u64, Bits)> = demands
            .iter()
            .filter(|demand| !demand.iter().any(|index| chosen.contains(index)))
            .map(|demand| {
                let choices = || demand.iter().filter_map(|index| self.choices.get(*index));
                let least = choices().map(|choice| if paid.contains(&choice.step) { 0 } else { choice.weight }).min().unwrap_or(0);
                (least, choices().filter_map(|choice| u16::try_from(choice.step).ok()).collect())
            })
            .collect();
        bounds.sort_by_key(|(least, _)| Reverse(*least));
        let (mut sum, mut used) = (0, Bits::EMPTY);
        for (least, steps) in bounds {
            if !steps.meets(&used) {
                used = used.or(&steps);
                sum += least;
            }
        }
        sum
    }

    /// The choices of a demand that can still be made.
    fn open(&self, demand: &Demand, chosen: &[usize]) -> Vec<usize> {
        let all = demand.iter().map(usize::from);
        all.filter(|index| !chosen.contains(index) && !self.contradicts(chosen, *index)).collect()
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

    /// The demands of all legs; none where no step helps.
    fn demands(&self, stores: &[Store], rests: Rests, turning: &Turning) -> Option<Vec<Demand>> {
        let mut all: Vec<Demand> = Vec::new();
        for (number, (leg, store)) in self.legs.iter().zip(stores).enumerate() {
            let solver = Solver::new(&leg.frame);
            let walk = Walk { world: self, number, leg, now: &solver.evaluation(store), turning };
            for demand in walk.demands(Self::target(leg, rests), true)? {
                if !all.contains(&demand) {
                    all.push(demand);
                }
            }
        }
        Some(all)
    }
}

/// The walk through the formula of one leg.
struct Walk<'w, 'a> {
    world: &'w World<'a>,
    number: usize,
    leg: &'w LegWorld<'a>,
    now: &'w Evaluation<'w>,
    turning: &'w Turning,
}

impl Walk<'_, '_> {
    /// The demands of a formula that shall be true (or false, where `wanted` says so); none where no step helps.
    fn demands(&self, formula: Formula, wanted: bool) -> Option<Vec<Demand>> {
        if self.now.value(formula) == Truth::of(wanted) {
            return Some(Vec::new());
        }
        match self.leg.frame.formulas.node(formula)? {
            Node::Not(inner) => self.demands(*inner, !wanted),
            Node::Test(number) => Some(self.turning(*number, wanted)).filter(|demand| !demand.is_empty()).map(|demand| vec![demand]),
            Node::All(parts) if wanted => self.each(parts, wanted),
            Node::Any(parts) if !wanted => self.each(parts, wanted),
            Node::All(parts) | Node::Any(parts) => self.either(parts, wanted),
        }
    }

    fn each(&self, parts: &[Formula], wanted: bool) -> Option<Vec<Demand>> {
        let mut all: Vec<Demand> = Vec::new();
        for part in parts {
            for demand in self.demands(*part, wanted)? {
                if !all.contains(&demand) {
                    all.push(demand);
                }
            }
        }
        Some(all)
    }

    /// One part shall be as wanted: the demands of the one that makes the most, each widened by a demand of every other.
    fn either(&self, parts: &[Formula], wanted: bool) -> Option<Vec<Demand>> {
        let mut ways: Vec<Vec<Demand>> = parts.iter().filter_map(|part| self.demands(*part, wanted)).collect();
        let most = (0..ways.len()).max_by_key(|at| ways.get(*at).map_or(0, Vec::len))?;
        let main = ways.swap_remove(most);
        let others = ways.iter().filter_map(|way| way.iter().min_by_key(|demand| demand.len()));
        let others = others.fold(Bits::EMPTY, |all, demand| all.or(demand));
        Some(main.iter().map(|demand| demand.or(&others)).collect())
    }

    /// The choices that can turn a test the wanted way, by themselves or with others.
    fn turning(&self, number: usize, wanted: bool) -> Demand {
        if let Some(known) = self.turning.0.borrow().get(&(self.number, number, wanted)) {
            return *known;
        }
        let mut all = Bits::EMPTY;
        if let Some(test) = self.leg.frame.tests.get(number) {
            for (index, choice) in self.world.choices.iter().enumerate().take(Bits::CAPACITY) {
                if choice.leg.is_none_or(|own| own == self.number) && self.serves(choice, test, wanted) {
                    all.insert(u16::try_from(index).unwrap_or(u16::MAX));
                }
            }
        }
        self.turning.0.borrow_mut().insert((self.number, number, wanted), all);
        all
    }

    fn serves(&self, choice: &Choice, test: &Test, wanted: bool) -> bool {
        let Variable::Key(tested) = test.variable() else { return false };
        match &choice.change {
            Change::Wait => wanted && matches!(test, Test::Item(_, _, DayTest::Waited(_))),
            Change::Add(key, member) | Change::Renew(key, member) if *key == tested => match test {
                Test::Meets(_, set) | Test::Several(_, _, set) | Test::Item(_, set, _) => wanted && set.has(*member),
                Test::Within(_, set) => !wanted && !set.has(*member),
                Test::Empty(_) => !wanted,
                Test::In(..) | Test::AtLeast(..) => false,
            },
            Change::Set(key, domain) if *key == tested => {
                test.truth(&self.leg.store.with(Variable::Key(*key), *domain)) == Truth::of(wanted)
            }
            Change::Set(key, _) => self.hang_together(*key, tested),
            Change::Add(..) | Change::Renew(..) => false,
        }
    }

    /// Whether a change of one key can change the other: a whole and its parts.
    fn hang_together(&self, changed: KeyId, tested: KeyId) -> bool {
        let path = |key: KeyId| self.leg.frame.words.key_at(key).map_or("", |key| key.path.as_str());
        let (changed, tested) = (path(changed), path(tested));
        let assessment = "safeguards.assessment";
        changed.starts_with(assessment) && tested.starts_with(assessment) || changed.starts_with(CONSENT) && tested == CONSENT
    }
}
