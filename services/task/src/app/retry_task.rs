use covergen_ids::{TaskId, UserId};
use covergen_proto::task::v1::{RetryTaskRequest, Task};
use covergen_store::{Claim, ClaimScope, Fulfilled};

use super::App;
use crate::api::encode;
use crate::domain::rank_ms;
use crate::error::Error;
use crate::store;
use crate::store::entity::task::State;

const RETRY: &str = "covergen.task.v1.TaskService/RetryTask";

impl App {
    /// Runs a task that failed or was cancelled again, as a new execution with
    /// an empty journal. One that an operator had to see keeps its journal: its
    /// steps are not undone, so it goes on where it stopped.
    pub(crate) async fn retry_task(
        &self,
        operator: UserId,
        id: TaskId,
        request: &RetryTaskRequest,
    ) -> Result<Task, Error> {
        let scope = ClaimScope::new(operator.to_string(), RETRY, &request.request_id);
        let task = self
            .store
            .idempotent(&scope, request, |claim| self.put_again(id, claim))
            .await?;
        self.live.work().await;
        Ok(task)
    }

    async fn put_again(&self, id: TaskId, claim: Claim) -> Result<Fulfilled<Task>, Error> {
        let tx = self.store.begin().await?;
        let before = store::locked_task(&tx, id)
            .await?
            .ok_or(Error::TaskNotFound)?;
        if !matches!(before.state, State::Failed | State::Cancelled) {
            return Err(Error::NotRetryable(before.state.as_str()));
        }
        let mut after = before.clone();
        if !before.needs_operator {
            after.execution += 1;
            after.pivoted = false;
            after.progress_percent = 0;
            after.stage.clear();
        }
        after.state = State::Pending;
        after.attempt = 0;
        after.cancel_requested = false;
        after.needs_operator = false;
        after.error_reason = None;
        after.error_message = None;
        after.available_at_ms = tx.now_ms();
        after.rank_ms = rank_ms(after.available_at_ms, after.priority);
        let after = self.write_change(&tx, &before, after).await?;
        let fulfilled = tx.commit_with(claim, encode::task(after)).await?;
        self.live.changed(&id.to_string()).await;
        Ok(fulfilled)
    }
}
