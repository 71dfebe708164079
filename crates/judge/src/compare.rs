// SPDX-License-Identifier: Apache-2.0
//! Comparing laws exactly: every class of flows that two instruments treat differently, counted, with a smallest example.
//!
//! Both instruments are compiled over the same tests. Values that no test of either tells apart are one class, so the
//! flows are finitely many classes; a diagram gives the verdict of each. Two such diagrams side by side are the comparison.

use crate::compile::Frame;
use crate::diagram::{Full, Join, Map, Ref};
use crate::finding::Verdict;
use crate::program::{Gate, Program, Scope};
use crate::space::{NOTHING, Space};
use comity_flow::Flow;
use comity_law::Library;
use comity_law::ast::Instrument;
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
    // An item can be in place on both days only if it is dated by the earlier one.
    let last = first.day.min(second.day);
    let mut space = Space::new(&frame, &[one.lawful, one.unrestricted, two.lawful, two.unrestricted], last, BUDGET);
    let allowed = space.allowed()?;
    let sane = space.sane(allowed)?;
    let a = space.verdicts(&one, allowed)?;
    let b = space.verdicts(&two, allowed)?;
    let pair = space.diagram.join(Join::Pair(4), a, b)?;
    // Assignments that the vocabulary excludes get a leaf of their own.
    let pair = space.diagram.join(Join::Keep(NOTHING), sane, pair)?;
    let weights = space.weights();
    let classes = space.diagram.count(pair, &weights, &|leaf| leaf != NOTHING);
    let costs = space.costs(0);
    let mut differences = Vec::new();
    let mut alike = 0.0;
    for (x, first_verdict) in Verdict::ALL.into_iter().enumerate() {
        for (y, second_verdict) in Verdict::ALL.into_iter().enumerate() {
            let leaf = u32::try_from(x * 4 + y).unwrap_or(NOTHING);
            let count = space.diagram.count(pair, &weights, &|value| value == leaf);
            if count == 0.0 {
                continue;
            }
            if x == y {
                alike += count;
                continue;
            }
            let Some(path) = space.smallest(pair, &costs, &|value| value == leaf, NOTHING) else { continue };
            let example = space.flow(&path, first.day);
            let behind = behind(&mut space, pair, leaf, count, &weights, [&one, &two], [first_verdict, second_verdict])?;
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
        nodes: space.diagram.size(),
    })
}

/// The provisions behind a difference: those that make the verdict of their side, with the share in which they do.
fn behind(
    space: &mut Space,
    pair: Ref,
    leaf: u32,
    count: f64,
    weights: &[Vec<f64>],
    programs: [&Program; 2],
    verdicts: [Verdict; 2],
) -> Result<Vec<Behind>, Full> {
    let here = space.diagram.map(pair, &mut Map::default(), &|value| u32::from(value == leaf))?;
    let mut out: Vec<Behind> = Vec::new();
    for ((side, program), verdict) in [1_u8, 2].into_iter().zip(programs).zip(verdicts) {
        let gates: Vec<&Gate> = match verdict {
            Verdict::Permitted => program.permits.iter().collect(),
            Verdict::Unrestricted => program.scope.outside.iter().collect(),
            Verdict::Incomplete | Verdict::Prohibited => program.forbids.iter().chain(&program.restricts).collect(),
        };
        let mut add = |space: &mut Space, gate: &Gate, wanted: bool| -> Result<(), Full> {
            let mut holds = space.formula(gate.formula)?;
            if !wanted {
                holds = space.diagram.negate(holds)?;
            }
            let both = space.diagram.join(Join::And, here, holds)?;
            let share = space.diagram.count(both, weights, &|value| value == 1) / count;
            if share > 0.0 {
                out.push(Behind { side, provision: gate.provision.id.text.clone(), cites: gate.provision.cites.clone(), share });
            }
            Ok(())
        };
        for gate in gates {
            add(space, gate, true)?;
        }
        if verdict >= Verdict::Incomplete {
            for gate in &program.requires {
                add(space, gate, false)?;
            }
        }
    }
    out.sort_by(|a, b| a.side.cmp(&b.side).then_with(|| b.share.total_cmp(&a.share)));
    Ok(out)
}
