use covergen_ids::{TaskId, UserId, WorkspaceId};

use super::App;
use crate::domain::rank_ms;
use crate::error::Error;
use crate::events;
use crate::store;
use crate::store::entity::task::{self, State};

/// A task as its owner describes it.
pub(crate) struct NewTask {
    pub(crate) id: TaskId,
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) kind: String,
    pub(crate) payload: Vec<u8>,
    pub(crate) priority: i32,
    pub(crate) delay_ms: i32,
    pub(crate) max_attempts: i32,
    pub(crate) saga_version: i32,
    pub(crate) on_behalf_of: String,
    pub(crate) traceparent: String,
}

impl App {
    /// Puts a task into the queue. Its id is the key: the same task again
    /// answers with the task as it is now, another one is refused, and so is
    /// one of somebody who has left.
    pub(crate) async fn submit_task(&self, new: NewTask) -> Result<task::Model, Error> {
        let tx = match owner(&new.on_behalf_of) {
            Some(owner) => self.store.begin_for(owner).await?,
            None => self.store.begin().await?,
        };
        let now = tx.now_ms();
        let available_at_ms = now + i64::from(new.delay_ms);
        let max_attempts = if new.max_attempts == 0 {
            self.config.max_attempts
        } else {
            new.max_attempts
        };
        let row = task::Model {
            id: new.id,
            workspace_id: new.workspace_id,
            kind: new.kind,
            payload: new.payload,
            priority: new.priority,
            max_attempts,
            saga_version: new.saga_version,
            on_behalf_of: new.on_behalf_of,
            traceparent: new.traceparent,
            state: State::Pending,
            stage: String::new(),
            progress_percent: 0,
            execution: 1,
            attempt: 0,
            cancel_requested: false,
            pivoted: false,
            needs_operator: false,
            error_reason: None,
            error_message: None,
            fencing_token: 0,
            worker: String::new(),
            lease_until_ms: None,
            available_at_ms,
            rank_ms: rank_ms(available_at_ms, new.priority),
            created_at_ms: now,
            updated_at_ms: now,
            version: 1,
        };
        if store::insert(&tx, &row).await? {
            events::state_changed(&tx, &row).await?;
            tx.commit().await?;
            metrics::counter!("tasks_submitted_total", "kind" => row.kind.clone()).increment(1);
            self.live.work().await;
            return Ok(row);
        }
        let known = store::any_task(&tx, row.id)
            .await?
            .ok_or(Error::TaskNotFound)?;
        let same = known.workspace_id == row.workspace_id
            && known.kind == row.kind
            && known.payload == row.payload;
        if same {
            Ok(known)
        } else {
            Err(Error::TaskIdTaken)
        }
    }
}

/// The person on whose behalf a task runs, if it is one's.
fn owner(on_behalf_of: &str) -> Option<UserId> {
    on_behalf_of.split(' ').next()?.parse().ok()
}
