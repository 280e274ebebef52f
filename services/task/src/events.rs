//! What task emits. It subscribes to nothing.

use covergen_proto::task::v1::TaskStateChanged;
use covergen_store::{Error, EventDraft, Tx};

use crate::store::entity::task;

/// A task entered a state.
pub(crate) async fn state_changed(tx: &Tx, task: &task::Model) -> Result<(), Error> {
    let event = TaskStateChanged {
        task_id: task.id.to_string(),
        kind: task.kind.clone(),
        execution: task.execution,
        state: task.state.as_str().to_owned(),
        attempt: task.attempt,
    };
    tx.emit(EventDraft::new(&task.id, task.workspace_id, &event))
        .await?;
    Ok(())
}
