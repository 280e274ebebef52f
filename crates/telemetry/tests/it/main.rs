//! Telemetry as its users meet it: lines, scraped text, pushed data.

#![allow(clippy::unwrap_used, reason = "a test that unwraps fails with a place")]

mod capture;
mod collector;
mod config;
mod crossing;
mod init;
mod lines;
mod masking;
mod metrics;
mod push;
