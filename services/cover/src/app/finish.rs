//! How a request ends: the saga's last step, and the compensation of its first.

use covergen_ids::{AssetId, TaskId};
use covergen_store::Tx;
use covergen_studio::Pictures;
use serde::{Deserialize, Serialize};

use super::App;
use crate::domain::history::Happening;
use crate::error::Error;
use crate::events;
use crate::look::Look;
use crate::order::{self, Order};
use crate::store::bulks::{self, Which};
use crate::store::entity::{bulk_row, cover, image, request};
use crate::store::{self, changes, history};

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

/// What painted, and how much.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Painted {
    pub(crate) provider: &'static str,
    pub(crate) pictures: usize,
}

impl Painted {
    fn happening(self, order: &Order) -> Happening {
        Happening::Painted {
            provider: self.provider.to_owned(),
            seed: order.seed,
            pictures: i32::try_from(self.pictures).unwrap_or(i32::MAX),
        }
    }
}

impl App {
    /// Notes that work on a request began anew; `false` where the request was
    /// erased.
    pub(crate) async fn retried(&self, task: TaskId, attempt: i32) -> Result<bool, Error> {
        let tx = self.store.begin().await?;
        let news = vec![Happening::Retried { attempt }];
        let appended = history::append(&tx, task, news).await?;
        tx.commit().await?;
        Ok(appended.is_some())
    }

    /// Writes the covers and ends the request well, once. `false`: the request
    /// was erased meanwhile, and nothing was written.
    pub(crate) async fn finish(
        &self,
        task: TaskId,
        order: &Order,
        stored: &[StoredImage],
        provider: &'static str,
    ) -> Result<bool, Error> {
        let tx = self.store.begin().await?;
        let painted = Painted {
            provider,
            pictures: stored.len(),
        };
        let happenings = vec![
            painted.happening(order),
            Happening::Charged {
                units: order.units(),
            },
            Happening::Finished,
        ];
        let Some(appended) = history::append(&tx, task, happenings).await? else {
            return Ok(false);
        };
        let row = appended.request;
        if !appended.ended {
            // It ended before, and what was deleted since stays deleted.
            return Ok(true);
        }
        let now = tx.now_ms();
        let mut made = Vec::new();
        for variant in 0..order.variants {
            let cover = cover_row(&row, order, variant, provider, now)?;
            made.push(cover.id);
            let images = stored
                .iter()
                .filter(|image| image.variant == variant)
                .zip(0..)
                .map(|(image, position)| image_row(&cover, image, position))
                .collect();
            store::insert_cover(&tx, cover, images).await?;
        }
        events::generated(&tx, &row, order, stored).await?;
        settle_row(&tx, &row).await?;
        let owner = changes::Owner {
            workspace: row.workspace_id,
            user: row.user_id,
        };
        changes::note(&tx, owner, &made, false).await?;
        tx.commit().await?;
        self.tell_bulk(&row).await;
        #[allow(clippy::cast_precision_loss)] // Milliseconds.
        metrics::histogram!("cover_generation_seconds")
            .record((now - row.created_at_ms) as f64 / 1000.0);
        Ok(true)
    }

    /// Ends the request badly, once, and says why. One that was erased needs
    /// no end.
    pub(crate) async fn give_up(
        &self,
        task: TaskId,
        order: &Order,
        painted: Option<Painted>,
        reason: &str,
        message: &str,
    ) -> Result<(), Error> {
        let (reason, message) = (reason.to_owned(), message.to_owned());
        let end = if reason == "CANCELLED" {
            Happening::Cancelled { reason, message }
        } else {
            Happening::Failed { reason, message }
        };
        let mut happenings: Vec<Happening> = painted
            .map(|painted| painted.happening(order))
            .into_iter()
            .collect();
        happenings.push(end);
        let tx = self.store.begin().await?;
        let Some(appended) = history::append(&tx, task, happenings).await? else {
            return Ok(());
        };
        let row = appended.request;
        if appended.ended {
            events::failed(&tx, &row, row.error_reason.as_deref().unwrap_or_default()).await?;
            settle_row(&tx, &row).await?;
        }
        if appended.changed {
            tx.commit().await?;
            self.tell_bulk(&row).await;
        }
        Ok(())
    }

    async fn tell_bulk(&self, row: &request::Model) {
        if let Some(bulk) = row.bulk_id {
            self.live.changed(bulk).await;
        }
    }
}

/// Where a request that is a row of a bulk has ended, the row has.
async fn settle_row(tx: &Tx, row: &request::Model) -> Result<(), Error> {
    let (Some(bulk), Some(number)) = (row.bulk_id, row.bulk_row) else {
        return Ok(());
    };
    let state = match row.status {
        request::Status::Open => return Ok(()),
        request::Status::Succeeded => bulk_row::State::Succeeded,
        request::Status::Failed => bulk_row::State::Failed,
        request::Status::Cancelled => bulk_row::State::Cancelled,
    };
    let error = row
        .error_reason
        .as_deref()
        .zip(row.error_message.as_deref());
    bulks::touch(tx, bulk).await?;
    bulks::end_rows(tx, bulk, Which::Task(row.task_id, number), state, error).await?;
    Ok(())
}

fn cover_row(
    row: &request::Model,
    order: &Order,
    variant: u32,
    provider: &str,
    now: i64,
) -> Result<cover::Model, Error> {
    let task: TaskId = row.task_id;
    let size = order
        .sizes
        .first()
        .ok_or_else(|| Error::Corrupt("an order without sizes".to_owned()))?;
    let design = order.design(variant, size, &Pictures::new());
    let json = |error: serde_json::Error| Error::Corrupt(error.to_string());
    // A custom template stands in the design, once.
    let look = Look {
        document: None,
        ..order.look.clone()
    };
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
        design_json: serde_json::to_string(&design.scene()?).map_err(json)?,
        created_at_ms: now,
        favorite: false,
        search_text: format!("{} {}", order.title, order.subtitle).to_lowercase(),
        sort_text: order.title.to_lowercase().chars().take(64).collect(),
        look_json: serde_json::to_string(&look).map_err(json)?,
        provider: provider.to_owned(),
        units: 1,
        source_cover_id: row.source_cover_id,
        bulk_id: row.bulk_id,
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
