// SPDX-License-Identifier: Apache-2.0
//! A fixed sample of the completions of what is known, with the formulas valued in all of them at once.
//!
//! A verdict is exact where it is lawful. Where a completion fails, it counts as repairable if no single test stands in the
//! way; that is too kind where one step would have to go two ways at once, so nothing here decides a flow: it only ranks.

use super::column::{self, Column, Value};
use super::mask::{Mask, SIZE};
use crate::formula::{Evaluation, Formula, Node, Test, Truth};
use crate::program::Program;
use crate::solve::Solver;
use crate::store::{Domain, NO, Store, Variable, YES};
use comity_terms::{Bits, Class, KeyId, KeyKind};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// A fact that the format fills in from another while both are absent.
const FOLLOWS: [(&str, &str); 2] = [("exporter.established_in", "exporter.seat"), ("exporter.monitors", "exporter.targets")];

/// What a test says in a sample: as the facts stand, and if steps go for it or against it.
#[derive(Clone, Copy)]
struct Held {
    now: Mask,
    reached: Mask,
    kept: Mask,
}

/// A sample.
pub(super) struct Sample {
    pub(super) columns: Vec<Column>,
    /// The verdict of each completion, from 0 for unrestricted to 3 for prohibited.
    pub(super) labels: Vec<u8>,
    followers: Vec<Variable>,
}

impl Sample {
    /// Whether the format fills the fact in from another that is asked for instead.
    pub(super) fn follows(&self, variable: Variable) -> bool {
        self.followers.contains(&variable)
    }

    /// Draws the completions of a store, and values all programs in them.
    pub(super) fn of(solver: &Solver, programs: &[&Program], store: &Store) -> Self {
        let mut wide = solver.widened(store);
        // Whether a basis can still be laid depends on the completion, so nothing is decided before.
        if let Some(key) = solver.frame.words.key("purpose.lawful_basis")
            && let Some(KeyKind::One(scheme)) = solver.frame.words.key_at(key).map(|key| key.kind)
            && store.get(Variable::Key(key)).is_some_and(|domain| matches!(domain, Domain::One(set) if set.len() > 1))
        {
            wide.set(Variable::Key(key), Domain::One(solver.frame.words.all(scheme)));
        }
        let drawing = Drawing { solver, store, wide: &wide, now: solver.evaluation(store), then: solver.evaluation(&wide) };
        let open = drawing.open_tests(programs);
        let (columns, followers) = drawing.columns(&open);
        let held = drawing.held(&open, &columns);
        let labels = drawing.labels(programs, &held);
        Self { columns, labels, followers }
    }

    /// Whether the completions surely have different verdicts: two lawful ones, or a lawful and a failing one.
    pub(super) fn surely_differs(&self, floor: u8) -> bool {
        surely_differ(self.labels.iter().map(|label| (*label).max(floor)))
    }
}

/// Whether verdicts differ beyond what the sample may be mistaken in.
pub(super) fn surely_differ(labels: impl Iterator<Item = u8>) -> bool {
    let seen: BTreeSet<u8> = labels.map(|label| label.min(2)).collect();
    seen.len() > 1
}

struct Drawing<'s, 'f, 'a> {
    solver: &'s Solver<'f, 'a>,
    store: &'s Store,
    wide: &'s Store,
    now: Evaluation<'s>,
    then: Evaluation<'s>,
}

impl Drawing<'_, '_, '_> {
    /// The open tests that a program hangs on, by the variable that settles them.
    fn open_tests(&self, programs: &[&Program]) -> BTreeMap<Variable, Vec<usize>> {
        let mut open: BTreeMap<Variable, Vec<usize>> = BTreeMap::new();
        let (mut seen, mut seen_then) = (HashSet::new(), HashSet::new());
        let mut numbers = BTreeSet::new();
        for program in programs {
            self.walk(&self.now, program.lawful, &mut seen, &mut numbers);
            self.walk(&self.now, program.unrestricted, &mut seen, &mut numbers);
            if self.now.value(program.lawful) != Truth::True {
                self.walk(&self.then, program.lawful, &mut seen_then, &mut numbers);
            }
        }
        for number in numbers {
            let Some(test) = self.solver.frame.tests.get(number).filter(|test| test.truth(self.store) == Truth::Open) else { continue };
            open.entry(test.variable()).or_default().push(number);
        }
        open
    }

    fn walk(&self, values: &Evaluation, formula: Formula, seen: &mut HashSet<Formula>, out: &mut BTreeSet<usize>) {
        if values.value(formula) != Truth::Open || !seen.insert(formula) {
            return;
        }
        match self.solver.frame.formulas.node(formula) {
            Some(Node::All(parts) | Node::Any(parts)) => parts.iter().for_each(|part| self.walk(values, *part, seen, out)),
            Some(Node::Not(inner)) => self.walk(values, *inner, seen, out),
            Some(Node::Test(number)) => {
                out.insert(*number);
            }
            None => {}
        }
    }

    fn tests(&self, open: &BTreeMap<Variable, Vec<usize>>, variable: Variable) -> Vec<&Test> {
        open.get(&variable).into_iter().flatten().filter_map(|number| self.solver.frame.tests.get(*number)).collect()
    }

    fn is_open(&self, variable: Variable) -> bool {
        match self.store.get(variable) {
            Some(Domain::One(candidates)) => candidates.len() > 1,
            Some(Domain::Many { open, .. }) => !open.is_empty(),
            Some(Domain::Range { low, high }) => low < high,
            None => false,
        }
    }

    fn columns(&self, open: &BTreeMap<Variable, Vec<usize>>) -> (Vec<Column>, Vec<Variable>) {
        let words = self.solver.frame.words;
        let mut columns: Vec<Column> = Vec::new();
        let mut turn = 0;
        let mut draw = |variable: Variable, tests: &[&Test]| {
            turn += 1;
            Column::draw(variable, self.store, tests, turn)
        };
        let mut done: BTreeSet<Variable> = BTreeSet::new();
        let mut followers = Vec::new();
        for (follower, leader) in FOLLOWS {
            let (Some(follower), Some(leader)) = (words.key(follower).map(Variable::Key), words.key(leader).map(Variable::Key)) else {
                continue;
            };
            if !self.is_open(follower) || !self.is_open(leader) || !open.contains_key(&follower) {
                continue;
            }
            let tests: Vec<&Test> = self.tests(open, leader).into_iter().chain(self.tests(open, follower)).collect();
            let Some(column) = draw(leader, &tests) else { continue };
            let member = |value: &Value| match value {
                Value::Domain(Domain::One(set)) => Value::Domain(Domain::Many { yes: *set, open: Bits::EMPTY }),
                other => *other,
            };
            let copy = Column { variable: follower, values: column.values.iter().map(member).collect(), of: column.of.clone() };
            columns.extend([column, copy]);
            done.extend([leader, follower]);
            followers.push(follower);
        }
        for (variable, numbers) in open {
            let tests: Vec<&Test> = numbers.iter().filter_map(|number| self.solver.frame.tests.get(*number)).collect();
            if !done.contains(variable) && self.is_open(*variable) {
                columns.extend(draw(*variable, &tests));
            }
            for (position, item) in self.store.item_days.iter().enumerate() {
                let asked = tests.iter().any(|test| matches!(test, Test::Item(key, set, _) if *key == item.key && set.has(item.term)));
                if asked && item.low < item.high {
                    columns.extend(draw(Variable::ItemDay(position), &tests));
                }
            }
        }
        self.agree(&mut columns);
        (columns, followers)
    }

    /// Makes completions consistent: as [`Store::propagate`] does for one store.
    fn agree(&self, columns: &mut [Column]) {
        let words = self.solver.frame.words;
        let find = |columns: &[Column], path: &str| {
            let key = words.key(path).map(Variable::Key)?;
            columns.iter().position(|column| column.variable == key)
        };
        let known = |path: &str| match words.key(path).and_then(|key| self.store.get(Variable::Key(key))) {
            Some(Domain::One(set)) if set.len() == 1 => Some(set.has(YES)),
            _ => None,
        };
        let flag = |value: Option<Value>| matches!(value, Some(Value::Domain(Domain::One(set))) if set.has(YES));
        let number = |value: Option<Value>| match value {
            Some(Value::Domain(Domain::Range { low, .. })) => Some(low),
            _ => None,
        };
        let parts = |whole: &str| -> Vec<usize> {
            let inside = |key: KeyId| words.key_at(key).is_some_and(|key| key.path.starts_with(whole) && key.path != whole);
            let part = |column: &Column| matches!(column.variable, Variable::Key(key) if inside(key));
            columns.iter().enumerate().filter(|(_, column)| part(column)).map(|(position, _)| position).collect()
        };
        for (whole, parts) in ["safeguards.assessment", "safeguards.consent"].map(|whole| (whole, parts(whole))) {
            let column = find(columns, whole);
            for position in 0..SIZE {
                let made = match column.and_then(|column| columns.get(column)) {
                    Some(column) => flag(column.at(position)),
                    None => known(whole).unwrap_or(position % 2 == 0),
                };
                for part in &parts {
                    let Some(column) = columns.get_mut(*part) else { continue };
                    let none = column::none_of(column.variable);
                    let blank = |value: &Value| match (value, none) {
                        (Value::Domain(Domain::One(set)), Some(none)) => set.has(none),
                        (Value::Domain(Domain::One(set)), None) => set.has(NO),
                        _ => false,
                    };
                    let unstated = column.at(position).is_some_and(|value| blank(&value));
                    if !made && !unstated {
                        column.put(position, blank);
                    } else if made && unstated && none.is_some() {
                        column.put(position, |value| !blank(value));
                    }
                }
            }
        }
        for (less, more) in
            [("subjects.count", "subjects.count_12_months"), ("subjects.sensitive_count_this_year", "subjects.count_this_year")]
        {
            let (Some(less), Some(more)) = (find(columns, less), find(columns, more)) else { continue };
            for position in 0..SIZE {
                let most = columns.get(more).and_then(|column| number(column.at(position)));
                let (Some(most), Some(column)) = (most, columns.get_mut(less)) else { continue };
                if number(column.at(position)).is_some_and(|least| least > most) {
                    column.put(position, |value| number(Some(*value)).is_some_and(|least| least <= most));
                }
            }
        }
    }

    /// What every open test says in every completion.
    fn held(&self, open: &BTreeMap<Variable, Vec<usize>>, columns: &[Column]) -> HashMap<usize, Held> {
        let mut out: HashMap<usize, Held> = HashMap::new();
        let (mut now, mut wide) = (self.store.clone(), self.wide.clone());
        for (variable, numbers) in open {
            let dated: Vec<&Column> = columns
                .iter()
                .filter(|column| match column.variable {
                    Variable::ItemDay(position) => {
                        self.store.item_days.get(position).map(|item| Variable::Key(item.key)) == Some(*variable)
                    }
                    _ => false,
                })
                .collect();
            let own = columns.iter().find(|column| column.variable == *variable);
            if dated.is_empty() {
                let Some(column) = own else { continue };
                let mut members = vec![Mask::NONE; column.values.len()];
                for (position, number) in column.of.iter().enumerate() {
                    if let Some(mask) = members.get_mut(usize::from(*number)) {
                        mask.insert(position);
                    }
                }
                for (value, members) in column.values.iter().zip(&members) {
                    self.put(*variable, value, &mut now, &mut wide);
                    self.note(numbers, &now, &wide, members, &mut out);
                }
            } else {
                for position in 0..SIZE {
                    for column in own.into_iter().chain(dated.iter().copied()) {
                        if let Some(value) = column.at(position) {
                            self.put(column.variable, &value, &mut now, &mut wide);
                        }
                    }
                    let mut one = Mask::NONE;
                    one.insert(position);
                    self.note(numbers, &now, &wide, &one, &mut out);
                }
            }
        }
        out
    }

    /// Puts a value into a complete store, and what steps make of it into a widened one.
    fn put(&self, variable: Variable, value: &Value, now: &mut Store, wide: &mut Store) {
        let domain = match (variable, value) {
            (Variable::ItemDay(position), Value::Day(day)) => {
                for store in [now, wide] {
                    if let Some(item) = store.item_days.get_mut(position) {
                        (item.low, item.high) = (*day, *day);
                    }
                }
                return;
            }
            (_, Value::Domain(domain)) => *domain,
            _ => return,
        };
        now.set(variable, domain);
        let Variable::Key(key) = variable else { return wide.set(variable, domain) };
        let words = self.solver.frame.words;
        let Some(info) = words.key_at(key) else { return };
        match (info.class, domain) {
            (Class::Given, _) => wide.set(variable, domain),
            (Class::Act | Class::Grant, Domain::Many { yes, .. }) => {
                if let Some(Domain::Many { yes: before, open }) = self.wide.get(variable) {
                    wide.set(variable, Domain::Many { yes, open: self.steps(info.kind).and(&before.or(open)).minus(&yes) });
                }
            }
            (_, Domain::One(_)) if column::none_of(variable).is_some() => {
                let then = self.solver.widened(&self.store.with(variable, domain));
                if let (Some(domain), Some(free)) = (then.get(variable), then.free.get(key.index())) {
                    wide.set(variable, *domain);
                    if let Some(slot) = wide.free.get_mut(key.index()) {
                        *slot = *free;
                    }
                }
            }
            // A step can give it any value, whatever it is.
            _ => {}
        }
    }

    /// The terms that a step can add.
    fn steps(&self, kind: KeyKind) -> Bits {
        let KeyKind::Many(scheme) = kind else { return Bits::EMPTY };
        let entries = self.solver.frame.words.entries(scheme);
        (0_u16..).zip(entries).filter(|(_, entry)| entry.step).map(|(index, _)| index).collect()
    }

    fn note(&self, numbers: &[usize], now: &Store, wide: &Store, members: &Mask, out: &mut HashMap<usize, Held>) {
        for number in numbers {
            let Some(test) = self.solver.frame.tests.get(*number) else { continue };
            let held = out.entry(*number).or_insert(Held { now: Mask::NONE, reached: Mask::NONE, kept: Mask::NONE });
            if test.truth(now) == Truth::True {
                held.now = held.now.or(members);
            }
            let (reached, kept) = self.then_of(test, wide);
            if reached {
                held.reached = held.reached.or(members);
            }
            if kept {
                held.kept = held.kept.or(members);
            }
        }
    }

    /// Whether a test holds if steps go for it, and if they go against it.
    fn then_of(&self, test: &Test, wide: &Store) -> (bool, bool) {
        match test.truth(wide) {
            Truth::Open => (wide.is_free(test.variable()), false),
            truth => (truth == Truth::True, truth == Truth::True),
        }
    }

    fn labels(&self, programs: &[&Program], held: &HashMap<usize, Held>) -> Vec<u8> {
        let mut values = Values { drawing: self, held, now: HashMap::new(), then: HashMap::new() };
        let (mut prohibited, mut failing, mut restricted) = (Mask::NONE, Mask::NONE, Mask::NONE);
        for program in programs {
            let lawful = values.now(program.lawful);
            if lawful != Mask::ALL {
                let reached = values.then(program.lawful, true);
                prohibited = prohibited.or(&(!lawful).and(&!reached));
            }
            failing = failing.or(&!lawful);
            restricted = restricted.or(&!values.now(program.unrestricted));
        }
        let label = |position: usize| match (prohibited.has(position), failing.has(position), restricted.has(position)) {
            (true, ..) => 3,
            (_, true, _) => 2,
            (.., true) => 1,
            _ => 0,
        };
        (0..SIZE).map(label).collect()
    }
}

/// The values of formulas in a sample, each computed once.
struct Values<'v, 's, 'f, 'a> {
    drawing: &'v Drawing<'s, 'f, 'a>,
    held: &'v HashMap<usize, Held>,
    now: HashMap<Formula, Mask>,
    then: HashMap<(Formula, bool), Mask>,
}

impl Values<'_, '_, '_, '_> {
    fn now(&mut self, formula: Formula) -> Mask {
        match self.drawing.now.value(formula) {
            Truth::Open => {}
            truth => return Mask::of(truth == Truth::True),
        }
        if let Some(known) = self.now.get(&formula) {
            return *known;
        }
        let frame = self.drawing.solver.frame;
        let value = match frame.formulas.node(formula) {
            Some(Node::All(parts)) => parts.iter().fold(Mask::ALL, |all, part| all.and(&self.now(*part))),
            Some(Node::Any(parts)) => parts.iter().fold(Mask::NONE, |all, part| all.or(&self.now(*part))),
            Some(Node::Not(inner)) => !self.now(*inner),
            Some(Node::Test(number)) => self.held.get(number).map_or(Mask::NONE, |held| held.now),
            None => Mask::NONE,
        };
        self.now.insert(formula, value);
        value
    }

    /// Whether steps could make it hold, or keep it from holding.
    fn then(&mut self, formula: Formula, wanted: bool) -> Mask {
        match self.drawing.then.value(formula) {
            Truth::Open => {}
            truth => return Mask::of(truth == Truth::True),
        }
        if let Some(known) = self.then.get(&(formula, wanted)) {
            return *known;
        }
        let frame = self.drawing.solver.frame;
        let value = match frame.formulas.node(formula) {
            Some(Node::All(parts)) => parts.iter().fold(Mask::ALL, |all, part| all.and(&self.then(*part, wanted))),
            Some(Node::Any(parts)) => parts.iter().fold(Mask::NONE, |all, part| all.or(&self.then(*part, wanted))),
            Some(Node::Not(inner)) => !self.then(*inner, !wanted),
            Some(Node::Test(number)) => match self.held.get(number) {
                Some(held) => {
                    if wanted {
                        held.reached
                    } else {
                        held.kept
                    }
                }
                None => frame.tests.get(*number).map_or(Mask::NONE, |test| {
                    let (reached, kept) = self.drawing.then_of(test, self.drawing.wide);
                    Mask::of(if wanted { reached } else { kept })
                }),
            },
            None => Mask::NONE,
        };
        self.then.insert((formula, wanted), value);
        value
    }
}
