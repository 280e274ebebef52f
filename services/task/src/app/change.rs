use covergen_ids::TaskId;
use covergen_store::Tx;

use super::App;
use crate::domain::owns;
use crate::error::Error;
use crate::events;
use crate::store;
use crate::store::entity::task;

/// Tokens are small numbers and no secret, so they prove nothing between
/// services.
pub(crate) fn is_callers_own(task: &task::Model) -> bool {
    covergen_chassis::service_name().is_none_or(|service| owns(&service, &task.kind))
}

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
        after: task::Model,
    ) -> Result<task::Model, Error> {
        let after = self.write_change(&tx, before, after).await?;
        tx.commit().await?;
        if after.version != before.version {
            self.live.changed(&after.id.to_string()).await;
        }
        Ok(after)
    }

    /// The same, for a transaction that goes on.
    pub(crate) async fn write_change(
        &self,
        tx: &Tx,
        before: &task::Model,
        mut after: task::Model,
    ) -> Result<task::Model, Error> {
        if after == *before {
            return Ok(after);
        }
        after.version = before.version + 1;
        after.updated_at_ms = tx.now_ms();
        if !store::save(tx, before, after.clone()).await? {
            return Err(
                covergen_store::Error::Conflict("a task changed meanwhile".to_owned()).into(),
            );
        }
        if after.state != before.state {
            events::state_changed(tx, &after).await?;
        }
        Ok(after)
    }

    /// The task a worker holds, if its fencing token is the latest, it runs,
    /// and its kind is the calling service's own.
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
            .filter(is_callers_own)
            .ok_or(Error::LeaseLost)
    }
}
