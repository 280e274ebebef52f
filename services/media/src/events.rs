//! What media emits and hears.

use std::sync::Arc;

use covergen_chassis::{Event, HandlerError, Subscription};
use covergen_ids::{AssetId, WorkspaceId};
use covergen_proto::media::v1::{MediaDeleted, MediaProcessed, MediaUploaded};
use covergen_proto::user::v1::UserDeleted;
use covergen_store::{Error, EventDraft, Tx};

use crate::app::App;
use crate::facts::SourceFacts;
use crate::store::entity::asset::{self, Kind};

/// An asset that is gone, and what there is to tell about it.
pub(crate) struct Deleted {
    pub(crate) asset: AssetId,
    pub(crate) workspace: WorkspaceId,
    pub(crate) user_id: String,
    pub(crate) purge_urls: Vec<String>,
}

/// Who leaves is erased. Erasing is idempotent: no inbox row is needed.
pub(crate) fn subscription(app: &Arc<App>) -> Subscription {
    let app = Arc::clone(app);
    Subscription::new("user", "media").on(move |event: Event<UserDeleted>| {
        let app = Arc::clone(&app);
        async move {
            let poison = |error: covergen_ids::ParseIdError| HandlerError::Poison(Box::new(error));
            let message = &event.message;
            let user = message.user_id.parse().map_err(poison)?;
            let workspace = match message.workspace_id.as_str() {
                "" => None,
                id => Some(id.parse().map_err(poison)?),
            };
            app.erase_user(user, workspace)
                .await
                .map_err(HandlerError::retry)
        }
    })
}

/// An asset is stored.
pub(crate) async fn uploaded(tx: &Tx, asset: &asset::Model) -> Result<(), Error> {
    let event = MediaUploaded {
        asset_id: asset.id.to_string(),
        bytes: asset.bytes,
        content_type: asset.content_type.clone(),
        user_id: asset.user_id.to_string(),
        from_person: asset.kind == Kind::Upload,
    };
    tx.emit(EventDraft::new(&asset.id, asset.workspace_id, &event))
        .await?;
    Ok(())
}

/// An upload was written anew.
pub(crate) async fn processed(tx: &Tx, asset: &asset::Model) -> Result<(), Error> {
    let source: Option<SourceFacts> = asset
        .source_json
        .as_deref()
        .and_then(|text| serde_json::from_str(text).ok());
    let event = MediaProcessed {
        asset_id: asset.id.to_string(),
        width: asset.width,
        height: asset.height,
        dominant_color: asset.dominant_color.clone(),
        placeholder: asset.placeholder.clone(),
        source_content_type: source.map(|source| source.content_type).unwrap_or_default(),
        sha256: asset.sha256.clone(),
    };
    tx.emit(EventDraft::new(&asset.id, asset.workspace_id, &event))
        .await?;
    Ok(())
}

/// An asset is gone, its objects too.
pub(crate) async fn deleted(tx: &Tx, deleted: Deleted) -> Result<(), Error> {
    let event = MediaDeleted {
        asset_id: deleted.asset.to_string(),
        user_id: deleted.user_id,
        purge_urls: deleted.purge_urls,
    };
    tx.emit(EventDraft::new(&deleted.asset, deleted.workspace, &event))
        .await?;
    Ok(())
}
