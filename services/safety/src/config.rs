use serde::Deserialize;

/// The `[services.safety]` section.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// How often it is asked whether the rules have changed, in milliseconds.
    pub refresh_interval_ms: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            refresh_interval_ms: 5_000,
        }
    }
}
