//! The whole platform, as its users meet it: the real binary, real ports.
#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

mod album;
mod api;
mod backup;
mod browser;
mod bulk;
mod clients_in_browser;
mod collector;
mod config;
mod crash;
mod erasure;
mod events;
mod faults;
mod floods;
mod forged;
mod gigabyte;
mod graphql;
mod grpc;
mod hostile;
mod idempotency;
mod mesh;
mod phone;
mod platform;
mod port;
mod processes;
mod prometheus;
mod python;
mod resume;
mod scale;
mod schema;
mod screens;
mod signatures;
mod standby;
mod tenants;
mod trace;
mod walk;
mod webhooks;

#[path = "../../../bff/tests/it/support/web_clients.rs"]
mod web_clients;
