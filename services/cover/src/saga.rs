//! The saga `cover.generate`: reserve, paint, charge (the pivot), finish.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use covergen_chassis::Context;
use covergen_identity::Principal;
use covergen_ids::{AssetId, TaskId};
use covergen_proto::media::v1::PutAssetHeader;
use covergen_proto::task::v1::LeasedTask;
use covergen_saga::{RemoteJournal, Run, Saga, Step, StepError, Worker, WorkerOptions};
use futures::{StreamExt as _, TryStreamExt as _};

use crate::app::{App, StoredImage};
use crate::error::Error;
use crate::order::{self, Order};
use crate::store::{self, entity::request};

/// Kind of the tasks.
pub(crate) const KIND: &str = "cover.generate";
/// Version of the steps.
pub(crate) const VERSION: i32 = 1;

const RESERVE: &str = "reserve";
const PAINT: &str = "paint";
const CHARGE: &str = "charge";
const FINISH: &str = "finish";

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
    Some(Principal {
        user_id: user.parse().ok()?,
        workspace_id: workspace.parse().ok()?,
        roles: Vec::new(),
        session_id: None,
        scopes: None,
    })
}

struct Generate(Arc<App>);

/// What every step begins with.
struct Work {
    task: TaskId,
    row: request::Model,
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

    async fn run(&self, step: &'static str, run: &Run) -> Result<Bytes, StepError> {
        let work = self.work(run).await?;
        let user = work.row.user_id.to_string();
        let units = i32::try_from(work.order.variants).unwrap_or(i32::MAX);
        let peers = &self.0.peers;
        let refused = |status| StepError::from_status(&status);
        match step {
            RESERVE => peers
                .confirm(&user, work.task, units)
                .await
                .map_err(refused)?,
            PAINT => return self.paint(&work).await,
            CHARGE => peers
                .commit(&user, work.task, units)
                .await
                .map_err(refused)?,
            _ => {
                let stored = stored_images(run)?;
                self.0
                    .finish(&work.row, &work.order, &stored)
                    .await
                    .map_err(transient)?;
            }
        }
        Ok(Bytes::new())
    }

    async fn compensate(&self, step: &'static str, run: &Run) -> Result<(), StepError> {
        let work = self.work(run).await?;
        let refused = |status| StepError::from_status(&status);
        match step {
            PAINT => {
                let assets: Vec<AssetId> = (0..work.order.pictures().len())
                    .map(|picture| order::asset_id(work.task, picture))
                    .collect();
                self.0.peers.delete_assets(&assets).await.map_err(refused)
            }
            _ => {
                let user = work.row.user_id.to_string();
                self.0
                    .peers
                    .release(&user, work.task)
                    .await
                    .map_err(refused)?;
                let (reason, message) = run
                    .failure()
                    .map_or(("FAILED", "the covers could not be made"), |failure| {
                        (failure.reason.as_str(), failure.message.as_str())
                    });
                self.0
                    .give_up(&work.row, reason, message)
                    .await
                    .map_err(transient)
            }
        }
    }
}

impl Generate {
    async fn work(&self, run: &Run) -> Result<Work, StepError> {
        let broken = |problem: &str| StepError::fatal("TASK_BROKEN", problem);
        let task: TaskId = run.task_id().parse().map_err(|_| broken("no task id"))?;
        let order: Order =
            serde_json::from_slice(run.payload()).map_err(|error| broken(&error.to_string()))?;
        let owner = owner(run.task()).ok_or_else(|| broken("no owner"))?;
        let row = store::request(self.0.store.read(), &owner, task)
            .await
            .map_err(|error| StepError::Transient(error.to_string()))?
            .ok_or_else(|| broken("no such request"))?;
        Ok(Work { task, row, order })
    }

    /// Draws every variant in every size, each once, and stores its files.
    async fn paint(&self, work: &Work) -> Result<Bytes, StepError> {
        let order = &work.order;
        let mut drawings = Vec::new();
        for variant in 0..order.variants {
            for size in 0..order.sizes.len() {
                drawings.push((variant, size));
            }
        }
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let stored: Vec<Vec<StoredImage>> = futures::stream::iter(drawings)
            .map(|(variant, size)| self.draw_and_store(work, variant, size))
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
    ) -> Result<Vec<StoredImage>, StepError> {
        let order = &work.order;
        let ordered = &order.sizes[size];
        let encodings = order
            .formats
            .iter()
            .map(|format| format.encoding(self.0.config.quality))
            .collect();
        let files = self
            .0
            .studio
            .draw(order.design(variant, ordered), encodings)
            .await
            .map_err(|error| match error {
                covergen_studio::StudioError::Interrupted => {
                    StepError::Transient(error.to_string())
                }
                refused => StepError::fatal("COVER_NOT_DRAWABLE", refused.to_string()),
            })?;
        // The index counts as Order::pictures does: variant, size, format.
        let first = (variant as usize * order.sizes.len() + size) * order.formats.len();
        let mut stored = Vec::new();
        for (at, file) in files.into_iter().enumerate() {
            let asset_id = order::asset_id(work.task, first + at);
            let format = file.encoding.file_format();
            let header = PutAssetHeader {
                asset_id: asset_id.to_string(),
                workspace_id: work.row.workspace_id.to_string(),
                user_id: work.row.user_id.to_string(),
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

fn stored_images(run: &Run) -> Result<Vec<StoredImage>, StepError> {
    let output = run
        .output(PAINT)
        .ok_or_else(|| StepError::fatal("TASK_BROKEN", "the journal has no pictures"))?;
    serde_json::from_slice(output)
        .map_err(|error| StepError::fatal("TASK_BROKEN", error.to_string()))
}

/// Everything of our own that fails here may work later.
#[allow(clippy::needless_pass_by_value)] // Called as `.map_err(transient)`.
fn transient(error: Error) -> StepError {
    StepError::Transient(error.to_string())
}
