use std::collections::BTreeMap;

use async_trait::async_trait;
use covergen_bff::{Decision, Limiter, Problem};
use covergen_cache::{Cache, OnOutage, RateLimiter, Window};

use crate::{EdgeConfig, RateClass};

/// Counts requests per class and caller, in the cache.
pub struct EdgeLimiter {
    /// Goes on without the cache.
    lenient: RateLimiter,
    /// Does not.
    strict: RateLimiter,
    classes: BTreeMap<String, Class>,
}

/// One rate class, as it is counted.
struct Class {
    windows: Vec<Window>,
    is_strict: bool,
}

impl EdgeLimiter {
    /// Counts in `cache`, so that replicas of one BFF count together. While
    /// the cache is away each process counts for itself, except what classes
    /// refuse then.
    #[must_use]
    pub fn new(cache: &Cache, config: &EdgeConfig) -> Self {
        let cache = cache.scope("rates");
        let class = |(name, class): (&String, &RateClass)| {
            let class = Class {
                windows: class.windows(),
                is_strict: class.is_strict(),
            };
            (name.clone(), class)
        };
        Self {
            lenient: RateLimiter::new(&cache, OnOutage::JudgeLocally),
            strict: RateLimiter::new(&cache, OnOutage::Refuse),
            classes: config.rates.iter().map(class).collect(),
        }
    }
}

#[async_trait]
impl Limiter for EdgeLimiter {
    async fn take(&self, name: &str, key: &str) -> Result<Decision, Problem> {
        let class = self
            .classes
            .get(name)
            .or_else(|| self.classes.get("default"))
            .filter(|class| !class.windows.is_empty());
        let Some(class) = class else {
            return Ok(free(0));
        };
        let window_seconds = class.windows[0].per_seconds;
        let limiter = if class.is_strict {
            &self.strict
        } else {
            &self.lenient
        };
        let key = format!("{name}:{key}");
        match limiter.check(&key, &class.windows, 1).await {
            Ok(decision) => Ok(Decision {
                allowed: decision.allowed,
                limit: decision.limit,
                remaining: decision.remaining,
                window_seconds,
                reset_seconds: seconds(decision.retry_after_ms.unwrap_or(decision.reset_after_ms)),
            }),
            Err(error) if class.is_strict => {
                tracing::warn!(%error, class = name, "a request that cannot be counted is refused");
                Err(Problem::unavailable(
                    "RATE_NOT_CHECKED",
                    "How often this was asked for cannot be counted now; try again.",
                ))
            }
            Err(error) => {
                tracing::warn!(%error, class = name, "a request was not counted");
                Ok(free(window_seconds))
            }
        }
    }
}

/// Nothing is counted.
fn free(window_seconds: u32) -> Decision {
    Decision {
        allowed: true,
        limit: u32::MAX,
        remaining: u32::MAX,
        window_seconds,
        reset_seconds: 0,
    }
}

/// Whole seconds, rounded up: who waits that long is let in.
fn seconds(ms: u64) -> u32 {
    u32::try_from(ms.div_ceil(1000)).unwrap_or(u32::MAX)
}
