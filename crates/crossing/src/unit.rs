// SPDX-License-Identifier: Apache-2.0
//! One unit: read, enforced, written, noted.

use crate::CrossingError;
use crate::journal::{Done, Journal, Part};
use crate::sink::Sink;
use crate::source::{Broken, Source, Unit};
use crate::splice;
use arrow_array::{ArrayRef, RecordBatch, StringArray};
use comity_border::enforce::REASON;
use comity_border::{Enforcer, Plan, Secret};
use std::sync::Arc;

/// Carries the plan out on a unit; `read` is told how many rows were read, and says whether to go on.
pub(crate) fn work(
    plan: &Plan,
    secret: Option<&Secret>,
    source: &Source,
    (number, unit): (usize, &Unit),
    journal: &Journal,
    read: &dyn Fn(u64) -> bool,
) -> Result<Done, CrossingError> {
    let name = format!("part-{number:06}.{}", source.format().ending());
    let done = match splice::work(plan, secret, source, (unit, &name), journal, read)? {
        Some(done) => done,
        None => decoded(plan, secret, source, (unit, &name), journal, read)?,
    };
    let accounted = done.data.as_ref().map_or(0, |part| part.rows) + done.apart.as_ref().map_or(0, |part| part.rows) + done.tally.dropped;
    let came = done.tally.total() + done.broken;
    let expected = unit.rows.unwrap_or(came);
    if !done.tally.conserved() || accounted != came || came != expected {
        return Err(CrossingError::Conservation { read: expected.max(came), accounted });
    }
    journal.note(number, &done)?;
    Ok(done)
}

/// The columns of which each distinct cell is looked at once: those that decide, and those that become something else.
pub(crate) fn coded(plan: &Plan) -> Vec<&str> {
    let columns = plan.manifest.columns.iter().enumerate();
    columns
        .filter(|(at, column)| column.decides.is_some() || plan.measures_of(*at).iter().any(|measure| !measure.keeps_type()))
        .map(|(_, column)| column.name.as_str())
        .collect()
}

/// Every row decoded.
fn decoded(
    plan: &Plan,
    secret: Option<&Secret>,
    source: &Source,
    (unit, name): (&Unit, &str),
    journal: &Journal,
    read: &dyn Fn(u64) -> bool,
) -> Result<Done, CrossingError> {
    let mut enforcer = Enforcer::new(plan, secret, source.schema())?;
    let coded = coded(plan);
    let mut batches = source.batches(unit, None, &coded)?;
    let mut data = Sink::create(&journal.data().join(name), source.format(), enforcer.output())?;
    let mut apart: Option<Sink> = None;
    let mut done = Done::default();
    while let Some((batch, broken)) = batches.next()? {
        let enforced = enforcer.enforce(&batch)?;
        if enforced.passed.num_rows() > 0 {
            data.write(&enforced.passed)?;
        }
        if enforced.quarantined.num_rows() > 0 || !broken.is_empty() {
            let sink = match &mut apart {
                Some(sink) => sink,
                None => apart.insert(Sink::create(&journal.apart().join(name), source.format(), enforcer.quarantine())?),
            };
            if enforced.quarantined.num_rows() > 0 {
                sink.write(&enforced.quarantined)?;
            }
            if !broken.is_empty() {
                sink.write(&of_broken(source, &enforcer, &broken)?)?;
                done.broken += broken.len() as u64;
            }
        }
        if !read((batch.num_rows() + broken.len()) as u64) {
            return Err(CrossingError::Stopped);
        }
    }
    let part = |(file, rows)| Part { name: name.to_owned(), rows, file };
    done.data = Some(part(data.finish()?));
    done.apart = apart.map(Sink::finish).transpose()?.map(part);
    done.tally = enforcer.tally;
    Ok(done)
}

/// Rows that could not be read, with what there is of them: all cells in the first column, so that none is lost.
fn of_broken(source: &Source, enforcer: &Enforcer, broken: &[Broken]) -> Result<RecordBatch, CrossingError> {
    let width = enforcer.quarantine().fields().len();
    let fits = |row: &Broken| row.cells.len() + 1 == width;
    let mut columns: Vec<ArrayRef> = Vec::new();
    for (at, field) in enforcer.quarantine().fields().iter().enumerate() {
        let cells: StringArray = broken
            .iter()
            .map(|row| match (field.name() == REASON, fits(row), at) {
                (true, ..) => Some(format!("line {}: {}", row.line, row.problem)),
                (_, true, at) => row.cells.get(at).cloned(),
                (_, false, 0) => Some(row.cells.join(",")),
                _ => None,
            })
            .collect();
        columns.push(Arc::new(cells));
    }
    RecordBatch::try_new(Arc::clone(enforcer.quarantine()), columns).map_err(|error| CrossingError::table(&source.path, error))
}
