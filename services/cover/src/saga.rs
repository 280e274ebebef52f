//! The saga `cover.generate`: reserve, paint, charge (the pivot), finish.

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use covergen_chassis::Context;
use covergen_identity::Principal;
use covergen_ids::{AssetId, TaskId};
use covergen_proto::media::v1::PutAssetHeader;
use covergen_proto::task::v1::LeasedTask;
use covergen_saga::{Ahead, RemoteJournal, Run, Saga, Step, StepError, Worker, WorkerOptions};
use covergen_studio::Pictures;
use futures::{StreamExt as _, TryStreamExt as _};

use crate::app::{App, Painted, StoredImage, absent};
use crate::error::Error;
use crate::order::{self, Order};
use crate::store;
use crate::store::entity::request::Status;

/// Kind of the tasks.
pub(crate) const KIND: &str = "cover.generate";
/// Version of the steps.
pub(crate) const VERSION: i32 = 1;

const RESERVE: &str = "reserve";
const PAINT: &str = "paint";
const CHARGE: &str = "charge";
const FINISH: &str = "finish";

/// What paints.
const LOCAL: &str = "local";

/// Confirming a reservation is undone by releasing it and ending the request;
/// painted files by deleting them. Once charged, only finishing is left.
const STEPS: &[Step] = &[
    Step::new(RESERVE, 5),
    Step::new(PAINT, 90),
    Step::pivot(CHARGE, 95),
    Step::harmless(FINISH, 99),
];

/// Works on generations until shutdown.
pub(crate) async fn work(app: Arc<App>, context: Context) {
    let options = WorkerOptions {
        name: format!("cover-{}", std::process::id()),
        concurrency: app.config.concurrent_tasks.max(1),
    };
    let journal = RemoteJournal::new(context.channel("task"));
    let identity = context.identity.clone();
    Worker::new(journal, options, move |task| {
        identity.on_behalf_of("cover", owner(task))
    })
    .saga(Generate(app))
    .run(context.shutdown)
    .await;
}

/// Whose work a task is, as its submission says.
fn owner(task: &LeasedTask) -> Option<Principal> {
    let (user, workspace) = task.on_behalf_of.split_once(' ')?;
    Some(absent(user.parse().ok()?, workspace.parse().ok()?))
}

struct Generate(Arc<App>);

/// Gives up the drawing of a task when its attempt is over.
struct Forget(Arc<App>, TaskId);

impl Drop for Forget {
    fn drop(&mut self) {
        self.0.drawings.forget(self.1);
    }
}

/// What every step begins with. It comes from the task alone: the request may
/// have been erased together with its owner.
struct Work {
    task: TaskId,
    execution: i32,
    owner: Principal,
    order: Order,
}

#[async_trait]
impl Saga for Generate {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn version(&self) -> i32 {
        VERSION
    }

    fn steps(&self, version: i32) -> Option<&'static [Step]> {
        (version == VERSION).then_some(STEPS)
    }

    fn ahead(&self, run: &Run) -> Option<Ahead> {
        let work = work_of(run).ok()?;
        let quality = self.0.config.quality;
        self.0.drawings.begin(work.task, &work.order, quality);
        Some(Box::new(Forget(Arc::clone(&self.0), work.task)))
    }

    async fn run(&self, step: &'static str, run: &Run) -> Result<Bytes, StepError> {
        let work = work_of(run)?;
        let user = work.owner.user_id.to_string();
        let units = work.order.units();
        let peers = &self.0.peers;
        let refused = |status| StepError::from_status(&status);
        let attempt = run.task().attempt;
        if attempt > 1 && step != FINISH {
            let known = self.0.retried(work.task, attempt).await;
            if !known.map_err(transient)? {
                return Err(erased());
            }
        }
        match step {
            RESERVE => {
                self.still_wanted(&work).await?;
                peers
                    .confirm(&user, work.task, units, work.execution)
                    .await
                    .map_err(refused)?;
            }
            PAINT => return self.paint(&work, run.task()).await,
            CHARGE => peers
                .commit(&user, work.task, units)
                .await
                .map_err(refused)?,
            _ => {
                let stored = stored_images(run)?;
                let done = self
                    .0
                    .finish(work.task, &work.order, &stored, LOCAL)
                    .await
                    .map_err(transient)?;
                // Before the queue says that it is done.
                self.0.stale.wrote(work.owner.user_id).await;
                if !done {
                    // Erased after it was charged: its files are nobody's.
                    self.delete_files(&work).await?;
                }
            }
        }
        Ok(Bytes::new())
    }

    async fn compensate(&self, step: &'static str, run: &Run) -> Result<(), StepError> {
        let work = work_of(run)?;
        if step == PAINT {
            return self.delete_files(&work).await;
        }
        let user = work.owner.user_id.to_string();
        let released = self.0.peers.release(&user, work.task, work.execution);
        released
            .await
            .map_err(|status| StepError::from_status(&status))?;
        let (reason, message) = run
            .failure()
            .map_or(("FAILED", "the covers could not be made"), |failure| {
                (failure.reason.as_str(), failure.message.as_str())
            });
        let painted = run.output(PAINT).map(|_| Painted {
            provider: LOCAL,
            pictures: work.order.pictures().len(),
        });
        self.0
            .give_up(work.task, &work.order, painted, reason, message)
            .await
            .map_err(transient)?;
        self.0.stale.wrote(work.owner.user_id).await;
        Ok(())
    }
}

impl Generate {
    /// Nothing is made for somebody who has left, nor by whoever slept through
    /// the task's end. An operator's retry begins with a request that has ended.
    async fn still_wanted(&self, work: &Work) -> Result<(), StepError> {
        let request = store::request(self.0.store.read(), &work.owner, work.task)
            .await
            .map_err(|error| StepError::Transient(error.to_string()))?
            .ok_or_else(erased)?;
        if work.execution <= 1 && request.status != Status::Open {
            return Err(StepError::fatal("REQUEST_ENDED", "it has ended"));
        }
        Ok(())
    }

    async fn delete_files(&self, work: &Work) -> Result<(), StepError> {
        let assets: Vec<AssetId> = (0..work.order.pictures().len())
            .map(|picture| order::asset_id(work.task, work.execution, picture))
            .collect();
        self.0
            .peers
            .delete_assets(&assets)
            .await
            .map_err(|status| StepError::from_status(&status))
    }

    /// Draws every variant in every size, each once, and stores its files.
    async fn paint(&self, work: &Work, task: &LeasedTask) -> Result<Bytes, StepError> {
        let order = &work.order;
        let app = &self.0;
        let pictures = app
            .pictures
            .all(
                &app.peers,
                &app.studio,
                work.owner.workspace_id,
                &order.look,
                app.pictures.limits().max_side_px,
            )
            .await
            .map_err(picture_missing)?;
        let mut drawings = Vec::new();
        for variant in 0..order.variants {
            for size in 0..order.sizes.len() {
                drawings.push((variant, size));
            }
        }
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let progress = Progress::new(drawings.len());
        let (progress, pictures) = (&progress, &pictures);
        let stored: Vec<Vec<StoredImage>> = futures::stream::iter(drawings)
            .map(|(variant, size)| async move {
                let stored = self.draw_and_store(work, variant, size, pictures).await?;
                if let Some(percent) = progress.another() {
                    // Worth a try and no more: the next one tells it again.
                    drop(app.peers.report(task, percent, PAINT).await);
                }
                Ok::<_, StepError>(stored)
            })
            .buffered(cores)
            .try_collect()
            .await?;
        let images: Vec<StoredImage> = stored.into_iter().flatten().collect();
        serde_json::to_vec(&images)
            .map(Bytes::from)
            .map_err(|error| StepError::Transient(error.to_string()))
    }

    async fn draw_and_store(
        &self,
        work: &Work,
        variant: u32,
        size: usize,
        pictures: &Pictures,
    ) -> Result<Vec<StoredImage>, StepError> {
        let order = &work.order;
        let ordered = &order.sizes[size];
        let encodings = order
            .formats
            .iter()
            .map(|format| format.encoding(self.0.config.quality))
            .collect();
        let begun = match (variant, size) {
            (0, 0) => self.0.drawings.take(work.task).await,
            _ => None,
        };
        let drawn = match begun {
            Some(drawn) => drawn,
            None => {
                let design = order.design(variant, ordered, pictures);
                self.0.studio.draw(design, encodings).await
            }
        };
        let files = drawn.map_err(|error| match error {
            covergen_studio::StudioError::Interrupted => StepError::Transient(error.to_string()),
            refused => StepError::fatal("COVER_NOT_DRAWABLE", refused.to_string()),
        })?;
        // The index counts as Order::pictures does: variant, size, format.
        let first = (variant as usize * order.sizes.len() + size) * order.formats.len();
        let mut stored = Vec::new();
        for (at, file) in files.into_iter().enumerate() {
            let asset_id = order::asset_id(work.task, work.execution, first + at);
            let format = file.encoding.file_format();
            let header = PutAssetHeader {
                asset_id: asset_id.to_string(),
                workspace_id: work.owner.workspace_id.to_string(),
                user_id: work.owner.user_id.to_string(),
                content_type: format.media_type().to_owned(),
                file_name: format!(
                    "cover-{}-{}x{}.{}",
                    variant + 1,
                    file.width,
                    file.height,
                    format.extension()
                ),
            };
            let bytes = file.bytes.len();
            let asset = self
                .0
                .peers
                .put_asset(header, file.bytes.into())
                .await
                .map_err(|status| StepError::from_status(&status))?;
            stored.push(StoredImage {
                variant,
                asset_id,
                url: asset.url,
                width: file.width,
                height: file.height,
                format: order::Format::of(format).name().to_owned(),
                bytes,
                preset: ordered.preset.clone(),
            });
        }
        Ok(stored)
    }
}

/// How far the painting is. Told at most once for every few percent, and not
/// for the last picture: the step's end tells that.
struct Progress {
    total: usize,
    done: AtomicUsize,
    told: AtomicI32,
}

impl Progress {
    /// Percent of the whole task at which the painting begins and ends.
    const FROM: i32 = 5;
    const TO: i32 = 90;
    /// Smallest step worth a word.
    const STEP: i32 = 3;

    fn new(total: usize) -> Self {
        Self {
            total,
            done: AtomicUsize::new(0),
            told: AtomicI32::new(Self::FROM),
        }
    }

    /// One more is done; the percentage, where it is worth telling.
    fn another(&self) -> Option<i32> {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        if done >= self.total {
            return None;
        }
        // Both are small: an order has at most a few hundred pictures.
        let share = i32::try_from(done * 100 / self.total).ok()?;
        let percent = Self::FROM + (Self::TO - Self::FROM) * share / 100;
        let worth_it = |told: i32| (percent - told >= Self::STEP).then_some(percent);
        self.told
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, worth_it)
            .ok()
            .map(|_| percent)
    }
}

fn work_of(run: &Run) -> Result<Work, StepError> {
    let broken = |problem: &str| StepError::fatal("TASK_BROKEN", problem);
    Ok(Work {
        task: run.task_id().parse().map_err(|_| broken("no task id"))?,
        execution: run.task().execution,
        owner: owner(run.task()).ok_or_else(|| broken("no owner"))?,
        order: serde_json::from_slice(run.payload()).map_err(|error| broken(&error.to_string()))?,
    })
}

fn stored_images(run: &Run) -> Result<Vec<StoredImage>, StepError> {
    let output = run
        .output(PAINT)
        .ok_or_else(|| StepError::fatal("TASK_BROKEN", "the journal has no pictures"))?;
    serde_json::from_slice(output)
        .map_err(|error| StepError::fatal("TASK_BROKEN", error.to_string()))
}

fn erased() -> StepError {
    StepError::fatal("REQUEST_ERASED", "its owner's data was erased")
}

/// A photo may have been deleted since it was asked for.
#[allow(clippy::needless_pass_by_value)] // Called as `.map_err(picture_missing)`.
fn picture_missing(error: Error) -> StepError {
    match &error {
        Error::Upstream(status) => StepError::from_status(status),
        Error::PictureUnreadable(_) => StepError::fatal("PICTURE_UNREADABLE", error.to_string()),
        _ => StepError::Transient(error.to_string()),
    }
}

/// Everything of our own that fails here may work later.
#[allow(clippy::needless_pass_by_value)] // Called as `.map_err(transient)`.
fn transient(error: Error) -> StepError {
    StepError::Transient(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::Progress;

    #[test]
    fn progress_rises_by_worthwhile_steps_and_leaves_the_end_to_the_step() {
        let progress = Progress::new(100);
        let told: Vec<i32> = (0..100).filter_map(|_| progress.another()).collect();
        assert!(
            told.is_sorted_by(|a, b| b - a >= Progress::STEP),
            "{told:?}"
        );
        assert!(told.len() > 10 && told.iter().all(|percent| (6..90).contains(percent)));

        let one = Progress::new(1);
        assert_eq!(one.another(), None);
        let two = Progress::new(2);
        assert_eq!((two.another(), two.another()), (Some(47), None));
    }
}
