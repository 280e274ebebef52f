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
use crate::secrets;
use crate::store::{self, entity::account, entity::one_time_token, entity::session};

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
            ..AuthTokens::default()
        }
    }
}

/// Tries that one sign-in has for its second factor.
pub(super) const MFA_ATTEMPTS: i64 = 5;

impl App {
    /// Lets an account in whose first factor was right: to a session, or to
    /// the second factor. The caller's transaction holds the account's lock.
    pub(super) async fn enter(
        &self,
        tx: &Tx,
        account: account::Model,
        method: &str,
        client: &ClientInfo,
    ) -> Result<AuthTokens, Error> {
        domain::check_status(&account)?;
        let totp = store::mfa::totp(tx, account.id).await?;
        if totp.is_none_or(|totp| totp.confirmed_at_ms.is_none()) {
            let roles = store::roles(tx, account.id, account.workspace_id).await?;
            let signed_in = self
                .open_session(tx, account, roles, client, method)
                .await?;
            return Ok(signed_in.tokens());
        }
        let token = secrets::random();
        let now = tx.now_ms();
        let row = one_time_token::Model {
            hash: secrets::hash(&token),
            purpose: "mfa".to_owned(),
            user_id: account.id,
            workspace_id: account.workspace_id,
            created_at_ms: now,
            expires_at_ms: now + self.config.mfa_ttl_ms,
            used_at_ms: None,
            attempts: 0,
            method: method.to_owned(),
        };
        store::token::insert(tx, row).await?;
        let mut mfa_methods = vec!["totp".to_owned()];
        if store::mfa::codes_left(tx, account.id).await? > 0 {
            mfa_methods.push("recovery_code".to_owned());
        }
        Ok(AuthTokens {
            mfa_required: true,
            mfa_token: token,
            mfa_methods,
            mfa_expires_in: i32::try_from(self.config.mfa_ttl_ms / 1000).unwrap_or(i32::MAX),
            ..AuthTokens::default()
        })
    }

    /// Opens a session for an account, inside the caller's transaction.
    /// `method` is how its owner has shown who they are.
    pub(crate) async fn open_session(
        &self,
        tx: &Tx,
        account: account::Model,
        roles: Vec<Role>,
        client: &ClientInfo,
        method: &str,
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
            method: method.split('+').next().unwrap_or_default().to_owned(),
            authenticated_at_ms: now,
        };
        store::insert_session(tx, session.clone()).await?;
        store::account::set_last_sign_in(tx, account.id, now).await?;
        let refresh_token = RefreshTokens::first();
        store::insert_refresh_token(tx, RefreshTokens::hash(&refresh_token), &session, now).await?;
        events::authenticated(tx, account.id, account.workspace_id, session.id, method).await?;
        let principal = domain::principal(&account, roles, Some(&session));
        Ok(SignedIn {
            access_token: self.identity.access.issue(&principal)?,
            refresh_token,
            account,
            session,
        })
    }

    /// Ends a user's sessions, but one: in the caller's transaction, which
    /// then hands them to [`App::forget_sessions`].
    pub(super) async fn end_sessions(
        &self,
        tx: &Tx,
        account: &account::Model,
        except: Option<SessionId>,
        why: &str,
    ) -> Result<Vec<SessionId>, Error> {
        let ended = store::end_sessions(tx, account.id, except, why, tx.now_ms()).await?;
        for session in &ended {
            events::revoked(tx, account.id, account.workspace_id, *session, why).await?;
        }
        Ok(ended)
    }

    /// Stops believing the tokens of sessions that ended: here at once,
    /// elsewhere by the events.
    pub(super) fn forget_sessions(&self, ended: Vec<SessionId>) {
        for session in ended {
            self.identity.revocations.revoke(session);
        }
    }
}
