// SPDX-License-Identifier: Apache-2.0
//! Formulas over tests of facts, with values in strong Kleene logic.

use crate::store::{Domain, Store, Variable};
use comity_terms::{Bits, KeyId};
use jiff::civil::Date;
use std::rc::Rc;

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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DayTest {
    /// Dated between these days, both included.
    Between(Date, Date),
    /// Dated on this day or before: time that may still pass.
    Waited(Date),
}

/// A test of one fact.
#[derive(Clone, Debug, PartialEq, Eq)]
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
            Self::Meets(key, _) | Self::Within(key, _) | Self::Empty(key) | Self::Several(key, ..) | Self::Item(key, ..) => Variable::Key(*key),
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
/// One that a step adds or renews is dated on the day of the flow or later, and time may pass after it.
fn item(store: &Store, key: KeyId, set: &Bits, test: DayTest) -> Truth {
    let Some(Domain::Many { yes, open }) = store.keys.get(key.index()) else { return Truth::Open };
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
        if (!stated || store.is_free(Variable::Key(key))) && added_fits(store, test) {
            return Truth::True;
        }
    }
    if best == Truth::False && open.meets(set) && added_fits(store, test) { Truth::Open } else { best }
}

fn fits(low: Date, high: Date, test: DayTest, waiting: bool) -> Truth {
    match test {
        DayTest::Between(first, last) if first <= low && high <= last => Truth::True,
        DayTest::Between(first, last) if high < first || last < low => Truth::False,
        DayTest::Waited(_) if waiting => Truth::True,
        DayTest::Waited(last) if high <= last => Truth::True,
        DayTest::Waited(last) if last < low => Truth::False,
        DayTest::Between(..) | DayTest::Waited(_) => Truth::Open,
    }
}

fn added_fits(store: &Store, test: DayTest) -> bool {
    match test {
        DayTest::Between(_, last) => store.day <= last,
        DayTest::Waited(_) => store.waiting,
    }
}

/// A formula over tests.
#[derive(Clone, Debug)]
pub(crate) enum Formula {
    /// All of them.
    All(Vec<Rc<Formula>>),
    /// One of them.
    Any(Vec<Rc<Formula>>),
    /// Not this one.
    Not(Rc<Formula>),
    /// A test, by its number in the frame.
    Test(usize),
}

impl Formula {
    pub(crate) fn always() -> Rc<Self> {
        Rc::new(Self::All(Vec::new()))
    }

    pub(crate) fn never() -> Rc<Self> {
        Rc::new(Self::Any(Vec::new()))
    }

    pub(crate) fn all(parts: Vec<Rc<Self>>) -> Rc<Self> {
        match <[Rc<Self>; 1]>::try_from(parts) {
            Ok([only]) => only,
            Err(parts) => Rc::new(Self::All(parts)),
        }
    }

    pub(crate) fn any(parts: Vec<Rc<Self>>) -> Rc<Self> {
        match <[Rc<Self>; 1]>::try_from(parts) {
            Ok([only]) => only,
            Err(parts) => Rc::new(Self::Any(parts)),
        }
    }

    pub(crate) fn negate(formula: Rc<Self>) -> Rc<Self> {
        match &*formula {
            Self::Not(inner) => Rc::clone(inner),
            _ => Rc::new(Self::Not(formula)),
        }
    }

    /// The value, with `leaf` giving the value of each test; `positive` tells under how many negations it stands.
    pub(crate) fn value(&self, positive: bool, leaf: &impl Fn(usize, bool) -> Truth) -> Truth {
        match self {
            Self::All(parts) => fold(parts, positive, Truth::False, leaf),
            Self::Any(parts) => fold(parts, positive, Truth::True, leaf),
            Self::Not(inner) => !inner.value(!positive, leaf),
            Self::Test(number) => leaf(*number, positive),
        }
    }

    /// The first test that is open and that `wanted` accepts, where the formula is open because of it,
    /// and whether it stands positive.
    pub(crate) fn pick(&self, positive: bool, leaf: &impl Fn(usize, bool) -> Truth, wanted: &impl Fn(usize) -> bool) -> Option<(usize, bool)> {
        match self {
            Self::All(parts) | Self::Any(parts) => parts
                .iter()
                .filter(|part| part.value(positive, leaf) == Truth::Open)
                .find_map(|part| part.pick(positive, leaf, wanted)),
            Self::Not(inner) => inner.pick(!positive, leaf, wanted),
            Self::Test(number) => (leaf(*number, positive) == Truth::Open && wanted(*number)).then_some((*number, positive)),
        }
    }

    /// All tests in it.
    pub(crate) fn tests(&self, out: &mut Vec<usize>) {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.tests(out)),
            Self::Not(inner) => inner.tests(out),
            Self::Test(number) => out.push(*number),
        }
    }
}

fn fold(parts: &[Rc<Formula>], positive: bool, stop: Truth, leaf: &impl Fn(usize, bool) -> Truth) -> Truth {
    let mut result = !stop;
    for part in parts {
        let value = part.value(positive, leaf);
        if value == stop {
            return stop;
        }
        if value == Truth::Open {
            result = Truth::Open;
        }
    }
    result
}
