use covergen_identity::Principal;
use covergen_proto::auth::v1::{ChangePasswordRequest, ChangePasswordResponse};
use covergen_store::ClaimScope;

use super::App;
use crate::domain::password_subject;
use crate::error::Error;
use crate::events;
use crate::mail::Topic;
use crate::store;

const METHOD: &str = "covergen.auth.v1.AuthService/ChangePassword";

impl App {
    /// Changes the caller's password and ends their other sessions.
    pub(crate) async fn change_password(
        &self,
        caller: &Principal,
        request: ChangePasswordRequest,
    ) -> Result<ChangePasswordResponse, Error> {
        let account = store::account::find(self.store.read(), caller.user_id)
            .await?
            .ok_or(Error::AccountNotFound)?;
        let scope = ClaimScope::new(caller.user_id.to_string(), METHOD, &request.request_id);
        self.store
            .idempotent(&scope, &request, |claim| async {
                let known = account.password_hash.clone();
                if known.is_empty() {
                    // Nothing to compare: a fresh sign-in stands in for it.
                    self.require_recent(caller).await?;
                } else {
                    let current = request.current_password.clone();
                    self.prove_password(&account, current).await?;
                }
                let new = self.passwords.hash(request.new_password.clone()).await?;
                let tx = self.store.begin().await?;
                let account = store::account::lock(&tx, account.id)
                    .await?
                    .filter(|account| account.password_hash == known)
                    .ok_or(Error::PasswordWrong)?;
                store::account::set_password_hash(&tx, account.id, new).await?;
                let ended = self
                    .end_sessions(&tx, &account, caller.session_id, "password_changed")
                    .await?;
                store::token::drop_all(&tx, account.id, &["reset", "mfa"]).await?;
                let change = if known.is_empty() { "added" } else { "changed" };
                let (user, workspace) = (account.id, account.workspace_id);
                events::credentials_changed(&tx, user, workspace, "password", change, "").await?;
                self.order_mail(&tx, &account, Topic::PasswordChanged, "")
                    .await?;
                let done = tx.commit_with(claim, ChangePasswordResponse {}).await?;
                self.forget_sessions(ended);
                Ok(done)
            })
            .await
    }

    /// Compares the caller's password; wrong ones are counted as at sign-in.
    pub(super) async fn prove_password(
        &self,
        account: &store::entity::account::Model,
        password: String,
    ) -> Result<(), Error> {
        let verified = self.verify_password(Some(account), password).await?;
        let tx = self.store.begin().await?;
        let subject = password_subject(&account.email_canonical);
        let right = self.judge_password(&tx, &subject, &verified).await?;
        tx.commit().await?;
        if right {
            Ok(())
        } else {
            Err(Error::PasswordWrong)
        }
    }
}
