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
    /// Most custom templates of a workspace.
    pub max_custom_templates: u32,
    /// Most versions of a custom template.
    pub max_versions: u32,
    /// Most brand kits of a workspace.
    pub max_brand_kits: u32,
    /// Longest side of a rendered preview, in pixels.
    pub preview_side_px: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            public_prefix: "/api/v1".to_owned(),
            thumbnail_ttl_ms: 7 * 24 * 3_600_000,
            max_custom_templates: 200,
            max_versions: 500,
            max_brand_kits: 50,
            preview_side_px: 1280,
        }
    }
}
