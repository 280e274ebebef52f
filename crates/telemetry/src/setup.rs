use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::TelemetryConfig;
use crate::config::LogFormat;

/// Why telemetry could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter is not one.
    #[error("telemetry.log_filter: {0}")]
    Filter(String),
    /// Something in this process logs or counts already.
    #[error("telemetry is set up already: {0}")]
    Twice(String),
}

/// What a process logs and counts. Cheap to clone.
#[derive(Clone)]
pub struct Telemetry {
    prometheus: PrometheusHandle,
}

impl Telemetry {
    /// Sets up logs and metrics for the whole process, once.
    ///
    /// # Errors
    /// The filter is not one, or it is set up already.
    pub fn init(config: &TelemetryConfig) -> Result<Self, TelemetryError> {
        let filter = EnvFilter::try_new(&config.log_filter)
            .map_err(|error| TelemetryError::Filter(error.to_string()))?;
        let registry = tracing_subscriber::registry().with(filter);
        let set = match config.log_format {
            LogFormat::Json => registry
                .with(
                    tracing_subscriber::fmt::layer()
                        .json()
                        .with_writer(std::io::stderr),
                )
                .try_init(),
            LogFormat::Text => registry
                .with(tracing_subscriber::fmt::layer().with_writer(std::io::stderr))
                .try_init(),
        };
        set.map_err(|error| TelemetryError::Twice(error.to_string()))?;
        let prometheus = PrometheusBuilder::new()
            .install_recorder()
            .map_err(|error| TelemetryError::Twice(error.to_string()))?;
        Ok(Self { prometheus })
    }

    /// Every metric in Prometheus' text format.
    #[must_use]
    pub fn render(&self) -> String {
        self.prometheus.render()
    }
}
