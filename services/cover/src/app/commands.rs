//! Calls that the outbox makes after a commit, again and again until they are
//! acknowledged, on behalf of whoever caused them.

use covergen_ids::{AssetId, TaskId, UserId, WorkspaceId};
use covergen_store::{CommandDraft, DispatchFailure, Error, Tx};
use serde::{Deserialize, Serialize};

use super::{App, absent};

/// Name of the outbox command that stops a task.
pub(crate) const CANCEL_TASK: &str = "cover.cancel_task";
/// Name of the outbox command that deletes a cover's files.
pub(crate) const DELETE_ASSETS: &str = "cover.delete_assets";

#[derive(Serialize, Deserialize)]
struct Cancel {
    task_id: TaskId,
    user_id: UserId,
    workspace_id: WorkspaceId,
}

#[derive(Serialize, Deserialize)]
struct Delete {
    asset_ids: Vec<AssetId>,
    user_id: UserId,
    workspace_id: WorkspaceId,
}

/// Asks the queue to stop a task once the transaction has committed. It goes
/// out behind the task's own submission.
pub(super) async fn cancel_task(
    tx: &Tx,
    task_id: TaskId,
    user_id: UserId,
    workspace_id: WorkspaceId,
) -> Result<(), Error> {
    let cancel = Cancel {
        task_id,
        user_id,
        workspace_id,
    };
    let command = CommandDraft::new(CANCEL_TASK, &task_id, encode(&cancel));
    tx.command(command.workspace(workspace_id)).await?;
    Ok(())
}

/// Deletes files once the transaction has committed.
pub(super) async fn delete_assets(
    tx: &Tx,
    asset_ids: Vec<AssetId>,
    user_id: UserId,
    workspace_id: WorkspaceId,
) -> Result<(), Error> {
    if asset_ids.is_empty() {
        return Ok(());
    }
    let delete = Delete {
        asset_ids,
        user_id,
        workspace_id,
    };
    let command = CommandDraft::new(DELETE_ASSETS, "", encode(&delete));
    tx.command(command.workspace(workspace_id)).await?;
    Ok(())
}

impl App {
    /// Stops a task; the queue has it, since its submission went first.
    pub(crate) async fn carry_out_cancel(&self, payload: &[u8]) -> Result<(), DispatchFailure> {
        let wanted: Cancel = decode(payload)?;
        let who = absent(wanted.user_id, wanted.workspace_id);
        self.identity
            .on_behalf_of("cover", Some(who))
            .scope(self.peers.cancel(wanted.task_id))
            .await
            // A task that the queue has forgotten needs no stopping.
            .map(drop)
            .map_err(|status| DispatchFailure::Retry(status.message().to_owned()))
    }

    /// Deletes files; those that are gone already are no error.
    pub(crate) async fn carry_out_deletion(&self, payload: &[u8]) -> Result<(), DispatchFailure> {
        let wanted: Delete = decode(payload)?;
        let who = absent(wanted.user_id, wanted.workspace_id);
        self.identity
            .on_behalf_of("cover", Some(who))
            .scope(self.peers.delete_assets(&wanted.asset_ids))
            .await
            .map_err(|status| DispatchFailure::Retry(status.message().to_owned()))
    }
}

fn encode(command: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(command).expect("ids are texts, which always encode")
}

fn decode<T: serde::de::DeserializeOwned>(payload: &[u8]) -> Result<T, DispatchFailure> {
    serde_json::from_slice(payload).map_err(|error| DispatchFailure::Refused(error.to_string()))
}
