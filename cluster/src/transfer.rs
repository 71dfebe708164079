// SPDX-License-Identifier: Apache-2.0
//! The operator: numbers of units come in, manifests go out, one partition for each unit.
//!
//! No row of a table is in what goes in or out. Parts are written beside the engine, into the staging folder; so nothing
//! personal is in the files in which the engine keeps results, and nothing is sent from one executor to another.
//!
//! The numbers come from a table in memory, because the scheduler splits operators by what it knows: of an operator of
//! others that makes rows by itself, every task would get all partitions, and each unit be worked on by all.

use crate::worker::Worker;
use datafusion::arrow::array::{ArrayRef, AsArray, RecordBatch, StringArray, UInt32Array};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, UInt32Type};
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::TaskContext;
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    ChildrenPropertiesMode, DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties, Partitioning, PlanProperties,
    ReplaceChildrenOptions, SendableRecordBatchStream,
};
use futures::{StreamExt, TryStreamExt};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Works on the units whose numbers come in.
#[derive(Debug)]
pub struct TransferExec {
    /// The order, as text.
    pub order: Arc<str>,
    input: Arc<dyn ExecutionPlan>,
    /// Who works; none on the scheduler and the coordinator, which never do.
    worker: Option<Arc<Worker>>,
    properties: Arc<PlanProperties>,
}

/// The name of an attempt for the number of its unit; none where the unit was done already.
fn manifests() -> SchemaRef {
    Arc::new(Schema::new(vec![Field::new("unit", DataType::UInt32, false), Field::new("attempt", DataType::Utf8, true)]))
}

/// A table in memory with one partition for each number.
fn numbers(units: &[u32]) -> Result<Arc<dyn ExecutionPlan>> {
    let schema = Arc::new(Schema::new(vec![Field::new("unit", DataType::UInt32, false)]));
    let partition = |unit: &u32| {
        let column: ArrayRef = Arc::new(UInt32Array::from(vec![*unit]));
        Ok(vec![RecordBatch::try_new(Arc::clone(&schema), vec![column])?])
    };
    let partitions = units.iter().map(partition).collect::<Result<Vec<_>>>()?;
    let table: Arc<dyn ExecutionPlan> = MemorySourceConfig::try_new_exec(&partitions, schema, None)?;
    Ok(table)
}

impl TransferExec {
    /// Work on these units.
    ///
    /// # Errors
    ///
    /// What the engine says of a table of numbers that it cannot take.
    pub fn of(order: &str, units: &[u32]) -> Result<Self> {
        Ok(Self::new(order, numbers(units)?, None))
    }

    /// Work on the units whose numbers come in.
    pub fn new(order: &str, input: Arc<dyn ExecutionPlan>, worker: Option<Arc<Worker>>) -> Self {
        let partitions = Partitioning::UnknownPartitioning(input.output_partitioning().partition_count());
        let properties =
            PlanProperties::new(EquivalenceProperties::new(manifests()), partitions, EmissionType::Incremental, Boundedness::Bounded);
        Self { order: Arc::from(order), input, worker, properties: Arc::new(properties) }
    }
}

impl DisplayAs for TransferExec {
    fn fmt_as(&self, _: DisplayFormatType, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("TransferExec")
    }
}

impl ExecutionPlan for TransferExec {
    fn name(&self) -> &str {
        "TransferExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn apply_expressions(&self, _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn replace_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
        _: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let [input] = children.as_slice() else {
            return Err(DataFusionError::Internal(format!("expected one input of numbers, found {}", children.len())));
        };
        Ok(Arc::new(Self::new(&self.order, Arc::clone(input), self.worker.clone())))
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        self.replace_children(children, ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute))
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let Some(worker) = self.worker.clone() else {
            return Err(DataFusionError::Internal("units are worked on by executors alone".to_owned()));
        };
        let order = Arc::clone(&self.order);
        let input = self.input.execute(partition, context)?;
        let made = input.and_then(move |batch| work(Arc::clone(&worker), Arc::clone(&order), batch));
        Ok(Box::pin(RecordBatchStreamAdapter::new(manifests(), made.boxed())))
    }
}

/// Tells the work that nobody waits for it any more.
struct Waiting(Arc<AtomicBool>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Works on a batch of numbers, on a thread on which the engine does not depend.
async fn work(worker: Arc<Worker>, order: Arc<str>, batch: RecordBatch) -> Result<RecordBatch> {
    let numbers = batch.column_by_name("unit").and_then(|column| column.as_primitive_opt::<UInt32Type>()).cloned();
    let numbers = numbers.ok_or_else(|| DataFusionError::Internal("expected a column of numbers of units".to_owned()))?;
    let stop = Arc::new(AtomicBool::new(false));
    let _waiting = Waiting(Arc::clone(&stop));
    let working = tokio::task::spawn_blocking(move || {
        let mut attempts: Vec<Option<String>> = Vec::new();
        for unit in numbers.values() {
            let unit = usize::try_from(*unit).unwrap_or(usize::MAX);
            attempts.push(worker.unit(&order, unit, &stop).map_err(DataFusionError::from)?);
        }
        let columns: Vec<ArrayRef> = vec![Arc::new(numbers), Arc::new(StringArray::from(attempts))];
        Ok(RecordBatch::try_new(manifests(), columns)?)
    });
    working.await.map_err(|error| DataFusionError::Execution(format!("the work on a unit ended unexpectedly: {error}")))?
}
