// SPDX-License-Identifier: Apache-2.0
//! A plan carried out row by row, as it would be read aloud. Slow; the fast way is held to it.

use crate::anonymity::{self, class_of};
use crate::enforce::{column_key, reason};
use crate::manifest::Held;
use crate::meaning::meaning;
use crate::measure::Measure;
use crate::plan::{Outcome, Plan};
use crate::secret::Secret;
use crate::value::Ready;

/// What becomes of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It leaves: for each column of the manifest that leaves at all its cell.
    Passed(Vec<Option<String>>),
    /// It is kept apart, with the reason.
    Quarantined(String),
    /// It is left out.
    Dropped,
}

/// What becomes of a row whose cells stand in the order of the manifest.
#[must_use]
pub fn fate(plan: &Plan, secret: Option<&Secret>, cells: &[Option<String>]) -> Fate {
    let label = |position: usize, decides| {
        let cell = cells.get(position).cloned().flatten()?;
        meaning(decides, &cell, plan.on).map(|meaning| meaning.label)
    };
    let combination: Option<Vec<String>> = plan.manifest.deciding().map(|(position, _, decides)| label(position, decides)).collect();
    match combination.and_then(|combination| plan.outcome(&combination)) {
        Some(Outcome::Pass { measures, .. }) => {
            let mut row = Vec::new();
            let mut together = Vec::new();
            for (position, ((column, measure), cell)) in plan.manifest.columns.iter().zip(measures).zip(cells).enumerate() {
                let leaves = Ready::new(measure, column, column_key(plan, position, secret).as_ref()).of(cell.as_deref());
                if plan.manifest.together().any(|(at, _)| at == position) {
                    together.push(leaves.clone());
                }
                if plan.measures_of(position).iter().all(|measure| **measure == Measure::Drop) {
                    continue;
                }
                row.push(leaves);
            }
            let class = class_of(together.iter().map(Option::as_deref));
            let small = plan.anonymity.as_ref().and_then(|anonymity| anonymity.small.as_ref());
            match small.filter(|small| small.contains(&class)) {
                Some(_) if plan.held() == Held::Drop => Fate::Dropped,
                Some(_) => Fate::Quarantined(anonymity::reason(&plan.manifest)),
                None => Fate::Passed(row),
            }
        }
        Some(_) if plan.held() == Held::Drop => Fate::Dropped,
        other => Fate::Quarantined(reason(other)),
    }
}
