//! What media emits. It subscribes to nothing.

use covergen_ids::{AssetId, WorkspaceId};
use covergen_proto::media::v1::{MediaDeleted, MediaUploaded};
use covergen_store::{Error, EventDraft, Tx};

use crate::store::entity::asset;

/// An asset is stored.
pub(crate) async fn uploaded(tx: &Tx, asset: &asset::Model) -> Result<(), Error> {
    let event = MediaUploaded {
        asset_id: asset.id.to_string(),
        bytes: asset.bytes,
        content_type: asset.content_type.clone(),
    };
    tx.emit(EventDraft::new(&asset.id, asset.workspace_id, &event))
        .await?;
    Ok(())
}

/// An asset is gone, its objects too.
pub(crate) async fn deleted(tx: &Tx, asset: AssetId, workspace: WorkspaceId) -> Result<(), Error> {
    let event = MediaDeleted {
        asset_id: asset.to_string(),
    };
    tx.emit(EventDraft::new(&asset, workspace, &event)).await?;
    Ok(())
}
