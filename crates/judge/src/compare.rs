// SPDX-License-Identifier: Apache-2.0
//! Comparing laws exactly: every class of flows that two instruments treat differently, counted, with a smallest example.
//!
//! Both instruments are compiled over the same tests. Values that no test of either tells apart are one class, so the
//! flows are finitely many classes; a diagram gives the verdict of each. Two such diagrams side by side are the comparison.

mod causes;
mod groups;
mod weigh;

use crate::compile::Frame;
use crate::diagram::{Full, Join, Map, Ref};
use crate::finding::Verdict;
use crate::program::{Program, Scope};
use crate::space::{NOTHING, Space};
use causes::Causes;
pub use causes::{Cause, Why};
use comity_flow::Flow;
use comity_law::Library;
use comity_law::ast::Instrument;
pub use groups::{GROUPS, Group};
use jiff::civil::Date;

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

/// What is to be compared.
#[derive(Clone, Copy, Debug, Default)]
pub struct Question<'a> {
    /// Flows that are to be placed in the comparison: by their first leg, with the safeguards in place on the earlier day.
    pub flows: &'a [Flow],
    /// Only flows that both sides govern, so that whom they govern does not hide what they ask.
    pub both_govern: bool,
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
    /// A flow of the class that says as little out of the ordinary as possible: that of the first group, where there is one.
    pub example: Flow,
    /// What lies behind the verdicts, all of it.
    pub behind: Vec<Behind>,
    /// The groups by the provisions behind them, at most [`GROUPS`], the largest first.
    pub groups: Vec<Group>,
    /// The share of the difference that is in no group.
    pub left: f64,
    /// Which of the given flows differ in this way.
    pub flows: Vec<usize>,
}

/// A cause that lies behind a difference.
#[derive(Clone, Debug, PartialEq)]
pub struct Behind {
    /// Its side: 1 or 2.
    pub side: u8,
    /// What it is.
    pub cause: Cause,
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
    /// Which of the given flows both judge alike.
    pub alike_flows: Vec<usize>,
    /// Which of the given flows say too little for a verdict under one of the two at least.
    pub open: Vec<usize>,
    /// Which of the given flows are left out, since not both sides govern them.
    pub beyond: Vec<usize>,
}

/// How far apart two sides are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Distance {
    /// How many classes of flows the two tell apart.
    pub classes: f64,
    /// The share that both judge alike.
    pub alike: f64,
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

/// Both sides compiled over the same tests.
struct Both<'a> {
    frame: Frame<'a>,
    programs: [Program<'a>; 2],
    causes: [Causes; 2],
}

impl<'a> Both<'a> {
    fn compile(first: Side<'a>, second: Side<'a>) -> Self {
        let mut frame = Frame::new(first.library, first.day, first.known);
        let scope = Scope::compile(&mut frame, first.instrument);
        let one = Program::compile(&mut frame, scope);
        let before = Causes::of(&mut frame, &one);
        frame.turn_to(second.library, second.day, second.known);
        let scope = Scope::compile(&mut frame, second.instrument);
        let two = Program::compile(&mut frame, scope);
        let after = Causes::of(&mut frame, &two);
        Self { frame, programs: [one, two], causes: [before, after] }
    }

    /// The flows as far as the two tell them apart; `last` is the last day on which an item can be dated.
    fn space(&self, last: Date) -> Space<'_, 'a> {
        let [one, two] = &self.programs;
        Space::new(&self.frame, &[one.lawful, one.unrestricted, two.lawful, two.unrestricted], last, BUDGET)
    }

    /// The flows that can be, and for each class of flows the pair of verdicts.
    fn verdicts(&self, space: &mut Space<'_, 'a>, both_govern: bool) -> Result<(Ref, Ref), Full> {
        let [one, two] = &self.programs;
        let allowed = space.allowed()?;
        let sane = space.sane(allowed)?;
        // Each side leaves much behind that the next step has no use for.
        let a = space.verdicts(one, allowed)?;
        let [allowed, sane, a] = space.keep([allowed, sane, a]);
        let b = space.verdicts(two, allowed)?;
        let [sane, a, b] = space.keep([sane, a, b]);
        let pair = space.diagram.join(Join::Pair(PAIR), a, b)?;
        // Assignments that the vocabulary excludes get a leaf of their own.
        let mut pair = space.diagram.join(Join::Keep(NOTHING), sane, pair)?;
        for program in [one, two].into_iter().filter(|_| both_govern) {
            let governed = space.formula(program.scope.applicable)?;
            pair = space.diagram.join(Join::Keep(NOTHING), governed, pair)?;
        }
        Ok(space.keep([sane, pair]).into())
    }
}

/// So many verdicts there are.
const PAIR: u32 = 4;

/// Every pair of verdicts, with the leaf that stands for it.
fn pairs() -> impl Iterator<Item = (u32, Verdict, Verdict)> {
    let all = Verdict::ALL.into_iter().flat_map(|first| Verdict::ALL.into_iter().map(move |second| (first, second)));
    all.zip(0..).map(|((first, second), leaf)| (leaf, first, second))
}

/// Whether the first side of these differences is at least as protective, and whether the second is.
fn protective(differences: impl Iterator<Item = (Verdict, Verdict)>) -> (bool, bool) {
    let fails = |verdict: Verdict| verdict > Verdict::Permitted;
    differences.fold((true, true), |(first, second), (x, y)| (first && (fails(x) || !fails(y)), second && (fails(y) || !fails(x))))
}

/// How far apart two instruments are, or one on two days, over flows with one leg: [`compare`] without what lies behind.
///
/// # Errors
///
/// If the diagram outgrows its budget.
pub fn distance(first: Side, second: Side) -> Result<Distance, CompareError> {
    let both = Both::compile(first, second);
    // An item can be in place on both days only if it is dated by the earlier one.
    let mut space = both.space(first.day.min(second.day));
    let (_, pair) = both.verdicts(&mut space, false)?;
    let weights = space.weights();
    let counts: Vec<(Verdict, Verdict, f64)> =
        pairs().map(|(leaf, x, y)| (x, y, space.diagram.count(pair, &weights, &|value| value == leaf))).collect();
    let alike: f64 = counts.iter().filter(|(x, y, _)| x == y).map(|(_, _, count)| count).sum();
    let classes: f64 = counts.iter().map(|(_, _, count)| count).sum();
    let (one, two) = protective(counts.iter().filter(|(_, _, count)| *count > 0.0).map(|(x, y, _)| (*x, *y)));
    Ok(Distance {
        classes,
        alike: alike / classes,
        first_at_least_as_protective: one,
        second_at_least_as_protective: two,
        nodes: space.diagram.size(),
    })
}

/// Compares two instruments, or one on two days, over flows with one leg.
///
/// # Errors
///
/// If the diagram outgrows its budget.
pub fn compare(first: Side, second: Side) -> Result<Comparison, CompareError> {
    compare_over(first, second, &Question::default())
}

/// As [`compare`], with more to ask.
///
/// # Errors
///
/// If the diagram outgrows its budget.
pub fn compare_over(first: Side, second: Side, question: &Question) -> Result<Comparison, CompareError> {
    let both = Both::compile(first, second);
    // An item can be in place on both days only if it is dated by the earlier one.
    let mut space = both.space(first.day.min(second.day));
    let (mut sane, mut pair) = both.verdicts(&mut space, question.both_govern)?;
    let nodes = space.diagram.size();
    let weights = space.weights();
    let classes = space.diagram.count(pair, &weights, &|leaf| leaf != NOTHING);
    let costs = space.costs(0);
    let [one, two] = &both.causes;
    let mut differences = Vec::new();
    let mut alike = 0.0;
    for (leaf, x, y) in pairs() {
        let count = space.diagram.count(pair, &weights, &|value| value == leaf);
        if count == 0.0 {
            continue;
        }
        if x == y {
            alike += count;
            continue;
        }
        let here = space.diagram.map(pair, &mut Map::default(), &|value| u32::from(value == leaf))?;
        let asked = groups::Asked { causes: [one, two], sane, weights: &weights, costs: &costs, day: first.day };
        let found = groups::groups(&mut space, here, count, [x, y], &asked);
        [sane, pair] = space.keep([sane, pair]);
        let example = match found.groups.first() {
            Some(group) => group.example.clone(),
            None => match space.smallest(pair, &costs, &|value| value == leaf, NOTHING) {
                Some(path) => space.flow(&path, first.day),
                None => continue,
            },
        };
        let behind = [1, 2]
            .into_iter()
            .zip(found.counts)
            .flat_map(|(side, counts)| counts.into_iter().map(move |(cause, share)| Behind { side, cause, share }));
        differences.push(Difference {
            first: x,
            second: y,
            classes: count,
            share: count / classes,
            example,
            behind: behind.collect(),
            groups: found.groups,
            left: found.left,
            flows: Vec::new(),
        });
    }
    differences.sort_by(|a, b| b.classes.total_cmp(&a.classes));
    let (first_protects, second_protects) = protective(differences.iter().map(|difference| (difference.first, difference.second)));
    let mut comparison = Comparison {
        classes,
        // Where no flow is asked about, none is judged differently.
        alike: if classes == 0.0 { 1.0 } else { alike / classes },
        first_at_least_as_protective: first_protects,
        second_at_least_as_protective: second_protects,
        differences,
        nodes,
        alike_flows: Vec::new(),
        open: Vec::new(),
        beyond: Vec::new(),
    };
    let [one, two] = &both.programs;
    weigh::weigh(&both.frame, [one, two], [&first, &second], question, &mut comparison);
    Ok(comparison)
}
