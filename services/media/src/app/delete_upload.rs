use covergen_identity::Principal;
use covergen_ids::UploadId;
use covergen_proto::media::v1::{DeleteUploadRequest, Upload};
use covergen_store::ClaimScope;

use super::App;
use crate::api::encode;
use crate::error::Error;
use crate::store::uploads;

const METHOD: &str = "covergen.media.v1.MediaService/DeleteUpload";

impl App {
    /// Ends an upload of the caller's and answers with what it was.
    pub(crate) async fn delete_upload(
        &self,
        who: &Principal,
        id: UploadId,
        request: &DeleteUploadRequest,
    ) -> Result<Upload, Error> {
        let scope = ClaimScope::new(who.user_id.to_string(), METHOD, &request.request_id);
        self.store
            .idempotent(&scope, request, |claim| async {
                let tx = self.store.begin().await?;
                let upload = uploads::of_person(&tx, who.workspace_id, who.user_id, id)
                    .await?
                    .ok_or(Error::UploadNotFound)?;
                if self.remove_uploads(&tx, [id]).await? == 0 {
                    return Err(Error::UploadNotFound);
                }
                Ok(tx
                    .commit_with(claim, encode::upload(upload, Vec::new()))
                    .await?)
            })
            .await
    }
}
