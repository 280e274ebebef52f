//! The RPCs that only look.

use covergen_identity::Principal;
use covergen_ids::{SessionId, UserId};
use covergen_proto::auth::v1::{Jwk, Jwks, ListSessionsRequest};
use covergen_store::{Cursor, Page, page_size};

use super::App;
use crate::domain;
use crate::error::Error;
use crate::store::{self, entity::account, entity::session};

/// A session, and whether the caller is using it.
pub(crate) struct SessionView {
    pub(crate) session: session::Model,
    pub(crate) current: bool,
}

const LIST: &str = "auth.sessions";

impl App {
    /// The caller's live sessions, newest first.
    pub(crate) async fn list_sessions(
        &self,
        caller: &Principal,
        request: &ListSessionsRequest,
    ) -> Result<(Vec<SessionView>, String), Error> {
        let size = page_size(request.page_size);
        let after = Cursor::decode::<(i64, SessionId)>(LIST, &request.page_token)?;
        let now = self.clock.now_ms();
        let rows =
            store::live_sessions(self.store.read(), caller.user_id, after, now, size + 1).await?;
        let page = Page::cut(rows, size, LIST, |row: &session::Model| {
            (row.created_at_ms, row.id)
        });
        let views = page
            .items
            .into_iter()
            .map(|session| view(caller, session))
            .collect();
        Ok((views, page.next_page_token))
    }

    /// One of the caller's sessions.
    pub(crate) async fn get_session(
        &self,
        caller: &Principal,
        id: SessionId,
    ) -> Result<SessionView, Error> {
        store::session(self.store.read(), caller.user_id, id)
            .await?
            .map(|session| view(caller, session))
            .ok_or(Error::SessionNotFound)
    }

    /// What an account was opened with.
    pub(crate) async fn get_identity(
        &self,
        user: UserId,
    ) -> Result<(account::Model, Vec<covergen_identity::Role>), Error> {
        let account = store::account::find(self.store.read(), user)
            .await?
            .ok_or(Error::AccountNotFound)?;
        let roles = store::roles(self.store.read(), account.id, account.workspace_id).await?;
        Ok((account, roles))
    }

    /// An access token for an account, without a session.
    pub(crate) async fn issue_token(&self, email: &str) -> Result<String, Error> {
        let canonical = domain::canonical_email(email);
        let account = store::account::by_email(self.store.read(), &canonical)
            .await?
            .ok_or(Error::AccountNotFound)?;
        domain::check_status(&account)?;
        let roles = store::roles(self.store.read(), account.id, account.workspace_id).await?;
        let principal = domain::principal(&account, roles, None);
        Ok(self.identity.access.issue(&principal)?)
    }

    /// The public keys of access tokens.
    pub(crate) fn get_jwks(&self) -> Jwks {
        let keys = self.identity.access.keys().public_keys();
        Jwks {
            keys: keys
                .into_iter()
                .map(|key| Jwk {
                    kty: "OKP".to_owned(),
                    crv: "Ed25519".to_owned(),
                    x: key.x,
                    kid: key.kid,
                    alg: "EdDSA".to_owned(),
                    r#use: "sig".to_owned(),
                })
                .collect(),
        }
    }
}

fn view(caller: &Principal, session: session::Model) -> SessionView {
    SessionView {
        current: caller.session_id == Some(session.id),
        session,
    }
}
