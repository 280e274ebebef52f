use serde::Deserialize;

/// The `[services.template]` section.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// What stands before `/templates/…` in the addresses of thumbnails: the
    /// path, or the whole address, under which the web BFF is reached.
    pub public_prefix: String,
    /// How long a rendered thumbnail is cached, in milliseconds.
    pub thumbnail_ttl_ms: u64,
    /// Thumbnails rendered at once; 0 means one per core.
    pub concurrent_renders: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            public_prefix: "/api/v1".to_owned(),
            thumbnail_ttl_ms: 7 * 24 * 3_600_000,
            concurrent_renders: 0,
        }
    }
}
