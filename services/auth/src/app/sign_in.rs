use covergen_chassis::ClientInfo;
use covergen_identity::Role;
use covergen_ids::SessionId;
use covergen_proto::auth::v1::{AuthTokens, AuthUser};
use covergen_store::Tx;

use super::App;
use crate::domain;
use crate::error::Error;
use crate::events;
use crate::refresh_token::RefreshTokens;
use crate::store::{self, entity::account, entity::session};

/// A session that begins, with its tokens.
pub(crate) struct SignedIn {
    pub(crate) account: account::Model,
    pub(crate) session: session::Model,
    pub(crate) access_token: String,
    pub(crate) refresh_token: String,
}

impl SignedIn {
    /// The answer of Register, Login and Refresh.
    pub(crate) fn tokens(self) -> AuthTokens {
        AuthTokens {
            user: Some(AuthUser {
                id: self.account.id.to_string(),
                email: self.account.email,
            }),
            access_token: self.access_token,
            refresh_token: self.refresh_token,
            expires_in: i32::try_from(covergen_identity::ACCESS_TOKEN_SECONDS).unwrap_or(i32::MAX),
            session_id: self.session.id.to_string(),
        }
    }
}

impl App {
    /// Opens a session for an account, inside the caller's transaction.
    pub(crate) async fn open_session(
        &self,
        tx: &Tx,
        account: account::Model,
        roles: Vec<Role>,
        client: &ClientInfo,
    ) -> Result<SignedIn, Error> {
        let now = tx.now_ms();
        let session = session::Model {
            id: SessionId::new(&self.clock),
            user_id: account.id,
            workspace_id: account.workspace_id,
            created_at_ms: now,
            last_seen_ms: now,
            idle_until_ms: now + self.config.session_idle_ms,
            expires_at_ms: now + self.config.session_lifetime_ms,
            ended_at_ms: None,
            end_reason: None,
            ip_address: client.ip_address.clone(),
            user_agent: client.user_agent.clone(),
        };
        store::insert_session(tx, session.clone()).await?;
        let refresh_token = RefreshTokens::first();
        store::insert_refresh_token(tx, RefreshTokens::hash(&refresh_token), &session, now).await?;
        events::authenticated(tx, account.id, account.workspace_id, session.id).await?;
        let principal = domain::principal(&account, roles, Some(&session));
        Ok(SignedIn {
            access_token: self.identity.access.issue(&principal)?,
            refresh_token,
            account,
            session,
        })
    }
}
