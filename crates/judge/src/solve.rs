// SPDX-License-Identifier: Apache-2.0
//! Splitting what is unknown, and the search for steps. See [`crate::search`] for the verdicts.
//!
//! A complete flow has one verdict under a program: `unrestricted`, `permitted`, or, where it fails, `incomplete` if some
//! assignment of controllable facts makes it lawful and `prohibited` if none does. A flow with unknown facts has the set
//! of the verdicts of its completions. The search splits on one open test at a time, so that each split is a partition
//! of the completions, and evaluates in Kleene logic between splits: what is decided early is not split at all.

use crate::compile::Frame;
use crate::formula::{DayTest, Evaluation, Formula, Test, Truth, added};
use crate::store::{Domain, Store, Variable, YES};
use comity_terms::{Bits, Class, KeyId, KeyKind, vocabulary};
use std::cell::Cell;
use std::sync::LazyLock;

/// How many nodes a search may visit before it gives up and says so.
pub(crate) const BUDGET: usize = 50_000;

/// How far steps can change a key.
enum Widening {
    /// To any value.
    Free(Domain),
    /// These members may be added.
    Adds(Bits),
    /// The result of an assessment.
    Result { settled: Bits, wanting: Bits, repaired: Bits, all: Bits },
    /// A lawful basis where there is none.
    Basis { none: Bits, all: Bits },
    /// What was done or granted stays.
    Done { yes: Bits, all: Bits },
}

impl Widening {
    /// The values after steps; none where steps change nothing.
    fn of(&self, current: Domain) -> Option<Domain> {
        match (self, current) {
            (Self::Adds(steps), Domain::Many { yes, open }) => Some(Domain::Many { yes, open: open.or(steps).minus(&yes) }),
            (Self::Result { settled, wanting, repaired, all }, Domain::One(candidates)) => {
                Some(Domain::One(if !candidates.is_empty() && candidates.within(wanting) {
                    candidates.or(repaired)
                } else if candidates.within(settled) {
                    candidates
                } else {
                    *all
                }))
            }
            (Self::Basis { none, all }, Domain::One(candidates)) => (candidates == *none).then_some(Domain::One(*all)),
            (Self::Done { yes, all }, Domain::One(candidates)) => (candidates != *yes).then_some(Domain::One(*all)),
            (Self::Free(domain), _) => Some(*domain),
            // A key of one kind has no domain of another.
            (Self::Adds(_) | Self::Result { .. } | Self::Basis { .. } | Self::Done { .. }, _) => None,
        }
    }
}

/// The keys that are not given, each with how far steps can change it; read from the vocabulary once.
static WIDENINGS: LazyLock<Vec<(KeyId, Widening)>> = LazyLock::new(|| {
    let words = vocabulary();
    let keys = words.keys().iter().filter(|key| key.class != Class::Given);
    keys.filter_map(|key| {
        let single = |scheme, name: &str| words.find(scheme, name).map_or(Bits::EMPTY, |term| Bits::single(term.index()));
        let widening = match (key.class, key.kind) {
            (Class::Act | Class::Grant, KeyKind::Many(scheme)) => {
                let steps = words.entries(scheme).iter().enumerate().filter(|(_, entry)| entry.step);
                Widening::Adds(steps.map(|(index, _)| u16::try_from(index).unwrap_or(u16::MAX)).collect())
            }
            (Class::Act | Class::Grant, KeyKind::Flag) => Widening::Done { yes: Bits::single(YES), all: Bits::first(2) },
            (_, KeyKind::One(scheme)) if key.path == "safeguards.assessment.result" => {
                let repaired = single(scheme, "equivalent-with-measures");
                Widening::Result {
                    settled: single(scheme, "equivalent").or(&repaired),
                    wanting: single(scheme, "not-equivalent").or(&single(scheme, "not-materially-lower")),
                    repaired,
                    all: words.all(scheme),
                }
            }
            (_, KeyKind::One(scheme)) if key.path == "purpose.lawful_basis" => {
                Widening::Basis { none: single(scheme, "none"), all: words.all(scheme) }
            }
            _ => Widening::Free(Domain::all(words, key.kind)),
        };
        Some((words.key(&key.path)?, widening))
    })
    .collect()
});

/// A search over the completions of one store.
pub(crate) struct Solver<'f, 'a> {
    pub(crate) frame: &'f Frame<'a>,
    nodes: Cell<usize>,
    budget: usize,
}

impl<'f, 'a> Solver<'f, 'a> {
    pub(crate) fn new(frame: &'f Frame<'a>) -> Self {
        Self::with_budget(frame, BUDGET)
    }

    /// A solver that gives up after so many nodes.
    pub(crate) fn with_budget(frame: &'f Frame<'a>, budget: usize) -> Self {
        Self { frame, nodes: Cell::new(0), budget }
    }

    /// Whether the search gave up.
    pub(crate) fn exhausted(&self) -> bool {
        self.nodes.get() >= self.budget
    }

    pub(crate) fn spend(&self) -> bool {
        self.nodes.set(self.nodes.get() + 1);
        !self.exhausted()
    }

    pub(crate) fn truth(&self, number: usize, store: &Store) -> Truth {
        self.frame.tests.get(number).map_or(Truth::Open, |test| test.truth(store))
    }

    /// The values of formulas in a store.
    pub(crate) fn evaluation<'s>(&'s self, store: &'s Store) -> Evaluation<'s> {
        Evaluation::new(&self.frame.formulas, &self.frame.tests, store, false)
    }

    /// The values of formulas if every open controllable test goes the way that suits.
    fn best<'s>(&'s self, store: &'s Store) -> Evaluation<'s> {
        Evaluation::new(&self.frame.formulas, &self.frame.tests, store, true)
    }

    /// The value of a formula in a store.
    pub(crate) fn value(&self, formula: Formula, store: &Store) -> Truth {
        self.evaluation(store).value(formula)
    }

    /// Whether a step settles the test in a widened store.
    pub(crate) fn controllable(&self, number: usize, store: &Store) -> bool {
        self.frame.tests.get(number).is_some_and(|test| store.is_free(test.variable()))
    }

    /// Whether some choice of controllable and unknown facts could make the formula hold.
    pub(crate) fn could(&self, formula: Formula, store: &Store) -> bool {
        self.best(store).value(formula) != Truth::False
    }

    /// A store in which every controllable fact is free, as far as steps can change it.
    ///
    /// Acts and grants are only added, never undone. An assessment that found the destination wanting cannot be wished
    /// away: only measures change its result. A lawful basis can be laid where there is none; one that was chosen stays.
    ///
    /// Which basis was chosen, where nobody says, stays for the reader to answer: see [`Self::widened_for_advice`].
    pub(crate) fn widened(&self, store: &Store) -> Store {
        let mut wide = store.clone();
        wide.waiting = Truth::Open;
        wide.free = vec![false; wide.keys.len()];
        for (key, widening) in WIDENINGS.iter() {
            let Some(current) = store.keys.get(key.index()).copied() else { continue };
            let Some(next) = widening.of(current) else { continue };
            if let Some(free) = wide.free.get_mut(key.index()) {
                *free = true;
            }
            wide.set(Variable::Key(*key), next);
        }
        wide
    }

    /// As [`Self::widened`], and whoever is advised can also state a lawful basis that the flow leaves out.
    pub(crate) fn widened_for_advice(&self, store: &Store) -> Store {
        let mut wide = self.widened(store);
        if let Some(key) = self.frame.words.key("purpose.lawful_basis")
            && let Some(Domain::One(candidates)) = store.get(Variable::Key(key))
            && candidates.len() > 1
            && let Some(free) = wide.free.get_mut(key.index())
        {
            *free = true;
        }
        wide
    }

    /// A store below this one, with controllable facts chosen so that the formula holds whatever the unknown given facts.
    pub(crate) fn attain(&self, formula: Formula, store: &Store) -> Option<Store> {
        if !self.spend() {
            return None;
        }
        let now = self.evaluation(store);
        match now.value(formula) {
            Truth::True => return Some(store.clone()),
            Truth::False => return None,
            Truth::Open => {}
        }
        if self.best(store).value(formula) != Truth::True {
            return None;
        }
        let (number, positive) = now.pick(formula, &|number| self.controllable(number, store))?;
        let mut branches = self.split(number, store);
        // The branch that suits the test first: formulas rarely pull a test both ways.
        branches.sort_by_key(|branch| self.truth(number, branch) != Truth::of(positive));
        branches.iter().find_map(|branch| self.attain(formula, branch))
    }

    /// The variable that a test would be settled by.
    pub(crate) fn variable(&self, number: usize, store: &Store) -> Option<Variable> {
        let test = self.frame.tests.get(number)?;
        if let Test::Item(key, set, _) = test
            && let Some(position) = open_item(store, *key, set, test)
        {
            return Some(Variable::ItemDay(position));
        }
        Some(test.variable())
    }

    /// A partition of the store into stores in which the test is nearer to a value; inconsistent parts are left out.
    pub(crate) fn split(&self, number: usize, store: &Store) -> Vec<Store> {
        let Some(test) = self.frame.tests.get(number) else { return Vec::new() };
        let mut parts = match test {
            Test::In(variable, set) => match store.get(*variable) {
                Some(Domain::One(candidates)) => {
                    vec![store.with(*variable, Domain::One(candidates.and(set))), store.with(*variable, Domain::One(candidates.minus(set)))]
                }
                _ => Vec::new(),
            },
            Test::AtLeast(variable, number) => match store.get(*variable) {
                Some(Domain::Range { low, high }) => vec![
                    store.with(*variable, Domain::Range { low: *number, high: *high }),
                    store.with(*variable, Domain::Range { low: *low, high: number.saturating_sub(1) }),
                ],
                _ => Vec::new(),
            },
            Test::Meets(key, set) | Test::Several(key, _, set) => self.split_set(*key, store, |open| open.and(set)),
            Test::Within(key, set) => self.split_set(*key, store, |open| open.minus(set)),
            Test::Empty(key) => self.split_set(*key, store, |open| *open),
            // What steps are chosen for is no unknown day: it has to hold on any.
            Test::Item(key, set, day) if store.is_free(Variable::Key(*key)) => self.split_steps(*key, set, *day, store),
            Test::Item(key, set, day) => match open_item(store, *key, set, test) {
                Some(position) => split_day(store, position, *day),
                None => self.split_set(*key, store, |open| open.and(set)),
            },
        };
        parts.retain_mut(Store::propagate);
        parts
    }

    /// The unknown given facts on which a formula hangs in a widened store.
    pub(crate) fn open_facts(&self, formula: Formula, wide: &Store) -> Vec<Variable> {
        let mut tests = Vec::new();
        self.frame.formulas.tests(formula, &mut tests);
        let now = self.evaluation(wide);
        let picked = now.pick(formula, &|number| !self.controllable(number, wide)).map(|(number, _)| number);
        tests.retain(|number| Some(*number) == picked);
        tests.into_iter().take(1).filter_map(|number| self.variable(number, wide)).collect()
    }

    /// The members of `open` that no test on the key can tell from this one.
    fn alike(&self, key: KeyId, member: u16, open: &Bits) -> Bits {
        let mut alike = *open;
        for test in self.frame.tests_on(key) {
            match test {
                Test::Meets(_, set) | Test::Within(_, set) | Test::Item(_, set, _) => {
                    alike = if set.has(member) { alike.and(set) } else { alike.minus(set) };
                }
                // How many distinct members there are is told by each one.
                Test::Several(_, _, set) if set.has(member) => alike = Bits::single(member),
                Test::Several(_, _, set) => alike = alike.minus(set),
                Test::Empty(_) | Test::In(..) | Test::AtLeast(..) => {}
            }
        }
        alike
    }

    /// Splits on one step that would bring about an item with a fitting day: another item, one obtained again, or waiting.
    fn split_steps(&self, key: KeyId, set: &Bits, day: DayTest, store: &Store) -> Vec<Store> {
        if added(store, day) == Truth::False {
            return Vec::new();
        }
        let members = self.split_set(key, store, |open| open.and(set));
        if !members.is_empty() {
            return members;
        }
        let Some(Domain::Many { yes, .. }) = store.get(Variable::Key(key)) else { return Vec::new() };
        let settle = |change: &dyn Fn(&mut Store, bool)| {
            [true, false].map(|value| {
                let mut next = store.clone();
                change(&mut next, value);
                next
            })
        };
        let stated = |term: &u16| store.item_days.iter().any(|item| item.key == key && item.term == *term);
        if let Some(term) = yes.and(set).iter().filter(stated).find(|term| store.obtained_again(key, *term) == Truth::Open) {
            return settle(&|next, again| next.renewed.push((key, term, again))).into();
        }
        if matches!(day, DayTest::Waited(_)) && store.waiting == Truth::Open {
            return settle(&|next, waiting| next.waiting = Truth::of(waiting)).into();
        }
        Vec::new()
    }

    /// Splits on whether one more member is in a set: with it, or without it and all that no test can tell from it.
    fn split_set(&self, key: KeyId, store: &Store, wanted: impl Fn(&Bits) -> Bits) -> Vec<Store> {
        let variable = Variable::Key(key);
        let Some(Domain::Many { yes, open }) = store.get(variable).copied() else { return Vec::new() };
        let Some(member) = wanted(&open).lowest() else { return Vec::new() };
        let alike = self.alike(key, member, &open);
        let without = open.minus(&alike);
        let mut with = yes;
        with.insert(member);
        vec![store.with(variable, Domain::Many { yes: with, open: without }), store.with(variable, Domain::Many { yes, open: without })]
    }
}

/// The item in place whose unknown day leaves the test open.
fn open_item(store: &Store, key: KeyId, set: &Bits, test: &Test) -> Option<usize> {
    let Test::Item(_, _, day) = test else { return None };
    let Some(Domain::Many { yes, .. }) = store.keys.get(key.index()) else { return None };
    let (first, last) = match day {
        DayTest::Between(first, last) => (*first, *last),
        DayTest::Waited(_) if store.waiting == Truth::True => return None,
        DayTest::Waited(last) => (jiff::civil::Date::MIN, *last),
    };
    store.item_days.iter().position(|item| {
        let overlaps = item.low <= last && first <= item.high;
        let inside = first <= item.low && item.high <= last;
        item.key == key && yes.and(set).has(item.term) && overlaps && !inside
    })
}

fn split_day(store: &Store, position: usize, test: DayTest) -> Vec<Store> {
    let (first, last) = match test {
        DayTest::Between(first, last) => (first, last),
        DayTest::Waited(last) => (jiff::civil::Date::MIN, last),
    };
    let Some(item) = store.item_days.get(position).copied() else { return Vec::new() };
    let part = |low, high| {
        let mut next = store.clone();
        if let Some(slot) = next.item_days.get_mut(position) {
            slot.low = low;
            slot.high = high;
        }
        (low <= high).then_some(next)
    };
    let before = first.yesterday().ok().and_then(|end| part(item.low, item.high.min(end)));
    let inside = part(item.low.max(first), item.high.min(last));
    let behind = last.tomorrow().ok().and_then(|start| part(item.low.max(start), item.high));
    [inside, before, behind].into_iter().flatten().collect()
}
