use secrecy::SecretString;
use serde::Deserialize;

/// The `[services.media]` section.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// What image addresses are signed with, at least 32 characters. Without
    /// one it is derived from the keys of internal tokens, and addresses given
    /// out before those rotate stop working then.
    pub(crate) url_key: Option<SecretString>,
    /// Former keys, whose addresses still work.
    pub(crate) previous_url_keys: Vec<SecretString>,
    /// Pictures decoded or resized at once; 0 means one per core.
    pub(crate) concurrent_pictures: usize,
    /// Uploads taken in at once, each up to 32 MiB in memory; more wait their
    /// turn.
    pub(crate) concurrent_uploads: usize,
    /// Age at which an object without an asset is taken for what an
    /// interrupted upload left, in milliseconds.
    pub(crate) orphan_after_ms: i64,
    /// How long one attempt at deleting an object may take before another
    /// takes over, in milliseconds.
    pub(crate) deletion_lease_ms: i64,
    /// Pause between two sweeps for leftovers, in milliseconds.
    pub(crate) sweep_interval_ms: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            url_key: None,
            previous_url_keys: Vec::new(),
            concurrent_pictures: 0,
            concurrent_uploads: 16,
            orphan_after_ms: 3_600_000,
            deletion_lease_ms: 60_000,
            sweep_interval_ms: 3_600_000,
        }
    }
}
