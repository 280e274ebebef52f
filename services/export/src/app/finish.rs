use covergen_ids::ExportId;
use covergen_saga::{Failure, StepError};

use super::render::judge;
use super::{App, Stored, asset_of};
use crate::error::Error;
use crate::events;
use crate::store::entity::export::Status;
use crate::store::{self, Ending};

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
        let now = tx.now_ms();
        let token = lease.fencing_token;
        let first = store::succeed(&tx, id, token, stored.asset_id, stored.bytes, now).await?;
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
            // Nothing was ever stored for an export that is not there.
            None | Some(Status::Succeeded) => Ok(()),
            Some(Status::Failed | Status::Cancelled) => self
                .peers
                .delete_asset(asset_of(id, lease.execution))
                .await
                .map_err(|status| StepError::from_status(&status)),
            // A later worker has it, and the file is that worker's.
            Some(Status::Pending | Status::Running) => {
                Err(judge(covergen_store::Error::Fenced.into()))
            }
        }
    }

    /// Writes down that there will be no file, once; returns where the export
    /// stands then.
    pub(crate) async fn end(
        &self,
        id: ExportId,
        lease: Lease,
        ending: &Ending,
    ) -> Result<Option<Status>, Error> {
        let tx = self.store.begin().await?;
        let first = store::end(&tx, id, lease.fencing_token, ending, tx.now_ms()).await?;
        let row = store::any_export(&tx, id).await?;
        if let Some(row) = row.as_ref().filter(|_| first) {
            events::ready(&tx, row).await?;
            metrics::counter!("exports_ended_total", "status" => row.status.as_str()).increment(1);
        }
        tx.commit().await?;
        Ok(row.map(|row| row.status))
    }
}
