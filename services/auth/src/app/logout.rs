use covergen_ids::{SessionId, UserId, WorkspaceId};
use covergen_proto::auth::v1::LogoutRequest;

use super::App;
use crate::error::Error;
use crate::events;
use crate::refresh_token::RefreshTokens;
use crate::store;

impl App {
    /// Ends the session of a refresh token. Whoever holds it may end it, so a
    /// token that was traded in already does as well.
    pub(crate) async fn logout(&self, request: LogoutRequest) -> Result<(), Error> {
        let hash = RefreshTokens::hash(&request.refresh_token);
        let found = store::refresh_token(self.store.read(), &hash).await?;
        let Some((_, session)) = found else {
            return Ok(());
        };
        self.end_session(session.user_id, session.workspace_id, session.id, "logout")
            .await
    }

    /// Ends a session: here at once, elsewhere by event.
    pub(crate) async fn end_session(
        &self,
        user: UserId,
        workspace: WorkspaceId,
        session: SessionId,
        why: &str,
    ) -> Result<(), Error> {
        let tx = self.store.begin().await?;
        let now = tx.now_ms();
        if store::end_session(&tx, user, session, why, now).await? {
            events::revoked(&tx, user, workspace, session, why).await?;
        }
        tx.commit().await?;
        self.identity.revocations.revoke(session);
        Ok(())
    }
}
