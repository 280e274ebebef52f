use serde::Deserialize;

/// The `[services.cover]` section.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// Generations worked on at once in this process.
    pub concurrent_tasks: usize,
    /// Images one request may ask for: variants times sizes times formats.
    pub max_images: usize,
    /// Quality of JPEG and WebP, 1 to 100.
    pub quality: u8,
    /// Longest side of a preview in pixels.
    pub preview_side_px: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            concurrent_tasks: 4,
            max_images: 128,
            quality: 88,
            preview_side_px: 1280,
        }
    }
}
