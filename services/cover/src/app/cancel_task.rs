use std::time::Duration;

use covergen_identity::Principal;
use covergen_ids::TaskId;

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
            if let Some(task) = self.peers.cancel(id).await? {
                view.task = Some(task);
                return Ok(view);
            }
            tokio::time::sleep(PAUSE).await;
        }
        Err(Error::NotSubmitted)
    }
}
