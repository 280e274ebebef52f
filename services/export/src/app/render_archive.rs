use covergen_archive::{DosTime, Entry, Layout, crc32};
use covergen_ids::{AssetId, ExportId};
use covergen_saga::StepError;
use futures::{StreamExt as _, TryStreamExt as _};
use tokio_util::sync::CancellationToken;

use super::draw::{Job, LastPictures};
use super::render::{judge, length, plan, size};
use super::{App, Lease, Stored};
use crate::design::Source;
use crate::error::Error;
use crate::store::entity::export::{self, Status};
use crate::store::entity::file;
use crate::store::files::{self, Outcome};

/// More than an archive has files.
const ASSETS_PER_EXECUTION: i32 = 1000;

/// The asset that an execution stores for a file of an archive.
pub(crate) fn asset_of_file(id: ExportId, execution: i32, position: i32) -> AssetId {
    let index = execution
        .saturating_mul(ASSETS_PER_EXECUTION)
        .saturating_add(position);
    AssetId::derived(&id.uuid(), u32::try_from(index).unwrap_or(u32::MAX))
}

/// The layout of an archive of the files that were made.
pub(super) fn layout(row: &export::Model, files: &[file::Model]) -> (Layout, Vec<AssetId>) {
    let (mut entries, mut assets) = (Vec::new(), Vec::new());
    for file in files.iter().filter(|file| file.status == Status::Succeeded) {
        let (Some(asset), Some(bytes), Some(crc32)) = (file.asset_id, file.bytes, file.crc32)
        else {
            continue;
        };
        assets.push(asset);
        entries.push(Entry {
            name: file.name.clone(),
            length: u64::try_from(bytes).unwrap_or(0),
            crc32: u32::try_from(crc32).unwrap_or(0),
        });
    }
    let modified = DosTime::of(row.created_at_ms);
    (Layout::archive(&entries, modified), assets)
}

impl App {
    /// Makes the files of an archive that are not made yet, a few at a time;
    /// each is written down as it is done, so that whoever goes on after a
    /// crash does not begin anew.
    pub(super) async fn render_archive(
        &self,
        row: export::Model,
        lease: Lease,
        stop: &CancellationToken,
    ) -> Result<Stored, StepError> {
        let mut waiting = self.files(row.id).await?;
        waiting.retain(|file| file.status == Status::Pending);
        let pictures = LastPictures::default();
        futures::stream::iter(waiting)
            .map(|file| self.make(&row, file, lease, &pictures, stop))
            .buffer_unordered(self.renders)
            .try_collect::<()>()
            .await?;
        let made = self.files(row.id).await?;
        let (layout, assets) = layout(&row, &made);
        if assets.is_empty() {
            let first = made.iter().find_map(|file| file.error_message.clone());
            let why = first.unwrap_or_else(|| "there are no files".to_owned());
            return Err(StepError::fatal(
                "NO_FILE_MADE",
                format!("none of the files could be made; the first: {why}"),
            ));
        }
        Ok(Stored {
            asset_id: None,
            bytes: i64::try_from(layout.size()).unwrap_or(i64::MAX),
            quality: None,
            files: i32::try_from(made.len()).unwrap_or(i32::MAX),
            owner: Some((row.workspace_id, row.user_id)),
        })
    }

    async fn files(&self, id: ExportId) -> Result<Vec<file::Model>, StepError> {
        files::of(self.store.read(), id)
            .await
            .map_err(|error| judge(error.into()))
    }

    /// Makes one file, or writes down why it cannot be made.
    async fn make(
        &self,
        row: &export::Model,
        file: file::Model,
        lease: Lease,
        pictures: &LastPictures,
        stop: &CancellationToken,
    ) -> Result<(), StepError> {
        let outcome = match self.made(row, &file, lease, pictures, stop).await {
            Ok(outcome) => outcome,
            Err(StepError::Fatal(failure)) if failure.reason != "EXPORT_NOT_FOUND" => {
                metrics::counter!("export_files_failed_total").increment(1);
                Outcome::Failed {
                    reason: failure.reason,
                    message: failure.message,
                }
            }
            Err(error) => return Err(error),
        };
        self.settle(row.id, file.position, lease, &outcome)
            .await
            .map_err(judge)
    }

    async fn made(
        &self,
        row: &export::Model,
        file: &file::Model,
        lease: Lease,
        pictures: &LastPictures,
        stop: &CancellationToken,
    ) -> Result<Outcome, StepError> {
        let design = files::design(self.store.read(), row.id, file.cover_id)
            .await
            .map_err(|error| judge(error.into()))?
            // Erased with its export.
            .ok_or_else(|| judge(Error::ExportNotFound))?;
        let source = Source::stored(&design.document, &design.pictures)
            .map_err(|error| StepError::fatal("DESIGN_NOT_EXPORTABLE", error.to_string()))?;
        let job = Job {
            source,
            size: size(file.width, file.height),
            watermark: row.watermark,
            plan: plan(
                &file.format,
                file.quality,
                file.max_bytes,
                &file.compression,
            )?,
        };
        let format = job.plan.format;
        let encoded = self.draw(job, pictures, stop).await?;
        let outcome = Outcome::Made {
            asset_id: asset_of_file(row.id, lease.execution, file.position),
            bytes: length(&encoded),
            crc32: crc32(&encoded.bytes),
        };
        let asset_id = asset_of_file(row.id, lease.execution, file.position);
        self.keep(row, asset_id, (format, file.width, file.height), encoded)
            .await?;
        Ok(outcome)
    }

    async fn settle(
        &self,
        id: ExportId,
        position: i32,
        lease: Lease,
        outcome: &Outcome,
    ) -> Result<(), Error> {
        let tx = self.store.begin().await?;
        files::settle(&tx, id, position, lease.fencing_token, outcome).await?;
        tx.commit().await?;
        Ok(())
    }
}
