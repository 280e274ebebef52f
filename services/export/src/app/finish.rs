use covergen_ids::{AssetId, ExportId};
use covergen_saga::{Failure, StepError};

use super::render::{asset_of, judge};
use super::render_archive::asset_of_file;
use super::{App, Stored};
use crate::error::Error;
use crate::events;
use crate::store::entity::export::{self, Kind, Status};
use crate::store::{self, Ending, Success, files};

/// What a worker proves itself with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lease {
    /// Execution of the task, 1 for the first.
    pub(crate) execution: i32,
    /// Higher than that of every worker before.
    pub(crate) fencing_token: i64,
}

impl App {
    /// Writes down that the file is there, once.
    pub(crate) async fn finish(
        &self,
        id: ExportId,
        lease: Lease,
        stored: &Stored,
    ) -> Result<(), StepError> {
        self.write_success(id, lease, stored).await.map_err(judge)
    }

    async fn write_success(
        &self,
        id: ExportId,
        lease: Lease,
        stored: &Stored,
    ) -> Result<(), Error> {
        let tx = self.store.begin().await?;
        let success = Success {
            asset_id: stored.asset_id,
            bytes: stored.bytes,
            quality: stored.quality.map(i32::from),
        };
        let first = store::succeed(&tx, id, lease.fencing_token, success, tx.now_ms()).await?;
        let row = store::any_export(&tx, id)
            .await?
            .ok_or(Error::ExportNotFound)?;
        if first {
            events::ready(&tx, &row).await?;
            metrics::counter!("exports_ended_total", "status" => row.status.as_str()).increment(1);
        } else if row.status != Status::Succeeded {
            // A later worker has it: this one's lease is lost.
            return Err(covergen_store::Error::Fenced.into());
        }
        tx.commit().await?;
        Ok(())
    }

    /// Undoes an execution: writes down why there is no file, and removes what
    /// there is of it. One that has its file keeps it: a cancellation that
    /// comes after the end changes nothing.
    pub(crate) async fn undo(
        &self,
        id: ExportId,
        lease: Lease,
        failure: &Failure,
    ) -> Result<(), StepError> {
        let status = if failure.reason == "CANCELLED" {
            Status::Cancelled
        } else {
            Status::Failed
        };
        let ending = Ending {
            status,
            reason: failure.reason.clone(),
            message: failure.message.clone(),
        };
        let ended = self.end(id, lease, &ending).await.map_err(judge)?;
        match ended {
            // Erased; what it had stored is known to `discard` alone.
            None => Ok(()),
            Some(row) => match row.status {
                Status::Succeeded => Ok(()),
                Status::Failed | Status::Cancelled => self.remove(&row, lease).await,
                // A later worker has it, and the files are that worker's.
                Status::Pending | Status::Running => {
                    Err(judge(covergen_store::Error::Fenced.into()))
                }
            },
        }
    }

    /// Removes what an execution has stored for an export that ended badly.
    async fn remove(&self, row: &export::Model, lease: Lease) -> Result<(), StepError> {
        let assets: Vec<AssetId> = match row.kind {
            Kind::File => vec![asset_of(row.id, lease.execution)],
            Kind::Archive => {
                let files = files::of(self.store.read(), row.id)
                    .await
                    .map_err(|error| judge(error.into()))?;
                let positions = files.iter().map(|file| file.position);
                positions
                    .map(|position| asset_of_file(row.id, lease.execution, position))
                    .collect()
            }
        };
        self.peers
            .delete_assets(&assets)
            .await
            .map_err(|status| StepError::from_status(&status))?;
        if row.kind == Kind::Archive {
            self.reset(row.id).await.map_err(judge)?;
        }
        Ok(())
    }

    async fn reset(&self, id: ExportId) -> Result<(), Error> {
        let tx = self.store.begin().await?;
        files::reset(&tx, id).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Removes what an execution stored for an export that is erased.
    pub(crate) async fn discard(
        &self,
        id: ExportId,
        lease: Lease,
        stored: &Stored,
    ) -> Result<(), StepError> {
        let positions = 0..stored.files;
        let mut assets: Vec<AssetId> = positions
            .map(|position| asset_of_file(id, lease.execution, position))
            .collect();
        assets.extend(stored.asset_id);
        self.peers
            .delete_assets(&assets)
            .await
            .map_err(|status| StepError::from_status(&status))
    }

    /// Writes down that there will be no file, once; the export then, if it is
    /// still there.
    pub(crate) async fn end(
        &self,
        id: ExportId,
        lease: Lease,
        ending: &Ending,
    ) -> Result<Option<export::Model>, Error> {
        let tx = self.store.begin().await?;
        let first = store::end(&tx, id, lease.fencing_token, ending, tx.now_ms()).await?;
        let row = store::any_export(&tx, id).await?;
        if let Some(row) = row.as_ref().filter(|_| first) {
            events::ready(&tx, row).await?;
            metrics::counter!("exports_ended_total", "status" => row.status.as_str()).increment(1);
        }
        tx.commit().await?;
        Ok(row)
    }
}
