//! What every service relies on, seen through one small service.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod archive;
mod archive_trouble;
mod boot;
mod crash;
mod declared;
mod errors;
mod events;
mod guard;
mod health;
mod mesh;
mod metrics;
mod refill;
mod replicas;
mod service;
mod shutdown;
mod together;
