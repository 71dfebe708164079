// SPDX-License-Identifier: Apache-2.0
//! One unit: read, enforced, written, noted.

use crate::apart::Apart;
use crate::hints::Hints;
use crate::journal::{Done, Journal, Part};
use crate::sink::Sink;
use crate::source::{Broken, Source, Unit};
use crate::splice;
use crate::{CrossingError, Format};
use arrow_array::{ArrayRef, RecordBatch, StringArray, new_null_array};
use arrow_schema::DataType;
use comity_border::enforce::REASON;
use comity_border::{Enforcer, Plan, Secret};
use std::path::Path;
use std::sync::Arc;

/// Carries the plan out on a unit; `read` is told how many rows were read and how many of
/// them leave, and says whether to go on.
pub(crate) fn work(
    plan: &Plan,
    secret: Option<&Secret>,
    source: &Source,
    (number, unit): (usize, &Unit),
    format: Format,
    journal: &Journal,
    read: &dyn Fn(u64, u64) -> bool,
) -> Result<Done, CrossingError> {
    let name = name_of(number, format);
    let spliced = if format == source.format() { splice::work(plan, secret, source, (unit, &name), journal, read)? } else { None };
    let done = match spliced {
        Some(done) => done,
        None => decoded(plan, secret, source, (unit, &name, format), journal, read)?,
    };
    whole(&done, unit)?;
    journal.note(number, &done)?;
    Ok(done)
}

/// The name of the parts of a unit.
pub(crate) fn name_of(number: usize, format: Format) -> String {
    format!("part-{number:06}.{}", format.ending())
}

/// Every row of the unit was written or left out.
pub(crate) fn whole(done: &Done, unit: &Unit) -> Result<(), CrossingError> {
    let accounted = done.data.as_ref().map_or(0, |part| part.rows) + done.apart.as_ref().map_or(0, |part| part.rows) + done.tally.dropped;
    let came = done.tally.total() + done.broken;
    let expected = unit.rows.unwrap_or(came);
    if !done.tally.conserved() || accounted != came || came != expected {
        return Err(CrossingError::Conservation { read: expected.max(came), accounted });
    }
    Ok(())
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
    (unit, name, format): (&Unit, &str, Format),
    journal: &Journal,
    read: &dyn Fn(u64, u64) -> bool,
) -> Result<Done, CrossingError> {
    let mut enforcer = Enforcer::new(plan, secret, source.schema())?;
    let coded = coded(plan);
    let mut batches = source.batches(unit, None, &coded)?;
    let mut data = Sink::create(&journal.data().join(name), format, enforcer.output(), &Hints::of_output(plan, source))?;
    let mut apart = Apart::new(journal.apart().join(name), format, Hints::of_quarantine(source));
    let mut done = Done::default();
    while let Some((batch, broken)) = batches.next()? {
        let enforced = enforcer.enforce(&batch)?;
        if enforced.passed.num_rows() > 0 {
            data.write(&enforced.passed)?;
        }
        apart.keep(&enforcer, &enforced.quarantined, (&source.path, &broken))?;
        if !read((batch.num_rows() + broken.len()) as u64, enforced.passed.num_rows() as u64) {
            return Err(CrossingError::Stopped);
        }
    }
    let part = |(file, rows)| Part { name: name.to_owned(), rows, file };
    done.data = Some(part(data.finish()?));
    done.broken = apart.broken;
    done.apart = apart.finish()?.map(part);
    done.tally = enforcer.tally;
    Ok(done)
}

/// Rows that could not be read, with what there is of them: each cell in its column where all are there and are texts, else
/// all of them in the first column of texts, so that none is lost; that is the column of the reason if there is no other.
pub(crate) fn of_broken(path: &Path, enforcer: &Enforcer, broken: &[Broken]) -> Result<RecordBatch, CrossingError> {
    let fields = enforcer.quarantine().fields();
    let texts = fields.iter().all(|field| *field.data_type() == DataType::Utf8);
    let fits = |row: &Broken| texts && row.cells.len() + 1 == fields.len();
    let first = fields.iter().position(|field| *field.data_type() == DataType::Utf8);
    let mut columns: Vec<ArrayRef> = Vec::new();
    for (at, field) in fields.iter().enumerate() {
        if *field.data_type() != DataType::Utf8 {
            columns.push(new_null_array(field.data_type(), broken.len()));
            continue;
        }
        let cells: StringArray = broken
            .iter()
            .map(|row| {
                let whole = (first == Some(at) && !fits(row)).then(|| row.cells.join(","));
                match (field.name() == REASON, whole) {
                    (true, None) => Some(format!("line {}: {}", row.line, row.problem)),
                    (true, Some(whole)) => Some(format!("line {}: {}: {whole}", row.line, row.problem)),
                    (false, None) if fits(row) => row.cells.get(at).cloned(),
                    (false, whole) => whole,
                }
            })
            .collect();
        columns.push(Arc::new(cells));
    }
    RecordBatch::try_new(Arc::clone(enforcer.quarantine()), columns).map_err(|error| CrossingError::table(path, error))
}
