use covergen_identity::Principal;
use covergen_ids::{CoverId, ExportId, TaskId};
use covergen_proto::export::v1::export::Status as Wire;
use covergen_proto::export::v1::{PrepareRequest, PrepareResponse};
use covergen_store::{Claim, ClaimScope, CommandDraft, Fulfilled};

use super::App;
use super::submit::SUBMIT_TASK;
use crate::design;
use crate::domain::{Wanted, format_name};
use crate::error::Error;
use crate::store;
use crate::store::entity::export::{self, Status};

const METHOD: &str = "covergen.export.v1.ExportService/Prepare";

impl App {
    /// Takes an export on. The cover's design and the mark are settled now, so
    /// that what follows depends on nobody but the queue and media.
    pub(crate) async fn prepare(
        &self,
        caller: &Principal,
        cover: CoverId,
        request: &PrepareRequest,
    ) -> Result<PrepareResponse, Error> {
        let wanted = Wanted::of(request).map_err(Error::Invalid)?;
        let scope = ClaimScope::new(caller.user_id.to_string(), METHOD, &request.request_id);
        self.store
            .idempotent(&scope, request, |claim| {
                self.take_on(caller, cover, wanted, claim)
            })
            .await
    }

    async fn take_on(
        &self,
        caller: &Principal,
        cover: CoverId,
        wanted: Wanted,
        claim: Claim,
    ) -> Result<Fulfilled<PrepareResponse>, Error> {
        let design = self.peers.design(cover).await?;
        if design.workspace_id != caller.workspace_id.to_string() {
            return Err(Error::CoverNotFound);
        }
        let watermark = self.peers.bears_watermark(caller.user_id).await?;
        // Refused here rather than by the worker, while somebody listens.
        design::lay_out(&design.document, wanted.size, watermark)?;

        let id = ExportId::from_uuid(claim.operation_id());
        let tx = self.store.begin().await?;
        let now = tx.now_ms();
        let row = export::Model {
            id,
            workspace_id: caller.workspace_id,
            user_id: caller.user_id,
            cover_id: cover,
            task_id: TaskId::derived(&id.uuid(), 0),
            preset: wanted.preset,
            width: side(wanted.size.width),
            height: side(wanted.size.height),
            format: format_name(wanted.format).to_owned(),
            quality: i32::from(wanted.quality),
            max_bytes: wanted.max_bytes.and_then(|bytes| i32::try_from(bytes).ok()),
            watermark,
            document: design.document,
            status: Status::Pending,
            fencing_token: 0,
            asset_id: None,
            bytes: None,
            error_reason: None,
            error_message: None,
            created_at_ms: now,
            updated_at_ms: now,
        };
        store::insert(&tx, row).await?;
        let command = CommandDraft::new(SUBMIT_TASK, &id, id.to_string().into_bytes());
        tx.command(command.workspace(caller.workspace_id)).await?;
        let reply = PrepareResponse {
            export_id: id.to_string(),
            status: Wire::Pending.into(),
        };
        let done = tx.commit_with(claim, reply).await?;
        metrics::counter!("exports_requested_total", "format" => format_name(wanted.format))
            .increment(1);
        Ok(done)
    }
}

/// At most 4096.
fn side(px: u32) -> i32 {
    i32::try_from(px).unwrap_or(i32::MAX)
}
