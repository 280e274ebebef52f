use covergen_ids::TaskId;
use covergen_proto::task::v1::FinishTaskRequest;
use covergen_proto::task::v1::finish_task_request::Outcome;

use super::App;
use super::change::is_callers_own;
use super::heartbeat::fencing;
use crate::domain::{backoff_ms, rank_ms};
use crate::error::Error;
use crate::store;
use crate::store::entity::task::{self, State};

impl App {
    /// Ends an attempt. Ending it the same way again, which happens when the
    /// answer was lost, answers as the first time.
    pub(crate) async fn finish_task(
        &self,
        id: TaskId,
        request: &FinishTaskRequest,
    ) -> Result<task::Model, Error> {
        let token = fencing(request.fencing_token);
        let outcome = request.outcome();
        let tx = self.store.begin().await?;
        let before = store::locked_task(&tx, id)
            .await?
            .filter(|task| {
                task.fencing_token == token
                    && (task.state == State::Running || task.state == state_of(outcome))
            })
            .filter(is_callers_own)
            .ok_or(Error::LeaseLost)?;
        let mut after = before.clone();
        if before.state == State::Running {
            self.end_attempt(&mut after, request, tx.now_ms());
        }
        let finished = self.commit_change(tx, &before, after).await?;
        if finished.state == State::Pending {
            self.live.work().await;
        } else {
            let (kind, state) = (finished.kind.clone(), finished.state.as_str());
            metrics::counter!("tasks_finished_total", "kind" => kind, "state" => state)
                .increment(1);
        }
        Ok(finished)
    }

    fn end_attempt(&self, task: &mut task::Model, request: &FinishTaskRequest, now: i64) {
        let outcome = request.outcome();
        task.lease_until_ms = None;
        task.worker.clear();
        task.error_reason = request.error.as_ref().map(|error| error.reason.clone());
        task.error_message = request.error.as_ref().map(|error| error.message.clone());
        task.state = state_of(outcome);
        match outcome {
            Outcome::Succeeded => {
                task.progress_percent = 100;
                task.error_reason = None;
                task.error_message = None;
            }
            Outcome::Transient if request.burn_attempt => self.put_back(task, now),
            Outcome::Transient => {
                task.attempt -= 1;
                task.available_at_ms = now;
            }
            Outcome::NeedsOperator => task.needs_operator = true,
            Outcome::Fatal | Outcome::Cancelled | Outcome::Unspecified => {}
        }
    }

    /// Back into the queue after a pause. What has passed its pivot can only go
    /// forward, but not for ever without anybody knowing.
    fn put_back(&self, task: &mut task::Model, now: i64) {
        if task.pivoted && task.attempt >= self.config.forward_attempts {
            task.state = State::Failed;
            task.needs_operator = true;
            return;
        }
        let pause = backoff_ms(
            task.attempt,
            self.config.backoff_first_ms,
            self.config.backoff_max_ms,
            rand::random(),
        );
        task.available_at_ms = now + pause;
        task.rank_ms = rank_ms(task.available_at_ms, task.priority);
    }
}

fn state_of(outcome: Outcome) -> State {
    match outcome {
        Outcome::Succeeded => State::Succeeded,
        Outcome::Transient => State::Pending,
        Outcome::Cancelled => State::Cancelled,
        Outcome::Fatal | Outcome::NeedsOperator | Outcome::Unspecified => State::Failed,
    }
}
