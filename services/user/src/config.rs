use serde::Deserialize;

use crate::peers::Keeper;

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
    /// How long a copy of one's data can be downloaded, in milliseconds.
    pub data_export_ttl_ms: i64,
    /// Copies that are sent at once; more are turned away.
    pub concurrent_data_exports: usize,
    /// Covers a month in the sandbox of a person's test keys, apart from those
    /// of their tier.
    pub sandbox_covers_per_month: i32,
    /// The services that keep something of people.
    pub data_keepers: Vec<Keeper>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            reservation_ttl_ms: 60_000,
            sweep_interval_ms: 5_000,
            audit_interval_ms: 60_000,
            data_export_ttl_ms: 24 * 60 * 60 * 1_000,
            concurrent_data_exports: 4,
            sandbox_covers_per_month: 100,
            data_keepers: Keeper::ALL.to_vec(),
        }
    }
}
