use std::collections::BTreeMap;

use secrecy::SecretString;
use serde::Deserialize;

/// The `[services.auth]` section.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// Memory one password hash takes, in KiB. The default, with the two
    /// below, is OWASP's first choice for Argon2id.
    pub argon2_memory_kib: u32,
    /// Passes over that memory.
    pub argon2_passes: u32,
    /// Lanes.
    pub argon2_lanes: u32,
    /// Password hashes computed at once; more wait their turn, so that a burst
    /// of logins cannot take all memory.
    pub concurrent_hashes: usize,
    /// How long the losers of a race for one refresh token still get its
    /// successor, in milliseconds.
    pub refresh_grace_ms: i64,
    /// A session that is not refreshed ends after this, in milliseconds.
    pub session_idle_ms: i64,
    /// Every session ends after this, in milliseconds.
    pub session_lifetime_ms: i64,
    /// Where people reach the web app: what links in mails begin with, and
    /// where providers send browsers back to. `covergen up` fills in its own.
    pub public_url: String,
    /// A mailed link that replaces a password works this long, in milliseconds.
    pub reset_ttl_ms: i64,
    /// A mailed link that proves an address works this long, in milliseconds.
    pub verify_ttl_ms: i64,
    /// Mails of one kind that one person gets in an hour; more are left out.
    pub mails_per_hour: u64,
    /// How long a sign-in waits for its second factor, in milliseconds.
    pub mfa_ttl_ms: i64,
    /// How long a browser may stay with a provider, in milliseconds.
    pub oauth_ttl_ms: i64,
    /// Changes to credentials ask for a new proof when the last one is older
    /// than this, in milliseconds.
    pub reauthenticate_after_ms: i64,
    /// Keys that seal the secrets of authenticator apps: 32 bytes each, in
    /// base64, the one in use first and older ones after it. Empty: derived
    /// from the keys of access tokens.
    pub sealing_keys: Vec<SecretString>,
    /// Domain that passkeys belong to; empty: the host of `public_url`, or
    /// `localhost` where that is an address of this machine.
    pub passkey_domain: String,
    /// Origins of pages that may use passkeys; empty: that of `public_url`.
    pub passkey_origins: Vec<String>,
    /// Pause between two removals of what has served its time, in milliseconds.
    pub sweep_interval_ms: u64,
    /// Providers that can be signed in with, by the id in their routes.
    pub providers: BTreeMap<String, ProviderConfig>,
}

/// One provider. Its client is registered there with the redirect address
/// `{public_url}/api/v1/auth/oauth/{id}/callback`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProviderConfig {
    /// What it speaks.
    pub kind: ProviderKind,
    /// Name to show; empty: one from the kind or the id.
    #[serde(default)]
    pub name: String,
    /// Client id.
    pub client_id: String,
    /// Client secret; absent for a public client.
    #[serde(default)]
    pub client_secret: Option<SecretString>,
    /// Issuer (`oidc`): `https://…`, exactly as its metadata writes it. Plain
    /// `http` is taken on this machine only.
    #[serde(default)]
    pub issuer: String,
    /// Scopes besides those that are needed.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// Address of GitHub (`github`); empty: `https://github.com`.
    #[serde(default)]
    pub base_url: String,
    /// Address of its API (`github`); empty: `https://api.github.com`.
    #[serde(default)]
    pub api_url: String,
}

/// What a provider speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ProviderKind {
    /// OpenID Connect by Google.
    Google,
    /// OAuth 2 and the API of GitHub.
    Github,
    /// OpenID Connect by any issuer.
    Oidc,
}

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

impl Default for Config {
    fn default() -> Self {
        Self {
            argon2_memory_kib: 19 * 1024,
            argon2_passes: 2,
            argon2_lanes: 1,
            concurrent_hashes: 2,
            refresh_grace_ms: 30_000,
            session_idle_ms: 30 * DAY_MS,
            session_lifetime_ms: 90 * DAY_MS,
            public_url: "http://127.0.0.1:8080".to_owned(),
            reset_ttl_ms: 30 * 60_000,
            verify_ttl_ms: 2 * DAY_MS,
            mails_per_hour: 5,
            mfa_ttl_ms: 5 * 60_000,
            oauth_ttl_ms: 10 * 60_000,
            reauthenticate_after_ms: 15 * 60_000,
            sealing_keys: Vec::new(),
            passkey_domain: String::new(),
            passkey_origins: Vec::new(),
            sweep_interval_ms: 600_000,
            providers: BTreeMap::new(),
        }
    }
}
