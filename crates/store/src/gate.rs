//! Room: how many callers ask a database at a time.

use std::fmt::Debug;

use async_trait::async_trait;

/// Leave to ask once, until it is dropped.
pub type Permit = Box<dyn Send + Sync>;

/// Bounds how many callers wait for a connection at a time: provided by the
/// host. Whoever has one for a transaction has left the room.
#[async_trait]
pub trait Gate: Debug + Send + Sync {
    /// Leave, at once or after a wait in a bounded queue; none when that is
    /// full.
    async fn enter(&self) -> Option<Permit>;
}
