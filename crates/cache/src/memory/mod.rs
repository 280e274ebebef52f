//! The engine in this process's memory: bounded by bytes and entries, the
//! least recently used goes first.

mod sliding;
mod table;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::time::Instant;

use self::sliding::Sliding;
use self::table::{Stored, Table};
use crate::engine::{Charge, Engine};
use crate::limiter::Window;
use crate::{Error, Result};

/// Parts of the table with a lock each, so that cores do not queue.
const SHARDS: usize = 16;

/// The memory engine.
#[derive(Debug)]
pub(crate) struct Memory {
    shards: Vec<Mutex<Table>>,
    started: Instant,
}

impl Memory {
    pub(crate) fn new(max_bytes: usize, max_entries: usize) -> Self {
        // A small cache is one part: split, each part could hold nothing.
        let shards = if max_entries < SHARDS * 64 || max_bytes < SHARDS * 1024 * 1024 {
            1
        } else {
            SHARDS
        };
        let table = || Mutex::new(Table::new(max_bytes / shards, max_entries / shards));
        Self {
            shards: (0..shards).map(|_| table()).collect(),
            started: Instant::now(),
        }
    }

    /// The part of the table that holds a key.
    fn table(&self, key: &str) -> MutexGuard<'_, Table> {
        use std::hash::{DefaultHasher, Hash, Hasher};
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        let shards = u64::try_from(self.shards.len()).unwrap_or(1);
        let index = usize::try_from(hasher.finish() % shards).unwrap_or(0);
        self.shards[index]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Milliseconds since the engine was made, by the monotonic clock (which
    /// tests can pause and advance).
    fn now_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

fn ms(ttl: Duration) -> u64 {
    u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX).max(1)
}

#[async_trait]
impl Engine for Memory {
    async fn get_many(&self, keys: Vec<String>) -> Result<Vec<Option<Bytes>>> {
        let now = self.now_ms();
        let get = |key: &String| match self.table(key).get(key, now) {
            Some(Stored::Value(value)) => Some(value.clone()),
            Some(Stored::Counter(value)) => Some(Bytes::from(value.to_string())),
            Some(Stored::Sliding(_)) | None => None,
        };
        Ok(keys.iter().map(get).collect())
    }

    async fn set(&self, key: String, value: Bytes, ttl: Duration) -> Result<()> {
        let now = self.now_ms();
        let until = now.saturating_add(ms(ttl));
        self.table(&key).put(&key, Stored::Value(value), until, now);
        Ok(())
    }

    async fn set_if_absent(&self, key: String, value: Bytes, ttl: Duration) -> Result<bool> {
        let now = self.now_ms();
        let mut table = self.table(&key);
        if table.get(&key, now).is_some() {
            return Ok(false);
        }
        let until = now.saturating_add(ms(ttl));
        table.put(&key, Stored::Value(value), until, now);
        Ok(true)
    }

    async fn delete(&self, key: String) -> Result<bool> {
        let now = self.now_ms();
        let mut table = self.table(&key);
        let present = table.get(&key, now).is_some();
        table.remove(&key);
        Ok(present)
    }

    async fn incr(&self, key: String, by: i64, ttl: Duration) -> Result<i64> {
        let now = self.now_ms();
        let mut table = self.table(&key);
        let before = match table.get(&key, now) {
            None => {
                let until = now.saturating_add(ms(ttl));
                table.put(&key, Stored::Counter(by), until, now);
                return Ok(by);
            }
            Some(Stored::Counter(value)) => *value,
            Some(Stored::Value(value)) => number(value)?,
            Some(Stored::Sliding(_)) => return Err(Error::NotANumber),
        };
        let sum = before.checked_add(by).ok_or(Error::NotANumber)?;
        table.replace(&key, Stored::Counter(sum));
        Ok(sum)
    }

    async fn charge(&self, key: String, windows: &[Window], cost: u32) -> Result<Charge> {
        let now = self.now_ms();
        let mut table = self.table(&key);
        let fits = matches!(table.get(&key, now), Some(Stored::Sliding(s)) if s.is_for(windows));
        if !fits {
            let until = now.saturating_add(Sliding::lifetime_ms(windows));
            let fresh = Box::new(Sliding::new(windows));
            table.put(&key, Stored::Sliding(fresh), until, now);
        }
        let until = now.saturating_add(Sliding::lifetime_ms(windows));
        let Some(Stored::Sliding(sliding)) = table.touch(&key, until) else {
            // A table too small for one counter cannot count: fail as an
            // outage, so that the caller's choice applies.
            return Err(Error::Unavailable("no room for a counter".to_owned()));
        };
        Ok(sliding.charge(windows, cost, now))
    }

    async fn ping(&self) -> Result<()> {
        Ok(())
    }
}

fn number(value: &Bytes) -> Result<i64> {
    std::str::from_utf8(value)
        .ok()
        .and_then(|text| text.parse().ok())
        .ok_or(Error::NotANumber)
}
