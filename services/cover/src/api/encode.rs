use covergen_chassis::timestamp;
use covergen_proto::cover::v1::cover_task::Status;
use covergen_proto::cover::v1::{Cover, CoverTask, Image, TaskError};
use covergen_proto::task::v1::Task;
use covergen_proto::task::v1::task::State;

use crate::app::{CoverView, TaskView};
use crate::store::entity::request;

/// The version of a request that has ended: above any that the queue counts
/// up to, so that whoever saw it knows that nothing follows.
const ENDED: u64 = 1_000_000;

pub(super) fn task(view: TaskView) -> CoverTask {
    let row = view.request;
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
    }
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
    }
}
