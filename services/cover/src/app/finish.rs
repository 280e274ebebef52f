//! How a request ends: the saga's last step, and the compensation of its first.

use covergen_ids::{AssetId, TaskId};
use serde::{Deserialize, Serialize};

use super::App;
use crate::error::Error;
use crate::events;
use crate::order::{self, Order};
use crate::store::{self, entity::cover, entity::image, entity::request};

/// A stored picture, as the painting step leaves it in the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredImage {
    pub(crate) variant: u32,
    pub(crate) asset_id: AssetId,
    pub(crate) url: String,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) format: String,
    pub(crate) bytes: usize,
    pub(crate) preset: String,
}

impl App {
    /// Writes the covers and ends the request well, once.
    pub(crate) async fn finish(
        &self,
        row: &request::Model,
        order: &Order,
        stored: &[StoredImage],
    ) -> Result<(), Error> {
        let tx = self.store.begin().await?;
        let now = tx.now_ms();
        for variant in 0..order.variants {
            let cover = cover_row(row, order, variant, now)?;
            let images = stored
                .iter()
                .filter(|image| image.variant == variant)
                .zip(0..)
                .map(|(image, position)| image_row(&cover, image, position))
                .collect();
            store::insert_cover(&tx, cover, images).await?;
        }
        let status = request::Status::Succeeded;
        if store::end_request(&tx, row.task_id, status, None, now).await? {
            events::generated(&tx, row, order).await?;
        }
        tx.commit().await?;
        #[allow(clippy::cast_precision_loss)] // Milliseconds.
        metrics::histogram!("cover_generation_seconds")
            .record((now - row.created_at_ms) as f64 / 1000.0);
        Ok(())
    }

    /// Ends the request badly, once, and says why.
    pub(crate) async fn give_up(
        &self,
        row: &request::Model,
        reason: &str,
        message: &str,
    ) -> Result<(), Error> {
        let status = if reason == "CANCELLED" {
            request::Status::Cancelled
        } else {
            request::Status::Failed
        };
        let tx = self.store.begin().await?;
        let error = Some((reason, message));
        if store::end_request(&tx, row.task_id, status, error, tx.now_ms()).await? {
            events::failed(&tx, row, reason).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

fn cover_row(
    row: &request::Model,
    order: &Order,
    variant: u32,
    now: i64,
) -> Result<cover::Model, Error> {
    let task: TaskId = row.task_id;
    let size = order
        .sizes
        .first()
        .ok_or_else(|| Error::Corrupt("an order without sizes".to_owned()))?;
    let design = order.design(variant, size);
    Ok(cover::Model {
        id: order::cover_id(task, variant),
        workspace_id: row.workspace_id,
        user_id: row.user_id,
        task_id: task,
        variant: i32::try_from(variant + 1).unwrap_or(i32::MAX),
        title: order.title.clone(),
        subtitle: order.subtitle.clone(),
        template_id: order.template_id.clone(),
        template_version: i32::try_from(order.template_version).unwrap_or(i32::MAX),
        palette_id: order.palette_id.clone(),
        seed: design.brief.seed.cast_signed(),
        watermarked: order.watermark,
        design_json: serde_json::to_string(&design.scene()?)
            .map_err(|error| Error::Corrupt(error.to_string()))?,
        created_at_ms: now,
    })
}

fn image_row(cover: &cover::Model, stored: &StoredImage, position: i32) -> image::Model {
    image::Model {
        cover_id: cover.id,
        position,
        workspace_id: cover.workspace_id,
        asset_id: stored.asset_id,
        url: stored.url.clone(),
        width: i32::try_from(stored.width).unwrap_or(i32::MAX),
        height: i32::try_from(stored.height).unwrap_or(i32::MAX),
        format: stored.format.clone(),
        bytes: i32::try_from(stored.bytes).unwrap_or(i32::MAX),
        preset: stored.preset.clone(),
    }
}
