use covergen_identity::Principal;
use covergen_proto::auth::v1::{ReauthenticateRequest, ReauthenticateResponse};

use super::App;
use crate::domain;
use crate::error::Error;
use crate::store;

impl App {
    /// Notes that the caller is there, by password or code.
    pub(crate) async fn reauthenticate(
        &self,
        caller: &Principal,
        request: ReauthenticateRequest,
    ) -> Result<ReauthenticateResponse, Error> {
        // A token without a session has nothing to note it in.
        let session = caller.session_id.ok_or(Error::ReauthenticationRequired)?;
        let account = store::account::find(self.store.read(), caller.user_id)
            .await?
            .ok_or(Error::AccountNotFound)?;
        if request.code.is_empty() {
            self.prove_password(&account, request.password).await?;
        } else {
            self.prove_code(caller, &request.code).await?;
        }
        let tx = self.store.begin().await?;
        store::reauthenticate_session(&tx, caller.user_id, session, tx.now_ms()).await?;
        tx.commit().await?;
        let seconds = self.config.reauthenticate_after_ms / 1000;
        Ok(ReauthenticateResponse {
            expires_in: i32::try_from(seconds).unwrap_or(i32::MAX),
        })
    }

    async fn prove_code(&self, caller: &Principal, code: &str) -> Result<(), Error> {
        let tx = self.store.begin_for(caller.user_id).await?;
        let subject = domain::mfa_subject(caller.user_id);
        let locked = store::guess::is_locked(&tx, &subject, tx.now_ms()).await?;
        let right = !locked && self.use_totp(&tx, caller.user_id, code).await?;
        if right {
            store::guess::clear(&tx, &subject).await?;
        } else if !locked {
            store::guess::fail(&tx, &subject).await?;
        }
        tx.commit().await?;
        if right {
            Ok(())
        } else {
            Err(Error::CodeInvalid)
        }
    }

    /// Refuses changes to credentials by a session whose owner has not shown
    /// for a while that they are there (OWASP ASVS 5, 7.5).
    pub(super) async fn require_recent(&self, caller: &Principal) -> Result<(), Error> {
        let id = caller.session_id.ok_or(Error::ReauthenticationRequired)?;
        let now = self.clock.now_ms();
        let session = store::session(self.store.read(), caller.user_id, id)
            .await?
            .filter(|session| domain::is_alive(session, now))
            .ok_or(Error::SessionEnded)?;
        let proved = session.authenticated_at_ms.max(session.created_at_ms);
        if now - proved > self.config.reauthenticate_after_ms {
            return Err(Error::ReauthenticationRequired);
        }
        Ok(())
    }
}
