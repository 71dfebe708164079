// SPDX-License-Identifier: Apache-2.0
//! Formulas over tests of facts, with values in strong Kleene logic.

use crate::store::{Domain, Store, Variable};
use comity_terms::{Bits, KeyId};
use jiff::civil::Date;
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

/// True, false, or not decided by what is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truth {
    /// It holds in every completion.
    True,
    /// It holds in no completion.
    False,
    /// What is known does not decide it (or not in this simple reading).
    Open,
}

impl Truth {
    pub(crate) fn of(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }
}

impl std::ops::Not for Truth {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::Open => Self::Open,
        }
    }
}

/// The demand on the day of an item, resolved for the day of the flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum DayTest {
    /// Dated between these days, both included.
    Between(Date, Date),
    /// Dated on this day or before: time that may still pass.
    Waited(Date),
}

/// A test of one fact.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Test {
    /// A single value is in the set.
    In(Variable, Bits),
    /// A set value shares a member with the set.
    Meets(KeyId, Bits),
    /// A set value lies in the set.
    Within(KeyId, Bits),
    /// A set value has no member.
    Empty(KeyId),
    /// A set value has that many distinct members of the set.
    Several(KeyId, usize, Bits),
    /// A number is at least so much.
    AtLeast(Variable, u64),
    /// An item of the set is in place, with a day that fits.
    Item(KeyId, Bits, DayTest),
}

impl Test {
    /// The key it is about, where it is about a set.
    pub(crate) fn set_key(&self) -> Option<KeyId> {
        match self {
            Self::Meets(key, _) | Self::Within(key, _) | Self::Empty(key) | Self::Several(key, ..) | Self::Item(key, ..) => Some(*key),
            Self::In(..) | Self::AtLeast(..) => None,
        }
    }

    /// The variable it is about.
    pub(crate) fn variable(&self) -> Variable {
        match self {
            Self::In(variable, _) | Self::AtLeast(variable, _) => *variable,
            Self::Meets(key, _) | Self::Within(key, _) | Self::Empty(key) | Self::Several(key, ..) | Self::Item(key, ..) => {
                Variable::Key(*key)
            }
        }
    }

    /// Its value in a store.
    pub(crate) fn truth(&self, store: &Store) -> Truth {
        match self {
            Self::In(variable, set) => match store.get(*variable) {
                Some(Domain::One(candidates)) if candidates.within(set) => Truth::True,
                Some(Domain::One(candidates)) if !candidates.meets(set) => Truth::False,
                _ => Truth::Open,
            },
            Self::AtLeast(variable, number) => match store.get(*variable) {
                Some(Domain::Range { low, .. }) if low >= number => Truth::True,
                Some(Domain::Range { high, .. }) if high < number => Truth::False,
                _ => Truth::Open,
            },
            Self::Item(key, set, day) => item(store, *key, set, *day),
            Self::Meets(key, set) => many(store, *key, |yes, open| meets(yes, open, set)),
            Self::Within(key, set) => many(store, *key, |yes, open| {
                if !yes.within(set) {
                    Truth::False
                } else if open.within(set) {
                    Truth::True
                } else {
                    Truth::Open
                }
            }),
            Self::Empty(key) => many(store, *key, |yes, open| {
                if !yes.is_empty() {
                    Truth::False
                } else if open.is_empty() {
                    Truth::True
                } else {
                    Truth::Open
                }
            }),
            Self::Several(key, number, set) => many(store, *key, |yes, open| {
                let sure = yes.and(set).len();
                let possible = yes.or(open).and(set).len();
                if sure >= *number {
                    Truth::True
                } else if possible < *number {
                    Truth::False
                } else {
                    Truth::Open
                }
            }),
        }
    }
}

fn meets(yes: &Bits, open: &Bits, set: &Bits) -> Truth {
    if yes.meets(set) {
        Truth::True
    } else if open.meets(set) {
        Truth::Open
    } else {
        Truth::False
    }
}

fn many(store: &Store, key: KeyId, test: impl Fn(&Bits, &Bits) -> Truth) -> Truth {
    match store.keys.get(key.index()) {
        Some(Domain::Many { yes, open }) => test(yes, open),
        _ => Truth::Open,
    }
}

/// An item with a demand on its day.
///
/// An item that the flow states has the day it states, or any day up to the flow's.
/// One that a step adds or renews is dated on the day of the flow or later, and time may pass after it. Where a step can
/// do so and nothing says yet whether it does, the test is open: what asks for an old item is served by doing nothing.
fn item(store: &Store, key: KeyId, set: &Bits, test: DayTest) -> Truth {
    let Some(Domain::Many { yes, open }) = store.keys.get(key.index()) else { return Truth::Open };
    let new = added(store, test);
    let mut best = Truth::False;
    for index in yes.and(set).iter() {
        let mut stated = false;
        for day in store.item_days.iter().filter(|day| day.key == key && day.term == index) {
            stated = true;
            match fits(day.low, day.high, test, store.waiting) {
                Truth::True => return Truth::True,
                Truth::Open => best = Truth::Open,
                Truth::False => {}
            }
        }
        let anew = if stated { store.obtained_again(key, index) } else { Truth::True };
        match (anew, new) {
            (Truth::True, Truth::True) => return Truth::True,
            (Truth::False, _) | (_, Truth::False) => {}
            _ => best = Truth::Open,
        }
    }
    if best == Truth::False && open.meets(set) && new != Truth::False { Truth::Open } else { best }
}

fn fits(low: Date, high: Date, test: DayTest, waiting: Truth) -> Truth {
    match test {
        DayTest::Between(first, last) if first <= low && high <= last => Truth::True,
        DayTest::Between(first, last) if high < first || last < low => Truth::False,
        DayTest::Waited(last) if high <= last => Truth::True,
        DayTest::Waited(last) if last < low => waiting,
        DayTest::Waited(_) if waiting == Truth::True => Truth::True,
        DayTest::Between(..) | DayTest::Waited(_) => Truth::Open,
    }
}

/// Whether an item that a step adds or renews passes the test.
pub(crate) fn added(store: &Store, test: DayTest) -> Truth {
    match test {
        DayTest::Between(_, last) => Truth::of(store.day <= last),
        DayTest::Waited(_) => store.waiting,
    }
}

/// A formula in [`Formulas`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Formula(u32);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Node {
    /// All of them.
    All(Box<[Formula]>),
    /// One of them.
    Any(Box<[Formula]>),
    /// Not this one.
    Not(Formula),
    /// A test, by its number in the frame.
    Test(usize),
}

/// Formulas over tests, each stored once: equal formulas have equal numbers.
#[derive(Default)]
pub(crate) struct Formulas {
    nodes: Vec<Node>,
    index: HashMap<Node, Formula>,
    /// What past evaluations noted their values in, for the next ones.
    memos: RefCell<Vec<Memo>>,
}

impl Formulas {
    fn intern(&mut self, node: Node) -> Formula {
        if let Some(known) = self.index.get(&node) {
            return *known;
        }
        let formula = Formula(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.nodes.push(node.clone());
        self.index.insert(node, formula);
        formula
    }

    /// How many formulas there are.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    pub(crate) fn always(&mut self) -> Formula {
        self.intern(Node::All(Box::default()))
    }

    pub(crate) fn never(&mut self) -> Formula {
        self.intern(Node::Any(Box::default()))
    }

    pub(crate) fn test(&mut self, number: usize) -> Formula {
        self.intern(Node::Test(number))
    }

    pub(crate) fn all(&mut self, parts: Vec<Formula>) -> Formula {
        self.join(parts, true)
    }

    pub(crate) fn any(&mut self, parts: Vec<Formula>) -> Formula {
        self.join(parts, false)
    }

    /// Joins parts, leaving out doubles and what makes no difference; a part that settles the whole stands for it.
    fn join(&mut self, parts: Vec<Formula>, all: bool) -> Formula {
        let (neutral, settling) = if all { (self.always(), self.never()) } else { (self.never(), self.always()) };
        let mut kept: Vec<Formula> = Vec::with_capacity(parts.len());
        // Among a few, looking them through is faster.
        let mut seen = (parts.len() > 64).then(HashSet::new);
        for part in parts {
            if part == settling {
                return settling;
            }
            let new = seen.as_mut().map_or_else(|| !kept.contains(&part), |seen| seen.insert(part));
            if part != neutral && new {
                kept.push(part);
            }
        }
        match kept.as_slice() {
            [only] => *only,
            _ if all => self.intern(Node::All(kept.into())),
            _ => self.intern(Node::Any(kept.into())),
        }
    }

    pub(crate) fn negate(&mut self, formula: Formula) -> Formula {
        match self.node(formula) {
            Some(Node::Not(inner)) => *inner,
            Some(Node::All(parts)) if parts.is_empty() => self.never(),
            Some(Node::Any(parts)) if parts.is_empty() => self.always(),
            _ => self.intern(Node::Not(formula)),
        }
    }

    pub(crate) fn node(&self, formula: Formula) -> Option<&Node> {
        self.nodes.get(usize::try_from(formula.0).unwrap_or(usize::MAX))
    }

    /// All tests in a formula.
    pub(crate) fn tests(&self, formula: Formula, out: &mut Vec<usize>) {
        match self.node(formula) {
            Some(Node::All(parts) | Node::Any(parts)) => parts.iter().for_each(|part| self.tests(*part, out)),
            Some(Node::Not(inner)) => self.tests(*inner, out),
            Some(Node::Test(number)) => out.push(*number),
            None => {}
        }
    }
}

/// Values of formulas. A new round makes all earlier ones void without touching them: a search evaluates a few formulas
/// of many in each of thousands of stores.
#[derive(Debug, Default)]
struct Memo {
    round: u32,
    /// For each formula, under an odd and an even number of negations: the round, and the value in the two lowest bits.
    values: Vec<u32>,
}

impl Memo {
    /// Makes room for so many formulas, none of which has a value yet.
    fn begin(&mut self, formulas: usize) {
        self.round += 1;
        if self.round > u32::MAX >> 2 {
            self.values.clear();
            self.round = 1;
        }
        self.values.resize(self.values.len().max(formulas * 2), 0);
    }

    fn get(&self, slot: usize) -> Option<Truth> {
        let value = self.values.get(slot).copied().filter(|value| value >> 2 == self.round)?;
        Some(match value & 3 {
            1 => Truth::False,
            2 => Truth::Open,
            _ => Truth::True,
        })
    }

    fn set(&mut self, slot: usize, truth: Truth) {
        if let Some(value) = self.values.get_mut(slot) {
            let code = match truth {
                Truth::False => 1,
                Truth::Open => 2,
                Truth::True => 3,
            };
            *value = self.round << 2 | code;
        }
    }
}

/// The values of formulas in one store, each computed once.
pub(crate) struct Evaluation<'s> {
    formulas: &'s Formulas,
    tests: &'s [Test],
    store: &'s Store,
    /// Whether open tests that a step settles are taken to go the way that suits the formula.
    best: bool,
    memo: RefCell<Memo>,
}

impl Drop for Evaluation<'_> {
    fn drop(&mut self) {
        self.formulas.memos.borrow_mut().push(std::mem::take(self.memo.get_mut()));
    }
}

impl<'s> Evaluation<'s> {
    pub(crate) fn new(formulas: &'s Formulas, tests: &'s [Test], store: &'s Store, best: bool) -> Self {
        let mut memo = formulas.memos.borrow_mut().pop().unwrap_or_default();
        memo.begin(formulas.len());
        Self { formulas, tests, store, best, memo: RefCell::new(memo) }
    }

    /// The store in which it evaluates.
    pub(crate) fn store(&self) -> &'s Store {
        self.store
    }

    /// The value of a formula; `positive` tells under how many negations it stands.
    fn signed(&self, formula: Formula, positive: bool) -> Truth {
        // Without steps the sign makes no difference.
        let slot = usize::try_from(formula.0).unwrap_or(usize::MAX) * 2 + usize::from(positive && self.best);
        if let Some(known) = self.memo.borrow().get(slot) {
            return known;
        }
        let value = match self.formulas.node(formula) {
            Some(Node::All(parts)) => self.fold(parts, positive, Truth::False),
            Some(Node::Any(parts)) => self.fold(parts, positive, Truth::True),
            Some(Node::Not(inner)) => !self.signed(*inner, !positive),
            Some(Node::Test(number)) => self.test(*number, positive),
            None => Truth::Open,
        };
        self.memo.borrow_mut().set(slot, value);
        value
    }

    fn fold(&self, parts: &[Formula], positive: bool, stop: Truth) -> Truth {
        let mut result = !stop;
        for part in parts {
            let value = self.signed(*part, positive);
            if value == stop {
                return stop;
            }
            if value == Truth::Open {
                result = Truth::Open;
            }
        }
        result
    }

    fn test(&self, number: usize, positive: bool) -> Truth {
        let Some(test) = self.tests.get(number) else { return Truth::Open };
        match test.truth(self.store) {
            Truth::Open if self.best && self.store.is_free(test.variable()) => Truth::of(positive),
            truth => truth,
        }
    }

    /// The value of a formula.
    pub(crate) fn value(&self, formula: Formula) -> Truth {
        self.signed(formula, true)
    }

    /// The first test that is open and that `wanted` accepts, where the formula is open because of it,
    /// and whether it stands positive.
    pub(crate) fn pick(&self, formula: Formula, wanted: &impl Fn(usize) -> bool) -> Option<(usize, bool)> {
        self.pick_signed(formula, true, wanted)
    }

    fn pick_signed(&self, formula: Formula, positive: bool, wanted: &impl Fn(usize) -> bool) -> Option<(usize, bool)> {
        match self.formulas.node(formula)? {
            Node::All(parts) | Node::Any(parts) => parts
                .iter()
                .filter(|part| self.signed(**part, positive) == Truth::Open)
                .find_map(|part| self.pick_signed(*part, positive, wanted)),
            Node::Not(inner) => self.pick_signed(*inner, !positive, wanted),
            Node::Test(number) => (self.test(*number, positive) == Truth::Open && wanted(*number)).then_some((*number, positive)),
        }
    }
}
