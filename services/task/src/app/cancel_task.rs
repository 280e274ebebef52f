use covergen_ids::{TaskId, WorkspaceId};

use super::App;
use crate::error::Error;
use crate::store;
use crate::store::entity::task::{self, State};

impl App {
    /// Asks for a task to stop. A worker undoes what was done, also of a task
    /// that waits: only its owner knows what that is. Past the pivot, and after
    /// the end, nothing changes.
    pub(crate) async fn cancel_task(
        &self,
        workspace: WorkspaceId,
        id: TaskId,
    ) -> Result<task::Model, Error> {
        let tx = self.store.begin().await?;
        let before = store::locked_task(&tx, id)
            .await?
            .filter(|task| task.workspace_id == workspace)
            .ok_or(Error::TaskNotFound)?;
        let mut after = before.clone();
        if !before.state.is_terminal() && !before.pivoted {
            after.cancel_requested = true;
            if before.state == State::Pending {
                after.available_at_ms = tx.now_ms();
            }
        }
        let task = self.commit_change(tx, &before, after).await?;
        if task.state == State::Pending {
            self.live.work().await;
        }
        Ok(task)
    }
}
