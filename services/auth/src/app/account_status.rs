use covergen_identity::Principal;
use covergen_ids::UserId;
use covergen_proto::auth::v1::SetAccountStatusRequest;

use super::accounts::status_text;
use super::{AccountView, App};
use crate::domain;
use crate::error::Error;
use crate::events;
use crate::store;

impl App {
    /// Lets an account in again, or shuts it and ends its sessions. Setting
    /// what is set already changes nothing. `caller` is nobody where a
    /// service or an operator's command line asks.
    pub(crate) async fn set_account_status(
        &self,
        caller: Option<&Principal>,
        user: UserId,
        request: &SetAccountStatusRequest,
    ) -> Result<AccountView, Error> {
        let status = status_text(request.status()).ok_or(Error::Invalid {
            field: "status",
            problem: "must be given".to_owned(),
        })?;
        if caller.is_some_and(|caller| caller.user_id == user) {
            return Err(Error::OwnStatus);
        }
        let tx = self.store.begin().await?;
        let mut account = store::account::lock(&tx, user)
            .await?
            .ok_or(Error::AccountNotFound)?;
        let mut ended = Vec::new();
        if account.status != status {
            store::account::set_status(&tx, user, status).await?;
            if status != domain::ACTIVE {
                let why = match status {
                    domain::SUSPENDED => "suspended",
                    _ => "deactivated",
                };
                ended = self.end_sessions(&tx, &account, None, why).await?;
                store::token::drop_all(&tx, user, &["reset", "mfa"]).await?;
            }
            // Edges forget what they know of the account's API keys.
            let workspace = account.workspace_id;
            events::credentials_changed(&tx, user, workspace, "account", "changed", "").await?;
        }
        tx.commit().await?;
        self.forget_sessions(ended);
        self.identity.revocations.forget_api_keys(user);
        tracing::info!(
            userId = %user,
            by = caller.map_or_else(String::new, |caller| caller.user_id.to_string()),
            status,
            reason = request.reason,
            "the status of an account was set"
        );
        status.clone_into(&mut account.status);
        self.view_account(account).await
    }
}
