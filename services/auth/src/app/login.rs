use covergen_chassis::ClientInfo;
use covergen_proto::auth::v1::{AuthTokens, LoginRequest};
use covergen_store::Tx;

use super::App;
use crate::domain::{canonical_email, password_subject};
use crate::error::Error;
use crate::password::Verified;
use crate::store::{self, entity::account};

impl App {
    /// Signs in with e-mail and password. An address without an account costs
    /// the same hash and the same statements, is counted alike, and gets the
    /// same answer.
    pub(crate) async fn login(
        &self,
        request: LoginRequest,
        client: ClientInfo,
    ) -> Result<AuthTokens, Error> {
        let email = canonical_email(&request.email);
        let account = store::account::by_email(self.store.read(), &email).await?;
        let verified = self
            .verify_password(account.as_ref(), request.password)
            .await?;

        let tx = self.store.begin().await?;
        let subject = password_subject(&email);
        let right = self.judge_password(&tx, &subject, &verified).await?;
        let Some(account) = account.filter(|_| right) else {
            tx.commit().await?;
            return Err(Error::InvalidCredentials);
        };
        // Somebody may have changed the password since it was compared.
        let known = account.password_hash;
        let account = store::account::lock(&tx, account.id)
            .await?
            .filter(|account| account.password_hash == known)
            .ok_or(Error::InvalidCredentials)?;
        if let Verified::RightButDated(hash) = verified {
            store::account::set_password_hash(&tx, account.id, hash).await?;
        }
        let tokens = self.enter(&tx, account, "password", &client).await?;
        tx.commit().await?;
        Ok(tokens)
    }

    /// Compares a password with an account's. Without an account, or without
    /// a password of its own, the same work is done in vain.
    pub(super) async fn verify_password(
        &self,
        account: Option<&account::Model>,
        password: String,
    ) -> Result<Verified, Error> {
        let stored = account
            .map(|account| account.password_hash.clone())
            .filter(|hash| !hash.is_empty());
        self.passwords.verify(password, stored).await
    }

    /// Whether a password that was compared is let through. A wrong one is
    /// counted, which the caller commits; while guessing is stopped, a right
    /// one is as good as wrong.
    pub(super) async fn judge_password(
        &self,
        tx: &Tx,
        subject: &str,
        verified: &Verified,
    ) -> Result<bool, Error> {
        if store::guess::is_locked(tx, subject, tx.now_ms()).await? {
            return Ok(false);
        }
        if *verified == Verified::Wrong {
            store::guess::fail(tx, subject).await?;
            return Ok(false);
        }
        store::guess::clear(tx, subject).await?;
        Ok(true)
    }
}
