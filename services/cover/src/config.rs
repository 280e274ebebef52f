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
    /// Longest file of a photo or logo, in bytes.
    pub max_picture_bytes: usize,
    /// Most pixels of a photo or logo.
    pub max_picture_pixels: u64,
    /// Pixels kept for the next preview, in bytes.
    pub picture_cache_bytes: usize,
    /// Rows of one bulk that are in the queue at once.
    pub bulk_window: usize,
    /// Bulks of one user that may be under way at once.
    pub max_open_bulks: u64,
    /// How long a process keeps the right to hand out a bulk's rows, in
    /// milliseconds; another takes over that long after a crash.
    pub bulk_lease_ms: i64,
    /// How long deletions are remembered for devices that keep a copy of the
    /// library, in milliseconds; one that asks later begins anew.
    pub deletions_kept_ms: i64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            concurrent_tasks: 4,
            max_images: 128,
            quality: 88,
            preview_side_px: 1280,
            max_picture_bytes: 40 * 1024 * 1024,
            max_picture_pixels: 20_000_000,
            picture_cache_bytes: 128 * 1024 * 1024,
            bulk_window: 8,
            max_open_bulks: 10,
            bulk_lease_ms: 5_000,
            deletions_kept_ms: 90 * 24 * 60 * 60 * 1000,
        }
    }
}
