//! The engines really start, serve, fail on request, and leave nothing behind.
#![allow(
    clippy::unwrap_used,
    reason = "a test that unwraps fails with the error it met"
)]

mod lifecycle;
mod proxy;
mod scopes;
