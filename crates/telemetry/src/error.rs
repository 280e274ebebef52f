/// Why telemetry could not be set up. Names the key that is to blame.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// A filter is not one.
    #[error("telemetry.{key}: {reason}")]
    Filter {
        /// The key that holds it.
        key: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// A number is out of its range.
    #[error("telemetry.{key} must be {range}")]
    Range {
        /// The key that holds it.
        key: &'static str,
        /// What is allowed.
        range: &'static str,
    },
    /// The collector's address is not one.
    #[error("telemetry.otlp_endpoint: {0}")]
    Endpoint(String),
    /// The thread that pushes and tidies cannot be started.
    #[error("telemetry cannot start its thread: {0}")]
    Thread(#[from] std::io::Error),
    /// Something in this process logs or counts already.
    #[error("telemetry is set up already: {0}")]
    Twice(String),
}
