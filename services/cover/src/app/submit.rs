//! The way from cover's outbox into the queue.

use covergen_ids::TaskId;
use covergen_proto::task::v1::SubmitTaskRequest;
use covergen_store::DispatchFailure;
use prost::Message as _;

use super::App;
use crate::saga;
use crate::store::{self, entity::request};

/// Name of the outbox command.
pub(crate) const SUBMIT_TASK: &str = "cover.submit_task";

/// Somebody waits for what they have asked for; nobody waits for one row of a
/// bulk.
const PRIORITY: i32 = 5;
const BULK_PRIORITY: i32 = 1;

/// The submission of a request's saga.
pub(super) fn submission(row: &request::Model) -> SubmitTaskRequest {
    SubmitTaskRequest {
        task_id: row.task_id.to_string(),
        kind: saga::KIND.to_owned(),
        payload: row.order_json.clone().into(),
        priority: if row.bulk_id.is_some() {
            BULK_PRIORITY
        } else {
            PRIORITY
        },
        saga_version: saga::VERSION,
        on_behalf_of: format!("{} {}", row.user_id, row.workspace_id),
        workspace_id: row.workspace_id.to_string(),
        ..SubmitTaskRequest::default()
    }
}

impl App {
    /// Hands a request to the queue. The task id makes repeats harmless. Whoever
    /// has left takes their requests along, and nothing is submitted for them.
    pub(crate) async fn carry_out_submission(&self, payload: &[u8]) -> Result<(), DispatchFailure> {
        let request = SubmitTaskRequest::decode(payload)
            .map_err(|error| DispatchFailure::Refused(error.to_string()))?;
        let task: TaskId = request
            .task_id
            .parse()
            .map_err(|_| DispatchFailure::Refused("the task id is none".to_owned()))?;
        let is_kept = store::is_kept(self.store.read(), task)
            .await
            .map_err(|error| DispatchFailure::Retry(error.to_string()))?;
        if !is_kept {
            return Ok(());
        }
        self.peers.submit(request).await
    }
}
