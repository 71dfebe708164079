// SPDX-License-Identifier: Apache-2.0
//! The steps that could matter: for each test that steps can turn, the ways to turn it.
//!
//! Values that no test on any leg tells apart are one choice: the cheapest of them.

use super::{Choice, LegWorld, RouteOptions, World};
use crate::change::Change;
use crate::compile::Frame;
use crate::formula::{Formula, Node, Test, Truth, added};
use crate::solve::Solver;
use crate::store::{Domain, NO, Store, Variable, YES};
use comity_terms::{Bits, Class, KeyId, KeyKind};

/// So many values are tried for a list that a flow is built with, such as its places of storage.
const VALUES: usize = 32;

/// What is wanted of a list.
enum Wish {
    /// This member.
    Add(u16),
    /// None of these.
    Remove(Bits),
}

impl World<'_> {
    /// Every step that could matter.
    pub(super) fn all_choices(&self, wanted: &RouteOptions) -> Vec<Choice> {
        let mut all: Vec<Choice> = Vec::new();
        for (number, leg) in self.legs.iter().enumerate() {
            let mut wide = Solver::new(&leg.frame).widened_for_advice(&leg.store);
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
            tests.retain(|(test, _)| leg.frame.tests.get(*test).is_some_and(|test| wide.is_free(test.variable())));
            let mut changes = Vec::new();
            for (test, positive) in &tests {
                if let Some(test) = leg.frame.tests.get(*test) {
                    changes.extend(self.turn(leg, test, *positive, &wide, wanted));
                }
            }
            changes.extend(self.arrangements(leg, &tests, &wide));
            for change in changes {
                let path = leg.frame.paths(std::slice::from_ref(&change), &leg.store).swap_remove(0);
                let key = match &change {
                    Change::Set(key, _) | Change::Add(key, _) | Change::Renew(key, _) => Some(*key),
                    Change::Wait => None,
                };
                let cost = wanted.costs.of(&path);
                let leg = own_leg(&leg.frame, key, number);
                let choice = Choice { leg, change, path, cost, weight: wanted.costs.weight(cost), key, step: 0 };
                if !all.contains(&choice) {
                    all.push(choice);
                }
            }
        }
        // A whole stands before its parts: of two routes that cost the same, the one that asks for less comes first.
        all.sort_by(|one, other| (one.leg, &one.path).cmp(&(other.leg, &other.path)));
        let name = |choice: &Choice| (choice.leg, what(&choice.change, &choice.path).to_owned());
        let names: Vec<(Option<usize>, String)> = all.iter().map(name).collect();
        for (at, choice) in all.iter_mut().enumerate() {
            let own = names.get(at);
            choice.step = names.iter().position(|known| Some(known) == own).unwrap_or(at);
        }
        all
    }

    /// The members of a set that stand for all of it: one of each class that no test on any leg tells apart.
    fn of_each_class(&self, key: KeyId, among: &Bits) -> Vec<Bits> {
        let mut classes = vec![*among];
        let tests = self.legs.iter().flat_map(|leg| &leg.frame.tests).filter(|test| test.variable() == Variable::Key(key));
        for test in tests {
            let (Test::In(_, set) | Test::Meets(_, set) | Test::Within(_, set) | Test::Several(_, _, set) | Test::Item(_, set, _)) = test
            else {
                continue;
            };
            let single = matches!(test, Test::Several(..));
            classes = classes
                .iter()
                .flat_map(|class| {
                    let inside = class.and(set);
                    let inside = if single { inside.iter().map(Bits::single).collect() } else { vec![inside] };
                    inside.into_iter().chain([class.minus(set)])
                })
                .filter(|class| !class.is_empty())
                .collect();
        }
        classes
    }

    /// The cheapest member of each class of a set.
    fn cheapest(&self, leg: &LegWorld, key: KeyId, among: &Bits, wanted: &RouteOptions) -> Vec<u16> {
        let weight = |member: u16| {
            let path = leg.frame.paths(&[Change::Add(key, member)], &leg.store).swap_remove(0);
            wanted.costs.weight(wanted.costs.of(&path))
        };
        let classes = self.of_each_class(key, among);
        classes.iter().filter_map(|class| class.iter().min_by_key(|member| (weight(*member), *member))).collect()
    }

    /// The changes that turn a test the wanted way; for lists that a flow is built with, see [`Self::arrangements`].
    fn turn(&self, leg: &LegWorld, test: &Test, positive: bool, wide: &Store, wanted: &RouteOptions) -> Vec<Change> {
        let words = leg.frame.words;
        let mut out = Vec::new();
        match test {
            Test::In(Variable::Key(key), set) => {
                let (Some(Domain::One(now)), Some(Domain::One(free))) = (leg.store.get(Variable::Key(*key)), wide.get(Variable::Key(*key)))
                else {
                    return out;
                };
                let kind = words.key_at(*key).map(|key| key.kind);
                let none = match kind {
                    Some(KeyKind::One(scheme)) => words.find(scheme, "none").map_or(Bits::EMPTY, |term| Bits::single(term.index())),
                    _ => Bits::EMPTY,
                };
                let aim = if positive { free.and(set) } else { free.minus(set) };
                // What was not made has no result to speak of, and may need one once it is made.
                if now.within(&aim) && *now != none {
                    return out;
                }
                let values = match kind {
                    Some(KeyKind::Flag) if aim.has(YES) => vec![YES],
                    Some(KeyKind::Flag) => aim.has(NO).then_some(NO).into_iter().collect(),
                    _ => self.of_each_class(*key, &aim.minus(&none)).iter().filter_map(Bits::lowest).collect(),
                };
                out.extend(values.into_iter().map(|index| Change::Set(*key, Domain::One(Bits::single(index)))));
            }
            Test::AtLeast(Variable::Key(key), number) => {
                let value = if positive { *number } else { number.saturating_sub(1) };
                out.push(Change::Set(*key, Domain::Range { low: value, high: value }));
            }
            Test::In(..) | Test::AtLeast(..) | Test::Within(..) | Test::Empty(_) => {}
            Test::Meets(key, set) | Test::Several(key, _, set) | Test::Item(key, set, _) => {
                let (Some(Domain::Many { yes, .. }), Some(Domain::Many { open, .. })) =
                    (leg.store.get(Variable::Key(*key)), wide.get(Variable::Key(*key)))
                else {
                    return out;
                };
                match words.key_at(*key).map_or(Class::Given, |key| key.class) {
                    Class::Given => {
                        // Only categories that the flow could do without.
                        let kept = yes.minus(&set.and(&wanted.droppable));
                        if !positive && kept != *yes && !kept.is_empty() {
                            out.push(Change::Set(*key, Domain::Many { yes: kept, open: Bits::EMPTY }));
                        }
                    }
                    Class::Act | Class::Grant if positive => {
                        out.extend(self.cheapest(leg, *key, &open.and(set), wanted).into_iter().map(|member| Change::Add(*key, member)));
                        if let Test::Item(_, _, day) = test
                            && added(wide, *day) != Truth::False
                        {
                            let old = leg.store.item_days.iter().filter(|item| item.key == *key && set.has(item.term));
                            out.extend(old.map(|item| Change::Renew(*key, item.term)));
                            out.push(Change::Wait);
                        }
                    }
                    Class::Act | Class::Grant | Class::Design => {}
                }
            }
        }
        out
    }

    /// Other values of the lists that a flow is built with: every one that the tests on it can ask for together.
    fn arrangements(&self, leg: &LegWorld, tests: &[(usize, bool)], wide: &Store) -> Vec<Change> {
        let words = leg.frame.words;
        let mut out = Vec::new();
        for key in words.keys().iter().filter(|key| key.class == Class::Design) {
            let (Some(id), KeyKind::Many(scheme)) = (words.key(&key.path), key.kind) else { continue };
            let (Some(Domain::Many { yes, .. }), true) = (leg.store.get(Variable::Key(id)), wide.is_free(Variable::Key(id))) else {
                continue;
            };
            let all = words.all(scheme);
            let mut wishes = Vec::new();
            for (test, positive) in tests {
                let Some(test) = leg.frame.tests.get(*test).filter(|test| test.variable() == Variable::Key(id)) else { continue };
                let (set, add) = match test {
                    Test::Meets(_, set) | Test::Several(_, _, set) | Test::Item(_, set, _) => (*set, *positive),
                    Test::Within(_, set) => (all.minus(set), !positive),
                    Test::Empty(_) => (all, !positive),
                    Test::In(..) | Test::AtLeast(..) => continue,
                };
                if add {
                    wishes.extend(self.of_each_class(id, &set).iter().filter_map(|class| home(leg, class)).map(Wish::Add));
                } else {
                    wishes.push(Wish::Remove(set));
                }
            }
            // The first is the list as it is; where it is unknown, that is no value.
            let values = composed(leg, yes, &all, &wishes).into_iter().skip(1);
            out.extend(values.map(|yes| Change::Set(id, Domain::Many { yes, open: Bits::EMPTY })));
        }
        out
    }
}

/// What a person does by a change: wherever data are moved to, moving them is one thing to do.
fn what<'p>(change: &Change, path: &'p str) -> &'p str {
    match change {
        Change::Set(..) => path.split_once('+').map_or(path, |(key, _)| key),
        Change::Add(..) | Change::Renew(..) | Change::Wait => path,
    }
}

/// Every value that comes of some of the wishes, in any order.
fn composed(leg: &LegWorld, now: &Bits, all: &Bits, wishes: &[Wish]) -> Vec<Bits> {
    let mut reached = vec![(*now, Bits::EMPTY)];
    let mut at = 0;
    while let Some((value, barred)) = reached.get(at).copied() {
        at += 1;
        for wish in wishes {
            let next = match wish {
                Wish::Add(member) => {
                    let one = Bits::single(*member);
                    (value.or(&one), barred.minus(&one))
                }
                Wish::Remove(set) => {
                    let barred = barred.or(set);
                    let kept = value.minus(set);
                    // Data must stay somewhere, if any place is left.
                    let kept = if kept.is_empty() { home(leg, &all.minus(&barred)).map_or(kept, Bits::single) } else { kept };
                    (kept, barred)
                }
            };
            if reached.len() < VALUES && !reached.contains(&next) {
                reached.push(next);
            }
        }
    }
    let mut values: Vec<Bits> = Vec::with_capacity(reached.len());
    for (value, _) in reached {
        if !values.contains(&value) {
            values.push(value);
        }
    }
    values
}

/// A place to keep data in: the exporter's own, if allowed.
fn home(leg: &LegWorld, allowed: &Bits) -> Option<u16> {
    let seat = leg.frame.words.key("exporter.seat").and_then(|key| leg.store.get(Variable::Key(key)));
    match seat {
        Some(Domain::One(seat)) if seat.len() == 1 && seat.meets(allowed) => seat.lowest(),
        _ => allowed.lowest(),
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
