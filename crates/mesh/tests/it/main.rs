//! The mesh from outside: a small service, called through channels.
//!
//! What does not depend on the transport runs over both. Tests that wait use
//! the paused clock, which works only where no socket is involved.

#![allow(
    clippy::unwrap_used,
    reason = "a test that unwraps in vain fails, as it should"
)]

mod balance;
mod breaker;
mod bulkhead;
mod cancel;
mod client;
mod context;
mod deadline;
mod discovery;
mod drain;
mod fleet;
mod half_open;
mod hedge;
mod identity;
mod live;
mod lookout;
mod metrics;
mod policy;
mod probe;
mod retry;
mod server;
mod split;
mod stream;
mod trace;
mod wire;
mod world;

/// Makes a test of each `async fn name(kind: Kind)` for each transport.
macro_rules! over_both_transports {
    ($($name:ident),* $(,)?) => {
        mod inprocess {
            $(#[tokio::test] async fn $name() {
                crate::world::bounded(super::$name(crate::world::Kind::InProcess)).await;
            })*
        }
        mod tcp {
            $(#[tokio::test] async fn $name() {
                crate::world::bounded(super::$name(crate::world::Kind::Tcp)).await;
            })*
        }
    };
}
pub(crate) use over_both_transports;
