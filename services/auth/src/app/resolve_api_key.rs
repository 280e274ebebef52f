use covergen_proto::auth::v1::{ResolveApiKeyRequest, ResolvedApiKey};

use super::App;
use crate::api::encode;
use crate::domain;
use crate::error::Error;
use crate::store;

/// A use is noted once in so long, so that a busy key does not write each time.
const NOTED_EVERY_MS: i64 = 60_000;

impl App {
    /// Whom a key speaks for. One that is unknown, has ended, or belongs to
    /// an account that is shut is not found.
    pub(crate) async fn resolve_api_key(
        &self,
        request: &ResolveApiKeyRequest,
    ) -> Result<ResolvedApiKey, Error> {
        let (db, now) = (self.store.read(), self.clock.now_ms());
        let key = store::api_key::by_secret(db, &request.secret_hash, now)
            .await?
            .ok_or(Error::ApiKeyNotFound)?;
        let account = store::account::find(db, key.user_id)
            .await?
            .filter(|account| domain::check_status(account).is_ok())
            .ok_or(Error::ApiKeyNotFound)?;
        let since = now - NOTED_EVERY_MS;
        if key.last_used_ms.is_none_or(|used| used < since) {
            let tx = self.store.begin().await?;
            store::api_key::used(&tx, key.id, since).await?;
            tx.commit().await?;
        }
        let roles = store::roles(db, account.id, account.workspace_id).await?;
        Ok(ResolvedApiKey {
            api_key_id: key.id.to_string(),
            user_id: account.id.to_string(),
            workspace_id: key.workspace_id.to_string(),
            roles: roles.iter().map(ToString::to_string).collect(),
            scopes: encode::words(&key.scopes, ' '),
            expire_time: key.expires_at_ms.map(covergen_chassis::timestamp),
            signing_key: key.signing_key.unwrap_or_default().into(),
        })
    }
}
