use covergen_ids::SessionId;
use covergen_proto::auth::v1::{ResetPasswordRequest, ResetPasswordResponse};
use covergen_store::{ClaimScope, Tx};

use super::App;
use crate::domain::{self, password_subject};
use crate::error::Error;
use crate::events;
use crate::mail::Topic;
use crate::secrets;
use crate::store::{self, entity::account};

const METHOD: &str = "covergen.auth.v1.AuthService/ResetPassword";

impl App {
    /// Sets a new password with a mailed token. However many present it at
    /// once, one conditional update makes one of them the winner.
    pub(crate) async fn reset_password(
        &self,
        request: ResetPasswordRequest,
    ) -> Result<ResetPasswordResponse, Error> {
        let scope = ClaimScope::new(
            secrets::hash_text(&request.token),
            METHOD,
            &request.request_id,
        );
        self.store
            .idempotent(&scope, &request, |claim| async {
                // Hashed before the token is looked at: a wrong token costs
                // the same.
                let new = self.passwords.hash(request.password.clone()).await?;
                let hash = secrets::hash(&request.token);
                let tx = self.store.begin().await?;
                let now = tx.now_ms();
                if !store::token::consume(&tx, &hash, "reset", now).await? {
                    return Err(Error::TokenInvalid);
                }
                let token = store::token::find(&tx, &hash, "reset")
                    .await?
                    .ok_or(Error::TokenInvalid)?;
                let known = store::account::find(&tx, token.user_id)
                    .await?
                    .ok_or(Error::TokenInvalid)?;
                // Before the account's lock, in the order of a sign-in.
                let subject = password_subject(&known.email_canonical);
                store::guess::clear(&tx, &subject).await?;
                let account = store::account::lock(&tx, token.user_id)
                    .await?
                    .filter(|account| domain::check_status(account).is_ok())
                    .ok_or(Error::TokenInvalid)?;
                let ended = self.take_over(&tx, &account, "password_reset").await?;
                store::account::set_password_hash(&tx, account.id, new).await?;
                store::token::drop_all(&tx, account.id, &["reset", "mfa"]).await?;
                let (user, workspace) = (account.id, account.workspace_id);
                events::credentials_changed(&tx, user, workspace, "password", "changed", "")
                    .await?;
                self.order_mail(&tx, &account, Topic::PasswordChanged, "")
                    .await?;
                let done = tx.commit_with(claim, ResetPasswordResponse {}).await?;
                self.forget_sessions(ended);
                self.identity.revocations.forget_api_keys(user);
                Ok(done)
            })
            .await
    }

    /// Hands an account to whoever has just proved that its address is
    /// theirs: every session ends, and where the address was never proved
    /// before, so does every way in that a squatter may have set up.
    pub(super) async fn take_over(
        &self,
        tx: &Tx,
        account: &account::Model,
        why: &str,
    ) -> Result<Vec<SessionId>, Error> {
        let ended = self.end_sessions(tx, account, None, why).await?;
        if store::account::verify_email(tx, account.id, tx.now_ms()).await? {
            store::erase::credentials(tx, account.id).await?;
            let (user, workspace) = (account.id, account.workspace_id);
            events::credentials_changed(tx, user, workspace, "api_key", "removed", "").await?;
            events::credentials_changed(tx, user, workspace, "email", "changed", "").await?;
        }
        Ok(ended)
    }
}
