use covergen_ids::WorkspaceId;
use covergen_proto::auth::v1::{ForgotPasswordRequest, ForgotPasswordResponse};
use covergen_store::ClaimScope;

use super::App;
use crate::domain::canonical_email;
use crate::domain::language::Language;
use crate::error::Error;
use crate::mail::Topic;
use crate::secrets;
use crate::store;

const METHOD: &str = "covergen.auth.v1.AuthService/ForgotPassword";

impl App {
    /// Orders a mail with a link. For an address without an account a mail to
    /// nobody is ordered, so that the work and the answer are the same.
    pub(crate) async fn forgot_password(
        &self,
        request: ForgotPasswordRequest,
    ) -> Result<ForgotPasswordResponse, Error> {
        let email = canonical_email(&request.email);
        let scope = ClaimScope::new(secrets::hash_text(&email), METHOD, &request.request_id);
        self.store
            .idempotent(&scope, &request, |claim| async {
                let account = store::account::by_email(self.store.read(), &email).await?;
                let known = account.as_ref().map_or("", |account| &account.language);
                let language = Language::choose(&request.language, known);
                let tx = self.store.begin().await?;
                let user = account.as_ref().map(|account| account.id);
                self.order(&tx, user, WorkspaceId::SYSTEM, Topic::Reset, language)
                    .await?;
                Ok(tx.commit_with(claim, ForgotPasswordResponse {}).await?)
            })
            .await
    }
}
