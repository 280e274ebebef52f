//! Rows as the contract shows them.

use covergen_identity::RequestKey;
use covergen_proto::auth::v1::{
    Account, ApiKey, Identity, Passkey, ProviderLink, Session, account::Status, api_key::Mode,
};
use covergen_proto::wkt::Timestamp;

use crate::app::{AccountView, SessionView};
use crate::domain;
use crate::store::entity::{account, api_key, passkey, provider_link};

pub(crate) fn session(view: SessionView) -> Session {
    Session {
        id: view.session.id.to_string(),
        create_time: Some(time(view.session.created_at_ms)),
        last_seen_time: Some(time(view.session.last_seen_ms)),
        expire_time: Some(time(
            view.session.idle_until_ms.min(view.session.expires_at_ms),
        )),
        ip_address: view.session.ip_address,
        user_agent: view.session.user_agent,
        current: view.current,
        method: view.session.method,
    }
}

pub(crate) fn identity(account: account::Model, roles: Vec<String>) -> Identity {
    Identity {
        user_id: account.id.to_string(),
        workspace_id: account.workspace_id.to_string(),
        email: account.email,
        display_name: account.display_name,
        create_time: Some(time(account.created_at_ms)),
        roles,
        email_verified: account.email_verified_at_ms.is_some(),
        language: account.language,
    }
}

pub(crate) fn account(view: AccountView) -> Account {
    let row = view.account;
    let count = |number: u64| i32::try_from(number).unwrap_or(i32::MAX);
    let status = match row.status.as_str() {
        domain::ACTIVE => Status::Active,
        domain::SUSPENDED => Status::Suspended,
        _ => Status::Inactive,
    };
    Account {
        user_id: row.id.to_string(),
        email: row.email,
        email_verified: row.email_verified_at_ms.is_some(),
        display_name: row.display_name,
        status: status.into(),
        roles: view.roles.iter().map(ToString::to_string).collect(),
        create_time: Some(time(row.created_at_ms)),
        last_sign_in_time: row.last_sign_in_ms.map(time),
        has_password: !row.password_hash.is_empty(),
        totp_enabled: view.totp_enabled,
        recovery_codes_left: count(view.recovery_codes_left),
        passkey_count: count(view.passkeys),
        providers: view.providers,
    }
}

pub(crate) fn passkey(row: passkey::Model) -> Passkey {
    Passkey {
        id: row.id.to_string(),
        name: row.name,
        create_time: Some(time(row.created_at_ms)),
        last_used_time: row.last_used_ms.map(time),
        synced: row.backed_up,
        transports: words(&row.transports, ','),
    }
}

pub(crate) fn link(name: String, row: provider_link::Model) -> ProviderLink {
    ProviderLink {
        provider: row.provider,
        name,
        email: row.email,
        create_time: Some(time(row.created_at_ms)),
        last_used_time: row.last_used_ms.map(time),
    }
}

/// By which the owner of an API key tells what its requests are signed with;
/// empty where they are not.
pub(crate) fn signing_key_id(row: &api_key::Model) -> String {
    let key = row.signing_key.as_deref();
    key.and_then(|key| RequestKey::parse(key).ok())
        .map(|key| key.thumbprint())
        .unwrap_or_default()
}

pub(crate) fn api_key(row: api_key::Model) -> ApiKey {
    let signing_key_id = signing_key_id(&row);
    let mode = if row.test { Mode::Test } else { Mode::Live };
    ApiKey {
        id: row.id.to_string(),
        name: row.name,
        mode: mode.into(),
        hint: row.hint,
        scopes: words(&row.scopes, ' '),
        create_time: Some(time(row.created_at_ms)),
        expire_time: row.expires_at_ms.map(time),
        last_used_time: row.last_used_ms.map(time),
        revoke_time: row.revoked_at_ms.map(time),
        replaced_by: row.replaced_by.map(|id| id.to_string()).unwrap_or_default(),
        workspace_id: row.workspace_id.to_string(),
        signing_key_id,
    }
}

/// A column that holds several words.
pub(crate) fn words(text: &str, separator: char) -> Vec<String> {
    text.split(separator)
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

fn time(unix_ms: i64) -> Timestamp {
    covergen_chassis::timestamp(unix_ms)
}
