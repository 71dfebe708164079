// SPDX-License-Identifier: Apache-2.0
//! An executor: it asks the scheduler for units, and works on those that it may.

use crate::codec::Codec;
use crate::worker::Worker;
use ballista_core::config::TaskSchedulingPolicy;
use ballista_executor::executor_process::{ExecutorProcessConfig, start_executor_process};
use std::sync::Arc;

/// So long an executor waits for a scheduler that is not there yet, in seconds.
const PATIENCE: u16 = 60;

/// Works until the process ends.
///
/// # Errors
///
/// Why it cannot.
pub async fn work(worker: Worker, (host, port): (String, u16), units: usize) -> Result<(), String> {
    let code = worker.place.code();
    // Manifests of the engine: numbers of units and names of attempts.
    let place = tempfile::tempdir().map_err(|error| format!("cannot make a folder for what the engine notes: {error}"))?;
    crate::say(&format!("executor in {code}, for the scheduler at {host}:{port}"));
    let config = ExecutorProcessConfig {
        executor_id: format!("{code}.{}", uuid::Uuid::new_v4().simple()),
        // The engine serves its notes to others; nobody asks for them, and this machine alone can.
        bind_host: "127.0.0.1".to_owned(),
        port: 0,
        grpc_port: 0,
        scheduler_host: host,
        scheduler_port: port,
        scheduler_connect_timeout_seconds: PATIENCE,
        vcores: units,
        task_scheduling_policy: TaskSchedulingPolicy::PullStaged,
        work_dir: Some(place.path().to_string_lossy().into_owned()),
        // Rows are read beside the engine, a few thousand at a time: there is nothing for it to keep account of.
        memory_pool_size: Some(0),
        override_physical_codec: Some(Arc::new(Codec::of(Arc::new(worker)))),
        ..ExecutorProcessConfig::default()
    };
    start_executor_process(Arc::new(config)).await.map_err(|error| format!("the executor stopped: {error}"))
}
