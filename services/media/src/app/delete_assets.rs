use std::collections::BTreeMap;

use covergen_ids::{AssetId, WorkspaceId};
use covergen_store::{CommandDraft, DispatchFailure, OutboxCommand};
use serde::{Deserialize, Serialize};

use super::App;
use super::objects::Released;
use crate::error::Error;
use crate::events;
use crate::store;

/// The command that removes the object of a deleted asset.
pub(crate) const DELETE_OBJECT: &str = "media.delete_object";

#[derive(Serialize, Deserialize)]
struct DeleteObject {
    asset_id: AssetId,
    object_key: String,
}

impl App {
    /// Deletes assets of a workspace: the rows now, their objects as soon as
    /// the outbox gets to them, unless another asset has the same content.
    pub(crate) async fn delete_assets(
        &self,
        workspace: WorkspaceId,
        ids: &[AssetId],
    ) -> Result<usize, Error> {
        let tx = self.store.begin().await?;
        let deleted = store::delete_assets(&tx, workspace, ids).await?;
        let mut fewer: BTreeMap<&str, i32> = BTreeMap::new();
        for asset in &deleted {
            *fewer.entry(&asset.object_key).or_default() += 1;
        }
        for (key, count) in fewer {
            store::unrefer(&tx, key, count).await?;
        }
        for asset in &deleted {
            let payload = serde_json::to_vec(&DeleteObject {
                asset_id: asset.id,
                object_key: asset.object_key.clone(),
            })
            .map_err(|_| Error::Interrupted)?;
            // One object's deletions go one after the other.
            let command = CommandDraft::new(DELETE_OBJECT, &asset.object_key, payload);
            tx.command(command.workspace(asset.workspace_id)).await?;
        }
        tx.commit().await?;
        Ok(deleted.len())
    }

    /// Removes what a deleted asset leaves, and tells that it is gone. Comes
    /// again until it has worked.
    pub(crate) async fn object_deletion(
        &self,
        command: OutboxCommand,
    ) -> Result<(), DispatchFailure> {
        let wanted: DeleteObject = serde_json::from_slice(&command.payload)
            .map_err(|error| DispatchFailure::Refused(error.to_string()))?;
        let retry = |error: &dyn std::fmt::Display| DispatchFailure::Retry(error.to_string());
        match self.release(&wanted.object_key).await {
            Ok(Released::Settled) => {}
            Ok(Released::Busy) => return Err(retry(&"another deletion of it has begun")),
            Err(error) => return Err(retry(&error)),
        }
        self.tell_deleted(&command, wanted.asset_id)
            .await
            .map_err(|error| retry(&error))
    }

    async fn tell_deleted(&self, command: &OutboxCommand, asset: AssetId) -> Result<(), Error> {
        let tx = self.store.begin().await?;
        // A crash before the acknowledgement brings the command back.
        if tx
            .first_delivery(DELETE_OBJECT, &command.id.to_string())
            .await?
        {
            events::deleted(&tx, asset, command.workspace_id).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}
