//! What a process tells about itself: logs, traces and metrics.
//!
//! [`Telemetry::init`] sets all three up for the process. Logs are lines on
//! stderr, as JSON or as text. Metrics are those of the `metrics` crate, read
//! from [`Telemetry::render`] in Prometheus' text format. Where an OTLP
//! collector is configured, spans and metrics are pushed to it as well, and
//! [`OtelPropagator`] keeps one trace together across processes.
//!
//! Invariants
//! - Personal data and credentials leave this process masked, in log lines and
//!   in spans alike.
//! - A collector that is slow or away costs its data, never a call: queues are
//!   bounded, and pushing has a thread of its own.
//! - A metric has a bounded number of series, whatever its labels do.
//! - What is logged does not depend on what is traced, nor the other way round.
//!
//! Modules in reading order: `config`, `setup`, `log`, `mask`, `recorder`,
//! `process`, `otlp`, `propagate`.

mod config;
mod error;
mod log;
mod mask;
mod otlp;
mod process;
mod propagate;
mod recorder;
mod setup;

pub use config::{LogFormat, TelemetryConfig};
pub use error::TelemetryError;
pub use propagate::OtelPropagator;
pub use recorder::Recorder;
pub use setup::{Assembly, Telemetry};
