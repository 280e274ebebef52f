use covergen_chassis::ClientInfo;
use covergen_proto::auth::v1::{AuthTokens, FinishPasskeyLoginRequest};
use covergen_proto::wkt::Struct;
use covergen_store::Tx;

use super::App;
use super::passkeys::{challenge_hash, to_json, to_struct};
use crate::domain;
use crate::domain::webauthn::{Assertion, Known, Refused};
use crate::error::Error;
use crate::store::{self, entity::account};

impl App {
    /// Options for a sign-in, with a challenge that works once. They are the
    /// same for everybody: no name is asked for.
    pub(crate) async fn start_passkey_login(&self) -> Result<Struct, Error> {
        let challenge = self.new_challenge(None).await?;
        to_struct(self.party.request_options(&challenge))
    }

    /// Verifies a passkey's answer and signs its owner in. Wrong passwords do
    /// not stand in its way, and no second factor is asked for.
    pub(crate) async fn finish_passkey_login(
        &self,
        request: FinishPasskeyLoginRequest,
        client: ClientInfo,
    ) -> Result<AuthTokens, Error> {
        let assertion = to_json(request.credential.as_ref())
            .and_then(|json| Assertion::check(json, &self.party))
            .map_err(refused)?;
        let hash = challenge_hash(&assertion.challenge);
        let tx = self.store.begin().await?;
        if !store::passkey::consume_challenge(&tx, &hash, None, tx.now_ms()).await? {
            return Err(refused(Refused::Challenge));
        }
        let Some(account) = self.owner(&tx, &assertion).await? else {
            // The challenge was used, whatever came of it.
            tx.commit().await?;
            return Err(Error::PasskeyRefused);
        };
        domain::check_status(&account)?;
        let roles = store::roles(&tx, account.id, account.workspace_id).await?;
        let signed_in = self
            .open_session(&tx, account, roles, &client, "passkey")
            .await?;
        tx.commit().await?;
        Ok(signed_in.tokens())
    }

    /// Whose passkey has answered, after every check; none when one fails.
    async fn owner(&self, tx: &Tx, assertion: &Assertion) -> Result<Option<account::Model>, Error> {
        let found = store::passkey::by_credential(tx, &assertion.credential_id).await?;
        let Some(passkey) = found else {
            return Ok(None);
        };
        let handle = passkey.user_id.uuid();
        let known = Known {
            public_key: &passkey.public_key,
            user_handle: handle.as_bytes(),
            backup_eligible: passkey.backup_eligible,
        };
        let seen = match assertion.verify(&known) {
            Ok(seen) => seen,
            Err(why) => {
                refused(why);
                return Ok(None);
            }
        };
        let account = store::account::lock(tx, passkey.user_id).await?;
        let (count, now) = (i64::from(seen.sign_count), tx.now_ms());
        if !store::passkey::used(tx, passkey.id, count, seen.backed_up, now).await? {
            tracing::warn!(passkey = %passkey.id, "a passkey's counter went back: there may be a copy");
            return Ok(None);
        }
        Ok(account)
    }
}

/// A stranger is not told what was wrong; the log is.
fn refused(why: Refused) -> Error {
    tracing::info!(%why, "a passkey was refused");
    Error::PasskeyRefused
}
