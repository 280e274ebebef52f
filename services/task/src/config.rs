use serde::Deserialize;

/// The `[services.task]` section.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// How long a lease lasts without a heartbeat, in milliseconds.
    pub lease_ms: i32,
    /// Attempts of a task that does not say.
    pub max_attempts: i32,
    /// First pause before another attempt, in milliseconds; it doubles.
    pub backoff_first_ms: i64,
    /// Longest pause before another attempt, in milliseconds.
    pub backoff_max_ms: i64,
    /// Attempts to go forward past the pivot before an operator is called.
    pub forward_attempts: i32,
    /// How often a worker that waits looks by itself, in milliseconds: a net
    /// under the wake-up call, and the grain of delays.
    pub poll_ms: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            lease_ms: 10_000,
            max_attempts: 3,
            backoff_first_ms: 1_000,
            backoff_max_ms: 30_000,
            forward_attempts: 20,
            poll_ms: 500,
        }
    }
}
