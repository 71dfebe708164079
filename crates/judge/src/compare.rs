// SPDX-License-Identifier: Apache-2.0
//! Comparing laws exactly: every class of flows that two instruments treat differently, counted, with a smallest example.
//!
//! Both instruments are compiled over the same tests. Values that no test of either tells apart are one class, so the
//! flows are finitely many classes; a diagram gives the verdict of each. Two such diagrams side by side are the comparison.

use crate::compile::Frame;
use crate::diagram::{Diagram, Full, Join, Ref};
use crate::finding::Verdict;
use crate::formula::{DayTest, Formula, Node, Test, added_fits};
use crate::program::{Gate, Program, Scope};
use crate::store::{NO, Store, Variable, YES};
use comity_flow::{Flow, Item, Value};
use comity_law::Library;
use comity_law::ast::Instrument;
use comity_terms::{Bits, Class, KeyId, KeyKind, vocabulary};
use jiff::civil::Date;
use std::collections::HashMap;

/// One side of a comparison: an instrument on a day.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// The library it stands in.
    pub library: &'a Library,
    /// The instrument.
    pub instrument: &'a Instrument,
    /// The day of the flow.
    pub day: Date,
    /// The day of the knowledge.
    pub known: Date,
}

/// Flows that the two sides judge differently in one way.
#[derive(Clone, Debug)]
pub struct Difference {
    /// The verdict of the first side.
    pub first: Verdict,
    /// The verdict of the second side.
    pub second: Verdict,
    /// How many classes of flows.
    pub classes: f64,
    /// Their share of all classes.
    pub share: f64,
    /// A flow of the class that says as little out of the ordinary as possible.
    pub example: Flow,
    /// The provisions that lie behind it.
    pub behind: Vec<Behind>,
}

/// A provision that lies behind a difference.
#[derive(Clone, Debug, PartialEq)]
pub struct Behind {
    /// Its side: 1 or 2.
    pub side: u8,
    /// Its id.
    pub provision: String,
    /// Its citations.
    pub cites: Vec<String>,
    /// The share of the difference in which it counts.
    pub share: f64,
}

/// A comparison.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// How many classes of flows the two tell apart.
    pub classes: f64,
    /// The share that both judge alike.
    pub alike: f64,
    /// The differences, the largest share first.
    pub differences: Vec<Difference>,
    /// Whether the first is at least as protective: no flow fails under the second and is lawful under the first.
    pub first_at_least_as_protective: bool,
    /// Whether the second is.
    pub second_at_least_as_protective: bool,
    /// The size of the diagram.
    pub nodes: usize,
}

/// Why two instruments could not be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CompareError {
    /// The diagram outgrew its budget.
    TooLarge,
}

impl std::fmt::Display for CompareError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TooLarge => write!(f, "the diagram of the two laws outgrew its budget of {BUDGET} nodes, so nothing is said of them"),
        }
    }
}

impl std::error::Error for CompareError {}

impl From<Full> for CompareError {
    fn from(_: Full) -> Self {
        Self::TooLarge
    }
}

const BUDGET: usize = 2_000_000;

/// What a level of the diagram stands for.
#[derive(Clone, Debug)]
enum Level {
    /// One of several classes of values of a key, or options of a reading.
    Classes(Variable, Vec<Bits>),
    /// Whether a set has a member of this class.
    Member(KeyId, Bits),
    /// One of several ranges of a number: their first values.
    Ranges(Variable, Vec<u64>),
    /// Whether an item of a set is in place with a day that fits.
    Dated(KeyId, Bits, DayTest, bool),
}

/// Compares two instruments, or one on two days, over flows with one leg.
///
/// # Errors
///
/// If the diagram outgrows its budget.
pub fn compare(first: Side, second: Side) -> Result<Comparison, CompareError> {
    let mut frame = Frame::new(first.library, first.day, first.known);
    let scope = Scope::compile(&mut frame, first.instrument);
    let one = Program::compile(&mut frame, scope);
    frame.turn_to(second.library, second.day, second.known);
    let scope = Scope::compile(&mut frame, second.instrument);
    let two = Program::compile(&mut frame, scope);
    let mut builder = Builder::new(&frame, &[one.lawful, one.unrestricted, two.lawful, two.unrestricted]);
    let sane = builder.constraint()?;
    let a = builder.verdicts(&one, sane)?;
    let b = builder.verdicts(&two, sane)?;
    let pair = builder.diagram.join(Join::Pair(4), a, b)?;
    // Assignments that the vocabulary excludes get a leaf of their own.
    let pair = builder.diagram.join(Join::Keep(NOTHING), sane, pair)?;
    let weights = builder.weights();
    let classes = builder.diagram.count(pair, &weights, &|leaf| leaf != NOTHING);
    let costs = builder.costs();
    let mut differences = Vec::new();
    let mut alike = 0.0;
    for (x, first_verdict) in Verdict::ALL.into_iter().enumerate() {
        for (y, second_verdict) in Verdict::ALL.into_iter().enumerate() {
            let leaf = u32::try_from(x * 4 + y).unwrap_or(NOTHING);
            let count = builder.diagram.count(pair, &weights, &|value| value == leaf);
            if count == 0.0 {
                continue;
            }
            if x == y {
                alike += count;
                continue;
            }
            let Some((_, path)) = builder.diagram.cheapest(pair, &costs, &|value| value == leaf) else { continue };
            let example = builder.flow(&path, first.day);
            let behind = builder.behind(pair, leaf, count, &weights, [&one, &two], [first_verdict, second_verdict])?;
            differences.push(Difference {
                first: first_verdict,
                second: second_verdict,
                classes: count,
                share: count / classes,
                example,
                behind,
            });
        }
    }
    differences.sort_by(|a, b| b.classes.total_cmp(&a.classes));
    let lawful = |verdict: Verdict| verdict <= Verdict::Permitted;
    Ok(Comparison {
        classes,
        alike: alike / classes,
        first_at_least_as_protective: !differences.iter().any(|difference| lawful(difference.first) && !lawful(difference.second)),
        second_at_least_as_protective: !differences.iter().any(|difference| lawful(difference.second) && !lawful(difference.first)),
        differences,
        nodes: builder.diagram.size(),
    })
}

/// The leaf of assignments that no flow can have.
const NOTHING: u32 = 99;

struct Builder<'f, 'a> {
    frame: &'f Frame<'a>,
    diagram: Diagram,
    levels: Vec<Level>,
    done: HashMap<Formula, Ref>,
}

impl<'f, 'a> Builder<'f, 'a> {
    fn new(frame: &'f Frame<'a>, roots: &[Formula]) -> Self {
        // Variables in the order in which the formulas first ask for them: what is asked together stands together.
        let mut tests = Vec::new();
        for root in roots {
            frame.formulas.tests(*root, &mut tests);
        }
        let mut levels: Vec<Level> = Vec::new();
        let mut seen: Vec<Variable> = Vec::new();
        for test in tests.iter().filter_map(|number| frame.tests.get(*number)) {
            let variable = test.variable();
            if !seen.contains(&variable) {
                seen.push(variable);
                levels.extend(levels_of(frame, variable, &tests));
            }
        }
        let arity = levels
            .iter()
            .map(|level| match level {
                Level::Classes(_, classes) => classes.len(),
                Level::Ranges(_, starts) => starts.len(),
                Level::Member(..) | Level::Dated(..) => 2,
            })
            .collect();
        Self { frame, diagram: Diagram::new(arity, BUDGET), levels, done: HashMap::new() }
    }

    fn formula(&mut self, formula: Formula) -> Result<Ref, Full> {
        if let Some(known) = self.done.get(&formula) {
            return Ok(*known);
        }
        let result = match self.frame.formulas.node(formula) {
            Some(Node::All(parts)) => self.fold(parts, Join::And)?,
            Some(Node::Any(parts)) => self.fold(parts, Join::Or)?,
            Some(Node::Not(inner)) => {
                let inner = self.formula(*inner)?;
                self.diagram.negate(inner)?
            }
            Some(Node::Test(number)) => match self.frame.tests.get(*number) {
                Some(test) => self.test(test)?,
                None => Ref::flag(false),
            },
            None => Ref::flag(false),
        };
        self.done.insert(formula, result);
        Ok(result)
    }

    fn fold(&mut self, parts: &[Formula], join: Join) -> Result<Ref, Full> {
        let mut all = Ref::flag(join == Join::And);
        for part in parts {
            let part = self.formula(*part)?;
            all = self.diagram.join(join, all, part)?;
        }
        Ok(all)
    }

    fn find(&self, wanted: impl Fn(&Level) -> bool) -> Option<usize> {
        self.levels.iter().position(wanted)
    }

    /// The levels of the classes of members of a set that `keep` accepts.
    fn members(&self, key: KeyId, keep: impl Fn(&Bits) -> bool) -> Vec<usize> {
        let own = self.levels.iter().enumerate();
        own.filter(|(_, level)| matches!(level, Level::Member(other, class) if *other == key && keep(class)))
            .map(|(position, _)| position)
            .collect()
    }

    fn any_member(&mut self, levels: &[usize]) -> Result<Ref, Full> {
        let mut all = Ref::flag(false);
        for level in levels {
            let member = self.diagram.test(*level, |value| value == 1)?;
            all = self.diagram.join(Join::Or, all, member)?;
        }
        Ok(all)
    }

    fn test(&mut self, test: &Test) -> Result<Ref, Full> {
        match test {
            Test::In(variable, set) => {
                let Some(level) = self.find(|level| matches!(level, Level::Classes(other, _) if other == variable)) else {
                    return Ok(Ref::flag(false));
                };
                let Some(Level::Classes(_, classes)) = self.levels.get(level).cloned() else { return Ok(Ref::flag(false)) };
                self.diagram.test(level, |value| classes.get(value).is_some_and(|class| class.within(set)))
            }
            Test::AtLeast(variable, number) => {
                let Some(level) = self.find(|level| matches!(level, Level::Ranges(other, _) if other == variable)) else {
                    return Ok(Ref::flag(false));
                };
                let Some(Level::Ranges(_, starts)) = self.levels.get(level).cloned() else { return Ok(Ref::flag(false)) };
                self.diagram.test(level, |value| starts.get(value).is_some_and(|start| start >= number))
            }
            Test::Meets(key, set) => {
                let levels = self.members(*key, |class| class.meets(set));
                self.any_member(&levels)
            }
            Test::Within(key, set) => {
                let levels = self.members(*key, |class| !class.within(set));
                let outside = self.any_member(&levels)?;
                self.diagram.negate(outside)
            }
            Test::Empty(key) => {
                let levels = self.members(*key, |_| true);
                let some = self.any_member(&levels)?;
                self.diagram.negate(some)
            }
            Test::Several(key, number, set) => {
                let levels = self.members(*key, |class| class.meets(set));
                self.at_least(&levels, *number)
            }
            Test::Item(key, set, day) => {
                let wanted =
                    |level: &Level| matches!(level, Level::Dated(other, members, test, _) if other == key && members == set && test == day);
                let Some(level) = self.find(wanted) else { return Ok(Ref::flag(false)) };
                let dated = self.diagram.test(level, |value| value == 1)?;
                let levels = self.members(*key, |class| class.meets(set));
                let in_place = self.any_member(&levels)?;
                self.diagram.join(Join::And, dated, in_place)
            }
        }
    }

    /// That many of the members, at least.
    fn at_least(&mut self, levels: &[usize], number: usize) -> Result<Ref, Full> {
        match (number, levels) {
            (0, _) => Ok(Ref::flag(true)),
            (_, []) => Ok(Ref::flag(false)),
            (_, [first, rest @ ..]) => {
                let (with, without) = (self.at_least(rest, number - 1)?, self.at_least(rest, number)?);
                let first = self.diagram.test(*first, |value| value == 1)?;
                let not_first = self.diagram.negate(first)?;
                let (with, without) = (self.diagram.join(Join::And, first, with)?, self.diagram.join(Join::And, not_first, without)?);
                self.diagram.join(Join::Or, with, without)
            }
        }
    }

    /// The assignments that a flow can have: parts of an assessment or consent only where there is one, counts in order.
    fn constraint(&mut self) -> Result<Ref, Full> {
        let words = self.frame.words;
        let mut all = Ref::flag(true);
        for whole in ["safeguards.assessment", "safeguards.consent"] {
            let Some(whole_level) = words.key(whole).and_then(|key| self.classes_level(key)) else { continue };
            let made = self.flag(whole_level)?;
            for part in words.keys().iter().filter(|key| key.path.starts_with(whole) && key.path != whole) {
                let Some(level) = words.key(&part.path).and_then(|key| self.classes_level(key)) else { continue };
                let stated = match part.kind {
                    KeyKind::One(scheme) => {
                        let none = words.find(scheme, "none").map_or(Bits::EMPTY, |term| Bits::single(term.index()));
                        let Some(Level::Classes(_, classes)) = self.levels.get(level).cloned() else { continue };
                        self.diagram.test(level, |value| classes.get(value).is_some_and(|class| !class.meets(&none)))?
                    }
                    _ => self.flag(level)?,
                };
                let unstated = self.diagram.negate(stated)?;
                let fits = self.diagram.join(Join::Or, unstated, made)?;
                all = self.diagram.join(Join::And, all, fits)?;
            }
        }
        for (less, more) in
            [("subjects.count", "subjects.count_12_months"), ("subjects.sensitive_count_this_year", "subjects.count_this_year")]
        {
            let level = |builder: &Self, path: &str| {
                let key = words.key(path)?;
                builder.find(|level| matches!(level, Level::Ranges(Variable::Key(other), _) if *other == key))
            };
            let (Some(less), Some(more)) = (level(self, less), level(self, more)) else { continue };
            let (Some(Level::Ranges(_, low)), Some(Level::Ranges(_, high))) =
                (self.levels.get(less).cloned(), self.levels.get(more).cloned())
            else {
                continue;
            };
            for (position, start) in low.iter().enumerate() {
                // A range can lie below another if its first number does not lie above the other's last.
                let below = |value: usize| high.get(value + 1).is_none_or(|next| start < next);
                let here = self.diagram.test(less, |value| value == position)?;
                let elsewhere = self.diagram.negate(here)?;
                let room = self.diagram.test(more, below)?;
                let fits = self.diagram.join(Join::Or, elsewhere, room)?;
                all = self.diagram.join(Join::And, all, fits)?;
            }
        }
        Ok(all)
    }

    fn classes_level(&self, key: KeyId) -> Option<usize> {
        self.find(|level| matches!(level, Level::Classes(Variable::Key(other), _) if *other == key))
    }

    fn flag(&mut self, level: usize) -> Result<Ref, Full> {
        let Some(Level::Classes(_, classes)) = self.levels.get(level).cloned() else { return Ok(Ref::flag(false)) };
        self.diagram.test(level, |value| classes.get(value).is_some_and(|class| class.has(YES)))
    }

    /// The verdict of each assignment.
    fn verdicts(&mut self, program: &Program, sane: Ref) -> Result<Ref, Full> {
        let lawful = self.formula(program.lawful)?;
        let free = self.formula(program.unrestricted)?;
        let mut reach = self.diagram.join(Join::And, lawful, sane)?;
        for level in 0..self.levels.len() {
            let steps = self.steps(level);
            if steps.iter().any(|step| !step.is_empty()) {
                reach = self.diagram.reachable(reach, level, &steps, &mut HashMap::new())?;
            }
        }
        // 3 prohibited, 2 incomplete where steps reach a lawful flow, 1 permitted, 0 unrestricted.
        let failing = self.diagram.map(reach, &mut HashMap::new(), &|value| if value == 0 { 3 } else { 2 })?;
        let unlawful = self.diagram.negate(lawful)?;
        let not_free = self.diagram.negate(free)?;
        let restricted = self.diagram.join(Join::Keep(1), unlawful, failing)?;
        self.diagram.join(Join::Keep(0), not_free, restricted)
    }

    /// For each value of a level, the values that steps lead to.
    fn steps(&self, level: usize) -> Vec<Vec<usize>> {
        let words = self.frame.words;
        let class = |key: &KeyId| words.key_at(*key).map_or(Class::Given, |key| key.class);
        match self.levels.get(level) {
            Some(Level::Classes(Variable::Key(key), classes)) if class(key) != Class::Given => {
                let all: Vec<usize> = (0..classes.len()).collect();
                let path = words.key_at(*key).map_or("", |key| key.path.as_str());
                let term = |name: &str| match words.key_at(*key).map(|key| key.kind) {
                    Some(KeyKind::One(scheme)) => words.find(scheme, name).map_or(Bits::EMPTY, |term| Bits::single(term.index())),
                    _ => Bits::EMPTY,
                };
                let with = |names: &[&str]| -> Vec<usize> {
                    let wanted = names.iter().fold(Bits::EMPTY, |all, name| all.or(&term(name)));
                    classes.iter().enumerate().filter(|(_, class)| class.meets(&wanted)).map(|(position, _)| position).collect()
                };
                match path {
                    "safeguards.assessment.result" => classes
                        .iter()
                        .map(|own| {
                            if own.meets(&term("equivalent")) || own.meets(&term("equivalent-with-measures")) {
                                Vec::new()
                            } else if own.meets(&term("not-equivalent")) {
                                with(&["equivalent-with-measures"])
                            } else {
                                all.clone()
                            }
                        })
                        .collect(),
                    "purpose.lawful_basis" => {
                        classes.iter().map(|own| if own.meets(&term("none")) { all.clone() } else { Vec::new() }).collect()
                    }
                    _ => vec![all; classes.len()],
                }
            }
            Some(Level::Member(key, members)) => match class(key) {
                Class::Given => Vec::new(),
                Class::Design => vec![vec![1], vec![0]],
                Class::Act | Class::Grant => {
                    let Some(KeyKind::Many(scheme)) = words.key_at(*key).map(|key| key.kind) else { return Vec::new() };
                    let step = members.iter().any(|index| words.entries(scheme).get(usize::from(index)).is_some_and(|entry| entry.step));
                    if step { vec![vec![1], Vec::new()] } else { Vec::new() }
                }
            },
            Some(Level::Dated(_, _, _, renewable)) if *renewable => vec![vec![1], Vec::new()],
            Some(Level::Ranges(Variable::Key(key), starts)) if class(key) != Class::Given => {
                vec![(0..starts.len()).collect(); starts.len()]
            }
            _ => Vec::new(),
        }
    }

    /// Classes of values count by themselves, not by how many values they have: a country more is not a flow more.
    fn weights(&self) -> Vec<Vec<f64>> {
        self.levels
            .iter()
            .map(|level| match level {
                Level::Classes(_, classes) => vec![1.0; classes.len()],
                Level::Ranges(_, starts) => vec![1.0; starts.len()],
                Level::Member(..) | Level::Dated(..) => vec![1.0; 2],
            })
            .collect()
    }

    /// What is out of the ordinary costs: sets with members, flags that are set, numbers above nothing.
    fn costs(&self) -> Vec<Vec<u32>> {
        self.levels
            .iter()
            .map(|level| match level {
                Level::Classes(Variable::Key(key), classes)
                    if self.frame.words.key_at(*key).is_some_and(|key| key.kind == KeyKind::Flag) =>
                {
                    classes.iter().map(|class| u32::from(class.has(YES)) * 2).collect()
                }
                Level::Classes(_, classes) => classes.iter().map(|class| u32::from(class.len() < 8)).collect(),
                Level::Ranges(_, starts) => (0..starts.len()).map(|position| u32::from(position > 0)).collect(),
                Level::Member(..) => vec![0, 2],
                Level::Dated(..) => vec![1, 0],
            })
            .collect()
    }

    /// The flow of a path; what the path leaves open is left out of the flow where the format allows it, and ordinary where not.
    fn flow(&self, path: &[(usize, usize)], day: Date) -> Flow {
        let words = vocabulary();
        let mut flow = Flow { id: "example".to_owned(), on: Some(day), ..Flow::default() };
        let mut sets: HashMap<KeyId, Bits> = HashMap::new();
        for (position, level) in self.levels.iter().enumerate() {
            let chosen = path.iter().find(|(level, _)| *level == position).map(|(_, value)| *value);
            match level {
                Level::Classes(Variable::Key(key), classes) => {
                    let Some(class) = chosen.and_then(|value| classes.get(value)) else { continue };
                    let Some(index) = class.lowest() else { continue };
                    let value = match words.key_at(*key).map(|key| key.kind) {
                        Some(KeyKind::Flag) => Some(Value::Flag(index != NO)),
                        Some(KeyKind::One(scheme)) => words.term_at(scheme, index).map(Value::One),
                        _ => None,
                    };
                    if let Some(value) = value {
                        flow.facts.insert(*key, value);
                    }
                }
                Level::Member(key, class) => {
                    let set = sets.entry(*key).or_default();
                    if chosen == Some(1)
                        && let Some(index) = class.lowest()
                    {
                        set.insert(index);
                    }
                }
                Level::Ranges(variable, starts) => {
                    let key = match variable {
                        Variable::Key(key) => Some(*key),
                        _ => words.key("subjects.count_12_months"),
                    };
                    if let (Some(key), Some(start)) = (key, chosen.and_then(|value| starts.get(value))) {
                        flow.facts.insert(key, Value::Count(*start));
                    }
                }
                Level::Dated(key, members, test, _) => {
                    if chosen == Some(1)
                        && let (Some(index), Some(KeyKind::Many(scheme))) = (members.lowest(), words.key_at(*key).map(|key| key.kind))
                        && let Some(term) = words.term_at(scheme, index)
                    {
                        let on = match test {
                            DayTest::Between(_, last) => (*last).min(day),
                            DayTest::Waited(last) => *last,
                        };
                        flow.items.push(Item { key: *key, term, on: Some(on), until: None, reference: None });
                    }
                }
                Level::Classes(..) => {}
            }
        }
        for (key, set) in sets {
            flow.facts.insert(key, Value::Many(set));
        }
        flow
    }

    /// The provisions behind a difference: those that make the verdict of their side, with the share in which they do.
    fn behind(
        &mut self,
        pair: Ref,
        leaf: u32,
        count: f64,
        weights: &[Vec<f64>],
        programs: [&Program; 2],
        verdicts: [Verdict; 2],
    ) -> Result<Vec<Behind>, Full> {
        let here = self.diagram.map(pair, &mut HashMap::new(), &|value| u32::from(value == leaf))?;
        let mut out: Vec<Behind> = Vec::new();
        for ((side, program), verdict) in [1_u8, 2].into_iter().zip(programs).zip(verdicts) {
            let (gates, wanted): (Vec<&Gate>, bool) = match verdict {
                Verdict::Permitted => (program.permits.iter().collect(), true),
                Verdict::Unrestricted => (program.scope.outside.iter().collect(), true),
                Verdict::Incomplete | Verdict::Prohibited => (program.forbids.iter().chain(&program.restricts).collect(), true),
            };
            let mut add = |builder: &mut Self, gate: &Gate, wanted: bool| -> Result<(), Full> {
                let mut holds = builder.formula(gate.formula)?;
                if !wanted {
                    holds = builder.diagram.negate(holds)?;
                }
                let both = builder.diagram.join(Join::And, here, holds)?;
                let share = builder.diagram.count(both, weights, &|value| value == 1) / count;
                if share > 0.0 {
                    out.push(Behind { side, provision: gate.provision.id.text.clone(), cites: gate.provision.cites.clone(), share });
                }
                Ok(())
            };
            for gate in gates {
                add(self, gate, wanted)?;
            }
            if verdict >= Verdict::Incomplete {
                for gate in &program.requires {
                    add(self, gate, false)?;
                }
            }
        }
        out.sort_by(|a, b| a.side.cmp(&b.side).then_with(|| b.share.total_cmp(&a.share)));
        Ok(out)
    }
}

/// The levels of a variable: classes of values that no test tells apart.
fn levels_of(frame: &Frame, variable: Variable, tests: &[usize]) -> Vec<Level> {
    let mut own: Vec<&Test> = Vec::new();
    for test in tests.iter().filter_map(|number| frame.tests.get(*number)).filter(|test| test.variable() == variable) {
        if !own.contains(&test) {
            own.push(test);
        }
    }
    let words = frame.words;
    let kind = match variable {
        Variable::Key(key) => words.key_at(key).map(|key| key.kind),
        Variable::Counter(_) => Some(KeyKind::Count),
        Variable::Reading(_) | Variable::ItemDay(_) => None,
    };
    let split = |all: Bits| -> Vec<Bits> {
        let mut classes = vec![all];
        for test in &own {
            let (Test::In(_, set) | Test::Meets(_, set) | Test::Within(_, set) | Test::Several(_, _, set) | Test::Item(_, set, _)) = test
            else {
                continue;
            };
            classes = classes.into_iter().flat_map(|class| [class.and(set), class.minus(set)]).filter(|class| !class.is_empty()).collect();
            if let Test::Several(..) = test {
                classes = classes
                    .into_iter()
                    .flat_map(|class| if class.meets(set) { class.iter().map(Bits::single).collect() } else { vec![class] })
                    .collect();
            }
        }
        classes
    };
    match (variable, kind) {
        (_, Some(KeyKind::Flag)) => vec![Level::Classes(variable, vec![Bits::single(NO), Bits::single(YES)])],
        (_, Some(KeyKind::One(scheme))) => vec![Level::Classes(variable, split(words.all(scheme)))],
        (Variable::Reading(number), _) => {
            let options = frame.readings.get(number).map_or(0, |reading| reading.options.len());
            vec![Level::Classes(variable, split(Bits::first(options)))]
        }
        (Variable::Key(key), Some(KeyKind::Many(scheme))) => {
            // A member that no test asks for makes no difference.
            let asked = |class: &Bits| {
                own.iter().any(|test| match test {
                    Test::Meets(_, set) | Test::Several(_, _, set) | Test::Item(_, set, _) => class.meets(set),
                    Test::Within(_, set) => !class.within(set),
                    Test::Empty(_) => true,
                    Test::In(..) | Test::AtLeast(..) => false,
                })
            };
            let mut levels: Vec<Level> =
                split(words.all(scheme)).into_iter().filter(asked).map(|class| Level::Member(key, class)).collect();
            let store = Store { waiting: true, ..Store::unknown(words, frame.day) };
            for test in &own {
                if let Test::Item(_, set, day) = test {
                    let class = words.key_at(key).map_or(Class::Given, |key| key.class);
                    levels.push(Level::Dated(key, *set, *day, class != Class::Given && added_fits(&store, *day)));
                }
            }
            levels
        }
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
