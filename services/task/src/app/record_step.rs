use covergen_ids::TaskId;
use covergen_proto::task::v1::RecordStepRequest;
use covergen_proto::task::v1::journal_entry::State as StepState;

use super::App;
use super::heartbeat::{advance, fencing};
use crate::error::Error;
use crate::store;
use crate::store::entity::{journal, task};

impl App {
    /// Writes journal entries. With `pivot`, the task can no longer be
    /// cancelled; if somebody asked for that before, nothing is written.
    pub(crate) async fn record_step(
        &self,
        id: TaskId,
        request: &RecordStepRequest,
    ) -> Result<task::Model, Error> {
        let token = fencing(request.fencing_token);
        let tx = self.store.begin().await?;
        let before = Self::held(&tx, id, token).await?;
        let mut after = before.clone();
        if request.pivot && before.cancel_requested && !before.pivoted {
            return Ok(before);
        }
        let now = tx.now_ms();
        for entry in &request.entries {
            let row = journal::Model {
                task_id: id,
                execution: before.execution,
                step: entry.step.clone(),
                workspace_id: before.workspace_id,
                state: entry.state,
                output: entry.output.to_vec(),
                started_at_ms: now,
                updated_at_ms: now,
            };
            // What a step left is needed to undo it, too.
            let keep_output = entry.state() == StepState::Compensated;
            store::write_journal(&tx, row, keep_output).await?;
        }
        after.pivoted |= request.pivot;
        advance(&mut after, request.progress_percent, &request.stage);
        after.lease_until_ms = Some(tx.lease_now_ms() + i64::from(self.config.lease_ms));
        self.commit_change(tx, &before, after).await
    }
}
