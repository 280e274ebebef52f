use secrecy::SecretString;
use serde::Deserialize;

/// Which cache to use, and its bounds.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// `memory://`, or `redis://host:port/database` (`rediss://` for TLS).
    /// Credentials do not belong here: see `username` and `password`.
    pub url: String,
    /// What every key starts with, so that several platforms (or tests) can
    /// use one server side by side.
    pub prefix: String,
    /// Redis user, when not the default one.
    pub username: Option<String>,
    /// Redis password.
    pub password: Option<SecretString>,
    /// Bytes that keys and values may take in memory (`memory://`).
    pub max_bytes: usize,
    /// Entries that may be held in memory (`memory://`).
    pub max_entries: usize,
    /// Longest wait for an answer of Redis, in milliseconds.
    pub command_timeout_ms: u64,
    /// After an unanswered command: how long further ones fail at once, in
    /// milliseconds, before one is tried again.
    pub rest_ms: u64,
    /// Connections to Redis.
    pub connections: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            url: "memory://".to_owned(),
            prefix: "covergen".to_owned(),
            username: None,
            password: None,
            max_bytes: 64 * 1024 * 1024,
            max_entries: 100_000,
            command_timeout_ms: 250,
            rest_ms: 1_000,
            connections: 2,
        }
    }
}

impl Config {
    /// A configuration with defaults for everything but the URL.
    pub fn from_url(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            ..Self::default()
        }
    }
}
