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
        }
    }
}
