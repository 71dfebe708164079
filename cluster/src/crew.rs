// SPDX-License-Identifier: Apache-2.0
//! The crew of a crossing on a cluster: the coordinator's side.
//!
//! The coordinator tells the scheduler which units are open, and looks into the staging folder for attempts that are
//! complete; what the engine says of the job is only a hint. So it does not matter which answers of the engine are lost, and
//! how far the work is comes from what is there.

use crate::codec::Codec;
use crate::transfer::TransferExec;
use crate::trouble::Trouble;
use ballista_core::serde::protobuf::execute_query_params::Query;
use ballista_core::serde::protobuf::execute_query_result::Result as Answer;
use ballista_core::serde::protobuf::job_status::Status as Job;
use ballista_core::serde::protobuf::scheduler_grpc_client::SchedulerGrpcClient;
use ballista_core::serde::protobuf::{CancelJobParams, ExecuteQueryParams, GetJobStatusParams, KeyValuePair, RemoveSessionParams};
use ballista_core::utils::{GrpcClientConfig, create_grpc_client_endpoint};
use ballista_core::version::{check_compatibility, insert_version_header, version_from_metadata};
use comity_crossing::{Crew, CrossingError, Progress, Site};
use datafusion::physical_plan::ExecutionPlan;
use datafusion_proto::physical_plan::AsExecutionPlan;
use datafusion_proto::protobuf::PhysicalPlanNode;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tonic::transport::Channel;

/// Units of one job: the numbers of all of them travel in one message, which the engine bounds at 16 MB.
pub const ROUND: usize = 4096;
/// How often the staging folder is looked at.
const LOOK: Duration = Duration::from_millis(25);
/// How often the scheduler is asked how the job is.
const ASK: Duration = Duration::from_millis(250);
/// So often in a row may a scheduler not know a job: one that has just begun, or is new and never heard of it.
const UNKNOWN: u32 = 8;
/// So often is a job submitted anew without a unit having been done.
const TRIES: u32 = 4;

/// Executors of a cluster.
pub struct Cluster {
    /// Host and port of the scheduler.
    pub scheduler: String,
}

/// Why a job ended early.
enum Early {
    /// It makes no sense to try again.
    For(CrossingError),
    /// Executors refused a unit too often; perhaps only those that were free.
    Refused(CrossingError),
    /// The engine failed; it may do better next time.
    This(String),
}

impl From<CrossingError> for Early {
    fn from(error: CrossingError) -> Self {
        Self::For(error)
    }
}

impl Crew for Cluster {
    fn work(&mut self, site: &mut Site<'_>, go_on: &mut dyn FnMut(Progress) -> bool) -> Result<(), CrossingError> {
        let failed = |error: &dyn std::fmt::Display| CrossingError::Crew(format!("the cluster cannot be asked: {error}"));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| failed(&error))?;
        let order = site.order()?.to_text()?;
        // What an earlier run ordered may have been done meanwhile.
        site.take()?;
        runtime.block_on(async {
            let mut tries = 0;
            loop {
                let open = site.open();
                if open.is_empty() {
                    return Ok(());
                }
                let units: Vec<u32> = open.iter().take(ROUND).filter_map(|unit| u32::try_from(*unit).ok()).collect();
                let ended = self.job(&order, &units, site, go_on).await;
                tries = if site.open().len() < open.len() { 0 } else { tries + 1 };
                match ended {
                    Ok(()) => {}
                    Err(Early::For(error)) => return Err(error),
                    Err(Early::Refused(error)) if tries > 0 => return Err(error),
                    Err(Early::Refused(_)) => {}
                    Err(Early::This(said)) if tries >= TRIES => return Err(CrossingError::Crew(said)),
                    Err(Early::This(_)) => tokio::time::sleep(Duration::from_secs(u64::from(tries))).await,
                }
                if tries >= TRIES {
                    return Err(CrossingError::Crew("the engine says that units are done, and there is nothing of them".to_owned()));
                }
            }
        })
    }
}

type Client = SchedulerGrpcClient<Channel>;

impl Cluster {
    async fn connect(&self) -> Result<Client, Early> {
        let said = |error: &dyn std::fmt::Display| Early::This(format!("no scheduler answers at {}: {error}", self.scheduler));
        let config = GrpcClientConfig::default();
        let endpoint = create_grpc_client_endpoint(format!("http://{}", self.scheduler), Some(&config)).map_err(|error| said(&error))?;
        Ok(SchedulerGrpcClient::new(endpoint.connect().await.map_err(|error| said(&error))?))
    }

    /// One job, until all of its units are done or it ends.
    async fn job(&self, order: &str, units: &[u32], site: &mut Site<'_>, go_on: &mut dyn FnMut(Progress) -> bool) -> Result<(), Early> {
        let mut client = self.connect().await?;
        let session = uuid::Uuid::new_v4().to_string();
        let job = submit(&mut client, &session, order, units).await?;
        let ended = watch(&mut client, &job, units, site, go_on).await;
        // Whoever still works on it works for nobody; and the scheduler forgets by itself what it is not told to forget.
        let _late = client.cancel_job(CancelJobParams { job_id: job }).await;
        let _late = client.remove_session(RemoveSessionParams { session_id: session }).await;
        ended
    }
}

/// Hands the job to the scheduler, and says what its name is.
async fn submit(client: &mut Client, session: &str, order: &str, units: &[u32]) -> Result<String, Early> {
    let unfit = |error: &dyn std::fmt::Display| Early::For(CrossingError::Crew(format!("the engine takes no such job: {error}")));
    let plan: Arc<dyn ExecutionPlan> = Arc::new(TransferExec::of(order, units).map_err(|error| unfit(&error))?);
    let plan = PhysicalPlanNode::try_from_physical_plan(plan, &Codec::default()).map_err(|error| unfit(&error))?;
    let mut bytes = Vec::new();
    plan.try_encode(&mut bytes).map_err(|error| unfit(&error))?;
    let setting = |key: &str, value: &str| KeyValuePair { key: key.to_owned(), value: Some(value.to_owned()) };
    let mut request = tonic::Request::new(ExecuteQueryParams {
        session_id: session.to_owned(),
        // One unit is one task: what is lost with an executor is what it was working on.
        settings: vec![setting("ballista.scheduler.max_partitions_per_task", "1"), setting("ballista.job.name", "comity cross")],
        operation_id: uuid::Uuid::new_v4().to_string(),
        query: Some(Query::PhysicalPlan(bytes)),
    });
    insert_version_header(request.metadata_mut());
    let answer =
        client.execute_query(request).await.map_err(|status| Early::This(format!("the scheduler takes no job: {}", status.message())))?;
    check_compatibility(Some(ballista_core::BALLISTA_VERSION), version_from_metadata(answer.metadata()))
        .map_err(|error| Early::For(CrossingError::Crew(error)))?;
    match answer.into_inner().result {
        Some(Answer::Success(job)) => Ok(job.job_id),
        Some(Answer::Failure(failure)) => Err(unfit(&format!("{failure:?}"))),
        None => Err(Early::This("the scheduler gave no answer".to_owned())),
    }
}

/// Takes what is done, until all of it is.
async fn watch(
    client: &mut Client,
    job: &str,
    units: &[u32],
    site: &mut Site<'_>,
    go_on: &mut dyn FnMut(Progress) -> bool,
) -> Result<(), Early> {
    let mut asked = Instant::now();
    let mut ended = None;
    let mut unknown = 0;
    loop {
        // Looked at once more after the job has ended: what it did last may not have been there before.
        let taken = site.take()?;
        if (taken > 0 || ended.is_none()) && !go_on(site.progress()) {
            return Err(CrossingError::Stopped.into());
        }
        let open = site.open();
        if !units.iter().any(|unit| usize::try_from(*unit).is_ok_and(|unit| open.binary_search(&unit).is_ok())) {
            return Ok(());
        }
        if let Some(ended) = ended {
            return ended;
        }
        tokio::time::sleep(LOOK).await;
        if asked.elapsed() >= ASK {
            (ended, unknown) = match status(client, job).await {
                Known::Ended(ended) => (Some(ended), 0),
                Known::Running => (None, 0),
                Known::Not if unknown < UNKNOWN => (None, unknown + 1),
                Known::Not => (Some(Err(Early::This("the scheduler forgot the job".to_owned()))), 0),
            };
            asked = Instant::now();
        }
    }
}

/// What a scheduler knows of a job.
enum Known {
    Not,
    Running,
    Ended(Result<(), Early>),
}

async fn status(client: &mut Client, job: &str) -> Known {
    let found = match client.get_job_status(GetJobStatusParams { job_id: job.to_owned() }).await {
        Ok(found) => found.into_inner().status.and_then(|status| status.status),
        Err(status) => return Known::Ended(Err(Early::This(format!("the scheduler was lost: {}", status.message())))),
    };
    match found {
        Some(Job::Successful(_)) => Known::Ended(Ok(())),
        Some(Job::Failed(failed)) => Known::Ended(Err(match Trouble::said(&failed.error) {
            Some(Trouble::Refused(said)) => Early::Refused(CrossingError::Crew(format!("no executor does it: {said}"))),
            Some(Trouble::Failed(said)) => Early::For(CrossingError::Crew(said)),
            None => Early::This(format!("the engine gave up: {}", failed.error)),
        })),
        Some(Job::Queued(_) | Job::Running(_)) => Known::Running,
        None => Known::Not,
    }
}
