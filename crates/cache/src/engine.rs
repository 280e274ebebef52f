use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

use crate::Result;
use crate::limiter::{Usage, Window};

/// What an engine can do. Keys arrive checked and complete with prefix.
#[async_trait]
pub(crate) trait Engine: Debug + Send + Sync {
    async fn get_many(&self, keys: Vec<String>) -> Result<Vec<Option<Bytes>>>;
    async fn set(&self, key: String, value: Bytes, ttl: Duration) -> Result<()>;
    async fn set_if_absent(&self, key: String, value: Bytes, ttl: Duration) -> Result<bool>;
    async fn delete(&self, key: String) -> Result<bool>;
    async fn incr(&self, key: String, by: i64, ttl: Duration) -> Result<i64>;
    /// Charges `cost` to every window if all have room, else to none; tells
    /// how each window stands.
    async fn charge(&self, key: String, windows: &[Window], cost: u32) -> Result<Charge>;
    async fn ping(&self) -> Result<()>;
}

/// The answer to a charge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Charge {
    /// All windows had room, and all were charged.
    pub(crate) allowed: bool,
    /// One for each window, after charging.
    pub(crate) usage: Vec<Usage>,
}
