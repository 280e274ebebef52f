//! Accounts as administrators see and shut them. auth owns the status.

use covergen_identity::Principal;
use covergen_ids::UserId;
use covergen_proto::user::v1::account::Status as WireStatus;
use covergen_proto::user::v1::{ListUsersRequest, User};
use covergen_store::{ClaimScope, Cursor, Page, page_size};
use prost::Message;

use super::App;
use crate::api::encode;
use crate::error::Error;
use crate::events;
use crate::store::accounts::{self, Narrowed};
use crate::store::entity::profile::{self, Status};
use crate::store::save_profile;

const LIST: &str = "user.accounts";

impl App {
    /// Accounts, newest first.
    pub(crate) async fn list_users(
        &self,
        request: &ListUsersRequest,
    ) -> Result<Page<profile::Model>, Error> {
        let size = page_size(request.page_size);
        let before = Cursor::decode::<UserId>(LIST, &request.page_token)?;
        let to = Narrowed {
            begins: request.query.trim().to_owned(),
            status: match request.status() {
                WireStatus::Unspecified => None,
                WireStatus::Active => Some(Status::Active),
                WireStatus::Inactive => Some(Status::Inactive),
                WireStatus::Suspended => Some(Status::Suspended),
            },
            tier: Some(encode::tier_id(request.tier())).filter(|tier| !tier.is_empty()),
        };
        let rows = accounts::list(self.store.read(), &to, before, size + 1).await?;
        Ok(Page::cut(rows, size, LIST, |row: &profile::Model| {
            row.user_id
        }))
    }

    /// Shuts an account or lets it in again: auth first, which ends its
    /// sessions, then what is shown of it here.
    pub(crate) async fn set_status(
        &self,
        caller: &Principal,
        user: UserId,
        change: StatusChange<'_>,
        request: &impl Message,
    ) -> Result<User, Error> {
        if user == caller.user_id {
            return Err(Error::OwnAccount);
        }
        self.profile(user).await?;
        let method = format!("covergen.user.v1.UserService/{}", change.method);
        let scope = ClaimScope::new(caller.user_id.to_string(), method, change.request_id);
        self.store
            .idempotent(&scope, request, |claim| async {
                let (status, reason) = (change.status, change.reason);
                self.auth.set_status(user, status, reason).await?;
                let tx = self.store.begin_for(caller.user_id).await?;
                let mut profile = accounts::hold(&tx, user)
                    .await?
                    .ok_or(Error::UserNotFound)?;
                if profile.status != status {
                    profile.status = status;
                    profile.updated_at_ms = tx.now_ms();
                    save_profile(&tx, profile.clone()).await?;
                    let names = vec!["status".to_owned()];
                    events::updated(&tx, user, profile.workspace_id, names).await?;
                }
                Ok(tx.commit_with(claim, encode::user(profile)).await?)
            })
            .await
    }
}

/// What becomes of an account, and by which call.
pub(crate) struct StatusChange<'a> {
    pub(crate) method: &'static str,
    pub(crate) status: Status,
    pub(crate) reason: &'a str,
    pub(crate) request_id: &'a str,
}
