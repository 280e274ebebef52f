use std::collections::BTreeMap;

use covergen_identity::Principal;
use covergen_ids::{AssetId, WorkspaceId};
use covergen_proto::media::v1::{Asset, DeleteAssetRequest};
use covergen_store::{ClaimScope, CommandDraft, DispatchFailure, OutboxCommand, Tx};
use serde::{Deserialize, Serialize};

use super::App;
use super::objects::Released;
use crate::api::encode;
use crate::error::Error;
use crate::events::{self, Deleted};
use crate::store::entity::asset::{self, Kind};
use crate::store::{self, room, tombstones};

/// The command that removes the object of a deleted asset.
pub(crate) const DELETE_OBJECT: &str = "media.delete_object";

const METHOD: &str = "covergen.media.v1.MediaService/DeleteAsset";

#[derive(Serialize, Deserialize)]
struct DeleteObject {
    asset_id: AssetId,
    object_key: String,
    #[serde(default)]
    user_id: String,
    /// Addresses under which caches may hold it.
    #[serde(default)]
    purge_urls: Vec<String>,
}

impl App {
    /// Deletes an upload of the caller's and answers with what it was.
    pub(crate) async fn delete_asset(
        &self,
        who: &Principal,
        id: AssetId,
        request: &DeleteAssetRequest,
    ) -> Result<Asset, Error> {
        let scope = ClaimScope::new(who.user_id.to_string(), METHOD, &request.request_id);
        self.store
            .idempotent(&scope, request, |claim| async {
                let tx = self.store.begin().await?;
                let asset = store::asset(&tx, who.workspace_id, id)
                    .await?
                    .ok_or(Error::AssetNotFound)?;
                if asset.user_id != who.user_id {
                    return Err(Error::NotOwner);
                }
                if asset.kind != Kind::Upload {
                    return Err(Error::AssetInUse);
                }
                let deleted = store::delete_assets(&tx, who.workspace_id, &[id]).await?;
                if deleted.is_empty() {
                    return Err(Error::AssetNotFound);
                }
                self.let_go(&tx, &deleted).await?;
                let answer = encode::asset(&self.addresses, asset);
                Ok(tx.commit_with(claim, answer).await?)
            })
            .await
    }

    /// Deletes assets of a workspace: the rows now, their objects as soon as
    /// the outbox gets to them, unless another asset has the same content.
    /// Nothing is stored under these ids any more, also where nothing was: who
    /// undoes another's work does not know what of it is still on its way.
    pub(crate) async fn delete_assets(
        &self,
        workspace: WorkspaceId,
        ids: &[AssetId],
    ) -> Result<usize, Error> {
        self.bury(workspace, ids).await?;
        let tx = self.store.begin().await?;
        let deleted = store::delete_assets(&tx, workspace, ids).await?;
        self.let_go(&tx, &deleted).await?;
        tx.commit().await?;
        Ok(deleted.len())
    }

    /// Lays tombstones, in a transaction of its own: whoever passed by the
    /// workspace's row before it has an asset that is found afterwards, and
    /// whoever passes after it finds the tombstone.
    async fn bury(&self, workspace: WorkspaceId, ids: &[AssetId]) -> Result<(), Error> {
        let tx = self.store.begin().await?;
        // A closed workspace takes nothing in anyway.
        if room::hold(&tx, workspace).await? {
            tombstones::lay(&tx, workspace, ids, tx.now_ms()).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// What has to follow in the transaction that deletes assets: their
    /// objects lose them, their room is given back, and a command is left that
    /// removes what nobody needs any more.
    pub(super) async fn let_go(&self, tx: &Tx, deleted: &[asset::Model]) -> Result<(), Error> {
        let mut fewer: BTreeMap<&str, i32> = BTreeMap::new();
        for asset in deleted {
            *fewer.entry(&asset.object_key).or_default() += 1;
        }
        for (key, count) in fewer {
            store::unrefer(tx, key, count).await?;
        }
        for asset in deleted {
            room::give_back(tx, asset).await?;
            let payload = serde_json::to_vec(&DeleteObject {
                asset_id: asset.id,
                object_key: asset.object_key.clone(),
                user_id: asset.user_id.to_string(),
                purge_urls: encode::addresses(&self.addresses, asset),
            })
            .map_err(|_| Error::Interrupted)?;
            // One object's deletions go one after the other.
            let command = CommandDraft::new(DELETE_OBJECT, &asset.object_key, payload);
            tx.command(command.workspace(asset.workspace_id)).await?;
        }
        Ok(())
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
        self.tell_deleted(&command, wanted)
            .await
            .map_err(|error| retry(&error))
    }

    async fn tell_deleted(
        &self,
        command: &OutboxCommand,
        wanted: DeleteObject,
    ) -> Result<(), Error> {
        let tx = self.store.begin().await?;
        // A crash before the acknowledgement brings the command back.
        if tx
            .first_delivery(DELETE_OBJECT, &command.id.to_string())
            .await?
        {
            let deleted = Deleted {
                asset: wanted.asset_id,
                workspace: command.workspace_id,
                user_id: wanted.user_id,
                purge_urls: wanted.purge_urls,
            };
            events::deleted(&tx, deleted).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}
