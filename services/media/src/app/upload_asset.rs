use covergen_identity::Principal;
use covergen_ids::{AssetId, WorkspaceId};
use covergen_proto::media::v1::upload_asset_request::Part;
use covergen_proto::media::v1::{Asset, UploadAssetHeader, UploadAssetRequest};
use covergen_store::{Claim, ClaimScope, Fulfilled};
use prost::Message as _;

use super::App;
use super::record::Placed;
use crate::api::encode;
use crate::domain::shown_name;
use crate::error::Error;
use crate::facts::Keep;
use crate::pictures::Processed;
use crate::spool::Spooled;
use crate::store::room;

const METHOD: &str = "covergen.media.v1.MediaService/UploadAsset";
/// Longer than an upload takes once it has come in whole.
const LEASE_MS: u32 = 120_000;

/// A person's upload, come in whole.
pub(crate) struct Upload {
    pub(crate) header: UploadAssetHeader,
    pub(crate) file: Spooled,
}

impl App {
    /// Refuses at once what there is no room for, before its bytes come in.
    pub(crate) async fn check_room(&self, who: &Principal) -> Result<(), Error> {
        self.check_room_of(who.workspace_id).await
    }

    /// Whether a workspace has any room at all.
    pub(super) async fn check_room_of(&self, workspace: WorkspaceId) -> Result<(), Error> {
        let storage = room::storage(self.store.read(), workspace).await?;
        if storage.closed {
            return Err(Error::WorkspaceClosed);
        }
        let full = storage.upload_bytes >= self.config.workspace_bytes
            || storage.uploads >= self.config.workspace_uploads;
        if full {
            Err(self.storage_full(&storage))
        } else {
            Ok(())
        }
    }

    /// Reads a person's file, writes its picture anew and stores that. The
    /// asset's id comes from the idempotency claim, so a repeat after a crash
    /// is the same asset.
    pub(crate) async fn upload_asset(
        &self,
        who: &Principal,
        upload: Upload,
    ) -> Result<Asset, Error> {
        let key = upload.header.request_id.clone();
        let scope = ClaimScope::new(who.user_id.to_string(), METHOD, key).lease_ms(LEASE_MS);
        let request = fingerprint(&upload);
        self.store
            .idempotent(&scope, &request, |claim| async {
                let name = shown_name(&upload.header.file_name);
                let keep = Keep {
                    metadata: upload.header.keep_metadata,
                    location: upload.header.keep_location,
                };
                let limits = self.config.upload_limits();
                let made = self
                    .pictures
                    .process(upload.file, limits, keep, self.config.upload_timeout_ms)
                    .await?;
                self.store_upload(who, claim, name, made).await
            })
            .await
    }

    async fn store_upload(
        &self,
        who: &Principal,
        claim: Claim,
        file_name: String,
        made: Processed,
    ) -> Result<Fulfilled<Asset>, Error> {
        let placed = Placed {
            id: AssetId::from_uuid(claim.operation_id()),
            workspace_id: who.workspace_id,
            user_id: who.user_id,
            file_name,
        };
        let (tx, row) = self.place(placed, made).await?;
        let kind = row.content_type.clone();
        let answer = encode::asset(&self.addresses, row);
        let done = tx.commit_with(claim, answer).await?;
        metrics::counter!("media_uploads_total", "type" => kind).increment(1);
        Ok(done)
    }
}

/// What tells one upload from another under the same key: header and content.
fn fingerprint(upload: &Upload) -> UploadAssetRequest {
    let told = [&upload.file.sha256[..], &upload.header.encode_to_vec()].concat();
    UploadAssetRequest {
        part: Some(Part::Chunk(told.into())),
    }
}
