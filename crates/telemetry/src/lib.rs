//! Logs, traces and metrics: JSON lines, OTLP, Prometheus.

mod config;
mod setup;

pub use config::TelemetryConfig;
pub use setup::{Telemetry, TelemetryError};
