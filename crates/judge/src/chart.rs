// SPDX-License-Identifier: Apache-2.0
//! An instrument on one day as a decision diagram: the verdict of every flow, and judging as a walk through it.
//!
//! [`crate::judge`] searches for each flow; a chart has all the verdicts before the first flow comes, and the two were
//! written apart. So each is a test of the other, with [`crate::definition`] as the third.

use crate::classes::{Dated, Level};
use crate::compile::Frame;
use crate::diagram::{Diagram, Full, Join, Ref};
use crate::finding::{Possible, Verdict};
use crate::leg::Leg;
use crate::program::{Program, Scope};
use crate::space::{NOTHING, Space};
use crate::store::{Domain, Store, Variable};
use comity_flow::Flow;
use comity_law::Library;
use comity_law::ast::Instrument;
use comity_terms::{Bits, KeyId};
use jiff::civil::Date;
use std::fmt;

/// How many nodes a chart may have.
const BUDGET: usize = 2_000_000;

/// The diagram of an instrument outgrew its budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLarge;

impl fmt::Display for TooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the diagram of the instrument outgrew its budget of {BUDGET} nodes, so nothing is said of it")
    }
}

impl std::error::Error for TooLarge {}

impl From<Full> for TooLarge {
    fn from(_: Full) -> Self {
        Self
    }
}

/// The verdicts of one instrument for all flows of one day, first legs only.
///
/// ```
/// use comity_flow::{Format, read};
/// use comity_judge::chart::Chart;
/// use comity_law::Library;
/// use jiff::civil::date;
///
/// let law = r#"
/// instrument xx.act "Act" {
///   kind law  cite "Act 1"  of FR  in force 2020-01-01
///   applies here cite "s. 1" when exporter.seat in FR
///   restrict abroad cite "s. 2" when importer.seat outside FR
///   permit terms by standard-clauses cite "s. 3" needs contract eu.scc-2021
/// }"#;
/// let (library, _) = Library::read([("xx/act.law".to_owned(), law.to_owned())]);
/// let day = date(2024, 3, 1);
/// let chart = Chart::of(&library, library.instrument("xx.act").unwrap(), day, day).unwrap();
/// let flow = read("[exporter]\nseat = \"FR\"", Format::Toml, &|_| Err(String::new())).unwrap();
/// assert_eq!(chart.possible(&flow, &[]).words(), ["unrestricted", "incomplete"]);
/// ```
pub struct Chart<'a> {
    frame: Frame<'a>,
    levels: Vec<Level>,
    diagram: Diagram,
    verdicts: Ref,
}

impl<'a> Chart<'a> {
    /// The chart of an instrument on a day, with the knowledge of another.
    ///
    /// # Errors
    ///
    /// If the diagram outgrows its budget.
    pub fn of(library: &'a Library, instrument: &'a Instrument, day: Date, known: Date) -> Result<Self, TooLarge> {
        let mut frame = Frame::new(library, day, known);
        let scope = Scope::compile(&mut frame, instrument);
        let program = Program::compile(&mut frame, scope);
        let (levels, diagram, verdicts) = {
            let mut space = Space::new(&frame, &[program.lawful, program.unrestricted], day, BUDGET);
            let allowed = space.allowed()?;
            let sane = space.sane(allowed)?;
            let verdicts = space.verdicts(&program, allowed)?;
            let verdicts = space.diagram.join(Join::Keep(NOTHING), sane, verdicts)?;
            (space.levels, space.diagram, verdicts)
        };
        Ok(Self { frame, levels, diagram, verdicts })
    }

    /// How many nodes the diagram has.
    #[must_use]
    pub fn size(&self) -> usize {
        self.diagram.size()
    }

    /// The verdicts of all completions of a flow, taken on the day of the chart. None for a flow that contradicts itself.
    ///
    /// `readings` are those that are fixed: instrument, reading, option.
    #[must_use]
    pub fn possible(&self, flow: &Flow, readings: &[(String, String, String)]) -> Possible {
        let store = Leg::First.store(flow, &self.frame, readings);
        let mut found = Possible::default();
        if store.is_void() {
            return found;
        }
        for values in self.boxes(&store) {
            for leaf in self.diagram.leaves(self.verdicts, &values) {
                let verdict = usize::try_from(leaf).ok().and_then(|leaf| Verdict::ALL.get(leaf));
                found.0.extend(verdict);
            }
        }
        found
    }

    /// The values that each level may have. An item whose day is not known has one of several, and each makes a box of its own.
    fn boxes(&self, store: &Store) -> Vec<Vec<Vec<bool>>> {
        let mut boxes = vec![self.levels.iter().map(|level| fitting(level, store)).collect::<Vec<_>>()];
        for (key, class) in self.dated_classes() {
            for (low, high) in days(store, key, &class) {
                let stretches: Vec<usize> = (0..self.levels.len())
                    .filter(|at| match self.levels.get(*at) {
                        Some(Level::Member(other, own, Dated::Within(first, last))) => {
                            *other == key && *own == class && *first <= high && low <= *last
                        }
                        _ => false,
                    })
                    .collect();
                boxes = stretches
                    .iter()
                    .flat_map(|stretch| {
                        boxes.iter().map(|values| {
                            let mut next = values.clone();
                            if let Some(value) = next.get_mut(*stretch) {
                                *value = vec![false, true];
                            }
                            next
                        })
                    })
                    .collect();
            }
        }
        boxes
    }

    /// The classes of members whose days are told apart.
    fn dated_classes(&self) -> Vec<(KeyId, Bits)> {
        let mut all = Vec::new();
        for level in &self.levels {
            if let Level::Member(key, class, Dated::Within(..)) = level
                && !all.contains(&(*key, *class))
            {
                all.push((*key, *class));
            }
        }
        all
    }
}

/// The days between which the items of a class that are in place are dated.
fn days(store: &Store, key: KeyId, class: &Bits) -> Vec<(Date, Date)> {
    let Some(Domain::Many { yes, .. }) = store.get(Variable::Key(key)) else { return Vec::new() };
    let mut all = Vec::new();
    for term in yes.and(class).iter() {
        let before = all.len();
        all.extend(store.item_days.iter().filter(|item| item.key == key && item.term == term).map(|item| (item.low, item.high)));
        if all.len() == before {
            // In place, and nothing said of its day: as new.
            all.push((store.day, store.day));
        }
    }
    all
}

/// The values of a level that a store leaves open; items that are in place come later.
fn fitting(level: &Level, store: &Store) -> Vec<bool> {
    match level {
        Level::Classes(variable, classes) => {
            let Some(Domain::One(candidates)) = store.get(*variable) else { return vec![true; classes.len()] };
            classes.iter().map(|class| class.meets(candidates)).collect()
        }
        Level::Ranges(variable, starts) => {
            let Some(Domain::Range { low, high }) = store.get(*variable) else { return vec![true; starts.len()] };
            let ends = starts.iter().skip(1).map(|next| next.saturating_sub(1)).chain([u64::MAX]);
            starts.iter().zip(ends).map(|(start, end)| start <= high && *low <= end).collect()
        }
        Level::Member(key, class, dated) => {
            let Some(Domain::Many { yes, open }) = store.get(Variable::Key(*key)) else { return vec![true, true] };
            match dated {
                Dated::Any if yes.meets(class) => vec![false, true],
                Dated::Any => vec![true, open.meets(class)],
                // What nobody listed could be dated on any day.
                Dated::Within(..) => vec![true, open.meets(class)],
                Dated::Later => vec![true, false],
            }
        }
        Level::Waited => vec![true, false],
    }
}
