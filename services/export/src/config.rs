use serde::Deserialize;

/// The `[services.export]` section.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// Exports rendered at once in this process; 0 means one per core.
    pub(crate) concurrent_renders: usize,
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
