use covergen_identity::Principal;
use covergen_ids::UploadId;
use covergen_proto::media::v1::{CreateUploadHeader, Upload};
use covergen_store::{Claim, ClaimScope, Fulfilled};

use super::App;
use crate::api::encode;
use crate::domain::shown_name;
use crate::error::Error;
use crate::store::entity::entry;
use crate::store::entity::upload::{self, Kind, State};
use crate::store::{entries, room, uploads};
use crate::tus;

const METHOD: &str = "covergen.media.v1.MediaService/CreateUpload";

impl App {
    /// Begins an upload. The same key names the same upload again, as it
    /// stands by now.
    pub(crate) async fn create_upload(
        &self,
        who: &Principal,
        header: &CreateUploadHeader,
    ) -> Result<upload::Model, Error> {
        let total_bytes = header.length.unwrap_or_default();
        let told = tus::read_metadata(&header.metadata).map_err(|problem| Error::Invalid {
            field: "metadata",
            problem: problem.to_owned(),
        })?;
        let kind = match told.file_type.as_deref() {
            Some("application/zip" | "application/x-zip-compressed") => Kind::Archive,
            _ => Kind::Picture,
        };
        let limit_bytes = match kind {
            Kind::Picture => self.config.upload_limits().max_bytes,
            Kind::Archive => self.config.archive_max_bytes,
        };
        if usize::try_from(total_bytes).is_ok_and(|bytes| bytes > limit_bytes) {
            return Err(Error::TooLarge { limit_bytes });
        }
        let name = shown_name(&told.file_name.unwrap_or_default());
        self.check_room(who).await?;
        let scope = ClaimScope::new(who.user_id.to_string(), METHOD, &header.request_id);
        let begun = self
            .store
            .idempotent(&scope, header, |claim| {
                self.begin_upload(who, header, name, kind, claim)
            })
            .await?;
        let id = begun.id.parse().map_err(|_| Error::UploadNotFound)?;
        self.get_upload(who, id).await
    }

    async fn begin_upload(
        &self,
        who: &Principal,
        header: &CreateUploadHeader,
        file_name: String,
        kind: Kind,
        claim: Claim,
    ) -> Result<Fulfilled<Upload>, Error> {
        let total_bytes = header.length.unwrap_or_default();
        let tx = self.store.begin().await?;
        if !room::hold(&tx, who.workspace_id).await? {
            return Err(Error::WorkspaceClosed);
        }
        let (count, bytes) = uploads::open(&tx, who.user_id).await?;
        let (limit, limit_bytes) = (self.config.open_uploads, self.config.open_upload_bytes);
        if count >= limit || bytes.saturating_add(total_bytes) > limit_bytes {
            return Err(Error::TooManyUploads { limit, limit_bytes });
        }
        let row = upload::Model {
            id: UploadId::from_uuid(claim.operation_id()),
            workspace_id: who.workspace_id,
            user_id: who.user_id,
            state: State::Receiving,
            kind,
            total_bytes,
            stored_bytes: 0,
            parts: 0,
            metadata: header.metadata.clone(),
            file_name,
            keep_metadata: header.keep_metadata,
            keep_location: header.keep_location,
            writer: String::new(),
            asset_id: None,
            error_reason: None,
            error_message: None,
            created_at_ms: tx.now_ms(),
            expires_at_ms: tx.now_ms().saturating_add(self.config.upload_expires_ms),
            entries: None,
            entries_done: 0,
            entries_failed: 0,
            round: 0,
        };
        uploads::insert(&tx, &row).await?;
        Ok(tx
            .commit_with(claim, encode::upload(row, Vec::new()))
            .await?)
    }

    /// An upload of the caller's, unless its time has come.
    pub(crate) async fn get_upload(
        &self,
        who: &Principal,
        id: UploadId,
    ) -> Result<upload::Model, Error> {
        let row = uploads::of_person(self.store.read(), who.workspace_id, who.user_id, id)
            .await?
            .ok_or(Error::UploadNotFound)?;
        self.living(row, self.store.clock().now_ms())
    }

    /// The same, and what came of the files in it where it is an archive.
    pub(crate) async fn get_upload_and_entries(
        &self,
        who: &Principal,
        id: UploadId,
    ) -> Result<(upload::Model, Vec<entry::Model>), Error> {
        let row = self.get_upload(who, id).await?;
        let entries = match row.kind {
            Kind::Picture => Vec::new(),
            Kind::Archive => entries::of_upload(self.store.read(), who.workspace_id, id).await?,
        };
        Ok((row, entries))
    }

    /// The same upload, unless its time has come.
    pub(super) fn living(&self, row: upload::Model, now_ms: i64) -> Result<upload::Model, Error> {
        if row.expires_at_ms <= now_ms && row.state != State::Processing {
            return Err(Error::UploadExpired);
        }
        Ok(row)
    }
}
