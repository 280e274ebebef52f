use covergen_chassis::timestamp;
use covergen_proto::task::v1::task::State as WireState;
use covergen_proto::task::v1::{JournalEntry, LeasedTask, Saga, SagaStep, Task, TaskError};

use crate::app::Leased;
use crate::store::entity::journal;
use crate::store::entity::task::{self, State};

pub(crate) fn task(row: task::Model) -> Task {
    let state = match row.state {
        State::Pending => WireState::Pending,
        State::Running => WireState::Running,
        State::Succeeded => WireState::Succeeded,
        State::Failed => WireState::Failed,
        State::Cancelled => WireState::Cancelled,
    };
    Task {
        id: row.id.to_string(),
        kind: row.kind,
        state: state.into(),
        progress_percent: row.progress_percent,
        stage: row.stage,
        execution: row.execution,
        attempt: row.attempt,
        cancel_requested: row.cancel_requested,
        error: row.error_reason.map(|reason| TaskError {
            reason,
            message: row.error_message.unwrap_or_default(),
        }),
        create_time: Some(timestamp(row.created_at_ms)),
        update_time: Some(timestamp(row.updated_at_ms)),
        version: row.version.unsigned_abs(),
        needs_operator: row.needs_operator,
        workspace_id: row.workspace_id.to_string(),
    }
}

pub(super) fn leased(leased: Leased, lease_ms: i32) -> LeasedTask {
    let row = leased.task;
    LeasedTask {
        task_id: row.id.to_string(),
        kind: row.kind,
        payload: row.payload.into(),
        execution: row.execution,
        attempt: row.attempt,
        fencing_token: row.fencing_token.unsigned_abs(),
        lease_ms,
        saga_version: row.saga_version,
        on_behalf_of: row.on_behalf_of,
        journal: leased
            .journal
            .into_iter()
            .map(|entry| JournalEntry {
                step: entry.step,
                state: entry.state,
                output: entry.output.into(),
            })
            .collect(),
        cancel_requested: row.cancel_requested,
        workspace_id: row.workspace_id.to_string(),
        max_attempts: row.max_attempts,
        traceparent: row.traceparent,
    }
}

pub(super) fn saga(row: task::Model, journal: Vec<journal::Model>) -> Saga {
    Saga {
        saga_version: row.saga_version,
        pivoted: row.pivoted,
        worker: row.worker.clone(),
        task: Some(task(row)),
        steps: journal
            .into_iter()
            .map(|entry| SagaStep {
                step: entry.step,
                state: entry.state,
                start_time: Some(timestamp(entry.started_at_ms)),
                update_time: Some(timestamp(entry.updated_at_ms)),
            })
            .collect(),
    }
}
