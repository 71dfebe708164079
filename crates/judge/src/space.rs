// SPDX-License-Identifier: Apache-2.0
//! All flows of one leg as a diagram: every flow that the vocabulary allows is one path, up to what no test tells apart.
//!
//! A condition is the set of flows in which it holds. What steps can reach is a set too, so a verdict is four sets.

use crate::classes::{CLEAR_TEXT, Dated, Level, levels_of};
use crate::compile::Frame;
use crate::diagram::{Diagram, Full, Join, Map, Ref};
use crate::formula::{DayTest, Formula, Node, Test};
use crate::order::near;
use crate::program::Program;
use crate::store::{Variable, YES};
use comity_terms::{Bits, Class, KeyId, KeyKind, Scheme};
use jiff::civil::Date;
use std::collections::{HashMap, HashSet};

/// The leaf of assignments that no flow can have.
pub(crate) const NOTHING: u32 = 99;

/// The flows of one leg.
pub(crate) struct Space<'f, 'a> {
    pub(crate) frame: &'f Frame<'a>,
    pub(crate) diagram: Diagram,
    pub(crate) levels: Vec<Level>,
    /// Where the levels of a variable stand.
    places: HashMap<Variable, Vec<usize>>,
    done: HashMap<Formula, Ref>,
}

impl<'f, 'a> Space<'f, 'a> {
    /// The flows as far as these formulas tell them apart; `last` is the last day on which an item can be dated.
    pub(crate) fn new(frame: &'f Frame<'a>, roots: &[Formula], last: Date, budget: usize) -> Self {
        // Variables in the order in which the formulas first ask for them: what is asked together stands together.
        let mut tests = Vec::new();
        let mut seen = HashSet::new();
        for root in roots {
            tests_of(frame, *root, &mut seen, &mut tests);
        }
        let mut variables: Vec<Variable> = Vec::new();
        let mut known = HashSet::new();
        let mut wholes: HashMap<Variable, Variable> = HashMap::new();
        for variable in tests.iter().filter_map(|number| frame.tests.get(*number)).map(Test::variable) {
            // Two parts hang together by their whole, whether or not a test asks for it; and whether steps can undo an
            // assessment hangs on its result.
            let whole = whole_of(frame, variable).filter(|whole| *wholes.entry(*whole).or_insert(variable) != variable);
            let result = result_of(frame, variable);
            variables.extend([result, whole, Some(variable)].into_iter().flatten().filter(|variable| known.insert(*variable)));
        }
        let variables = near(frame, roots, variables);
        let mut levels: Vec<Level> = Vec::new();
        let mut places: HashMap<Variable, Vec<usize>> = HashMap::new();
        for variable in variables {
            let own = levels_of(frame, variable, &tests, last);
            places.insert(variable, (levels.len()..levels.len() + own.len()).collect());
            levels.extend(own);
        }
        if tests.iter().any(|number| matches!(frame.tests.get(*number), Some(Test::Item(_, _, DayTest::Waited(_))))) {
            levels.push(Level::Waited);
        }
        let arity = levels.iter().map(Level::arity).collect();
        Self { frame, diagram: Diagram::new(arity, budget), levels, places, done: HashMap::new() }
    }

    /// Drops what none of these sets needs, and gives their new references in the same order.
    pub(crate) fn keep<const N: usize>(&mut self, roots: [Ref; N]) -> [Ref; N] {
        self.done.clear();
        self.diagram.keep(roots)
    }

    /// The flows in which a formula holds.
    pub(crate) fn formula(&mut self, formula: Formula) -> Result<Ref, Full> {
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
        let mut all = Vec::with_capacity(parts.len());
        for part in parts {
            all.push(self.formula(*part)?);
        }
        self.diagram.join_all(join, all)
    }

    /// The levels of a variable.
    fn of(&self, variable: Variable) -> impl Iterator<Item = (usize, &Level)> + use<'_, 'f, 'a> {
        self.places.get(&variable).into_iter().flatten().filter_map(|position| Some((*position, self.levels.get(*position)?)))
    }

    fn test(&mut self, test: &Test) -> Result<Ref, Full> {
        match test {
            Test::In(variable, set) => {
                let Some((level, Level::Classes(_, classes))) = self.of(*variable).next() else { return Ok(Ref::flag(false)) };
                let yes: Vec<bool> = classes.iter().map(|class| class.within(set)).collect();
                self.values(level, &yes)
            }
            Test::AtLeast(variable, number) => {
                let Some((level, Level::Ranges(_, starts))) = self.of(*variable).next() else { return Ok(Ref::flag(false)) };
                let yes: Vec<bool> = starts.iter().map(|start| start >= number).collect();
                self.values(level, &yes)
            }
            Test::Meets(key, set) => self.some_member(*key, |class, _| class.meets(set)),
            Test::Within(key, set) => {
                let outside = self.some_member(*key, |class, _| !class.within(set))?;
                self.diagram.negate(outside)
            }
            Test::Empty(key) => {
                let some = self.some_member(*key, |_, _| true)?;
                self.diagram.negate(some)
            }
            Test::Several(key, number, set) => {
                let mut classes: Vec<Bits> = Vec::new();
                for (_, level) in self.of(Variable::Key(*key)) {
                    if let Level::Member(_, class, _) = level
                        && class.meets(set)
                        && !classes.contains(class)
                    {
                        classes.push(*class);
                    }
                }
                let mut members = Vec::with_capacity(classes.len());
                for own in classes {
                    members.push(self.some_member(*key, |class, _| *class == own)?);
                }
                self.at_least(&members, *number)
            }
            Test::Item(key, set, day) => {
                let flow = self.frame.day;
                let fits = self.some_member(*key, |class, dated| class.meets(set) && dated.fits(*day, flow))?;
                let (DayTest::Waited(_), Some(level)) = (day, self.waited()) else { return Ok(fits) };
                let waited = self.diagram.test(level, |value| value == 1)?;
                let in_place = self.some_member(*key, |class, _| class.meets(set))?;
                let rested = self.diagram.join(Join::And, waited, in_place)?;
                self.diagram.join(Join::Or, fits, rested)
            }
        }
    }

    fn waited(&self) -> Option<usize> {
        self.levels.iter().position(|level| *level == Level::Waited)
    }

    /// A level has one of the values that are marked.
    fn values(&mut self, level: usize, yes: &[bool]) -> Result<Ref, Full> {
        self.diagram.test(level, |value| yes.get(value).copied().unwrap_or(false))
    }

    /// A set has a member that `keep` accepts.
    fn some_member(&mut self, key: KeyId, keep: impl Fn(&Bits, Dated) -> bool) -> Result<Ref, Full> {
        let levels: Vec<usize> = self
            .of(Variable::Key(key))
            .filter(|(_, level)| matches!(level, Level::Member(_, class, dated) if keep(class, *dated)))
            .map(|(position, _)| position)
            .collect();
        let mut all = Vec::with_capacity(levels.len());
        for level in levels {
            all.push(self.diagram.test(level, |value| value == 1)?);
        }
        self.diagram.join_all(Join::Or, all)
    }

    /// That many of the conditions, at least.
    fn at_least(&mut self, members: &[Ref], number: usize) -> Result<Ref, Full> {
        // The entry at a position says whether at least so many of those seen hold.
        let mut counted = vec![Ref::flag(true)];
        for member in members {
            let mut next = vec![Ref::flag(true)];
            for (position, reached) in counted.iter().enumerate() {
                let one_more = self.diagram.join(Join::And, *reached, *member)?;
                let already = counted.get(position + 1).copied().unwrap_or(Ref::flag(false));
                next.push(self.diagram.join(Join::Or, one_more, already)?);
            }
            next.truncate(number + 1);
            counted = next;
        }
        Ok(counted.get(number).copied().unwrap_or(Ref::flag(false)))
    }

    /// The one level of a key that has a single value.
    fn level(&self, path: &str) -> Option<usize> {
        let key = self.frame.words.key(path)?;
        let (position, level) = self.of(Variable::Key(key)).next()?;
        matches!(level, Level::Classes(..) | Level::Ranges(..)).then_some(position)
    }

    fn flag(&mut self, level: usize) -> Result<Ref, Full> {
        let Some(Level::Classes(_, classes)) = self.levels.get(level) else { return Ok(Ref::flag(false)) };
        let yes: Vec<bool> = classes.iter().map(|class| class.has(YES)).collect();
        self.values(level, &yes)
    }

    /// The assignments that the vocabulary allows, also after steps.
    pub(crate) fn allowed(&mut self) -> Result<Ref, Full> {
        let mut all = Ref::flag(true);
        for rule in [self.parts()?, self.counts()?, self.leg()?] {
            all = self.diagram.join(Join::And, all, rule)?;
        }
        Ok(all)
    }

    /// The assignments that a flow can have as it stands: allowed, readable, and nothing that only a step brings about.
    pub(crate) fn sane(&mut self, allowed: Ref) -> Result<Ref, Full> {
        let only_by_steps = |level: &Level| matches!(level, Level::Waited | Level::Member(_, _, Dated::Later));
        let levels: Vec<usize> =
            self.levels.iter().enumerate().filter(|(_, level)| only_by_steps(level)).map(|(position, _)| position).collect();
        let readable = self.clear_text()?;
        let mut all = self.diagram.join(Join::And, allowed, readable)?;
        for level in levels {
            let absent = self.diagram.test(level, |value| value == 0)?;
            all = self.diagram.join(Join::And, all, absent)?;
        }
        Ok(all)
    }

    /// Parts of an assessment or of consent only where there is one, and an assessment has a kind and a result.
    fn parts(&mut self) -> Result<Ref, Full> {
        let words = self.frame.words;
        let mut all = Ref::flag(true);
        for whole in WHOLES {
            let Some(made) = self.level(whole) else { continue };
            let made = self.flag(made)?;
            let not_made = self.diagram.negate(made)?;
            for part in words.keys().iter().filter(|key| key.path.starts_with(whole) && key.path != whole) {
                let Some(level) = self.level(&part.path) else { continue };
                let (absent, present) = match part.kind {
                    KeyKind::One(scheme) => {
                        let none = words.find(scheme, "none").map_or(Bits::EMPTY, |term| Bits::single(term.index()));
                        let Some(Level::Classes(_, classes)) = self.levels.get(level) else { continue };
                        let is_none: Vec<bool> = classes.iter().map(|class| *class == none).collect();
                        let absent = self.values(level, &is_none)?;
                        (absent, self.diagram.negate(absent)?)
                    }
                    _ => {
                        let flag = self.flag(level)?;
                        (self.diagram.negate(flag)?, Ref::flag(true))
                    }
                };
                let unmade = self.diagram.join(Join::And, not_made, absent)?;
                let complete = self.diagram.join(Join::And, made, present)?;
                let fits = self.diagram.join(Join::Or, unmade, complete)?;
                all = self.diagram.join(Join::And, all, fits)?;
            }
        }
        Ok(all)
    }

    /// Counts that include others are at least as large.
    fn counts(&mut self) -> Result<Ref, Full> {
        let mut all = Ref::flag(true);
        for (less, more) in
            [("subjects.count", "subjects.count_12_months"), ("subjects.sensitive_count_this_year", "subjects.count_this_year")]
        {
            let (Some(less), Some(more)) = (self.level(less), self.level(more)) else { continue };
            let (Some(Level::Ranges(_, low)), Some(Level::Ranges(_, high))) = (self.levels.get(less), self.levels.get(more)) else {
                continue;
            };
            let (low, high) = (low.clone(), high.clone());
            for (position, start) in low.iter().enumerate() {
                // A range can lie below another if its first number does not lie above the other's last.
                let below = |value: usize| high.get(value + 1).is_none_or(|next| start < next);
                let elsewhere = self.diagram.test(less, |value| value != position)?;
                let room = self.diagram.test(more, below)?;
                let fits = self.diagram.join(Join::Or, elsewhere, room)?;
                all = self.diagram.join(Join::And, all, fits)?;
            }
        }
        Ok(all)
    }

    /// The leg is the first, or goes to a later recipient.
    fn leg(&mut self) -> Result<Ref, Full> {
        let Some(level) = self.level("onward") else { return Ok(Ref::flag(true)) };
        let onward = self.flag(level)?;
        if self.frame.first_leg { self.diagram.negate(onward) } else { Ok(onward) }
    }

    /// A flow file that lists the measure by which the importer reads clear text does not say the opposite by the key.
    fn clear_text(&mut self) -> Result<Ref, Full> {
        let words = self.frame.words;
        let (Some(level), Some(key)) = (self.level("importer.reads_clear_text"), words.key("safeguards.measures")) else {
            return Ok(Ref::flag(true));
        };
        let own = words.find(Scheme::Measure, CLEAR_TEXT).map_or(Bits::EMPTY, |term| Bits::single(term.index()));
        let listed = self.some_member(key, |class, _| *class == own)?;
        let unlisted = self.diagram.negate(listed)?;
        let reads = self.flag(level)?;
        self.diagram.join(Join::Or, unlisted, reads)
    }

    /// The flows from which steps lead to a flow of `goal`, or that are in it.
    pub(crate) fn reach(&mut self, goal: Ref) -> Result<Ref, Full> {
        let mut reach = goal;
        for level in 0..self.levels.len() {
            let steps = self.steps(level);
            if steps.iter().any(|step| !step.is_empty()) {
                reach = self.diagram.reachable(reach, level, &steps, &mut Map::default())?;
            } else if let Some((key, class)) = self.renewable(level) {
                // Nobody adds such an item, and one that is in place can be made anew.
                let renewed = self.diagram.fixed(reach, level, 1, &mut Map::default())?;
                let in_place = self.some_member(key, |other, dated| *other == class && dated != Dated::Later)?;
                let renewed = self.diagram.join(Join::And, in_place, renewed)?;
                reach = self.diagram.join(Join::Or, reach, renewed)?;
            }
        }
        Ok(reach)
    }

    /// The verdict of each assignment.
    pub(crate) fn verdicts(&mut self, program: &Program, allowed: Ref) -> Result<Ref, Full> {
        let lawful = self.formula(program.lawful)?;
        let free = self.formula(program.unrestricted)?;
        let goal = self.diagram.join(Join::And, lawful, allowed)?;
        let reach = self.reach(goal)?;
        // 3 prohibited, 2 incomplete where steps reach a lawful flow, 1 permitted, 0 unrestricted.
        let failing = self.diagram.map(reach, &mut Map::default(), &|value| if value == 0 { 3 } else { 2 })?;
        let unlawful = self.diagram.negate(lawful)?;
        let not_free = self.diagram.negate(free)?;
        let restricted = self.diagram.join(Join::Keep(1), unlawful, failing)?;
        self.diagram.join(Join::Keep(0), not_free, restricted)
    }

    fn class_of(&self, key: KeyId) -> Class {
        self.frame.words.key_at(key).map_or(Class::Given, |key| key.class)
    }

    /// Whether somebody adds members of the class for the sake of a flow.
    fn addable(&self, key: KeyId, class: &Bits) -> bool {
        let Some(KeyKind::Many(scheme)) = self.frame.words.key_at(key).map(|key| key.kind) else { return false };
        class.iter().any(|index| self.frame.words.entries(scheme).get(usize::from(index)).is_some_and(|entry| entry.step))
    }

    /// The class whose items are made anew at this level.
    fn renewable(&self, level: usize) -> Option<(KeyId, Bits)> {
        match self.levels.get(level) {
            Some(Level::Member(key, class, Dated::Later)) if self.class_of(*key) != Class::Given => Some((*key, *class)),
            _ => None,
        }
    }

    /// For each value of a level, the values that steps lead to.
    fn steps(&self, level: usize) -> Vec<Vec<usize>> {
        match self.levels.get(level) {
            Some(Level::Classes(Variable::Key(key), classes)) if self.class_of(*key) != Class::Given => self.choices(*key, classes),
            Some(Level::Member(key, class, dated)) => match self.class_of(*key) {
                Class::Given => Vec::new(),
                Class::Design => vec![vec![1], vec![0]],
                // What is added is new; an older date cannot be had.
                Class::Act | Class::Grant if !matches!(dated, Dated::Within(..)) && self.addable(*key, class) => vec![vec![1], Vec::new()],
                Class::Act | Class::Grant => Vec::new(),
            },
            Some(Level::Waited) => vec![vec![1], Vec::new()],
            Some(Level::Ranges(Variable::Key(key), starts)) if self.class_of(*key) != Class::Given => {
                vec![(0..starts.len()).collect(); starts.len()]
            }
            _ => Vec::new(),
        }
    }

    /// The values of a key with a single value that steps lead to; what steps cannot undo is as in [`crate::solve`].
    fn choices(&self, key: KeyId, classes: &[Bits]) -> Vec<Vec<usize>> {
        let words = self.frame.words;
        let all: Vec<usize> = (0..classes.len()).collect();
        let Some(key) = words.key_at(key) else { return Vec::new() };
        let term = |name: &str| match key.kind {
            KeyKind::One(scheme) => words.find(scheme, name).map_or(Bits::EMPTY, |term| Bits::single(term.index())),
            _ => Bits::EMPTY,
        };
        match key.path.as_str() {
            "safeguards.assessment.result" => {
                let (equivalent, with_measures) = (term("equivalent"), term("equivalent-with-measures"));
                let wanting = term("not-equivalent").or(&term("not-materially-lower"));
                let improved: Vec<usize> =
                    all.iter().copied().filter(|at| classes.get(*at).is_some_and(|class| class.meets(&with_measures))).collect();
                classes
                    .iter()
                    .map(|own| {
                        if own.meets(&equivalent) || own.meets(&with_measures) {
                            Vec::new()
                        } else if own.meets(&wanting) {
                            improved.clone()
                        } else {
                            all.clone()
                        }
                    })
                    .collect()
            }
            "purpose.lawful_basis" => classes.iter().map(|own| if own.meets(&term("none")) { all.clone() } else { Vec::new() }).collect(),
            // What was done or granted stays.
            _ if key.kind == KeyKind::Flag && matches!(key.class, Class::Act | Class::Grant) => {
                classes.iter().map(|own| if own.has(YES) { Vec::new() } else { all.clone() }).collect()
            }
            _ => vec![all; classes.len()],
        }
    }

    /// Classes of values count by themselves, not by how many values they have: a country more is not a flow more.
    pub(crate) fn weights(&self) -> Vec<Vec<f64>> {
        self.levels.iter().map(|level| vec![1.0; level.arity()]).collect()
    }

    /// What is out of the ordinary costs: sets with members, flags that are set, numbers above nothing.
    /// Stating a fact at all costs `stating`, where silence would leave it open.
    pub(crate) fn costs(&self, stating: u32) -> Vec<Vec<u32>> {
        let words = self.frame.words;
        self.levels
            .iter()
            .map(|level| {
                let open = level.key().and_then(|key| words.key_at(key)).is_none_or(|key| !key.path.starts_with("safeguards."));
                let base = if open && *level != Level::Waited { stating } else { 0 };
                let own: Vec<u32> = match level {
                    Level::Classes(Variable::Key(key), classes) if words.key_at(*key).is_some_and(|key| key.kind == KeyKind::Flag) => {
                        classes.iter().map(|class| u32::from(class.has(YES)) * 2).collect()
                    }
                    Level::Classes(_, classes) => classes.iter().map(|class| u32::from(class.len() < 8)).collect(),
                    Level::Ranges(_, starts) => (0..starts.len()).map(|position| u32::from(position > 0)).collect(),
                    Level::Member(_, _, Dated::Any) => vec![0, 2],
                    Level::Member(..) => vec![0, 3],
                    Level::Waited => vec![0, 0],
                };
                own.into_iter().map(|cost| cost + base).collect()
            })
            .collect()
    }
}

/// What has parts: without the whole there is none of them.
const WHOLES: [&str; 2] = ["safeguards.assessment", "safeguards.consent"];

/// The whole that a part belongs to.
fn whole_of(frame: &Frame, variable: Variable) -> Option<Variable> {
    let Variable::Key(key) = variable else { return None };
    let path = &frame.words.key_at(key)?.path;
    let whole = WHOLES.into_iter().find(|whole| path.strip_prefix(whole).is_some_and(|rest| rest.starts_with('.')))?;
    frame.words.key(whole).map(Variable::Key)
}

/// The result of the assessment that a variable is about.
fn result_of(frame: &Frame, variable: Variable) -> Option<Variable> {
    let Variable::Key(key) = variable else { return None };
    frame.words.key_at(key).filter(|key| key.path == "safeguards.assessment")?;
    frame.words.key("safeguards.assessment.result").map(Variable::Key)
}

/// The tests of a formula in the order in which it asks them, each once.
fn tests_of(frame: &Frame, formula: Formula, seen: &mut HashSet<Formula>, out: &mut Vec<usize>) {
    if !seen.insert(formula) {
        return;
    }
    match frame.formulas.node(formula) {
        Some(Node::All(parts) | Node::Any(parts)) => parts.iter().for_each(|part| tests_of(frame, *part, seen, out)),
        Some(Node::Not(inner)) => tests_of(frame, *inner, seen, out),
        Some(Node::Test(number)) => out.push(*number),
        None => {}
    }
}
