//! Room: how many commands of one process go on at a time.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

use crate::engine::{Charge, Engine};
use crate::limiter::Window;
use crate::{Error, Result};

/// Leave to use the cache once, until it is dropped.
pub type Permit = Box<dyn Send>;

/// Bounds what goes on at a time: provided by the host.
#[async_trait]
pub trait Gate: Debug + Send + Sync {
    /// Leave, at once or after a bounded wait; none when too many wait.
    async fn enter(&self) -> Option<Permit>;
}

/// An engine behind a gate. A command that finds no room is an outage of the
/// cache, which every caller knows how to go on without.
#[derive(Debug)]
pub(crate) struct Gated {
    pub(crate) gate: Arc<dyn Gate>,
    pub(crate) inner: Arc<dyn Engine>,
}

impl Gated {
    async fn enter(&self) -> Result<Permit> {
        let permit = self.gate.enter().await;
        permit.ok_or(Error::Busy)
    }
}

#[async_trait]
impl Engine for Gated {
    async fn get_many(&self, keys: Vec<String>) -> Result<Vec<Option<Bytes>>> {
        let _permit = self.enter().await?;
        self.inner.get_many(keys).await
    }

    async fn set(&self, key: String, value: Bytes, ttl: Duration) -> Result<()> {
        let _permit = self.enter().await?;
        self.inner.set(key, value, ttl).await
    }

    async fn set_if_absent(&self, key: String, value: Bytes, ttl: Duration) -> Result<bool> {
        let _permit = self.enter().await?;
        self.inner.set_if_absent(key, value, ttl).await
    }

    async fn delete(&self, key: String) -> Result<bool> {
        let _permit = self.enter().await?;
        self.inner.delete(key).await
    }

    async fn incr(&self, key: String, by: i64, ttl: Duration) -> Result<i64> {
        let _permit = self.enter().await?;
        self.inner.incr(key, by, ttl).await
    }

    async fn charge(&self, key: String, windows: &[Window], cost: u32) -> Result<Charge> {
        let _permit = self.enter().await?;
        self.inner.charge(key, windows, cost).await
    }

    /// Past the gate: a cache that is busy is not one that is away.
    async fn ping(&self) -> Result<()> {
        self.inner.ping().await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;
    use crate::{Cache, OnOutage, RateLimiter};

    /// Open or shut.
    #[derive(Debug, Default)]
    struct Door(AtomicBool);

    #[async_trait]
    impl Gate for Door {
        async fn enter(&self) -> Option<Permit> {
            let permit: Permit = Box::new(());
            self.0.load(Ordering::Relaxed).then_some(permit)
        }
    }

    #[tokio::test]
    async fn without_room_the_cache_is_away_and_answers_are_made_without_it() {
        let door = Arc::new(Door::default());
        let cache = Cache::memory(1024, 8).behind(Arc::clone(&door) as Arc<dyn Gate>);
        let minute = Duration::from_secs(60);
        let refused = cache.set("a", "1", minute).await.unwrap_err();
        assert_eq!(refused, Error::Busy);
        assert!(refused.is_outage(), "{refused}");
        let load = || async { Ok::<_, Error>(Bytes::from_static(b"2")) };
        let made = cache.get_or_load("a", minute, load).await.unwrap();
        assert_eq!(made, "2");
        cache.ping().await.unwrap();
        door.0.store(true, Ordering::Relaxed);
        assert_eq!(cache.get("a").await.unwrap(), None);
        cache.set("a", "3", minute).await.unwrap();
        assert_eq!(cache.get("a").await.unwrap().unwrap(), "3");
    }

    #[tokio::test]
    async fn a_busy_cache_shuts_nobody_out_of_what_a_strict_limit_grants() {
        let door = Arc::new(Door::default());
        let cache = Cache::memory(1 << 20, 100).behind(door);
        let strict = RateLimiter::new(&cache, OnOutage::Refuse);
        let twice = [Window {
            limit: 2,
            per_seconds: 3600,
        }];
        for is_allowed in [true, true, false] {
            let decision = strict.check("somebody", &twice, 1).await.unwrap();
            assert_eq!(decision.allowed, is_allowed);
        }
    }
}
