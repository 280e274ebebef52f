//! The whole platform, as its users meet it: the real binary, real ports.
#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

mod api;
mod audit;
mod browser;
mod bulk;
mod config;
mod crash;
mod erasure;
mod graphql;
mod grpc;
mod hostile;
mod idempotency;
mod phone;
mod platform;
mod prometheus;
mod python;
mod schema;
mod screens;
mod walk;
mod webhooks;
