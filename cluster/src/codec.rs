// SPDX-License-Identifier: Apache-2.0
//! How the operator travels: the order and nothing else. The plan stands in the staging folder; secrets never travel.

use crate::transfer::TransferExec;
use crate::worker::Worker;
use ballista_core::serde::BallistaPhysicalExtensionCodec;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::TaskContext;
use datafusion::physical_plan::ExecutionPlan;
use datafusion_proto::physical_plan::{PhysicalExtensionCodec, PhysicalProtoConverterExtension};
use std::sync::Arc;

/// What the bytes of the operator begin with; those of the engine's own operators never do.
const MARK: &[u8] = b"\xffcomity-transfer-1\n";

/// Writes and reads the operator, and leaves every other to the engine.
#[derive(Debug, Default)]
pub struct Codec {
    engine: BallistaPhysicalExtensionCodec,
    /// Who works; none on the scheduler and the coordinator.
    worker: Option<Arc<Worker>>,
}

impl Codec {
    /// The codec of an executor.
    pub fn of(worker: Arc<Worker>) -> Self {
        Self { worker: Some(worker), ..Self::default() }
    }
}

impl PhysicalExtensionCodec for Codec {
    fn try_decode(
        &self,
        bytes: &[u8],
        inputs: &[Arc<dyn ExecutionPlan>],
        context: &TaskContext,
        converter: &dyn PhysicalProtoConverterExtension,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let Some(order) = bytes.strip_prefix(MARK) else { return self.engine.try_decode(bytes, inputs, context, converter) };
        let order = std::str::from_utf8(order).map_err(|_| DataFusionError::Plan("expected an order in UTF-8".to_owned()))?;
        let [input] = inputs else {
            return Err(DataFusionError::Plan(format!("expected one input of numbers, found {}", inputs.len())));
        };
        Ok(Arc::new(TransferExec::new(order, Arc::clone(input), self.worker.clone())))
    }

    fn try_encode(&self, node: Arc<dyn ExecutionPlan>, bytes: &mut Vec<u8>, converter: &dyn PhysicalProtoConverterExtension) -> Result<()> {
        match node.downcast_ref::<TransferExec>() {
            Some(transfer) => {
                bytes.extend_from_slice(MARK);
                bytes.extend_from_slice(transfer.order.as_bytes());
                Ok(())
            }
            None => self.engine.try_encode(node, bytes, converter),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Codec;
    use crate::crew::ROUND;
    use crate::transfer::TransferExec;
    use ballista_scheduler::state::task_builder::restrict_plan_to_partitions;
    use datafusion::arrow::array::{AsArray, RecordBatch};
    use datafusion::arrow::datatypes::UInt32Type;
    use datafusion::execution::TaskContext;
    use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties};
    use datafusion_proto::physical_plan::AsExecutionPlan;
    use datafusion_proto::protobuf::PhysicalPlanNode;
    use futures::TryStreamExt;
    use std::sync::Arc;

    /// The largest message that the engine takes.
    const LIMIT: usize = 16 << 20;

    fn sent(plan: Arc<dyn ExecutionPlan>) -> Vec<u8> {
        let mut bytes = Vec::new();
        PhysicalPlanNode::try_from_physical_plan(plan, &Codec::default()).unwrap().try_encode(&mut bytes).unwrap();
        bytes
    }

    fn received(bytes: &[u8]) -> Arc<dyn ExecutionPlan> {
        let node = PhysicalPlanNode::try_decode(bytes).unwrap();
        node.try_into_physical_plan(&TaskContext::default(), &Codec::default()).unwrap()
    }

    async fn units(plan: &Arc<dyn ExecutionPlan>, partition: usize) -> Vec<u32> {
        let numbers = Arc::clone(plan.children()[0]).execute(partition, Arc::new(TaskContext::default())).unwrap();
        let batches: Vec<RecordBatch> = numbers.try_collect().await.unwrap();
        batches.iter().flat_map(|batch| batch.column(0).as_primitive::<UInt32Type>().values().to_vec()).collect()
    }

    #[tokio::test]
    async fn a_task_gets_its_unit_and_no_other() {
        let job: Arc<dyn ExecutionPlan> = Arc::new(TransferExec::of("an order", &[3, 5, 8]).unwrap());
        let job = received(&sent(job));
        assert_eq!(job.output_partitioning().partition_count(), 3);
        // What the scheduler does with it before it sends it on.
        for (partition, unit) in [3, 5, 8].into_iter().enumerate() {
            let task = restrict_plan_to_partitions(Arc::clone(&job), &[partition]).unwrap();
            let task = received(&sent(task));
            assert_eq!(task.output_partitioning().partition_count(), 1);
            assert_eq!(units(&task, 0).await, [unit]);
            assert_eq!(&*task.downcast_ref::<TransferExec>().unwrap().order, "an order");
        }
    }

    #[test]
    fn the_largest_job_fits_into_a_message() {
        let order = "x".repeat(1 << 20);
        let all: Vec<u32> = (0..u32::try_from(ROUND).unwrap()).collect();
        let bytes = sent(Arc::new(TransferExec::of(&order, &all).unwrap()));
        assert!(bytes.len() < LIMIT / 2, "{} bytes", bytes.len());
    }

    #[test]
    fn only_executors_work() {
        let job = TransferExec::of("an order", &[0]).unwrap();
        assert!(job.execute(0, Arc::new(TaskContext::default())).is_err());
    }
}
