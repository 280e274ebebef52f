use async_trait::async_trait;
use covergen_mesh::Channel;
use covergen_proto::task::v1::finish_task_request::Outcome;
use covergen_proto::task::v1::task_service_client::TaskServiceClient;
use covergen_proto::task::v1::{
    FinishTaskRequest, HeartbeatRequest, JournalEntry, LeaseTasksRequest, LeasedTask,
    RecordStepRequest, TaskError,
};
use tonic::{Code, Status};

use crate::{Beat, Failure, Finish, Journal, JournalError};

/// How long a lease call waits for work, in milliseconds: a little less than
/// its deadline.
const WAIT_MS: i32 = 8_000;

/// The task service as a journal.
#[derive(Clone)]
pub struct RemoteJournal(TaskServiceClient<Channel>);

impl RemoteJournal {
    /// Speaks to the task service through a channel.
    #[must_use]
    pub fn new(channel: Channel) -> Self {
        Self(covergen_proto::task::v1::task_service_client(channel))
    }
}

#[async_trait]
impl Journal for RemoteJournal {
    async fn lease(
        &self,
        kinds: &[String],
        max: usize,
        worker: &str,
    ) -> Result<Vec<LeasedTask>, JournalError> {
        let request = LeaseTasksRequest {
            kinds: kinds.to_vec(),
            max_tasks: i32::try_from(max.clamp(1, 64)).unwrap_or(64),
            worker: worker.to_owned(),
            wait_ms: WAIT_MS,
        };
        let answer = self.0.clone().lease_tasks(request).await.map_err(judge)?;
        Ok(answer.into_inner().tasks)
    }

    async fn beat(
        &self,
        task: &LeasedTask,
        progress_percent: i32,
        stage: &str,
    ) -> Result<Beat, JournalError> {
        let request = HeartbeatRequest {
            task_id: task.task_id.clone(),
            fencing_token: task.fencing_token,
            progress_percent,
            stage: stage.to_owned(),
        };
        let answer = self.0.clone().heartbeat(request).await.map_err(judge)?;
        Ok(Beat {
            cancel_requested: answer.into_inner().cancel_requested,
        })
    }

    async fn record(
        &self,
        task: &LeasedTask,
        entries: Vec<JournalEntry>,
        progress_percent: i32,
        stage: &str,
        pivot: bool,
    ) -> Result<Beat, JournalError> {
        let request = RecordStepRequest {
            task_id: task.task_id.clone(),
            fencing_token: task.fencing_token,
            entries,
            progress_percent,
            stage: stage.to_owned(),
            pivot,
        };
        let answer = self.0.clone().record_step(request).await.map_err(judge)?;
        Ok(Beat {
            cancel_requested: answer.into_inner().cancel_requested,
        })
    }

    async fn finish(&self, task: &LeasedTask, finish: Finish) -> Result<(), JournalError> {
        let (outcome, failure, burn_attempt) = match finish {
            Finish::Succeeded => (Outcome::Succeeded, None, true),
            Finish::Transient {
                failure,
                burn_attempt,
            } => (Outcome::Transient, Some(failure), burn_attempt),
            Finish::Fatal(failure) => (Outcome::Fatal, Some(failure), true),
            Finish::Cancelled(failure) => (Outcome::Cancelled, Some(failure), true),
            Finish::NeedsOperator(failure) => (Outcome::NeedsOperator, Some(failure), true),
        };
        let request = FinishTaskRequest {
            task_id: task.task_id.clone(),
            fencing_token: task.fencing_token,
            outcome: outcome.into(),
            error: failure.map(|Failure { reason, message }| TaskError { reason, message }),
            burn_attempt,
        };
        self.0.clone().finish_task(request).await.map_err(judge)?;
        Ok(())
    }
}

/// A refusal of the token is final; everything else may be different next time.
#[allow(clippy::needless_pass_by_value)] // Called as `.map_err(judge)`.
fn judge(status: Status) -> JournalError {
    match status.code() {
        Code::FailedPrecondition | Code::NotFound => JournalError::LeaseLost,
        code => JournalError::Unavailable(format!("{code:?}: {}", status.message())),
    }
}
