use serde::Deserialize;

/// The `[services.user]` section.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// How long a reservation that nobody confirms lives, in milliseconds.
    pub reservation_ttl_ms: i64,
    /// How often lapsed reservations are looked for, in milliseconds.
    pub sweep_interval_ms: u64,
    /// How often balances are compared with their ledgers, in milliseconds.
    pub audit_interval_ms: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            reservation_ttl_ms: 60_000,
            sweep_interval_ms: 5_000,
            audit_interval_ms: 60_000,
        }
    }
}
