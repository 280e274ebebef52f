use covergen_ids::TaskId;
use covergen_store::Tx;

use super::App;
use crate::error::Error;
use crate::events;
use crate::store;
use crate::store::entity::task;

impl App {
    /// Writes a changed task and commits, together with whatever else the
    /// transaction holds. `before` was read locked, so nobody was faster.
    ///
    /// A watcher is told, and an event emitted where the state changed; a task
    /// that did not change keeps its version.
    pub(crate) async fn commit_change(
        &self,
        tx: Tx,
        before: &task::Model,
        mut after: task::Model,
    ) -> Result<task::Model, Error> {
        if after == *before {
            tx.commit().await?;
            return Ok(after);
        }
        after.version = before.version + 1;
        after.updated_at_ms = tx.now_ms();
        if !store::save(&tx, before, after.clone()).await? {
            return Err(
                covergen_store::Error::Conflict("a task changed meanwhile".to_owned()).into(),
            );
        }
        if after.state != before.state {
            events::state_changed(&tx, &after).await?;
        }
        tx.commit().await?;
        self.live.changed(&after.id.to_string()).await;
        Ok(after)
    }

    /// The task a worker holds, if its fencing token is the latest and it runs.
    pub(crate) async fn held(
        tx: &Tx,
        id: TaskId,
        fencing_token: i64,
    ) -> Result<task::Model, Error> {
        store::locked_task(tx, id)
            .await?
            .filter(|task| {
                task.fencing_token == fencing_token && task.state == task::State::Running
            })
            .ok_or(Error::LeaseLost)
    }
}
