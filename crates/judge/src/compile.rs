// SPDX-License-Identifier: Apache-2.0
//! From provisions to formulas, for one day and one day of knowledge.

use crate::formula::{DayTest, Formula, Formulas, Node, Test};
use crate::store::{Variable, YES};
use crate::test_set::TestSet;
use comity_clock::{Length, before};
use comity_law::ast::{
    Age, Clause, ClauseKind, Comparison, Condition, ConditionKind, Effect, Instrument, MechanismState, Period, Provision, Quantity, TermSet,
};
use comity_law::{Library, Recognition};
use comity_terms::{Bits, Class, KeyId, Term, Vocabulary, vocabulary};
use jiff::civil::Date;
use std::cell::RefCell;
use std::collections::HashMap;

/// A finer counter of the frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CounterSpec {
    pub(crate) of: Bits,
    pub(crate) unit: Term,
    pub(crate) months: u32,
}

/// A reading of the frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ReadingSpec {
    pub(crate) instrument: String,
    pub(crate) id: String,
    pub(crate) options: Vec<String>,
}

/// What all formulas of one leg share: the tests, counters and readings they name.
pub(crate) struct Frame<'a> {
    pub(crate) library: &'a Library,
    pub(crate) words: &'static Vocabulary,
    pub(crate) day: Date,
    pub(crate) known: Date,
    pub(crate) formulas: Formulas,
    pub(crate) tests: Vec<Test>,
    /// The tests that were named since this was last taken.
    named: TestSet,
    /// The tests that there are for what is judged now; none: all. Where a frame serves many flows, it has tests of
    /// instruments that do not govern this one, and what they tell apart must not count.
    pub(crate) only: Option<TestSet>,
    /// The tests on each key that has sets for values.
    by_key: HashMap<KeyId, Vec<usize>>,
    test_numbers: HashMap<Test, usize>,
    groups: HashMap<&'a str, Bits>,
    pub(crate) counters: Vec<CounterSpec>,
    pub(crate) readings: Vec<ReadingSpec>,
    definitions: HashMap<(String, String), Formula>,
    /// Where the exceptions of each instrument stand: every provision asks for its own, and most instruments have few.
    excepting: RefCell<HashMap<*const Instrument, Vec<usize>>>,
    depth: usize,
    /// Whether the leg is the first, on which the sender is the exporter: one fact, not two that could differ.
    pub(crate) first_leg: bool,
}

/// How deep definitions and references may nest; the checks refuse circles, this stops a library that was not checked.
const DEPTH: usize = 64;

impl<'a> Frame<'a> {
    pub(crate) fn new(library: &'a Library, day: Date, known: Date) -> Self {
        Self {
            library,
            words: vocabulary(),
            day,
            known,
            formulas: Formulas::default(),
            tests: Vec::new(),
            named: TestSet::default(),
            only: None,
            by_key: HashMap::new(),
            test_numbers: HashMap::new(),
            groups: HashMap::new(),
            counters: Vec::new(),
            readings: Vec::new(),
            definitions: HashMap::new(),
            excepting: RefCell::default(),
            depth: 0,
            first_leg: true,
        }
    }

    fn exporter_for_sender(&self, key: KeyId) -> KeyId {
        let path = self.words.key_at(key).and_then(|info| info.path.strip_prefix("sender."));
        path.and_then(|rest| self.words.key(&format!("exporter.{rest}"))).unwrap_or(key)
    }

    /// Goes on compiling in another library or on another day, over the same tests.
    pub(crate) fn turn_to(&mut self, library: &'a Library, day: Date, known: Date) {
        (self.library, self.day, self.known) = (library, day, known);
        self.definitions.clear();
        self.named.clear();
        self.groups.clear();
        // Another library may stand where the first stood.
        self.excepting.borrow_mut().clear();
    }

    pub(crate) fn test(&mut self, test: Test) -> Formula {
        let test = match test {
            Test::In(Variable::Key(key), set) if self.first_leg => Test::In(Variable::Key(self.exporter_for_sender(key)), set),
            other => other,
        };
        let next = self.tests.len();
        let number = *self.test_numbers.entry(test.clone()).or_insert(next);
        if number == next {
            if let Some(key) = test.set_key() {
                self.by_key.entry(key).or_default().push(number);
            }
            self.tests.push(test);
        }
        self.named.insert(number);
        self.formulas.test(number)
    }

    /// The tests that were named since the frame was turned to a day.
    pub(crate) fn named(&mut self) -> TestSet {
        std::mem::take(&mut self.named)
    }

    /// Whether a test counts for what is judged now.
    pub(crate) fn counts(&self, number: usize) -> bool {
        self.only.as_ref().is_none_or(|only| only.has(number))
    }

    /// The tests on a key that has sets for values, as far as they count.
    pub(crate) fn tests_on(&self, key: KeyId) -> impl Iterator<Item = &Test> {
        let numbers = self.by_key.get(&key).into_iter().flatten();
        numbers.filter(|number| self.counts(**number)).filter_map(|number| self.tests.get(*number))
    }

    /// Whether a test that counts is about a variable.
    pub(crate) fn asks(&self, variable: Variable) -> bool {
        self.tests.iter().enumerate().any(|(number, test)| test.variable() == variable && self.counts(number))
    }

    fn set(&mut self, set: &TermSet) -> Bits {
        let (words, day, known, library) = (self.words, self.day, self.known, self.library);
        let mut all = set.terms.iter().fold(Bits::EMPTY, |all, term| all.or(&words.below(*term)));
        for group in &set.groups {
            let Some(group) = words.group(group) else { continue };
            all = all.or(self.groups.entry(&group.name).or_insert_with(|| words.members(&group.name, day).unwrap_or_default()));
        }
        for party in &set.recognized_by {
            let rows = library.recognitions.iter().filter(|row| row.scope.is_none() && row.kind == "adequacy" && row.by == *party);
            all = rows.filter(|row| row.holds(day, known)).fold(all, |all, row| all.or(&row.of.on(words, day)));
        }
        all
    }

    pub(crate) fn condition(&mut self, instrument: &Instrument, condition: &Condition) -> Formula {
        if self.depth > DEPTH {
            return self.formulas.never();
        }
        self.depth += 1;
        let formula = self.kind(instrument, &condition.kind);
        self.depth -= 1;
        formula
    }

    fn kind(&mut self, instrument: &Instrument, kind: &ConditionKind) -> Formula {
        match kind {
            ConditionKind::All(parts) => {
                let parts = parts.iter().map(|part| self.condition(instrument, part)).collect();
                self.formulas.all(parts)
            }
            ConditionKind::Any(parts) => {
                let parts = parts.iter().map(|part| self.condition(instrument, part)).collect();
                self.formulas.any(parts)
            }
            ConditionKind::Not(inner) => {
                let inner = self.condition(instrument, inner);
                self.formulas.negate(inner)
            }
            ConditionKind::Flag(key) => self.test(Test::In(Variable::Key(*key), Bits::single(YES))),
            ConditionKind::In(key, set) => {
                let set = self.set(set);
                self.test(Test::In(Variable::Key(*key), set))
            }
            ConditionKind::Meets(key, set) | ConditionKind::Item(key, set, None) => {
                let set = self.set(set);
                self.test(Test::Meets(*key, set))
            }
            ConditionKind::Within(key, set) => {
                let set = self.set(set);
                self.test(Test::Within(*key, set))
            }
            ConditionKind::Empty(key) => self.test(Test::Empty(*key)),
            ConditionKind::Several(key, number, set) => {
                let set = self.set(set);
                self.test(Test::Several(*key, usize::try_from(*number).unwrap_or(usize::MAX), set))
            }
            ConditionKind::Compare(key, comparison, value) => self.compare(Variable::Key(*key), *comparison, *value),
            ConditionKind::Counter(counter) => {
                let spec = CounterSpec { of: self.set(&counter.of), unit: counter.unit, months: counter.months };
                let number = self.counters.iter().position(|known| *known == spec).unwrap_or_else(|| {
                    self.counters.push(spec);
                    self.counters.len() - 1
                });
                self.compare(Variable::Counter(number), counter.comparison, counter.value)
            }
            ConditionKind::Item(key, set, Some(age)) => self.dated(*key, set, *age),
            ConditionKind::Definition(name) => self.definition(instrument, &name.text),
            ConditionKind::Instrument(name) => self.satisfied(&name.text),
            ConditionKind::Recognition(party, kind) => self.recognized(instrument, *party, kind),
            ConditionKind::Mechanisms(quantity, names, state) => {
                let parts = names.iter().map(|name| self.mechanism(instrument, &name.text, *state)).collect();
                let any = self.formulas.any(parts);
                match quantity {
                    Quantity::Any => any,
                    Quantity::None => self.formulas.negate(any),
                }
            }
            ConditionKind::Reading(reading, option) => self.reading(instrument, &reading.text, &option.text),
        }
    }

    fn compare(&mut self, variable: Variable, comparison: Comparison, value: u64) -> Formula {
        let at_least = |frame: &mut Self, value: u64| frame.test(Test::AtLeast(variable, value));
        match comparison {
            Comparison::AtLeast => at_least(self, value),
            Comparison::MoreThan => at_least(self, value.saturating_add(1)),
            Comparison::LessThan => {
                let reached = at_least(self, value);
                self.formulas.negate(reached)
            }
            Comparison::AtMost => {
                let passed = at_least(self, value.saturating_add(1));
                self.formulas.negate(passed)
            }
            Comparison::Equal => {
                let (reached, passed) = (at_least(self, value), at_least(self, value.saturating_add(1)));
                let below = self.formulas.negate(passed);
                self.formulas.all(vec![reached, below])
            }
        }
    }

    fn dated(&mut self, key: KeyId, set: &TermSet, age: Age) -> Formula {
        let set = self.set(set);
        let day = self.day;
        let test = match age {
            Age::Before(date) => DayTest::Between(Date::MIN, date.yesterday().unwrap_or(date)),
            Age::From(date) => DayTest::Between(date, Date::MAX),
            Age::AtLeast(period) => DayTest::Waited(length(period).and_then(|length| before(day, length)).unwrap_or(day)),
            Age::Within(period) => DayTest::Between(length(period).and_then(|length| before(day, length)).unwrap_or(Date::MIN), Date::MAX),
        };
        self.test(Test::Item(key, set, test))
    }

    fn definition(&mut self, instrument: &Instrument, id: &str) -> Formula {
        let name = (instrument.id.text.clone(), id.to_owned());
        if let Some(known) = self.definitions.get(&name) {
            return *known;
        }
        let versions: Vec<&Provision> = self.holding(instrument, id, |effect| *effect == Effect::Define);
        let versions = versions.into_iter().map(|version| self.provision(instrument, version)).collect();
        let formula = self.formulas.any(versions);
        self.definitions.insert(name, formula);
        formula
    }

    /// Another instrument is satisfied: one of its `serves` holds.
    fn satisfied(&mut self, id: &str) -> Formula {
        let Some(other) = self.library.instrument(id) else { return self.formulas.never() };
        let serves: Vec<&Provision> = other
            .provisions
            .iter()
            .filter(|provision| provision.effect == Effect::Serves && other.holds(provision, self.day, self.known))
            .collect();
        let serves = serves.into_iter().map(|provision| self.provision(other, provision)).collect();
        self.formulas.any(serves)
    }

    fn recognized(&mut self, instrument: &Instrument, party: Term, kind: &str) -> Formula {
        let rows = self.recognitions(instrument, party, kind).into_iter().map(|(_, formula)| formula).collect();
        self.formulas.any(rows)
    }

    /// The rows of a party that hold, each with the formula that says whether it takes the importer in.
    pub(crate) fn recognitions(&mut self, instrument: &Instrument, party: Term, kind: &str) -> Vec<(&'a Recognition, Formula)> {
        let (library, day, known) = (self.library, self.day, self.known);
        let Some(seat) = self.words.key("importer.seat") else { return Vec::new() };
        let rows = library.recognitions.iter().filter(|row| row.by == party && row.kind == kind && row.holds(day, known));
        rows.map(|row| {
            let places = self.set(&row.of);
            let here = self.test(Test::In(Variable::Key(seat), places));
            let formula = match &row.scope {
                Some(scope) => {
                    let scope = self.condition(instrument, scope);
                    self.formulas.all(vec![here, scope])
                }
                None => here,
            };
            (row, formula)
        })
        .collect()
    }

    fn mechanism(&mut self, instrument: &Instrument, id: &str, state: MechanismState) -> Formula {
        let versions = self.holding(instrument, id, |effect| matches!(effect, Effect::Permit(_)));
        let parts = versions
            .into_iter()
            .map(|version| {
                let formula = self.provision(instrument, version);
                match state {
                    MechanismState::Satisfied => formula,
                    MechanismState::Open => self.relaxed(formula, true),
                }
            })
            .collect();
        self.formulas.any(parts)
    }

    fn reading(&mut self, instrument: &Instrument, id: &str, option: &str) -> Formula {
        let Some(reading) = instrument.readings.iter().find(|reading| reading.id.text == id) else { return self.formulas.never() };
        let options: Vec<String> = reading.options.iter().map(|option| option.id.text.clone()).collect();
        let Some(chosen) = options.iter().position(|known| known == option) else { return self.formulas.never() };
        let spec = ReadingSpec { instrument: instrument.id.text.clone(), id: id.to_owned(), options };
        let number = self.readings.iter().position(|known| *known == spec).unwrap_or_else(|| {
            self.readings.push(spec);
            self.readings.len() - 1
        });
        self.test(Test::In(Variable::Reading(number), Bits::single(u16::try_from(chosen).unwrap_or(u16::MAX))))
    }

    /// The provisions with an id that are in force and known.
    fn holding<'i>(&self, instrument: &'i Instrument, id: &str, keep: impl Fn(&Effect) -> bool) -> Vec<&'i Provision> {
        instrument
            .provisions
            .iter()
            .filter(|provision| provision.id.text == id && keep(&provision.effect) && instrument.holds(provision, self.day, self.known))
            .collect()
    }

    /// The exceptions to a provision that are in force and known.
    pub(crate) fn exceptions<'i>(&self, instrument: &'i Instrument, id: &str) -> Vec<&'i Provision> {
        let mut excepting = self.excepting.borrow_mut();
        let positions = excepting.entry(std::ptr::from_ref(instrument)).or_insert_with(|| {
            let all = instrument.provisions.iter().enumerate();
            all.filter(|(_, provision)| matches!(provision.effect, Effect::Exception(_))).map(|(position, _)| position).collect()
        });
        positions
            .iter()
            .filter_map(|position| instrument.provisions.get(*position))
            .filter(|provision| {
                matches!(&provision.effect, Effect::Exception(targets) if targets.iter().any(|target| target.text == id))
                    && instrument.holds(provision, self.day, self.known)
            })
            .collect()
    }

    /// Whether a provision holds: its `when` and `needs`, none of its `unless`, and no exception to it.
    pub(crate) fn provision(&mut self, instrument: &Instrument, provision: &Provision) -> Formula {
        let mut parts = self.conditions(instrument, provision);
        parts.extend(
            provision.clauses.iter().filter(|clause| clause.kind == ClauseKind::Needs).map(|clause| self.clause(instrument, clause)),
        );
        self.formulas.all(parts)
    }

    /// Whether the conditions of a provision hold, its needs left aside.
    fn conditions(&mut self, instrument: &Instrument, provision: &Provision) -> Vec<Formula> {
        if self.depth > DEPTH {
            return vec![self.formulas.never()];
        }
        self.depth += 1;
        let mut parts = Vec::new();
        for clause in provision.clauses.iter().filter(|clause| clause.kind != ClauseKind::Needs) {
            parts.push(self.clause(instrument, clause));
        }
        for exception in self.exceptions(instrument, &provision.id.text) {
            let holds = self.provision(instrument, exception);
            parts.push(self.formulas.negate(holds));
        }
        self.depth -= 1;
        parts
    }

    /// A clause as a demand: `unless` is turned round.
    pub(crate) fn clause(&mut self, instrument: &Instrument, clause: &Clause) -> Formula {
        let formula = self.condition(instrument, &clause.condition);
        if clause.kind == ClauseKind::Unless { self.formulas.negate(formula) } else { formula }
    }

    /// Whether a `require` is met: where its conditions hold, its needs do.
    pub(crate) fn requirement(&mut self, instrument: &Instrument, provision: &Provision) -> Formula {
        let conditions = self.conditions(instrument, provision);
        let due = self.formulas.all(conditions);
        let needs = provision
            .clauses
            .iter()
            .filter(|clause| clause.kind == ClauseKind::Needs)
            .map(|clause| self.clause(instrument, clause))
            .collect();
        let (spared, met) = (self.formulas.negate(due), self.formulas.all(needs));
        self.formulas.any(vec![spared, met])
    }

    /// A formula in which every controllable test goes the way that suits it best: whether it *could* hold.
    pub(crate) fn relaxed(&mut self, formula: Formula, positive: bool) -> Formula {
        match self.formulas.node(formula).cloned() {
            Some(Node::All(parts)) => {
                let parts = parts.iter().map(|part| self.relaxed(*part, positive)).collect();
                self.formulas.all(parts)
            }
            Some(Node::Any(parts)) => {
                let parts = parts.iter().map(|part| self.relaxed(*part, positive)).collect();
                self.formulas.any(parts)
            }
            Some(Node::Not(inner)) => {
                let inner = self.relaxed(inner, !positive);
                self.formulas.negate(inner)
            }
            Some(Node::Test(number)) if self.suits(number) => {
                if positive {
                    self.formulas.always()
                } else {
                    self.formulas.never()
                }
            }
            _ => formula,
        }
    }

    /// Whether acts, grants or design can settle a test.
    fn suits(&self, number: usize) -> bool {
        let Some(test) = self.tests.get(number) else { return false };
        match test {
            Test::Item(_, _, DayTest::Between(_, last)) if *last < self.day => false,
            _ => self.controllable(test.variable()),
        }
    }

    /// Whether the class of the variable lets steps change it.
    fn controllable(&self, variable: Variable) -> bool {
        match variable {
            Variable::Key(key) => self.words.key_at(key).is_some_and(|key| key.class != Class::Given),
            Variable::Counter(_) | Variable::Reading(_) | Variable::ItemDay(_) => false,
        }
    }
}

/// The period as a length of days; hours and unnumbered periods have none.
pub(crate) fn length(period: Period) -> Option<Length> {
    match period {
        Period::Days(count) => Some(Length::Days(count)),
        Period::WorkingDays(count) => Some(Length::WorkingDays(count)),
        Period::Weeks(count) => Some(Length::Weeks(count)),
        Period::Months(count) => Some(Length::Months(count)),
        Period::Years(count) => Some(Length::Years(count)),
        Period::Hours(_) | Period::WithoutDelay => None,
    }
}
