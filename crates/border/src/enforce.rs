// SPDX-License-Identifier: Apache-2.0
//! A plan carried out on record batches: which rows leave, and what their columns become.

mod column;
mod decide;

use crate::anonymity::{self, Class, class_of};
use crate::manifest::{Held, Manifest};
use crate::measure::Measure;
use crate::plan::{Outcome, Plan};
use crate::secret::{ColumnKey, Secret, Separation};
use arrow_array::builder::StringBuilder;
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, BooleanArray, RecordBatch, RecordBatchOptions};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use arrow_select::filter::FilterBuilder;
use column::{Kernel, plain};

pub use column::measured;
pub use decide::Decider;

use std::collections::HashSet;
use std::sync::Arc;

/// The outcome of a row whose cells the plan does not know.
pub const UNKNOWN: u16 = u16::MAX;

/// The outcome of a row that the law lets leave, and that is held back because its class is too small.
const SMALL: u16 = u16::MAX - 1;

/// The column of the quarantine that says why.
pub const REASON: &str = "comity_reason";

/// Why a plan cannot be carried out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EnforceError {
    /// The table does not fit the manifest.
    #[error("the table does not fit the manifest: {0}")]
    Table(String),
    /// There is no secret, or another one than the plan was made with.
    #[error("the plan was made with the secret named {expected}, {}", found.as_ref().map_or_else(|| "and none was given".to_owned(), |found| format!("and the one given is named {found}")))]
    Secret {
        /// The name of the secret in the plan.
        expected: String,
        /// The name of the secret given.
        found: Option<String>,
    },
    /// The plan holds back classes of rows, and was read from a text, which does not name them.
    #[error("the plan holds back {0} classes of rows, which it does not name; make it again from the tables")]
    Classes(u64),
    /// The plan has more outcomes than can be numbered.
    #[error("the plan has {0} outcomes; at most 65,534 can be carried out")]
    Outcomes(usize),
    /// A column cannot be computed with.
    #[error("a column cannot be computed with: {0}")]
    Arrow(#[from] ArrowError),
}

/// What became of a batch.
pub struct Enforced {
    /// The rows that leave, each column under its measure.
    pub passed: RecordBatch,
    /// The rows that are kept apart, as they were, with the reason.
    pub quarantined: RecordBatch,
    /// How many rows were left out.
    pub dropped: usize,
    /// Which rows of the batch leave; none where all do.
    pub leaving: Option<BooleanArray>,
}

/// How often each outcome occurred.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Rows for each outcome of the plan.
    pub rows: Vec<u64>,
    /// Rows whose cells the plan does not know.
    pub unknown: u64,
    /// Rows that the law lets leave, and that are held back because their class is too small.
    pub small: u64,
    /// Rows that left.
    pub passed: u64,
    /// Rows that were kept apart.
    pub quarantined: u64,
    /// Rows that were left out.
    pub dropped: u64,
}

impl Tally {
    /// All rows that came in.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.rows.iter().sum::<u64>() + self.unknown + self.small
    }

    /// Whether every row that came in passed, was kept apart, or was left out.
    #[must_use]
    pub fn conserved(&self) -> bool {
        self.total() == self.passed + self.quarantined + self.dropped
    }

    /// Adds another tally of the same plan.
    pub fn add(&mut self, other: &Self) {
        if self.rows.len() < other.rows.len() {
            self.rows.resize(other.rows.len(), 0);
        }
        self.rows.iter_mut().zip(&other.rows).for_each(|(rows, more)| *rows += more);
        self.unknown += other.unknown;
        self.small += other.small;
        self.passed += other.passed;
        self.quarantined += other.quarantined;
        self.dropped += other.dropped;
    }
}

/// The classes of rows that are held back.
struct Small {
    classes: Arc<HashSet<Class>>,
    reason: String,
    /// For each column that identifies together, in the order of the manifest, its kernel; none where it never leaves.
    kernels: Vec<Option<usize>>,
}

/// A plan made ready for batches of one schema.
pub struct Enforcer {
    decider: Decider,
    kernels: Vec<Kernel>,
    /// For each outcome, whether its rows leave.
    leaves: Vec<bool>,
    reasons: Vec<String>,
    small: Option<Small>,
    held: Held,
    output: SchemaRef,
    quarantine: SchemaRef,
    /// Counted so far.
    pub tally: Tally,
}

/// The key of a column under a plan; none where no secret is given.
#[must_use]
pub fn column_key(plan: &Plan, column: usize, secret: Option<&Secret>) -> Option<ColumnKey> {
    let manifest: &Manifest = &plan.manifest;
    let column = manifest.columns.get(column)?;
    let domain = column.joins.clone().unwrap_or_else(|| format!("{}.{}", manifest.table, column.name));
    let separation = Separation { recipient: &plan.recipient, purpose: &plan.purpose, domain: &domain, epoch: &manifest.epoch };
    secret.map(|secret| secret.column(&separation))
}

/// Why a row with this outcome does not leave.
#[must_use]
pub fn reason(outcome: Option<&Outcome>) -> String {
    match outcome {
        Some(Outcome::Hold { verdict, reasons }) if reasons.is_empty() => verdict.clone(),
        Some(Outcome::Hold { verdict, reasons }) => format!("{verdict}: {}", reasons.join(" | ")),
        Some(Outcome::Pass { .. }) => String::new(),
        None => "a cell that decides is empty, is not understood, or was not in the plan".to_owned(),
    }
}

impl Enforcer {
    /// Makes a plan ready.
    ///
    /// # Errors
    ///
    /// [`EnforceError`] if the table does not fit, or the secret is another one.
    pub fn new(plan: &Plan, secret: Option<&Secret>, table: &Schema) -> Result<Self, EnforceError> {
        if let Some(problem) = plan.manifest.fits(table).first() {
            return Err(EnforceError::Table(problem.to_string()));
        }
        if plan.outcomes.len() >= usize::from(UNKNOWN) {
            return Err(EnforceError::Outcomes(plan.outcomes.len()));
        }
        let found = secret.map(Secret::name);
        if let Some(expected) = &plan.key
            && found.as_ref() != Some(expected)
        {
            return Err(EnforceError::Secret { expected: expected.clone(), found });
        }
        let mut kernels = Vec::new();
        let mut fields = Vec::new();
        // The columns leave in the order of the table.
        for (position, field) in table.fields().iter().enumerate() {
            let Some(column) = plan.manifest.columns.iter().position(|column| column.name == *field.name()) else { continue };
            let used = plan.measures_of(column);
            if !used.is_empty() && used.iter().all(|measure| **measure == Measure::Drop) {
                continue;
            }
            let kept = used.iter().all(|measure| measure.keeps_type());
            let data_type = if kept { plain(field.data_type()) } else { DataType::Utf8 };
            let whole = !field.is_nullable() && used.iter().all(|measure| measure.gives_always());
            fields.push(Field::new(field.name(), data_type.clone(), !whole));
            let Some(described) = plan.manifest.columns.get(column) else { continue };
            kernels.push(Kernel::new(position, described, column_key(plan, column, secret), column, data_type, plan));
        }
        let small = match &plan.anonymity {
            Some(anonymity) if anonymity.held > 0 => {
                let classes = anonymity.small.clone().ok_or(EnforceError::Classes(anonymity.held_classes))?;
                let of = |name: &str| kernels.iter().position(|kernel: &Kernel| kernel.name() == name);
                let kernels = plan.manifest.together().map(|(_, column)| of(&column.name)).collect();
                Some(Small { classes, reason: anonymity::reason(&plan.manifest), kernels })
            }
            _ => None,
        };
        let mut apart: Vec<Field> = table.fields().iter().map(|field| Field::new(field.name(), plain(field.data_type()), true)).collect();
        apart.push(Field::new(REASON, DataType::Utf8, false));
        Ok(Self {
            decider: Decider::new(plan, table),
            kernels,
            leaves: plan.outcomes.iter().map(|outcome| matches!(outcome, Outcome::Pass { .. })).collect(),
            reasons: plan.outcomes.iter().map(|outcome| reason(Some(outcome))).chain([reason(None)]).collect(),
            small,
            held: plan.held(),
            // No metadata of the source: it may carry values.
            output: Arc::new(Schema::new(fields)),
            quarantine: Arc::new(Schema::new(apart)),
            tally: Tally { rows: vec![0; plan.outcomes.len()], ..Tally::default() },
        })
    }

    /// The schema of what leaves.
    #[must_use]
    pub fn output(&self) -> &SchemaRef {
        &self.output
    }

    /// The schema of what is kept apart.
    #[must_use]
    pub fn quarantine(&self) -> &SchemaRef {
        &self.quarantine
    }

    /// Carries the plan out on a batch.
    ///
    /// # Errors
    ///
    /// [`EnforceError::Arrow`] if a column cannot be computed with; then nothing of the batch leaves.
    pub fn enforce(&mut self, batch: &RecordBatch) -> Result<Enforced, EnforceError> {
        let mut outcomes = self.decider.decide(batch)?;
        self.hold_small(batch, &mut outcomes)?;
        let mut tally = Tally { rows: vec![0; self.leaves.len()], ..Tally::default() };
        for outcome in &outcomes {
            match tally.rows.get_mut(usize::from(*outcome)) {
                Some(rows) => *rows += 1,
                None if *outcome == SMALL => tally.small += 1,
                None => tally.unknown += 1,
            }
        }
        let leaves = |outcome: &u16| self.leaves.get(usize::from(*outcome)).copied().unwrap_or(false);
        // What nobody understands is kept for people to look at, also where held rows are dropped.
        let apart = |outcome: &u16| !leaves(outcome) && (self.held == Held::Quarantine || *outcome == UNKNOWN);
        let passed = outcomes.iter().filter(|outcome| leaves(outcome)).count();
        let kept = outcomes.iter().filter(|outcome| apart(outcome)).count();
        let dropped = outcomes.len() - passed - kept;
        let quarantined = if kept == 0 {
            RecordBatch::new_empty(Arc::clone(&self.quarantine))
        } else {
            let mask: BooleanArray = outcomes.iter().map(|outcome| Some(apart(outcome))).collect();
            let filter = FilterBuilder::new(&mask).optimize().build();
            let mut columns = Vec::new();
            for (field, column) in self.quarantine.fields().iter().zip(batch.columns()) {
                columns.push(arrow_cast::cast(&filter.filter(column)?, field.data_type())?);
            }
            let mut reasons = StringBuilder::new();
            for outcome in outcomes.iter().filter(|outcome| apart(outcome)) {
                let small = self.small.as_ref().filter(|_| *outcome == SMALL).map(|small| &small.reason);
                let position = usize::from(*outcome).min(self.reasons.len().saturating_sub(1));
                reasons.append_value(small.or_else(|| self.reasons.get(position)).map_or("", String::as_str));
            }
            columns.push(Arc::new(reasons.finish()) as ArrayRef);
            RecordBatch::try_new(Arc::clone(&self.quarantine), columns)?
        };
        let (kept_rows, live, leaving): (RecordBatch, Vec<u16>, _) = if passed == outcomes.len() {
            (batch.clone(), outcomes, None)
        } else {
            let mask: BooleanArray = outcomes.iter().map(|outcome| Some(leaves(outcome))).collect();
            let filter = FilterBuilder::new(&mask).optimize().build();
            (filter.filter_record_batch(batch)?, outcomes.into_iter().filter(leaves).collect(), Some(mask))
        };
        let mut columns = Vec::new();
        for kernel in &mut self.kernels {
            columns.push(kernel.run(&kept_rows, &live)?);
        }
        let rows = RecordBatchOptions::new().with_row_count(Some(live.len()));
        let output = RecordBatch::try_new_with_options(Arc::clone(&self.output), columns, &rows)?;
        tally.passed = passed as u64;
        tally.quarantined = kept as u64;
        tally.dropped = dropped as u64;
        self.tally.add(&tally);
        Ok(Enforced { passed: output, quarantined, dropped, leaving })
    }
}

impl Enforcer {
    /// Gives rows that would leave in a class that is too small the outcome that says so.
    fn hold_small(&mut self, batch: &RecordBatch, outcomes: &mut [u16]) -> Result<(), EnforceError> {
        let Some(small) = &self.small else { return Ok(()) };
        let leaves = |outcome: &u16| self.leaves.get(usize::from(*outcome)).copied().unwrap_or(false);
        let mask: BooleanArray = outcomes.iter().map(|outcome| Some(leaves(outcome))).collect();
        let rows = FilterBuilder::new(&mask).optimize().build().filter_record_batch(batch)?;
        let live: Vec<u16> = outcomes.iter().copied().filter(leaves).collect();
        let mut columns = Vec::new();
        for kernel in &small.kernels {
            let kernel = kernel.and_then(|kernel| self.kernels.get(kernel));
            columns.push(kernel.map(|kernel| texts(&kernel.run(&rows, &live)?)).transpose()?);
        }
        let columns: Vec<_> = columns.iter().map(|column| column.as_ref().map(|column| column.as_string::<i32>())).collect();
        for (row, outcome) in outcomes.iter_mut().filter(|outcome| leaves(outcome)).enumerate() {
            let class = class_of(columns.iter().map(|column| column.filter(|column| column.is_valid(row)).map(|column| column.value(row))));
            if small.classes.contains(&class) {
                *outcome = SMALL;
            }
        }
        Ok(())
    }
}

/// Cells as texts, the same whatever the type of the column.
fn texts(column: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    if *column.data_type() == DataType::Utf8 { Ok(Arc::clone(column)) } else { arrow_cast::cast(column, &DataType::Utf8) }
}
