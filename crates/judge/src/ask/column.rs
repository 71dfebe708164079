// SPDX-License-Identifier: Apache-2.0
//! The values that a variable takes in a sample.
//!
//! Values that no test tells apart are one class, and every class is drawn equally often: a country more is not a flow more.
//! Flags are set in one completion of four, and lists have few members, as in most flows.
//! The draw is the same every time; nothing here is left to chance.

use super::mask::SIZE;
use crate::formula::{DayTest, Test};
use crate::store::{Domain, NO, Store, Variable, YES};
use comity_terms::{Bits, KeyId, KeyKind, Scheme, vocabulary};
use jiff::civil::Date;
use std::collections::HashMap;

/// A value, or a class of values that no test tells apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value {
    /// Of a key, a counter or a reading.
    Domain(Domain),
    /// The day of an item.
    Day(Date),
}

/// The values of one variable in every completion.
#[derive(Clone)]
pub(super) struct Column {
    pub(super) variable: Variable,
    pub(super) values: Vec<Value>,
    /// The number of the value in each completion.
    pub(super) of: Vec<u16>,
}

impl Column {
    /// The values of a variable, each class equally often, in an order that no other variable shares.
    pub(super) fn draw(variable: Variable, store: &Store, tests: &[&Test], turn: u64) -> Option<Self> {
        let mut order = Order(turn.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let (values, of) = match (variable, store.get(variable)) {
            (Variable::ItemDay(position), _) => even(days(store, position, tests), &mut order),
            (Variable::Key(key), Some(Domain::One(candidates))) if candidates.len() == 2 && is_flag(key) => flags(&mut order),
            (_, Some(Domain::One(candidates))) => {
                let own = none_of(variable).map(Bits::single);
                let classes = classes(*candidates, tests, own.as_ref());
                even(
                    classes.iter().filter_map(|class| Some(Value::Domain(Domain::One(Bits::single(class.lowest()?))))).collect(),
                    &mut order,
                )
            }
            (_, Some(Domain::Range { low, high })) => {
                even(ranges(*low, *high, tests).into_iter().map(|(start, _)| number(start)).collect(), &mut order)
            }
            (_, Some(Domain::Many { yes, open })) => {
                let members: Vec<u16> = classes(*open, tests, None).iter().filter_map(Bits::lowest).collect();
                sets(*yes, &members, &mut order)
            }
            (_, None) => return None,
        };
        (!values.is_empty()).then_some(Self { variable, values, of })
    }

    pub(super) fn at(&self, position: usize) -> Option<Value> {
        self.of.get(position).and_then(|number| self.values.get(usize::from(*number))).copied()
    }

    /// Gives the completion the first value that fits, if there is one.
    pub(super) fn put(&mut self, position: usize, fits: impl Fn(&Value) -> bool) {
        // Starting from another value in each completion keeps the draw even.
        let length = self.values.len().max(1);
        let found = (0..length).map(|step| (position + step) % length).find(|number| self.values.get(*number).is_some_and(&fits));
        if let (Some(slot), Some(number)) = (self.of.get_mut(position), found.and_then(|number| u16::try_from(number).ok())) {
            *slot = number;
        }
    }
}

fn number(value: u64) -> Value {
    Value::Domain(Domain::Range { low: value, high: value })
}

/// `none` stands for an assessment that was not made: always a class of its own.
pub(super) fn none_of(variable: Variable) -> Option<u16> {
    let Variable::Key(key) = variable else { return None };
    match vocabulary().key_at(key)?.kind {
        KeyKind::One(scheme @ (Scheme::AssessmentKind | Scheme::AssessmentResult | Scheme::LawfulBasis)) => {
            Some(vocabulary().find(scheme, "none")?.index())
        }
        _ => None,
    }
}

/// Classes of terms that no test tells apart.
pub(super) fn classes(all: Bits, tests: &[&Test], own: Option<&Bits>) -> Vec<Bits> {
    let mut classes = vec![all];
    let mut cut = |set: &Bits| {
        for position in 0..classes.len() {
            let Some(class) = classes.get(position).copied() else { continue };
            if class.meets(set) && !class.within(set) {
                classes.push(class.minus(set));
                if let Some(slot) = classes.get_mut(position) {
                    *slot = class.and(set);
                }
            }
        }
    };
    own.into_iter().for_each(&mut cut);
    for test in tests {
        match test {
            Test::In(_, set) | Test::Meets(_, set) | Test::Within(_, set) | Test::Item(_, set, _) => cut(set),
            // How many distinct members there are is told by each one.
            Test::Several(_, _, set) => set.iter().map(Bits::single).for_each(|one| cut(&one)),
            Test::Empty(_) | Test::AtLeast(..) => {}
        }
    }
    classes.retain(|class| !class.is_empty());
    classes.sort_by_key(Bits::lowest);
    classes
}

/// Ranges of a number that no test tells apart, each with its last value.
pub(super) fn ranges(low: u64, high: u64, tests: &[&Test]) -> Vec<(u64, u64)> {
    let mut starts: Vec<u64> = tests
        .iter()
        .filter_map(|test| if let Test::AtLeast(_, start) = test { Some(*start) } else { None })
        .filter(|start| low < *start && *start <= high)
        .collect();
    starts.push(low);
    starts.sort_unstable();
    starts.dedup();
    let ends: Vec<u64> = starts.iter().skip(1).map(|next| next - 1).chain([high]).collect();
    starts.into_iter().zip(ends).collect()
}

/// A day of each stretch that no test tells apart.
fn days(store: &Store, position: usize, tests: &[&Test]) -> Vec<Value> {
    let Some(item) = store.item_days.get(position) else { return Vec::new() };
    let mut all = vec![item.high];
    for test in tests {
        let Test::Item(key, set, day) = test else { continue };
        if *key != item.key || !set.has(item.term) {
            continue;
        }
        let (first, last) = match day {
            DayTest::Between(first, last) => (*first, *last),
            DayTest::Waited(last) => (Date::MIN, *last),
        };
        all.extend([Some(last), first.yesterday().ok()].into_iter().flatten().filter(|day| item.low <= *day && *day <= item.high));
    }
    all.sort_unstable();
    all.dedup();
    all.into_iter().map(Value::Day).collect()
}

fn is_flag(key: KeyId) -> bool {
    vocabulary().key_at(key).is_some_and(|key| key.kind == KeyKind::Flag)
}

/// A flag names what is out of the ordinary: it is set in one completion of four.
fn flags(order: &mut Order) -> (Vec<Value>, Vec<u16>) {
    let of = order.shuffled().into_iter().map(|place| if place % 4 == 0 { YES } else { NO }).collect();
    ([NO, YES].map(|index| Value::Domain(Domain::One(Bits::single(index)))).to_vec(), of)
}

/// Every value equally often.
fn even(values: Vec<Value>, order: &mut Order) -> (Vec<Value>, Vec<u16>) {
    let count = values.len().max(1);
    let of = order.shuffled().into_iter().map(|place| u16::try_from(place * count / SIZE).unwrap_or(0)).collect();
    (values, of)
}

/// Sets of few members: half of them of one, a quarter of two, an eighth each of three and of none.
fn sets(yes: Bits, members: &[u16], order: &mut Order) -> (Vec<Value>, Vec<u16>) {
    let count = members.len().max(1);
    let picks: Vec<Vec<usize>> = (0..3).map(|_| order.shuffled()).collect();
    let mut values: Vec<Value> = Vec::new();
    let mut known: HashMap<Bits, u16> = HashMap::new();
    let mut of = Vec::with_capacity(SIZE);
    for (position, place) in order.shuffled().into_iter().enumerate() {
        let size = match place % 8 {
            0..=3 => 1,
            4 | 5 => 2,
            6 => 3,
            _ => 0,
        };
        let chosen = picks.iter().take(size).filter_map(|pick| members.get(pick.get(position)? * count / SIZE).copied());
        let mut set = yes;
        chosen.for_each(|member| set.insert(member));
        let number = *known.entry(set).or_insert_with(|| {
            values.push(Value::Domain(Domain::Many { yes: set, open: Bits::EMPTY }));
            u16::try_from(values.len() - 1).unwrap_or(0)
        });
        of.push(number);
    }
    (values, of)
}

/// A fixed order of shuffles (the generator is SplitMix64).
struct Order(u64);

impl Order {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// The numbers below [`SIZE`], shuffled.
    fn shuffled(&mut self) -> Vec<usize> {
        let mut all: Vec<usize> = (0..SIZE).collect();
        for last in (1..SIZE).rev() {
            // The upper half of the number, scaled: a division for each step would take longer than all else.
            let bound = u64::try_from(last + 1).unwrap_or(1);
            all.swap(last, usize::try_from(((self.next() >> 32) * bound) >> 32).unwrap_or(0));
        }
        all
    }
}
