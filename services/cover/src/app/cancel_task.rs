use std::time::Duration;

use covergen_identity::Principal;
use covergen_ids::TaskId;
use covergen_proto::task::v1::CancelTaskRequest;
use tonic::Code;

use super::{App, TaskView};
use crate::error::Error;
use crate::store::entity::request;

/// How long a cancel waits for a task that is on its way to the queue.
const TRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(50);

impl App {
    /// Asks for a task to stop. One that has ended stays as it is.
    pub(crate) async fn cancel_task(&self, who: &Principal, id: TaskId) -> Result<TaskView, Error> {
        let mut view = self.own_view(who, id).await?;
        if view.request.status != request::Status::Open {
            return Ok(view);
        }
        for _ in 0..TRIES {
            let request = CancelTaskRequest {
                task_id: id.to_string(),
            };
            match self.peers.task.clone().cancel_task(request).await {
                Ok(task) => {
                    view.task = Some(task.into_inner());
                    return Ok(view);
                }
                Err(status) if status.code() == Code::NotFound => {
                    tokio::time::sleep(PAUSE).await;
                }
                Err(status) => return Err(status.into()),
            }
        }
        Err(Error::NotSubmitted)
    }
}
