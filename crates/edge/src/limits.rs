use std::collections::BTreeMap;

use async_trait::async_trait;
use covergen_bff::{Decision, Limiter};
use covergen_cache::{Cache, OnOutage, RateLimiter, Window};

use crate::EdgeConfig;

/// Counts requests per class and caller, in the cache.
pub struct EdgeLimiter {
    limiter: RateLimiter,
    windows: BTreeMap<String, Vec<Window>>,
}

impl EdgeLimiter {
    /// Counts in `cache`, so that replicas of one BFF count together. While
    /// the cache is away each process counts for itself.
    #[must_use]
    pub fn new(cache: &Cache, config: &EdgeConfig) -> Self {
        Self {
            limiter: RateLimiter::new(&cache.scope("rates"), OnOutage::JudgeLocally),
            windows: config.windows(),
        }
    }
}

#[async_trait]
impl Limiter for EdgeLimiter {
    async fn take(&self, class: &str, key: &str) -> Decision {
        let windows = self
            .windows
            .get(class)
            .or_else(|| self.windows.get("default"))
            .map_or(&[][..], Vec::as_slice);
        let window_seconds = windows.first().map_or(0, |window| window.per_seconds);
        let free = Decision {
            allowed: true,
            limit: u32::MAX,
            remaining: u32::MAX,
            window_seconds,
            reset_seconds: 0,
        };
        if windows.is_empty() {
            return free;
        }
        match self
            .limiter
            .check(&format!("{class}:{key}"), windows, 1)
            .await
        {
            Ok(decision) => Decision {
                allowed: decision.allowed,
                limit: decision.limit,
                remaining: decision.remaining,
                window_seconds,
                reset_seconds: seconds(decision.retry_after_ms.unwrap_or(decision.reset_after_ms)),
            },
            Err(error) => {
                tracing::warn!(%error, class, "a request was not counted");
                free
            }
        }
    }
}

/// Whole seconds, rounded up: who waits that long is let in.
fn seconds(ms: u64) -> u32 {
    u32::try_from(ms.div_ceil(1000)).unwrap_or(u32::MAX)
}
