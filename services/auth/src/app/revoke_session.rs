use covergen_identity::Principal;
use covergen_ids::SessionId;

use super::{App, SessionView};
use crate::error::Error;

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
}
