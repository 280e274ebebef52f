//! What cover emits, and the one event it reacts to.

use std::sync::Arc;

use covergen_chassis::{Event, HandlerError, Subscription};
use covergen_ids::{AssetId, TaskId};
use covergen_proto::cover::v1::{
    CoverBulkFinished, CoverDeleted, CoverGenerated, CoverGenerationFailed,
    CoverGenerationRequested,
};
use covergen_proto::user::v1::UserDeleted;
use covergen_store::{Error, EventDraft, Tx};

use crate::app::{App, StoredImage};
use crate::order::{self, Order};
use crate::store::bulks::Counts;
use crate::store::entity::{bulk, cover, request};

/// Name of the subscription to user's events; must not change.
const CONSUMER: &str = "cover";

/// Who leaves is erased.
pub(crate) fn subscription(app: &Arc<App>) -> Subscription {
    let app = Arc::clone(app);
    Subscription::new("user", CONSUMER).on(move |event: Event<UserDeleted>| {
        let app = Arc::clone(&app);
        async move {
            let poison = |error: covergen_ids::ParseIdError| HandlerError::Poison(Box::new(error));
            let message = &event.message;
            let user = message.user_id.parse().map_err(poison)?;
            let workspace = match message.workspace_id.as_str() {
                "" => None,
                id => Some(id.parse().map_err(poison)?),
            };
            app.erase_user(CONSUMER, &event, user, workspace)
                .await
                .map_err(HandlerError::retry)
        }
    })
}

/// A cover is gone.
pub(crate) async fn deleted(
    tx: &Tx,
    cover: &cover::Model,
    assets: &[AssetId],
) -> Result<(), Error> {
    let event = CoverDeleted {
        cover_id: cover.id.to_string(),
        task_id: cover.task_id.to_string(),
        user_id: cover.user_id.to_string(),
        asset_ids: assets.iter().map(ToString::to_string).collect(),
    };
    tx.emit(EventDraft::new(&cover.id, cover.workspace_id, &event))
        .await?;
    Ok(())
}

/// Every row of a bulk has ended.
pub(crate) async fn bulk_finished(
    tx: &Tx,
    bulk: &bulk::Model,
    counts: Counts,
) -> Result<(), Error> {
    let event = CoverBulkFinished {
        bulk_id: bulk.id.to_string(),
        user_id: bulk.user_id.to_string(),
        total_rows: bulk.total_rows,
        succeeded_rows: counts.succeeded,
        failed_rows: counts.failed,
        cancelled_rows: counts.cancelled,
        duration_ms: tx.now_ms() - bulk.created_at_ms,
    };
    tx.emit(EventDraft::new(&bulk.id, bulk.workspace_id, &event))
        .await?;
    Ok(())
}

/// Somebody asked for covers.
pub(crate) async fn requested(
    tx: &Tx,
    row: &request::Model,
    order: &Order,
    asked_template: &str,
) -> Result<(), Error> {
    let event = CoverGenerationRequested {
        task_id: row.task_id.to_string(),
        user_id: row.user_id.to_string(),
        template_id: asked_template.to_owned(),
        sizes: order
            .sizes
            .iter()
            .map(|size| format!("{}x{}", size.width, size.height))
            .collect(),
        variants: i32::try_from(order.variants).unwrap_or(i32::MAX),
    };
    tx.emit(EventDraft::new(&row.task_id, row.workspace_id, &event))
        .await?;
    Ok(())
}

/// Covers are finished.
pub(crate) async fn generated(
    tx: &Tx,
    row: &request::Model,
    order: &Order,
    stored: &[StoredImage],
) -> Result<(), Error> {
    let task: TaskId = row.task_id;
    let event = CoverGenerated {
        task_id: task.to_string(),
        user_id: row.user_id.to_string(),
        cover_ids: (0..order.variants)
            .map(|variant| order::cover_id(task, variant).to_string())
            .collect(),
        asset_ids: stored
            .iter()
            .map(|image| image.asset_id.to_string())
            .collect(),
        provider: row.provider.clone(),
        seed: order.seed,
        duration_ms: tx.now_ms() - row.created_at_ms,
        template_id: order.template_id.clone(),
        template_version: i32::try_from(order.template_version).unwrap_or(i32::MAX),
    };
    tx.emit(EventDraft::new(&task, row.workspace_id, &event))
        .await?;
    Ok(())
}

/// A request ended without covers.
pub(crate) async fn failed(tx: &Tx, row: &request::Model, reason: &str) -> Result<(), Error> {
    let event = CoverGenerationFailed {
        task_id: row.task_id.to_string(),
        user_id: row.user_id.to_string(),
        reason: reason.to_owned(),
        duration_ms: tx.now_ms() - row.created_at_ms,
    };
    tx.emit(EventDraft::new(&row.task_id, row.workspace_id, &event))
        .await?;
    Ok(())
}
