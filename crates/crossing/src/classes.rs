// SPDX-License-Identifier: Apache-2.0
//! How often each combination of what identifies together occurs among the rows that may leave.

use crate::survey::open;
use crate::{CrossingError, Progress};
use comity_border::Plan;
use comity_border::anonymity::Histogram;
use comity_border::enforce::Decider;
use std::path::PathBuf;

/// Counts the rows that leave under a plan by what identifies together, so that classes can be made of them.
///
/// # Errors
///
/// [`CrossingError`] if a table cannot be read.
pub fn classes(inputs: &[PathBuf], plan: &Plan, progress: &mut dyn FnMut(Progress)) -> Result<Histogram, CrossingError> {
    let mut histogram = Histogram::new(plan);
    let names: Vec<String> = histogram.columns().into_iter().map(str::to_owned).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let sources = open(inputs)?;
    let of = sources.iter().enumerate().map(|(at, source)| source.units(at).iter().map(|unit| unit.rows).sum::<Option<u64>>()).sum();
    let mut rows = 0;
    for source in &sources {
        let mut decider: Option<Decider> = None;
        source.each(&names, |batch| {
            let decider = decider.get_or_insert_with(|| Decider::new(plan, batch.schema_ref()));
            histogram.add(decider, batch).map_err(|error| CrossingError::table(&source.path, error))?;
            rows += batch.num_rows() as u64;
            progress(Progress { phase: "survey", passed: 0, rows, of });
            Ok(())
        })?;
    }
    Ok(histogram)
}
