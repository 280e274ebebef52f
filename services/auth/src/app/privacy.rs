use covergen_ids::UserId;
use serde_json::{Value, json};

use super::App;
use crate::api::encode;
use crate::domain::{mfa_subject, password_subject};
use crate::error::Error;
use crate::events;
use crate::store;

/// Rows of one kind that an export reads: more than anybody has.
const MOST: u64 = 10_000;

impl App {
    /// Everything that is kept of a person, secrets left out. Of somebody
    /// without an account there is nothing.
    pub(crate) async fn export_user_data(&self, user: UserId) -> Result<Option<Value>, Error> {
        let db = self.store.read();
        let Some(account) = store::account::find(db, user).await? else {
            return Ok(None);
        };
        let roles = store::roles(db, user, account.workspace_id).await?;
        let totp = store::mfa::totp(db, user).await?;
        let sessions = store::all_sessions(db, user, MOST).await?;
        let passkeys = store::passkey::list(db, user, None, MOST).await?;
        let links = store::oauth::links(db, user).await?;
        let keys = store::api_key::list(db, user, None, MOST).await?;
        Ok(Some(json!({
            "account": {
                "userId": user,
                "workspaceId": account.workspace_id,
                "email": account.email,
                "emailVerifiedTime": account.email_verified_at_ms.map(time),
                "displayName": account.display_name,
                "status": account.status,
                "language": account.language,
                "roles": roles.iter().map(ToString::to_string).collect::<Vec<_>>(),
                "createTime": time(account.created_at_ms),
                "lastSignInTime": account.last_sign_in_ms.map(time),
                "hasPassword": !account.password_hash.is_empty(),
            },
            "secondFactors": {
                "authenticatorAppSince": totp.and_then(|totp| totp.confirmed_at_ms).map(time),
                "recoveryCodesLeft": store::mfa::codes_left(db, user).await?,
            },
            "sessions": sessions.iter().map(|session| json!({
                "id": session.id,
                "method": session.method,
                "createTime": time(session.created_at_ms),
                "lastSeenTime": time(session.last_seen_ms),
                "endTime": session.ended_at_ms.map(time),
                "endReason": session.end_reason,
                "ipAddress": session.ip_address,
                "userAgent": session.user_agent,
            })).collect::<Vec<_>>(),
            "passkeys": passkeys.iter().map(|passkey| json!({
                "id": passkey.id,
                "name": passkey.name,
                "createTime": time(passkey.created_at_ms),
                "lastUsedTime": passkey.last_used_ms.map(time),
            })).collect::<Vec<_>>(),
            "providers": links.iter().map(|link| json!({
                "provider": link.provider,
                "subject": link.subject,
                "email": link.email,
                "createTime": time(link.created_at_ms),
                "lastUsedTime": link.last_used_ms.map(time),
            })).collect::<Vec<_>>(),
            "apiKeys": keys.iter().map(|key| json!({
                "id": key.id,
                "name": key.name,
                "hint": key.hint,
                "scopes": key.scopes,
                "createTime": time(key.created_at_ms),
                "expireTime": key.expires_at_ms.map(time),
                "lastUsedTime": key.last_used_ms.map(time),
                "revokeTime": key.revoked_at_ms.map(time),
                "signingKeyId": encode::signing_key_id(key),
            })).collect::<Vec<_>>(),
        })))
    }

    /// Erases everything of a person who left. A second delivery finds nothing
    /// and changes nothing.
    pub(crate) async fn erase(&self, user: UserId, event_id: &str) -> Result<(), Error> {
        self.store.depart(user).await?;
        let tx = self.store.begin().await?;
        let first = tx.first_delivery("auth", event_id).await?;
        let mut ended = Vec::new();
        if first && let Some(account) = store::account::find(&tx, user).await? {
            ended = self.end_sessions(&tx, &account, None, "deleted").await?;
            let password = password_subject(&account.email_canonical);
            store::erase::person(&tx, user, &password, &mfa_subject(user)).await?;
            let workspace = account.workspace_id;
            events::credentials_changed(&tx, user, workspace, "account", "removed", "").await?;
        }
        tx.commit().await?;
        self.forget_sessions(ended);
        self.identity.revocations.forget_api_keys(user);
        // After the commit: no mail is written to them any more.
        self.forget_mails(user).await
    }
}

/// RFC 3339.
fn time(unix_ms: i64) -> Value {
    let at = covergen_chassis::timestamp(unix_ms);
    serde_json::to_value(at).unwrap_or_default()
}
