//! Telemetry as its users meet it: lines, scraped text, pushed data.

mod capture;
mod collector;
mod config;
mod crossing;
mod init;
mod lines;
mod masking;
mod metrics;
mod push;
