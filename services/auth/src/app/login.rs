use covergen_chassis::ClientInfo;
use covergen_proto::auth::v1::{AuthTokens, LoginRequest};

use super::App;
use crate::domain::canonical_email;
use crate::error::Error;
use crate::password::Verified;
use crate::store;

impl App {
    /// Signs in with e-mail and password. An address without an account costs
    /// the same hash and gets the same answer.
    pub(crate) async fn login(
        &self,
        request: LoginRequest,
        client: ClientInfo,
    ) -> Result<AuthTokens, Error> {
        let email = canonical_email(&request.email);
        let account = store::account_by_email(self.store.read(), &email).await?;
        let stored = account
            .as_ref()
            .map(|account| account.password_hash.clone());
        let verified = self.passwords.verify(request.password, stored).await?;
        let Some(account) = account.filter(|_| verified != Verified::Wrong) else {
            return Err(Error::InvalidCredentials);
        };

        let tx = self.store.begin().await?;
        if let Verified::RightButDated(hash) = verified {
            store::renew_password_hash(&tx, account.id, hash).await?;
        }
        let roles = store::roles(&tx, account.id, account.workspace_id).await?;
        let signed_in = self.open_session(&tx, account, roles, &client).await?;
        tx.commit().await?;
        Ok(signed_in.tokens())
    }
}
