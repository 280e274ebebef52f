use serde::Deserialize;

/// The `[services.export]` section.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// Exports worked on, and files drawn, at once in this process; 0 means
    /// one per core.
    pub(crate) concurrent_renders: usize,
    /// Longest file of a photo or logo, in bytes.
    pub(crate) max_picture_bytes: usize,
    /// Most pixels of a photo or logo.
    pub(crate) max_picture_pixels: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            concurrent_renders: 0,
            // What media takes.
            max_picture_bytes: 40 * 1024 * 1024,
            max_picture_pixels: 20_000_000,
        }
    }
}

impl Config {
    /// How many exports are rendered at once.
    pub(crate) fn renders(&self) -> usize {
        match self.concurrent_renders {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            some => some,
        }
    }
}
