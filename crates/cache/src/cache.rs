use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use url::Url;

use crate::engine::{Charge, Engine};
use crate::flight::Flights;
use crate::gate::{Gate, Gated};
use crate::limiter::Window;
use crate::memory::Memory;
use crate::redis::Redis;
use crate::{Config, Error, Result};

/// Longest key, without prefix and namespace.
pub const MAX_KEY_BYTES: usize = 512;

/// Largest value.
pub const MAX_VALUE_BYTES: usize = 4 * 1024 * 1024;

/// A handle to the cache; cloning it is cheap.
#[derive(Debug, Clone)]
pub struct Cache {
    engine: Arc<dyn Engine>,
    flights: Arc<Flights>,
    prefix: Arc<str>,
    namespace: &'static str,
}

impl Cache {
    /// Opens the cache that `config.url` names. Redis is connected to in the
    /// background; until then, and whenever it is gone, calls fail with an
    /// outage.
    ///
    /// # Errors
    /// [`Error::Config`] for a URL that names no engine or carries credentials.
    pub async fn open(config: &Config) -> Result<Self> {
        let url = Url::parse(&config.url).map_err(|e| Error::Config(format!("url: {e}")))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Error::Config(
                "credentials in the url would reach logs; use username and password".to_owned(),
            ));
        }
        let engine: Arc<dyn Engine> = match url.scheme() {
            "memory" => Arc::new(Memory::new(config.max_bytes, config.max_entries)),
            "redis" | "rediss" => Arc::new(Redis::open(config)?),
            other => {
                return Err(Error::Config(format!(
                    "unknown scheme {other:?}; use memory:// or redis://"
                )));
            }
        };
        Ok(Self::over(engine, &config.prefix))
    }

    /// A cache in the memory of this process, with room for so many bytes of
    /// keys and values and so many entries.
    #[must_use]
    pub fn memory(max_bytes: usize, max_entries: usize) -> Self {
        Self::over(Arc::new(Memory::new(max_bytes, max_entries)), "covergen")
    }

    fn over(engine: Arc<dyn Engine>, prefix: &str) -> Self {
        Self {
            engine,
            flights: Arc::default(),
            prefix: prefix.into(),
            namespace: "",
        }
    }

    /// The same cache, of which no more is used at a time than the gate lets.
    #[must_use]
    pub fn behind(self, gate: Arc<dyn Gate>) -> Self {
        let inner = Arc::clone(&self.engine);
        Self {
            engine: Arc::new(Gated { gate, inner }),
            ..self
        }
    }

    /// The same cache with keys of its own.
    #[must_use]
    pub fn scope(&self, namespace: &'static str) -> Self {
        Self {
            namespace,
            ..self.clone()
        }
    }

    /// The value under a key.
    ///
    /// # Errors
    /// [`Error::InvalidKey`], or an outage.
    pub async fn get(&self, key: &str) -> Result<Option<Bytes>> {
        Ok(self.get_many(&[key]).await?.pop().flatten())
    }

    /// The values under some keys, in their order.
    ///
    /// # Errors
    /// [`Error::InvalidKey`], or an outage.
    pub async fn get_many(&self, keys: &[&str]) -> Result<Vec<Option<Bytes>>> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let full = keys
            .iter()
            .map(|key| self.key(key))
            .collect::<Result<_>>()?;
        let values = self.engine.get_many(full).await;
        self.count(&values);
        values
    }

    /// Stores a value for a time. A time of zero stores nothing.
    ///
    /// # Errors
    /// [`Error::InvalidKey`], [`Error::TooLarge`], or an outage.
    pub async fn set(&self, key: &str, value: impl Into<Bytes>, ttl: Duration) -> Result<()> {
        let (key, value) = (self.key(key)?, checked(value.into())?);
        if ttl.is_zero() {
            return self.engine.delete(key).await.map(drop);
        }
        self.engine.set(key, value, ttl).await
    }

    /// Stores a value unless there is one; `true` when it was stored.
    ///
    /// # Errors
    /// [`Error::InvalidKey`], [`Error::TooLarge`], or an outage.
    pub async fn set_if_absent(
        &self,
        key: &str,
        value: impl Into<Bytes>,
        ttl: Duration,
    ) -> Result<bool> {
        let (key, value) = (self.key(key)?, checked(value.into())?);
        let ttl = ttl.max(Duration::from_millis(1));
        self.engine.set_if_absent(key, value, ttl).await
    }

    /// Removes a value; `true` when there was one.
    ///
    /// # Errors
    /// [`Error::InvalidKey`], or an outage.
    pub async fn delete(&self, key: &str) -> Result<bool> {
        self.engine.delete(self.key(key)?).await
    }

    /// Adds to a counter and answers the sum. The time to live starts with the
    /// first addition and is not renewed by later ones.
    ///
    /// # Errors
    /// [`Error::InvalidKey`], [`Error::NotANumber`] (also on overflow), or an
    /// outage.
    pub async fn incr(&self, key: &str, by: i64, ttl: Duration) -> Result<i64> {
        let ttl = ttl.max(Duration::from_millis(1));
        self.engine.incr(self.key(key)?, by, ttl).await
    }

    /// The value under a key, or else what `load` makes, which is then stored.
    /// Callers of this process that ask for the same key at the same time
    /// share one load; if it fails, the next of them tries.
    ///
    /// An outage of the cache never fails this call: it only means loading.
    ///
    /// # Errors
    /// Whatever `load` fails with.
    pub async fn get_or_load<E, F, Fut>(
        &self,
        key: &str,
        ttl: Duration,
        load: F,
    ) -> Result<Bytes, E>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<Bytes, E>>,
    {
        match self.get(key).await {
            Ok(Some(value)) => return Ok(value),
            Ok(None) => {}
            Err(error) => tracing::debug!(%error, "loading without the cache"),
        }
        let Ok(full) = self.key(key) else {
            return load().await;
        };
        self.flights
            .join(&full, || async {
                // Another flight may have landed since the first look.
                if let Ok(Some(value)) = self.get(key).await {
                    return Ok(value);
                }
                let value = load().await?;
                if let Err(error) = self.set(key, value.clone(), ttl).await {
                    tracing::debug!(%error, "the loaded value is not cached");
                }
                Ok(value)
            })
            .await
    }

    /// Answers when the cache can be used now.
    ///
    /// # Errors
    /// An outage.
    pub async fn ping(&self) -> Result<()> {
        self.engine.ping().await
    }

    pub(crate) async fn charge(&self, key: &str, windows: &[Window], cost: u32) -> Result<Charge> {
        self.engine.charge(self.key(key)?, windows, cost).await
    }

    fn key(&self, key: &str) -> Result<String> {
        let fits = (1..=MAX_KEY_BYTES).contains(&key.len());
        // Braces would choose the slot of a Redis cluster.
        let plain = |b: u8| (0x21..0x7f).contains(&b) && b != b'{' && b != b'}';
        if !fits || !key.bytes().all(plain) {
            return Err(Error::InvalidKey(key.chars().take(64).collect()));
        }
        Ok(format!("{}:{}:{key}", self.prefix, self.namespace))
    }

    fn count(&self, values: &Result<Vec<Option<Bytes>>>) {
        let count = |outcome: &'static str, n: usize| {
            if n > 0 {
                metrics::counter!("cache_reads_total", "namespace" => self.namespace, "outcome" => outcome)
                    .increment(u64::try_from(n).unwrap_or(u64::MAX));
            }
        };
        match values {
            Ok(values) => {
                let hits = values.iter().flatten().count();
                count("hit", hits);
                count("miss", values.len() - hits);
            }
            Err(_) => count("error", 1),
        }
    }
}

fn checked(value: Bytes) -> Result<Bytes> {
    if value.len() > MAX_VALUE_BYTES {
        return Err(Error::TooLarge {
            bytes: value.len(),
            limit_bytes: MAX_VALUE_BYTES,
        });
    }
    Ok(value)
}
