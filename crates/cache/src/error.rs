/// What can go wrong with the cache.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Redis cannot be reached, or is being given time to recover.
    #[error("the cache is unavailable: {0}")]
    Unavailable(String),
    /// This process uses the cache as much as it may; the cache itself may be
    /// well.
    #[error("the cache is busy: too many commands are in flight")]
    Busy,
    /// Redis did not answer within the command timeout.
    #[error("the cache did not answer in time")]
    TimedOut,
    /// A key is empty, too long, or holds blanks or control characters.
    #[error("cache key {0:?} is not 1 to 512 printable ASCII characters without blanks")]
    InvalidKey(String),
    /// A value is larger than [`crate::MAX_VALUE_BYTES`].
    #[error("a cache value of {bytes} bytes exceeds the limit of {limit_bytes}")]
    TooLarge {
        /// The value's size.
        bytes: usize,
        /// The limit.
        limit_bytes: usize,
    },
    /// A counter's key holds something else.
    #[error("the value under this key is not a number")]
    NotANumber,
    /// A rate limit that cannot be kept, such as none at all.
    #[error("rate limit: {0}")]
    InvalidLimit(String),
    /// The configuration does not name a usable engine.
    #[error("cache configuration: {0}")]
    Config(String),
}

impl Error {
    /// Whether the engine is out of reach, or in too much use, as opposed to a mistake of the
    /// caller: only then is there a choice between going on and refusing.
    #[must_use]
    pub fn is_outage(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Busy | Self::TimedOut)
    }
}
