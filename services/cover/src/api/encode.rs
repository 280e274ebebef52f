use covergen_chassis::timestamp;
use covergen_proto::cover::v1::cover_task::Status;
use covergen_proto::cover::v1::generation_event::Kind;
use covergen_proto::cover::v1::{
    Bulk, BulkRowResult, Cover, CoverTask, Design, DesignPicture, GenerationEvent, Image,
    ListChangesResponse, Size, SuggestedTitle, TaskError, bulk, bulk_row_result,
};
use covergen_proto::task::v1::Task;
use covergen_proto::task::v1::task::State;

use crate::app::{BulkView, Changes, CoverView, RowView, TaskView};
use crate::domain::titles::Title;
use crate::look::Look;
use crate::order::Order;
use crate::store::bulks::Counts;
use crate::store::entity::bulk as stored_bulk;
use crate::store::entity::bulk_row::State as RowState;
use crate::store::entity::generation_event::{self, Kind as Happened};
use crate::store::entity::request;

/// The version of a request that has ended: above any that the queue counts
/// up to, so that whoever saw it knows that nothing follows.
const ENDED: u64 = 1_000_000;

pub(super) fn task(view: TaskView) -> CoverTask {
    let row = view.request;
    // Written by us; what cannot be read shows as nothing asked for.
    let order: Option<Order> = serde_json::from_str(&row.order_json).ok();
    let (title, template_id, seed, sizes) = order.map(asked).unwrap_or_default();
    let (status, progress_percent, version) = match row.status {
        request::Status::Open => running(view.task.as_ref()),
        request::Status::Succeeded => (Status::Succeeded, 100, ENDED),
        request::Status::Failed => (Status::Failed, progress(view.task.as_ref()), ENDED),
        request::Status::Cancelled => (Status::Cancelled, progress(view.task.as_ref()), ENDED),
    };
    CoverTask {
        task_id: row.task_id.to_string(),
        status: status.into(),
        progress_percent,
        covers: view.covers.into_iter().map(cover).collect(),
        error: row
            .error_reason
            .map(|reason| TaskError {
                reason,
                message: row.error_message.unwrap_or_default(),
            })
            .or_else(|| {
                let error = view
                    .task
                    .as_ref()
                    .filter(|task| is_over(task))?
                    .error
                    .clone()?;
                Some(TaskError {
                    reason: error.reason,
                    message: error.message,
                })
            }),
        stage: view.task.map(|task| task.stage).unwrap_or_default(),
        version,
        create_time: Some(timestamp(row.created_at_ms)),
        cost_units: row.units,
        retry_count: row.retry_count,
        provider: row.provider,
        seed,
        source_cover_id: text(row.source_cover_id),
        bulk_id: text(row.bulk_id),
        end_time: row.ended_at_ms.map(timestamp),
        title,
        template_id,
        sizes,
    }
}

/// What of an order its task tells: title, template, seed and sizes.
fn asked(order: Order) -> (String, String, u64, Vec<Size>) {
    let sizes = order.sizes.into_iter().map(|size| Size {
        preset: size.preset,
        width: size.width.cast_signed(),
        height: size.height.cast_signed(),
    });
    let sizes = sizes.collect();
    (order.title, order.template_id, order.seed, sizes)
}

/// An id, or nothing.
fn text(id: Option<impl ToString>) -> String {
    id.map(|id| id.to_string()).unwrap_or_default()
}

/// An open request is as far as the queue says. One that the queue has ended
/// without the request having ended is what an operator must look at.
fn running(task: Option<&Task>) -> (Status, i32, u64) {
    let Some(task) = task else {
        return (Status::Pending, 0, 0);
    };
    let status = match task.state() {
        State::Unspecified | State::Pending => Status::Pending,
        // The covers are written a moment before the queue hears of it.
        State::Running | State::Succeeded => Status::Running,
        State::Failed => Status::Failed,
        State::Cancelled => Status::Cancelled,
    };
    (status, progress(Some(task)), task.version)
}

fn progress(task: Option<&Task>) -> i32 {
    task.map_or(0, |task| task.progress_percent.min(99))
}

fn is_over(task: &Task) -> bool {
    matches!(task.state(), State::Failed | State::Cancelled)
}

pub(super) fn cover(view: CoverView) -> Cover {
    let row = view.cover;
    // Written by us; what cannot be read shows as nothing chosen.
    let look: Look = serde_json::from_str(&row.look_json).unwrap_or_default();
    let main_asset_id = text(view.images.first().map(|image| image.asset_id));
    Cover {
        id: row.id.to_string(),
        variant: row.variant,
        images: view
            .images
            .into_iter()
            .map(|image| Image {
                url: image.url,
                width: image.width,
                height: image.height,
                format: image.format,
                bytes: image.bytes,
                asset_id: image.asset_id.to_string(),
                preset: image.preset,
            })
            .collect(),
        title: row.title,
        subtitle: row.subtitle,
        template_id: row.template_id,
        template_version: row.template_version,
        palette_id: row.palette_id,
        seed: row.seed.cast_unsigned(),
        task_id: row.task_id.to_string(),
        watermarked: row.watermarked,
        create_time: Some(timestamp(row.created_at_ms)),
        favorite: row.favorite,
        colors: look.colors.iter().map(ToString::to_string).collect(),
        font: look.font,
        kicker: look.kicker,
        photo: look.photo.map(|photo| photo.encode()),
        brand_kit_id: look.brand_kit_id,
        provider: row.provider,
        cost_units: row.units,
        source_cover_id: text(row.source_cover_id),
        bulk_id: text(row.bulk_id),
        main_asset_id,
    }
}

pub(super) fn changes(changes: Changes) -> ListChangesResponse {
    let deleted = changes.deleted.iter();
    ListChangesResponse {
        upserted: changes.upserted.into_iter().map(cover).collect(),
        deleted_ids: deleted.map(ToString::to_string).collect(),
        next_cursor: changes.next_cursor,
        has_more: changes.has_more,
    }
}

/// What the renderer needs to set a cover in any size.
pub(super) fn design(view: CoverView) -> Design {
    let row = view.cover;
    let look: Look = serde_json::from_str(&row.look_json).unwrap_or_default();
    Design {
        cover_id: row.id.to_string(),
        document: row.design_json,
        workspace_id: row.workspace_id.to_string(),
        user_id: row.user_id.to_string(),
        pictures: look
            .assets()
            .into_iter()
            .map(|asset| DesignPicture {
                name: asset.to_string(),
                asset_id: asset.to_string(),
            })
            .collect(),
    }
}

pub(super) fn event(row: generation_event::Model) -> GenerationEvent {
    GenerationEvent {
        task_id: row.task_id.to_string(),
        sequence: row.sequence,
        kind: match row.kind {
            Happened::Requested => Kind::Requested,
            Happened::Regenerated => Kind::Regenerated,
            Happened::Retried => Kind::Retried,
            Happened::Painted => Kind::Painted,
            Happened::Charged => Kind::Charged,
            Happened::Finished => Kind::Finished,
            Happened::Failed => Kind::Failed,
            Happened::Cancelled => Kind::Cancelled,
            Happened::Favorited => Kind::Favorited,
            Happened::Unfavorited => Kind::Unfavorited,
            Happened::Deleted => Kind::Deleted,
        }
        .into(),
        occur_time: Some(timestamp(row.occurred_at_ms)),
        cover_id: text(row.cover_id),
        template_id: row.template_id.unwrap_or_default(),
        seed: row.seed.unwrap_or(0).cast_unsigned(),
        provider: row.provider.unwrap_or_default(),
        units: row.units.unwrap_or(0),
        attempt: row.attempt.unwrap_or(0),
        pictures: row.pictures.unwrap_or(0),
        reason: row.reason.unwrap_or_default(),
        message: row.message.unwrap_or_default(),
        duration_ms: i32::try_from(row.duration_ms.unwrap_or(0)).unwrap_or(i32::MAX),
    }
}

pub(super) fn title(title: Title) -> SuggestedTitle {
    SuggestedTitle {
        title: title.title,
        subtitle: title.subtitle,
        style: title.style.to_owned(),
        characters: i32::try_from(title.characters).unwrap_or(i32::MAX),
    }
}

pub(super) fn bulk(view: BulkView) -> Bulk {
    let (row, counts) = (view.bulk, view.counts);
    let total = row.total_rows.max(1);
    // At most ten thousand rows, so this stays far from the bounds of i32.
    let progress_percent = (counts.ended() * 100 / total).min(if row.is_open { 99 } else { 100 });
    Bulk {
        bulk_id: row.id.to_string(),
        status: bulk_status(&row, counts).into(),
        progress_percent,
        name: row.name,
        total_rows: row.total_rows,
        pending_rows: counts.pending,
        running_rows: counts.running,
        succeeded_rows: counts.succeeded,
        failed_rows: counts.failed,
        cancelled_rows: counts.cancelled,
        version: row.version.unsigned_abs(),
        create_time: Some(timestamp(row.created_at_ms)),
        end_time: row.ended_at_ms.map(timestamp),
    }
}

fn bulk_status(row: &stored_bulk::Model, counts: Counts) -> bulk::Status {
    if row.is_open {
        bulk::Status::Running
    } else if row.is_cancelled {
        bulk::Status::Cancelled
    } else if counts.succeeded == row.total_rows {
        bulk::Status::Succeeded
    } else if counts.succeeded == 0 {
        bulk::Status::Failed
    } else {
        bulk::Status::Partial
    }
}

pub(super) fn bulk_row(view: RowView) -> BulkRowResult {
    let row = view.row;
    BulkRowResult {
        row_number: row.row_number,
        state: match row.state {
            RowState::Pending => bulk_row_result::State::Pending,
            RowState::Running => bulk_row_result::State::Running,
            RowState::Succeeded => bulk_row_result::State::Succeeded,
            RowState::Failed => bulk_row_result::State::Failed,
            RowState::Cancelled => bulk_row_result::State::Cancelled,
        }
        .into(),
        row: Some(view.asked.encode()),
        task_id: text(row.task_id),
        covers: view.covers.into_iter().map(cover).collect(),
        error: row.error_reason.map(|reason| TaskError {
            reason,
            message: row.error_message.unwrap_or_default(),
        }),
        attempt: row.attempt,
    }
}
