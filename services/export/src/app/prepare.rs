use covergen_identity::Principal;
use covergen_ids::{CoverId, ExportId, TaskId};
use covergen_proto::export::v1::export::Status as Wire;
use covergen_proto::export::v1::{PrepareRequest, PrepareResponse};
use covergen_store::{Claim, ClaimScope, CommandDraft, Fulfilled};

use super::App;
use super::submit::SUBMIT_TASK;
use crate::design::Source;
use crate::domain::{Wanted, format_name, stem};
use crate::error::Error;
use crate::store;
use crate::store::entity::export::{self, Kind, Status};

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
        let wanted = Wanted::of(request.into()).map_err(Error::Invalid)?;
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
        let source = self.source(caller, cover).await?;
        let watermark = self.peers.bears_watermark(caller.user_id).await?;
        // Refused here rather than by the worker, while somebody listens.
        source.laid_out(wanted.size, watermark)?;
        let title = stem(&source.title()?);
        let id = ExportId::from_uuid(claim.operation_id());
        let row = export::Model {
            preset: wanted.preset.clone(),
            width: side(wanted.size.width),
            height: side(wanted.size.height),
            format: format_name(wanted.format).to_owned(),
            quality: i32::from(wanted.quality),
            max_bytes: wanted.max_bytes.and_then(|bytes| i32::try_from(bytes).ok()),
            watermark,
            pictures: source.pictures_json()?,
            document: source.document,
            file_name: format!(
                "{title}-{}.{}",
                wanted.size_name(),
                wanted.format.extension()
            ),
            compression: wanted.compression.name().to_owned(),
            ..blank(id, caller, cover, Kind::File)
        };
        self.write_down(caller, row, Vec::new(), Vec::new(), claim)
            .await
    }

    /// What a cover of the caller's is drawn from.
    pub(super) async fn source(&self, caller: &Principal, cover: CoverId) -> Result<Source, Error> {
        let design = self.peers.design(cover).await?;
        if design.workspace_id != caller.workspace_id.to_string() {
            return Err(Error::CoverNotFound);
        }
        Ok(Source::of(design)?)
    }

    /// Writes an export down, with its files, and the command that submits
    /// its task.
    pub(super) async fn write_down(
        &self,
        caller: &Principal,
        mut row: export::Model,
        designs: Vec<store::entity::design::Model>,
        files: Vec<store::entity::file::Model>,
        claim: Claim,
    ) -> Result<Fulfilled<PrepareResponse>, Error> {
        let (id, format) = (row.id, row.format.clone());
        let tx = self.store.begin().await?;
        row.created_at_ms = tx.now_ms();
        row.updated_at_ms = tx.now_ms();
        store::insert(&tx, row).await?;
        store::files::insert(&tx, designs, files).await?;
        let command = CommandDraft::new(SUBMIT_TASK, &id, id.to_string().into_bytes());
        tx.command(command.workspace(caller.workspace_id)).await?;
        let reply = PrepareResponse {
            export_id: id.to_string(),
            status: Wire::Pending.into(),
        };
        let done = tx.commit_with(claim, reply).await?;
        metrics::counter!("exports_requested_total", "format" => format).increment(1);
        Ok(done)
    }
}

/// An export of which nothing is settled but whose it is.
pub(super) fn blank(id: ExportId, caller: &Principal, cover: CoverId, kind: Kind) -> export::Model {
    export::Model {
        id,
        workspace_id: caller.workspace_id,
        user_id: caller.user_id,
        cover_id: cover,
        task_id: TaskId::derived(&id.uuid(), 0),
        preset: String::new(),
        width: 0,
        height: 0,
        format: String::new(),
        quality: 0,
        max_bytes: None,
        watermark: true,
        document: String::new(),
        status: Status::Pending,
        fencing_token: 0,
        asset_id: None,
        bytes: None,
        error_reason: None,
        error_message: None,
        created_at_ms: 0,
        updated_at_ms: 0,
        kind,
        file_name: String::new(),
        compression: String::new(),
        pictures: "[]".to_owned(),
        total_bytes: None,
        used_quality: None,
    }
}

/// At most 4096.
pub(super) fn side(px: u32) -> i32 {
    i32::try_from(px).unwrap_or(i32::MAX)
}
