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

    /// Undoes an execution: removes its file, and writes down why there is
    /// none.
    pub(crate) async fn undo(
        &self,
        id: ExportId,
        lease: Lease,
        failure: &Failure,
    ) -> Result<(), StepError> {
        let row = store::any_export(self.store.read(), id)
            .await
            .map_err(|error| judge(error.into()))?;
        if row.is_none() {
            return Ok(());
        }
        self.peers
            .delete_asset(asset_of(id, lease.execution))
            .await
            .map_err(|status| StepError::from_status(&status))?;
        let cancelled = failure.reason == "CANCELLED";
        let ending = Ending {
            status: if cancelled {
                Status::Cancelled
            } else {
                Status::Failed
            },
            reason: failure.reason.clone(),
            message: failure.message.clone(),
        };
        self.end(id, lease, &ending).await.map_err(judge)
    }

    /// Writes down that there will be no file, once.
    pub(crate) async fn end(
        &self,
        id: ExportId,
        lease: Lease,
        ending: &Ending,
    ) -> Result<(), Error> {
        let tx = self.store.begin().await?;
        if store::end(&tx, id, lease.fencing_token, ending, tx.now_ms()).await? {
            let row = store::any_export(&tx, id)
                .await?
                .ok_or(Error::ExportNotFound)?;
            events::ready(&tx, &row).await?;
            metrics::counter!("exports_ended_total", "status" => row.status.as_str()).increment(1);
        }
        tx.commit().await?;
        Ok(())
    }
}
