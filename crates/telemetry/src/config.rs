use serde::Deserialize;

/// Logs, traces and metrics. An unknown key is refused.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TelemetryConfig {
    /// What is logged, as a `tracing` filter such as `info,covergen_mesh=debug`.
    pub log_filter: String,
    /// `json` for machines, `text` for people.
    pub log_format: LogFormat,
    /// `service.name` of everything pushed; empty means `covergen`, or what
    /// the process names itself by [`TelemetryConfig::named`].
    pub service_name: String,
    /// Where traces and metrics are pushed by OTLP over gRPC, such as
    /// `http://collector:4317`; `https` is verified against the public roots.
    /// Empty pushes nothing.
    pub otlp_endpoint: String,
    /// Which spans and events are traced, in the form of `log_filter`.
    pub trace_filter: String,
    /// Share of traces that is kept, 0 to 1. It is decided by the trace id, so
    /// processes with one ratio keep the same traces.
    pub trace_sample_ratio: f64,
    /// Pause between two pushes of metrics, 100 to 3,600,000.
    pub metrics_interval_ms: u64,
    /// Label sets that one metric may have, at least 1. What comes after is
    /// counted together, under the label `overflow="true"`.
    pub max_series_per_metric: usize,
}

/// How a log line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// Plain text.
    Text,
}

impl Default for TelemetryConfig {
    fn default() -> Self {
        Self {
            log_filter: "info".to_owned(),
            log_format: LogFormat::Json,
            service_name: String::new(),
            otlp_endpoint: String::new(),
            trace_filter: "info,covergen_mesh=debug".to_owned(),
            trace_sample_ratio: 1.0,
            metrics_interval_ms: 15_000,
            max_series_per_metric: 5_000,
        }
    }
}

impl TelemetryConfig {
    /// The same configuration for a process that calls itself `name`, unless
    /// `service_name` says otherwise.
    #[must_use]
    pub fn named(&self, name: &str) -> Self {
        let mut named = self.clone();
        if named.service_name.is_empty() {
            name.clone_into(&mut named.service_name);
        }
        named
    }

    pub(crate) fn service_name(&self) -> &str {
        if self.service_name.is_empty() {
            "covergen"
        } else {
            &self.service_name
        }
    }
}
