// SPDX-License-Identifier: Apache-2.0
//! The levels of a diagram over flows: for each fact, the classes of values that no test tells apart.

use crate::compile::Frame;
use crate::formula::{DayTest, Test};
use crate::store::{NO, Variable, YES};
use comity_terms::{Bits, Class, KeyId, KeyKind, Scheme, Vocabulary};
use jiff::civil::Date;
use std::collections::BTreeSet;

/// What a level of the diagram stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    /// One of several classes of values of a key, or options of a reading.
    Classes(Variable, Vec<Bits>),
    /// One of several ranges of a number: their first values.
    Ranges(Variable, Vec<u64>),
    /// Whether a set has a member of this class, dated so.
    Member(KeyId, Bits, Dated),
    /// Whether time has passed since the flow was stated: only a step makes it so.
    Waited,
}

/// The days of a member of a set, as far as tests tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dated {
    /// No test asks.
    Any,
    /// Between these days, both included.
    Within(Date, Date),
    /// On a day that only a step reaches: after the day of the flow.
    Later,
}

impl Dated {
    /// Whether an item so dated passes a test without waiting; `day` is the day of the flow.
    pub(crate) fn fits(self, test: DayTest, day: Date) -> bool {
        match (self, test) {
            (Self::Within(first, last), DayTest::Between(from, to)) => from <= first && last <= to,
            (Self::Within(_, last), DayTest::Waited(latest)) => last <= latest,
            (Self::Later, DayTest::Between(_, to)) => day <= to,
            (Self::Later, DayTest::Waited(_)) | (Self::Any, _) => false,
        }
    }
}

impl Level {
    /// How many values it has.
    pub(crate) fn arity(&self) -> usize {
        match self {
            Self::Classes(_, classes) => classes.len(),
            Self::Ranges(_, starts) => starts.len(),
            Self::Member(..) | Self::Waited => 2,
        }
    }

    /// The key it is about.
    pub(crate) fn key(&self) -> Option<KeyId> {
        match self {
            Self::Classes(Variable::Key(key), _) | Self::Ranges(Variable::Key(key), _) | Self::Member(key, ..) => Some(*key),
            Self::Classes(..) | Self::Ranges(..) | Self::Waited => None,
        }
    }
}

/// The terms that a flow can state: a set of clauses with modules is read as the module that fits the roles.
fn statable(words: &Vocabulary, scheme: Scheme) -> Bits {
    let all = words.all(scheme);
    if scheme != Scheme::Contract {
        return all;
    }
    all.iter().filter(|index| words.find(scheme, &format!("{}/*", words.id_at(scheme, *index))).is_none()).collect()
}

/// The levels of a variable, given the tests that are asked at all, and the last day on which an item can be dated.
pub(crate) fn levels_of(frame: &Frame, variable: Variable, tests: &[usize], last: Date) -> Vec<Level> {
    let mut own: Vec<&Test> = Vec::new();
    let mut seen = BTreeSet::new();
    for (number, test) in tests.iter().filter_map(|number| Some((number, frame.tests.get(*number)?))) {
        if test.variable() == variable && seen.insert(number) {
            own.push(test);
        }
    }
    let words = frame.words;
    let kind = match variable {
        Variable::Key(key) => words.key_at(key).map(|key| key.kind),
        Variable::Counter(_) => Some(KeyKind::Count),
        Variable::Reading(_) | Variable::ItemDay(_) => None,
    };
    match (variable, kind) {
        (_, Some(KeyKind::Flag)) => vec![Level::Classes(variable, vec![Bits::single(NO), Bits::single(YES)])],
        (Variable::Key(key), Some(KeyKind::One(scheme))) => {
            let mut classes = vec![statable(words, scheme)];
            for set in own.iter().filter_map(|test| set_of(test)).chain(&special(words, key, scheme)) {
                split(&mut classes, set);
            }
            vec![Level::Classes(variable, classes)]
        }
        (Variable::Reading(number), _) => {
            let options = frame.readings.get(number).map_or(0, |reading| reading.options.len());
            let mut classes = vec![Bits::first(options)];
            own.iter().filter_map(|test| set_of(test)).for_each(|set| split(&mut classes, set));
            vec![Level::Classes(variable, classes)]
        }
        (Variable::Key(key), Some(KeyKind::Many(scheme))) => members(frame, key, scheme, &own, last),
        (_, Some(KeyKind::Count)) => {
            let mut starts: Vec<u64> =
                own.iter().filter_map(|test| if let Test::AtLeast(_, number) = test { Some(*number) } else { None }).collect();
            starts.push(0);
            starts.sort_unstable();
            starts.dedup();
            vec![Level::Ranges(variable, starts)]
        }
        _ => Vec::new(),
    }
}

fn set_of<'t>(test: &&'t Test) -> Option<&'t Bits> {
    match test {
        Test::In(_, set) | Test::Meets(_, set) | Test::Within(_, set) | Test::Several(_, _, set) | Test::Item(_, set, _) => Some(set),
        Test::Empty(_) | Test::AtLeast(..) => None,
    }
}

fn split(classes: &mut Vec<Bits>, set: &Bits) {
    if classes.iter().all(|class| class.within(set) || !class.meets(set)) {
        return;
    }
    *classes = classes.iter().flat_map(|class| [class.and(set), class.minus(set)]).filter(|class| !class.is_empty()).collect();
}

/// Values that steps treat in their own way, and the value that stands for nothing made.
fn special(words: &Vocabulary, key: KeyId, scheme: Scheme) -> Vec<Bits> {
    // Steps lead from both results that found the protection lower to the same.
    let sets: &[&[&str]] = match words.key_at(key).map_or("", |key| key.path.as_str()) {
        "safeguards.assessment.result" => {
            &[&["none"], &["not-equivalent", "not-materially-lower"], &["equivalent"], &["equivalent-with-measures"]]
        }
        "safeguards.assessment.kind" | "purpose.lawful_basis" => &[&["none"]],
        _ => &[],
    };
    sets.iter().map(|names| names.iter().filter_map(|name| words.find(scheme, name)).map(|term| term.index()).collect()).collect()
}

fn members(frame: &Frame, key: KeyId, scheme: Scheme, own: &[&Test], last: Date) -> Vec<Level> {
    let words = frame.words;
    let mut classes = vec![statable(words, scheme)];
    for test in own {
        let Some(set) = set_of(test) else { continue };
        split(&mut classes, set);
        if let Test::Several(..) = test {
            classes = classes
                .into_iter()
                .flat_map(|class| if class.meets(set) { class.iter().map(Bits::single).collect() } else { vec![class] })
                .collect();
        }
    }
    // A member that no test asks for makes no difference.
    let asked = |class: &Bits| {
        own.iter().any(|test| match test {
            Test::Meets(_, set) | Test::Several(_, _, set) | Test::Item(_, set, _) => class.meets(set),
            Test::Within(_, set) => !class.within(set),
            Test::Empty(_) => true,
            Test::In(..) | Test::AtLeast(..) => false,
        })
    };
    let controllable = words.key_at(key).is_some_and(|key| key.class != Class::Given);
    let mut levels = Vec::new();
    for class in classes.into_iter().filter(asked) {
        let days: Vec<DayTest> = own
            .iter()
            .filter_map(|test| match test {
                Test::Item(_, set, day) if class.meets(set) => Some(*day),
                _ => None,
            })
            .collect();
        levels.extend(stretches(&days, last, controllable).into_iter().map(|dated| Level::Member(key, class, dated)));
    }
    levels
}

/// The stretches of days that some tests tell apart, up to the day of the flow.
fn stretches(tests: &[DayTest], day: Date, controllable: bool) -> Vec<Dated> {
    if tests.is_empty() {
        return vec![Dated::Any];
    }
    let mut starts = BTreeSet::from([Date::MIN]);
    for test in tests {
        let (first, last) = match test {
            DayTest::Between(first, last) => (Some(*first), *last),
            DayTest::Waited(last) => (None, *last),
        };
        starts.extend(first.into_iter().chain(last.tomorrow().ok()).filter(|start| *start <= day));
    }
    let starts: Vec<Date> = starts.into_iter().collect();
    let mut all: Vec<Dated> = starts
        .iter()
        .enumerate()
        .map(|(position, start)| {
            let last = starts.get(position + 1).and_then(|next| next.yesterday().ok()).unwrap_or(day);
            Dated::Within(*start, last)
        })
        .collect();
    // What a step adds or renews is dated on the day of the flow or later: no flow starts with such an item.
    if controllable {
        all.push(Dated::Later);
    }
    all
}

/// The member of a class that a flow states for all of them.
pub(crate) fn representative(words: &Vocabulary, key: KeyId, class: &Bits) -> Option<u16> {
    let Some(KeyKind::Many(scheme) | KeyKind::One(scheme)) = words.key_at(key).map(|key| key.kind) else { return class.lowest() };
    // One that says something of another key too is not chosen where there is another.
    class.iter().find(|index| words.id_at(scheme, *index) != CLEAR_TEXT).or(class.lowest())
}

/// The measure that states what a key states too.
pub(crate) const CLEAR_TEXT: &str = "importer-reads-clear-text";
