use covergen_chassis::ClientInfo;
use covergen_proto::auth::v1::{AuthTokens, RefreshRequest};

use super::{App, SignedIn};
use crate::domain::{self, Replayed};
use crate::error::Error;
use crate::events;
use crate::refresh_token::RefreshTokens;
use crate::store::{self, entity::session};

impl App {
    /// Trades a refresh token for its one successor.
    ///
    /// However many callers present the same token, one conditional update
    /// makes one of them the winner. The others, within the grace, derive the
    /// same successor; after it, somebody has a stolen copy, and the session
    /// ends for both.
    pub(crate) async fn refresh(
        &self,
        request: RefreshRequest,
        client: ClientInfo,
    ) -> Result<AuthTokens, Error> {
        let presented = request.refresh_token;
        let hash = RefreshTokens::hash(&presented);
        let successor = self.refresh_tokens.successor(&presented);

        let tx = self.store.begin().await?;
        let now = tx.now_ms();
        let won = store::use_refresh_token(&tx, &hash, now).await?;
        let (token, session) = store::refresh_token(&tx, &hash)
            .await?
            .ok_or(Error::SessionEnded)?;
        if won {
            if !domain::is_alive(&session, now) {
                return Err(Error::SessionEnded);
            }
            store::insert_refresh_token(&tx, RefreshTokens::hash(&successor), &session, now)
                .await?;
            let idle_until = now + self.config.session_idle_ms;
            store::touch_session(&tx, session.id, now, idle_until, &client).await?;
            let tokens = self.tokens(&tx, session, successor).await?;
            tx.commit().await?;
            return Ok(tokens);
        }
        match domain::judge_replay(&token, &session, now, self.config.refresh_grace_ms) {
            Replayed::InGrace => self.tokens(&tx, session, successor).await,
            Replayed::Over => Err(Error::SessionEnded),
            Replayed::Reused => {
                if store::end_session(&tx, session.user_id, session.id, "reuse", now).await? {
                    let (user, workspace) = (session.user_id, session.workspace_id);
                    events::revoked(&tx, user, workspace, session.id, "reuse").await?;
                }
                tx.commit().await?;
                self.identity.revocations.revoke(session.id);
                Err(Error::RefreshTokenReused)
            }
        }
    }

    async fn tokens(
        &self,
        tx: &covergen_store::Tx,
        session: session::Model,
        refresh_token: String,
    ) -> Result<AuthTokens, Error> {
        let account = store::account::find(tx, session.user_id)
            .await?
            .ok_or(Error::SessionEnded)?;
        let roles = store::roles(tx, account.id, account.workspace_id).await?;
        let principal = domain::principal(&account, roles, Some(&session));
        Ok(SignedIn {
            access_token: self.identity.access.issue(&principal)?,
            refresh_token,
            account,
            session,
        }
        .tokens())
    }
}
