use std::sync::Arc;

use covergen_ids::{DataExportId, UserId};
use covergen_proto::user::v1::{DataExport, ExportUserDataRequest};
use covergen_store::ClaimScope;

use super::App;
use crate::api::encode;
use crate::error::Error;
use crate::gather::{self, Pieces};
use crate::store::accounts;
use crate::store::entity::data_export;

const EXPORT: &str = "covergen.user.v1.UserService/ExportUserData";

impl App {
    /// Gives leave to download a copy of everything that is kept of a person.
    pub(crate) async fn export_user_data(
        &self,
        user: UserId,
        request: ExportUserDataRequest,
    ) -> Result<DataExport, Error> {
        let profile = self.profile(user).await?;
        let scope = ClaimScope::new(user.to_string(), EXPORT, &request.request_id);
        self.store
            .idempotent(&scope, &request, |claim| async {
                let tx = self.store.begin_for(user).await?;
                let row = data_export::Model {
                    id: DataExportId::new(&self.clock),
                    user_id: user,
                    workspace_id: profile.workspace_id,
                    created_at_ms: tx.now_ms(),
                    expires_at_ms: tx.now_ms() + self.config.data_export_ttl_ms,
                };
                accounts::insert_data_export(&tx, row.clone()).await?;
                Ok(tx.commit_with(claim, encode::data_export(&row)).await?)
            })
            .await
    }

    /// The copy, gathered as it is read: a piece waits until the one before
    /// has been taken.
    pub(crate) async fn download_user_data(
        self: Arc<Self>,
        user: UserId,
        id: DataExportId,
    ) -> Result<Pieces, Error> {
        let copy = accounts::data_export(self.store.read(), user, id)
            .await?
            .filter(|copy| copy.expires_at_ms > self.clock.now_ms())
            .ok_or(Error::DataExportNotFound)?;
        let admitted = Arc::clone(&self.copies)
            .try_acquire_owned()
            .map_err(|_| Error::Busy)?;
        Ok(gather::everything(self, copy.user_id, admitted))
    }
}
