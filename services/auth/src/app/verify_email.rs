use covergen_identity::Principal;
use covergen_proto::auth::v1::{
    SendVerificationRequest, SendVerificationResponse, VerifyEmailRequest, VerifyEmailResponse,
};
use covergen_store::ClaimScope;

use super::App;
use crate::domain::language::Language;
use crate::error::Error;
use crate::events;
use crate::mail::Topic;
use crate::secrets;
use crate::store;

const VERIFY: &str = "covergen.auth.v1.AuthService/VerifyEmail";
const SEND: &str = "covergen.auth.v1.AuthService/SendVerification";

impl App {
    /// Notes that an address was proved, by a mailed token.
    pub(crate) async fn verify_email(
        &self,
        request: VerifyEmailRequest,
    ) -> Result<VerifyEmailResponse, Error> {
        let who = secrets::hash_text(&request.token);
        let scope = ClaimScope::new(who, VERIFY, &request.request_id);
        self.store
            .idempotent(&scope, &request, |claim| async {
                let hash = secrets::hash(&request.token);
                let tx = self.store.begin().await?;
                let now = tx.now_ms();
                if !store::token::consume(&tx, &hash, "verify", now).await? {
                    return Err(Error::TokenInvalid);
                }
                let token = store::token::find(&tx, &hash, "verify")
                    .await?
                    .ok_or(Error::TokenInvalid)?;
                let (user, workspace) = (token.user_id, token.workspace_id);
                if store::account::verify_email(&tx, user, now).await? {
                    events::credentials_changed(&tx, user, workspace, "email", "changed", "")
                        .await?;
                }
                Ok(tx.commit_with(claim, VerifyEmailResponse {}).await?)
            })
            .await
    }

    /// Orders another mail that proves the caller's address. Where it is
    /// proved, no mail is sent.
    pub(crate) async fn send_verification(
        &self,
        caller: &Principal,
        request: SendVerificationRequest,
    ) -> Result<SendVerificationResponse, Error> {
        let scope = ClaimScope::new(caller.user_id.to_string(), SEND, &request.request_id);
        self.store
            .idempotent(&scope, &request, |claim| async {
                let tx = self.store.begin().await?;
                let account = store::account::lock(&tx, caller.user_id)
                    .await?
                    .ok_or(Error::AccountNotFound)?;
                if let Some(language) = Language::wanted(&request.language) {
                    store::account::set_language(&tx, account.id, language.as_str()).await?;
                }
                self.order_mail(&tx, &account, Topic::Verify, &request.language)
                    .await?;
                Ok(tx.commit_with(claim, SendVerificationResponse {}).await?)
            })
            .await
    }
}
