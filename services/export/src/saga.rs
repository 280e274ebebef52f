//! The saga that makes an export: `render`, then `finish`.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use covergen_identity::{Caller, Principal};
use covergen_ids::{ExportId, UserId, WorkspaceId};
use covergen_mesh::{CallContext, TraceParent};
use covergen_proto::task::v1::LeasedTask;
use covergen_saga::{Failure, Run, Saga, Step, StepError};

use crate::app::{App, Lease, Stored};
use crate::store;
use crate::store::entity::export;

/// Kind of its tasks.
pub(crate) const KIND: &str = "export.render";
/// Version of its steps.
pub(crate) const VERSION: i32 = 1;

const RENDER: &str = "render";
const FINISH: &str = "finish";
const STEPS: &[Step] = &[Step::new(RENDER, 90), Step::harmless(FINISH, 100)];

/// Works on exports.
pub(crate) struct ExportSaga(pub(crate) Arc<App>);

#[async_trait]
impl Saga for ExportSaga {
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
        let (id, lease) = (export_id(run)?, lease(run));
        let app = &self.0;
        match step {
            RENDER => {
                let stored = self
                    .for_owner(id, Box::pin(app.render(id, lease, run.stop())))
                    .await?;
                serde_json::to_vec(&stored)
                    .map(Bytes::from)
                    .map_err(|error| StepError::Transient(error.to_string()))
            }
            FINISH => {
                let stored: Stored = run
                    .output(RENDER)
                    .and_then(|output| serde_json::from_slice(output).ok())
                    .ok_or_else(|| unreadable("the journal"))?;
                app.finish(id, lease, &stored).await.map(|()| Bytes::new())
            }
            _ => Err(unreadable("the step")),
        }
    }

    async fn compensate(&self, step: &'static str, run: &Run) -> Result<(), StepError> {
        if step != RENDER {
            return Ok(());
        }
        let id = export_id(run)?;
        let stored: Option<Stored> = run
            .output(RENDER)
            .and_then(|output| serde_json::from_slice(output).ok());
        if let Some(stored) = &stored
            && let Some((workspace, user)) = stored.owner
            && self.is_erased(id).await?
        {
            let work = self.0.discard(id, lease(run), stored);
            return on_behalf(user, workspace).scope(work).await;
        }
        let failure = run.failure().cloned().unwrap_or_else(|| Failure {
            reason: "UNDONE".to_owned(),
            message: "the export was undone".to_owned(),
        });
        let undone = Box::pin(self.0.undo(id, lease(run), &failure));
        self.for_owner(id, undone).await
    }
}

impl ExportSaga {
    /// Runs work on behalf of whoever asked for the export.
    async fn for_owner<T>(
        &self,
        id: ExportId,
        work: impl Future<Output = Result<T, StepError>>,
    ) -> Result<T, StepError> {
        let row = self.row(id).await?;
        match row {
            Some(row) => on_behalf(row.user_id, row.workspace_id).scope(work).await,
            None => as_itself(None).scope(work).await,
        }
    }

    async fn is_erased(&self, id: ExportId) -> Result<bool, StepError> {
        Ok(self.row(id).await?.is_none())
    }

    async fn row(&self, id: ExportId) -> Result<Option<export::Model>, StepError> {
        store::any_export(self.0.store.read(), id)
            .await
            .map_err(|error| StepError::Transient(error.to_string()))
    }
}

/// The context of calls that export makes on behalf of whoever asked for an
/// export.
pub(crate) fn on_behalf(user_id: UserId, workspace_id: WorkspaceId) -> CallContext {
    as_itself(Some(Principal {
        user_id,
        workspace_id,
        // What is called lets services in by name, not by their users' roles.
        roles: Vec::new(),
        session_id: None,
        scopes: None,
    }))
}

fn as_itself(on_behalf_of: Option<Principal>) -> CallContext {
    let context = CallContext::current().unwrap_or_else(CallContext::background);
    context.with_caller(covergen_mesh::Caller::new(Caller::Service {
        name: "export".to_owned(),
        on_behalf_of,
    }))
}

/// The context of a task's calls: the trace of whoever submitted it.
pub(crate) fn context_of(task: &LeasedTask) -> CallContext {
    let context = CallContext::background();
    match TraceParent::parse(&task.traceparent) {
        Some(parent) => context.with_trace_parent(parent),
        None => context,
    }
}

fn export_id(run: &Run) -> Result<ExportId, StepError> {
    std::str::from_utf8(run.payload())
        .ok()
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| unreadable("the payload"))
}

fn lease(run: &Run) -> Lease {
    Lease {
        execution: run.task().execution,
        fencing_token: i64::try_from(run.task().fencing_token).unwrap_or(i64::MAX),
    }
}

fn unreadable(what: &str) -> StepError {
    StepError::fatal(
        "TASK_UNREADABLE",
        format!("{what} of this task cannot be read"),
    )
}
