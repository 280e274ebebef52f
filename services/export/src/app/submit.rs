use covergen_ids::ExportId;
use covergen_proto::task::v1::SubmitTaskRequest;
use covergen_saga::StepError;
use covergen_store::{DispatchFailure, OutboxCommand};

use super::{App, Lease};
use crate::error::Error;
use crate::saga::{KIND, VERSION};
use crate::store::entity::export::{self, Status};
use crate::store::{self, Ending};

/// The command that puts an export's task into the queue.
pub(crate) const SUBMIT_TASK: &str = "export.submit_task";

/// Attempts at an export. Its steps are cheap to repeat, and whoever waits is
/// better served late than never: with the queue's pauses about two minutes.
const MAX_ATTEMPTS: i32 = 8;

impl App {
    /// Puts the task of an export into the queue; comes again until the queue
    /// has it. Its id was minted with the export, so it is there once.
    pub(crate) async fn task_submission(
        &self,
        command: OutboxCommand,
    ) -> Result<(), DispatchFailure> {
        let id: ExportId = std::str::from_utf8(&command.payload)
            .ok()
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| DispatchFailure::Refused("the payload is no export id".to_owned()))?;
        let retry = |error: &dyn std::fmt::Display| DispatchFailure::Retry(error.to_string());
        let row = store::any_export(self.store.read(), id)
            .await
            .map_err(|error| retry(&error))?;
        // Whoever has left takes their exports along.
        let Some(row) = row else {
            return Ok(());
        };
        let request = SubmitTaskRequest {
            task_id: row.task_id.to_string(),
            kind: KIND.to_owned(),
            payload: id.to_string().into_bytes().into(),
            saga_version: VERSION,
            max_attempts: MAX_ATTEMPTS,
            on_behalf_of: format!("{} {}", row.user_id, row.workspace_id),
            workspace_id: row.workspace_id.to_string(),
            request_id: command.id.to_string(),
            ..SubmitTaskRequest::default()
        };
        let Err(status) = self.peers.submit_task(request).await else {
            return Ok(());
        };
        match StepError::from_status(&status) {
            StepError::Transient(message) => Err(DispatchFailure::Retry(message)),
            // Here they are about to be erased, too.
            StepError::Fatal(failure) if failure.reason == "USER_NOT_FOUND" => Ok(()),
            // Nobody will ever work on it, and whoever waits for it must know.
            StepError::Fatal(failure) => {
                tracing::error!(export = %id, reason = failure.reason, "the queue refused an export");
                self.give_up(&row, failure.reason, failure.message)
                    .await
                    .map_err(|error| retry(&error))
            }
        }
    }

    async fn give_up(
        &self,
        row: &export::Model,
        reason: String,
        message: String,
    ) -> Result<(), Error> {
        let ending = Ending {
            status: Status::Failed,
            reason,
            message,
        };
        let nobody = Lease {
            execution: 0,
            fencing_token: 0,
        };
        self.end(row.id, nobody, &ending).await?;
        Ok(())
    }
}
