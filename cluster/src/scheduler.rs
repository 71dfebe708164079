// SPDX-License-Identifier: Apache-2.0
//! The scheduler: it hands units to executors, and gives to others those of executors that are lost.
//!
//! It knows no plan, no table and no secret, and keeps nothing: what is done is in the journal of the crossing.

use crate::codec::Codec;
use ballista_core::config::TaskSchedulingPolicy;
use ballista_scheduler::cluster::BallistaCluster;
use ballista_scheduler::config::SchedulerConfig;
use ballista_scheduler::scheduler_process::{create_scheduler, start_grpc_service_with_listener};
use datafusion_proto::protobuf::{LogicalPlanNode, PhysicalPlanNode};
use std::net::SocketAddr;
use std::sync::Arc;

/// So often may executors refuse a unit, or fail at it by errors of input and output, before the crossing stops.
const REFUSALS: usize = 12;

/// Serves until the process ends.
///
/// # Errors
///
/// Why it cannot.
pub async fn serve(listen: SocketAddr, lost_after: u64) -> Result<(), String> {
    let config = SchedulerConfig {
        external_host: listen.ip().to_string(),
        bind_host: listen.ip().to_string(),
        bind_port: listen.port(),
        // Executors ask for units. Nobody needs to reach an executor, and none has an open port for orders.
        scheduling_policy: TaskSchedulingPolicy::PullStaged,
        executor_timeout_seconds: lost_after,
        expire_dead_executor_interval_seconds: 1,
        no_executors_grace_period_seconds: lost_after,
        task_max_failures: REFUSALS,
        override_physical_codec: Some(Arc::new(Codec::default())),
        ..SchedulerConfig::default()
    };
    let said = |error: &dyn std::fmt::Display| format!("the scheduler cannot serve: {error}");
    let listener = tokio::net::TcpListener::bind(listen).await.map_err(|error| format!("cannot listen on {listen}: {error}"))?;
    let found = listener.local_addr().map_err(|error| said(&error))?;
    let cluster = BallistaCluster::new_from_config(&config).await.map_err(|error| said(&error))?;
    let scheduler = create_scheduler::<LogicalPlanNode, PhysicalPlanNode>(cluster, Arc::new(config)).await.map_err(|error| said(&error))?;
    crate::say(&format!("scheduler at {found}"));
    start_grpc_service_with_listener(listener, scheduler).await.map_err(|error| said(&error))
}
