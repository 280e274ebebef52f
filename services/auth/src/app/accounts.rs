use covergen_identity::{Principal, Role};
use covergen_ids::UserId;
use covergen_proto::auth::v1::{ListAccountsRequest, account::Status};
use covergen_store::{Cursor, Page, page_size};

use super::App;
use crate::domain;
use crate::error::Error;
use crate::store::{self, account::Wanted, entity::account};

/// An account with the ways into it.
pub(crate) struct AccountView {
    pub(crate) account: account::Model,
    pub(crate) roles: Vec<Role>,
    pub(crate) totp_enabled: bool,
    pub(crate) recovery_codes_left: u64,
    pub(crate) passkeys: u64,
    pub(crate) providers: Vec<String>,
}

const LIST: &str = "auth.accounts";

/// A status as the account's row writes it; none for the unspecified one.
pub(super) fn status_text(status: Status) -> Option<&'static str> {
    match status {
        Status::Unspecified => None,
        Status::Active => Some(domain::ACTIVE),
        Status::Inactive => Some(domain::INACTIVE),
        Status::Suspended => Some(domain::SUSPENDED),
    }
}

impl App {
    /// How the caller's account can be signed in to.
    pub(crate) async fn get_account(&self, caller: &Principal) -> Result<AccountView, Error> {
        let account = store::account::find(self.store.read(), caller.user_id)
            .await?
            .ok_or(Error::AccountNotFound)?;
        self.view_account(account).await
    }

    /// Accounts of all workspaces, newest first: for operators.
    pub(crate) async fn list_accounts(
        &self,
        request: &ListAccountsRequest,
    ) -> Result<(Vec<AccountView>, String), Error> {
        let size = page_size(request.page_size);
        let after = Cursor::decode::<(i64, UserId)>(LIST, &request.page_token)?;
        let query = request.query.trim().to_lowercase();
        let wanted = Wanted {
            user: query.parse().ok(),
            part: &query,
            status: status_text(request.status()),
            after,
            limit: size + 1,
        };
        let rows = store::account::list_all(self.store.read(), wanted).await?;
        let page = Page::cut(rows, size, LIST, |row: &account::Model| {
            (row.created_at_ms, row.id)
        });
        let mut views = Vec::with_capacity(page.items.len());
        for account in page.items {
            views.push(self.view_account(account).await?);
        }
        Ok((views, page.next_page_token))
    }

    pub(super) async fn view_account(&self, account: account::Model) -> Result<AccountView, Error> {
        let (db, user) = (self.store.read(), account.id);
        let totp = store::mfa::totp(db, user).await?;
        let links = store::oauth::links(db, user).await?;
        Ok(AccountView {
            roles: store::roles(db, user, account.workspace_id).await?,
            totp_enabled: totp.is_some_and(|totp| totp.confirmed_at_ms.is_some()),
            recovery_codes_left: store::mfa::codes_left(db, user).await?,
            passkeys: store::passkey::count(db, user).await?,
            providers: links.into_iter().map(|link| link.provider).collect(),
            account,
        })
    }
}
