//! What cover emits. It subscribes to nothing.

use covergen_ids::TaskId;
use covergen_proto::cover::v1::{CoverGenerated, CoverGenerationFailed, CoverGenerationRequested};
use covergen_store::{Error, EventDraft, Tx};

use crate::order::{self, Order};
use crate::store::entity::request;

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
pub(crate) async fn generated(tx: &Tx, row: &request::Model, order: &Order) -> Result<(), Error> {
    let task: TaskId = row.task_id;
    let event = CoverGenerated {
        task_id: task.to_string(),
        user_id: row.user_id.to_string(),
        cover_ids: (0..order.variants)
            .map(|variant| order::cover_id(task, variant).to_string())
            .collect(),
        asset_ids: (0..order.pictures().len())
            .map(|picture| order::asset_id(task, picture).to_string())
            .collect(),
        provider: "local".to_owned(),
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
