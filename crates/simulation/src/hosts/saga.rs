//! The saga of a cover, as the cover service has it, over peers on the network.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use covergen_ids::TaskId;
use covergen_proto::cover::v1::GenerateRequest;
use covergen_proto::user::v1::{
    CommitQuotaRequest, ConfirmReservationRequest, ReleaseQuotaRequest,
};
use covergen_saga::{Run, Saga, Step, StepError};
use prost::Message as _;
use tokio::time::sleep;
use tonic::Status;

use super::cover::{Covers, Replica, Stage};
use crate::plan::{Fate, Wish};

pub(crate) const KIND: &str = "cover.generate";

const RESERVE: &str = "reserve";
const PAINT: &str = "paint";
const CHARGE: &str = "charge";
const FINISH: &str = "finish";
const STEPS: &[Step] = &[
    Step::new(RESERVE, 10),
    Step::new(PAINT, 80),
    Step::pivot(CHARGE, 90),
    Step::harmless(FINISH, 100),
];

pub(crate) struct Generate(pub(crate) Replica);

struct Work {
    task: TaskId,
    wish: Wish,
}

fn work_of(run: &Run) -> Result<Work, StepError> {
    let unreadable = |error: String| StepError::fatal("PAYLOAD_UNREADABLE", error);
    let request = GenerateRequest::decode(run.payload().clone());
    let request = request.map_err(|error| unreadable(error.to_string()))?;
    Ok(Work {
        task: run
            .task_id()
            .parse()
            .map_err(|_| unreadable("no task id".to_owned()))?,
        wish: request.title.parse().map_err(unreadable)?,
    })
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "called as `map_err(refused)`"
)]
fn refused(status: Status) -> StepError {
    StepError::from_status(&status)
}

#[async_trait]
impl Saga for Generate {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn version(&self) -> i32 {
        1
    }

    fn steps(&self, version: i32) -> Option<&'static [Step]> {
        (version == 1).then_some(STEPS)
    }

    async fn run(&self, step: &'static str, run: &Run) -> Result<Bytes, StepError> {
        let Work { task, wish } = work_of(run)?;
        let (user_id, task_id) = (wish.user_id(), task.to_string());
        let token = run.task().fencing_token;
        self.0
            .node
            .note(format_args!("runs {step} of {task} as {token}"));
        let units = 1;
        match step {
            RESERVE => {
                let request = ConfirmReservationRequest {
                    user_id,
                    task_id,
                    units,
                    execution: run.task().execution,
                };
                let confirmed = self.0.user().confirm_reservation(request).await;
                confirmed.map_err(refused)?;
            }
            PAINT => self.paint(task_id, wish, run.task().attempt).await?,
            CHARGE => {
                let request = CommitQuotaRequest {
                    user_id,
                    task_id,
                    units,
                };
                self.0.user().commit_quota(request).await.map_err(refused)?;
            }
            _ => {
                let origin = self.0.origin();
                let end = |covers: &mut Covers| covers.end(&task, Stage::Completed, &origin, "");
                self.0.commit(end).await;
            }
        }
        Ok(Bytes::new())
    }

    async fn compensate(&self, step: &'static str, run: &Run) -> Result<(), StepError> {
        let Work { task, wish } = work_of(run)?;
        self.0.node.note(format_args!("undoes {step} of {task}"));
        if step == PAINT {
            let delete = |covers: &mut Covers| covers.files.remove(&task.to_string());
            self.0.covers.commit(delete).await;
            return Ok(());
        }
        let request = ReleaseQuotaRequest {
            user_id: wish.user_id(),
            task_id: task.to_string(),
            execution: run.task().execution,
        };
        self.0
            .user()
            .release_quota(request)
            .await
            .map_err(refused)?;
        let origin = self.0.origin();
        let reason = run.failure().map_or("", |failure| failure.reason.as_str());
        let end = |covers: &mut Covers| covers.end(&task, Stage::Failed, &origin, reason);
        self.0.commit(end).await;
        Ok(())
    }
}

impl Generate {
    async fn paint(&self, task: String, wish: Wish, attempt: i32) -> Result<(), StepError> {
        sleep(Duration::from_millis(rand::random_range(10..300))).await;
        if wish.fate == Fate::Flaky && attempt == 1 {
            return Err(StepError::Transient("the brush broke".to_owned()));
        }
        let keep = |covers: &mut Covers| covers.files.insert(task);
        self.0.covers.commit(keep).await;
        if wish.fate == Fate::Refused {
            return Err(StepError::fatal("CANNOT_BE_DRAWN", "nobody can draw this"));
        }
        Ok(())
    }
}
