// SPDX-License-Identifier: Apache-2.0
//! A plan under which rows leave only in classes of many.

use super::compile::pass;
use super::{Outcome, Plan};
use crate::anonymity::{Anonymity, Class, Column, Histogram, Node, Search, asked, class_of};
use crate::enforce::column_key;
use crate::meaning::meaning;
use crate::measure::Measure;
use crate::overlay::Overlay;
use crate::secret::Secret;
use crate::value::Ready;
use crate::weigh::{Effect, effect_of};
use comity_flow::{Flow, Format, read};
use comity_judge::{Judge, JudgeError, Judgment, Options, Verdict};
use comity_law::Library;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// Why rows do not leave in classes of many.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AnonymityError {
    /// There are too many combinations to count.
    #[error(
        "the manifest asks for {0}, and there are too many combinations of what identifies together to count; generalise these columns first"
    )]
    Uncounted(String),
    /// No way reaches what is asked.
    #[error(
        "the manifest asks for {asked} with at most {share} % of the rows held back, and no lawful choice of its measures reaches it; {nearest}"
    )]
    Unreached {
        /// What is asked.
        asked: String,
        /// The share of rows that may be held back, in percent.
        share: f64,
        /// What comes nearest, and what to do.
        nearest: String,
    },
    /// The plan does not fit together.
    #[error("the plan does not fit together: {0}")]
    Plan(String),
    /// A flow cannot be judged.
    #[error("{0}")]
    Judge(#[from] JudgeError),
}

/// Numbers for texts: equal texts, equal numbers.
#[derive(Default)]
struct Texts(HashMap<Option<String>, u32>);

impl Texts {
    fn number(&mut self, text: Option<String>) -> u32 {
        let next = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        *self.0.entry(text).or_insert(next)
    }
}

/// Chooses coarser measures, and classes to hold back, so that what the manifest asks of classes is reached with the least
/// loss. A manifest that asks nothing, or has no column that identifies together, leaves the plan as it is.
///
/// # Errors
///
/// [`AnonymityError`] if it cannot be reached or counted.
pub fn anonymise(
    library: &Library,
    options: &Options,
    plan: &Plan,
    secret: Option<&Secret>,
    histogram: &Histogram,
) -> Result<Plan, AnonymityError> {
    let manifest = &plan.manifest;
    if !manifest.asks_of_classes() || histogram.together.is_empty() || histogram.rows == 0 {
        return Ok(plan.clone());
    }
    if !histogram.complete {
        return Err(AnonymityError::Uncounted(asked(manifest)));
    }
    let mut law = Law::new(library, options, plan)?;
    let may_hold = (u128::from(histogram.rows) * u128::from(manifest.suppress_at_most) / 1_000_000).try_into().unwrap_or(u64::MAX);
    let search = Search {
        columns: histogram.together.iter().map(|coded| column(plan, secret, coded.column, &coded.cells)).collect(),
        entries: &histogram.entries,
        sensitive: histogram.sensitive.iter().map(|coded| sensitive(plan, secret, coded.column, &coded.cells)).collect(),
        k: manifest.least,
        l: manifest.variety,
        t: manifest.closeness,
        may_hold,
    };
    let columns: Vec<usize> = histogram.together.iter().map(|coded| coded.column).collect();
    let found = search.run(&mut |floors| law.permits(&columns, floors))?;
    let Some(best) = found.best else {
        return Err(AnonymityError::Unreached {
            asked: asked(manifest),
            share: f64::from(manifest.suppress_at_most) / 10_000.0,
            nearest: nearest(plan, histogram, found.nearest.as_ref(), found.whole),
        });
    };
    let outcomes = law.outcomes(&columns, &best.floors)?;
    let small: HashSet<Class> = best
        .held
        .iter()
        .filter_map(|number| histogram.entries.get(*number))
        .map(|entry| class(plan, secret, histogram, &best, entry))
        .collect();
    let mut plan = plan.clone();
    let mut known: BTreeMap<Outcome, usize> = outcomes.values().map(|outcome| (outcome.clone(), 0)).collect();
    known.values_mut().enumerate().for_each(|(number, position)| *position = number);
    plan.decisions = outcomes.into_iter().map(|(row, outcome)| (row, known.get(&outcome).copied().unwrap_or(usize::MAX))).collect();
    plan.outcomes = known.into_keys().collect();
    plan.anonymity = Some(Anonymity {
        lawful: histogram.rows,
        held: best.held_rows,
        classes: best.classes,
        held_classes: best.held_classes,
        lost: search.lost(&best),
        looked_at: found.looked_at,
        least: found.whole,
        small: Some(Arc::new(small)),
    });
    Ok(plan)
}

/// The measure of a column under an outcome, not less than a floor.
fn measure_at(plan: &Plan, outcome: usize, column: usize, floor: usize) -> Option<&Measure> {
    let Some(Outcome::Pass { measures, .. }) = plan.outcomes.get(outcome) else { return None };
    let list = &plan.manifest.columns.get(column)?.measures;
    let base = list.iter().position(|measure| Some(measure) == measures.get(column))?;
    list.get(base.max(floor))
}

fn column(plan: &Plan, secret: Option<&Secret>, at: usize, cells: &[Option<String>]) -> Column {
    let key = column_key(plan, at, secret);
    let mut texts = Texts::default();
    let Some(described) = plan.manifest.columns.get(at) else { return Column { leaves: Vec::new(), base: Vec::new() } };
    let leaves = described.measures.iter().map(|measure| {
        let mut ready = Ready::new(measure, described, key.as_ref());
        cells.iter().map(|cell| texts.number(ready.of(cell.as_deref()))).collect()
    });
    let leaves = leaves.collect();
    let base = plan.outcomes.iter().map(|outcome| match outcome {
        Outcome::Pass { measures, .. } => described.measures.iter().position(|measure| Some(measure) == measures.get(at)).unwrap_or(0),
        Outcome::Hold { .. } => 0,
    });
    Column { leaves, base: base.collect() }
}

fn sensitive(plan: &Plan, secret: Option<&Secret>, at: usize, cells: &[Option<String>]) -> Vec<Vec<u32>> {
    let key = column_key(plan, at, secret);
    let mut texts = Texts::default();
    let Some(described) = plan.manifest.columns.get(at) else { return Vec::new() };
    let of_outcome = |outcome: &Outcome| match outcome {
        Outcome::Pass { measures, .. } => measures.get(at).map_or_else(Vec::new, |measure| {
            let mut ready = Ready::new(measure, described, key.as_ref());
            cells.iter().map(|cell| texts.number(ready.of(cell.as_deref()))).collect()
        }),
        Outcome::Hold { .. } => Vec::new(),
    };
    plan.outcomes.iter().map(of_outcome).collect()
}

/// The class of an entry, as its rows would leave.
fn class(plan: &Plan, secret: Option<&Secret>, histogram: &Histogram, node: &Node, entry: &crate::anonymity::Entry) -> Class {
    let mut cells: Vec<Option<String>> = Vec::new();
    for ((coded, floor), code) in histogram.together.iter().zip(&node.floors).zip(&entry.cells) {
        let cell = usize::try_from(*code).ok().and_then(|code| coded.cells.get(code)).and_then(Option::as_deref);
        let described = plan.manifest.columns.get(coded.column);
        let leaves = measure_at(plan, entry.outcome, coded.column, *floor)
            .zip(described)
            .and_then(|(measure, described)| Ready::new(measure, described, column_key(plan, coded.column, secret).as_ref()).of(cell));
        cells.push(leaves);
    }
    class_of(cells.iter().map(Option::as_deref))
}

fn nearest(plan: &Plan, histogram: &Histogram, node: Option<&Node>, whole: bool) -> String {
    let more = if whole { "" } else { " of those that could be looked at" };
    let Some(node) = node else { return "let these columns become coarser in their `measures`".to_owned() };
    let said: Vec<String> = histogram
        .together
        .iter()
        .zip(&node.floors)
        .filter_map(|(coded, floor)| {
            let column = plan.manifest.columns.get(coded.column)?;
            Some(format!("{}: {}", column.name, column.measures.get(*floor)?))
        })
        .collect();
    format!(
        "the nearest{more} ({}) would hold back {} of {} rows. Raise `suppress_at_most`, or let these columns become coarser in their `measures`",
        said.join(", "),
        node.held_rows,
        histogram.rows
    )
}

/// What the law says of other measures than those of the plan.
struct Law<'a> {
    plan: &'a Plan,
    judge: Judge<'a>,
    flow: Flow,
    /// For each outcome the combinations that have it, as facts.
    rows: Vec<Vec<Vec<Overlay>>>,
    known: BTreeMap<(usize, Effect), bool>,
}

impl<'a> Law<'a> {
    fn new(library: &'a Library, options: &Options, plan: &'a Plan) -> Result<Self, AnonymityError> {
        let profile = |_: &str| Err("a plan takes flows without a profile".to_owned());
        let flow = read(&plan.flow_text, Format::Toml, &profile)
            .map_err(|problems| AnonymityError::Plan(problems.first().map_or_else(|| "its flow".to_owned(), ToString::to_string)))?;
        let mut law =
            Self { plan, judge: Judge::new(library, options), flow, rows: vec![Vec::new(); plan.outcomes.len()], known: BTreeMap::new() };
        for (row, outcome) in &plan.decisions {
            let overlays = law.overlays(row)?;
            if let Some(rows) = law.rows.get_mut(*outcome) {
                rows.push(overlays);
            }
        }
        Ok(law)
    }

    fn overlays(&self, row: &[String]) -> Result<Vec<Overlay>, AnonymityError> {
        let of = |((_, column, decides), label): ((usize, &crate::manifest::Column, &crate::manifest::Decides), &String)| {
            let found = meaning(decides, label, self.plan.on);
            found.map(|found| found.overlay).ok_or_else(|| AnonymityError::Plan(format!("`{label}` has no meaning in `{}`", column.name)))
        };
        self.plan.manifest.deciding().zip(row).map(of).collect()
    }

    /// The measures of an outcome with the floors of these columns; none for an outcome under which nothing leaves.
    fn measures(&self, outcome: usize, columns: &[usize], floors: &[usize]) -> Option<Vec<Measure>> {
        let Some(Outcome::Pass { measures, .. }) = self.plan.outcomes.get(outcome) else { return None };
        let mut measures = measures.clone();
        for (column, floor) in columns.iter().zip(floors) {
            let chosen = measure_at(self.plan, outcome, *column, *floor)?;
            *measures.get_mut(*column)? = chosen.clone();
        }
        Some(measures)
    }

    /// Whether every row that leaves may leave with coarser measures too. What the law sees of measures seldom changes,
    /// and where it does not, neither does the verdict.
    fn permits(&mut self, columns: &[usize], floors: &[usize]) -> Result<bool, AnonymityError> {
        for outcome in 0..self.plan.outcomes.len() {
            let Some(measures) = self.measures(outcome, columns, floors) else { continue };
            let effect = effect_of(&self.plan.manifest, &measures);
            if self.same(outcome, &effect) {
                continue;
            }
            let name = (outcome, effect);
            let permitted = match self.known.get(&name) {
                Some(known) => *known,
                None => {
                    let mut permitted = true;
                    for overlays in self.rows.get(outcome).into_iter().flatten() {
                        permitted = permitted && lawful(&judged(&mut self.judge, &self.flow, overlays, &name.1)?);
                    }
                    self.known.insert(name, permitted);
                    permitted
                }
            };
            if !permitted {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether the law sees the same as under the plan.
    fn same(&self, outcome: usize, effect: &Effect) -> bool {
        matches!(self.plan.outcomes.get(outcome), Some(Outcome::Pass { measures, .. }) if effect_of(&self.plan.manifest, measures) == *effect)
    }

    /// The outcome of each combination with the floors of these columns.
    fn outcomes(&mut self, columns: &[usize], floors: &[usize]) -> Result<BTreeMap<Vec<String>, Outcome>, AnonymityError> {
        let mut outcomes = BTreeMap::new();
        for (row, number) in &self.plan.decisions {
            let Some(outcome) = self.plan.outcomes.get(*number) else { continue };
            let outcome = match (outcome, self.measures(*number, columns, floors)) {
                (Outcome::Pass { verdict, mechanisms, cites, duties, .. }, Some(measures)) => {
                    let effect = effect_of(&self.plan.manifest, &measures);
                    if self.same(*number, &effect) {
                        let (verdict, mechanisms) = (verdict.clone(), mechanisms.clone());
                        Outcome::Pass { verdict, mechanisms, cites: cites.clone(), duties: duties.clone(), measures }
                    } else {
                        let overlays = self.overlays(row)?;
                        pass(&judged(&mut self.judge, &self.flow, &overlays, &effect)?, measures)
                    }
                }
                (other, _) => other.clone(),
            };
            outcomes.insert(row.clone(), outcome);
        }
        Ok(outcomes)
    }
}

fn judged(judge: &mut Judge<'_>, flow: &Flow, overlays: &[Overlay], effect: &Effect) -> Result<Judgment, JudgeError> {
    let mut flow = flow.clone();
    overlays.iter().for_each(|overlay| overlay.lay(&mut flow));
    effect.lay(&mut flow);
    judge.findings(&flow)
}

fn lawful(judgment: &Judgment) -> bool {
    matches!(judgment.verdict(), Some(Verdict::Permitted | Verdict::Unrestricted))
}
