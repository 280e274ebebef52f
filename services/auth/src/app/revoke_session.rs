use covergen_identity::Principal;
use covergen_ids::SessionId;

use super::{App, SessionView};
use crate::error::Error;
use crate::store;

impl App {
    /// Ends one of the caller's sessions. Ending it twice is no error.
    pub(crate) async fn revoke_session(
        &self,
        caller: &Principal,
        id: SessionId,
    ) -> Result<SessionView, Error> {
        let session = self.get_session(caller, id).await?;
        self.end_session(caller.user_id, caller.workspace_id, id, "revoked")
            .await?;
        Ok(session)
    }

    /// Ends every session of the caller but the one in use.
    pub(crate) async fn end_other_sessions(&self, caller: &Principal) -> Result<usize, Error> {
        let tx = self.store.begin().await?;
        let account = store::account::lock(&tx, caller.user_id)
            .await?
            .ok_or(Error::AccountNotFound)?;
        let ended = self
            .end_sessions(&tx, &account, caller.session_id, "revoked")
            .await?;
        tx.commit().await?;
        let count = ended.len();
        self.forget_sessions(ended);
        Ok(count)
    }
}
