use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::metrics::Temporality;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;

/// Whether the collector takes one kind of data. A change is logged once, each
/// failed push is counted.
#[derive(Debug, Clone)]
pub(super) struct Reach {
    signal: &'static str,
    away: Arc<AtomicBool>,
}

impl Reach {
    pub(super) fn new(signal: &'static str) -> Self {
        Self {
            signal,
            away: Arc::default(),
        }
    }

    pub(super) fn is_away(&self) -> bool {
        self.away.load(Ordering::Acquire)
    }

    /// Notes how a push went. The library underneath would log every failure,
    /// so it is told of none.
    pub(super) fn note(&self, pushed: OTelSdkResult) -> OTelSdkResult {
        let signal = self.signal;
        match pushed {
            Ok(()) => {
                if self.away.swap(false, Ordering::AcqRel) {
                    tracing::info!(signal, "the collector answers again");
                }
            }
            Err(error) => {
                metrics::counter!("telemetry_push_failures_total", "signal" => signal).increment(1);
                if !self.away.swap(true, Ordering::AcqRel) {
                    tracing::warn!(signal, %error, "the collector does not answer; what it does not take is lost");
                }
            }
        }
        Ok(())
    }
}

/// Pushes metrics and notes how it went.
pub(super) struct Watched<E> {
    pub(super) exporter: E,
    pub(super) reach: Reach,
}

impl<E: PushMetricExporter> PushMetricExporter for Watched<E> {
    async fn export(&self, metrics: &ResourceMetrics) -> OTelSdkResult {
        self.reach.note(self.exporter.export(metrics).await)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.exporter.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn temporality(&self) -> Temporality {
        self.exporter.temporality()
    }
}

#[cfg(test)]
mod tests {
    use metrics_exporter_prometheus::PrometheusBuilder;
    use opentelemetry_sdk::error::OTelSdkError;

    use super::*;

    #[test]
    fn each_failure_is_counted_and_the_last_push_decides() {
        let recorder = PrometheusBuilder::new().build_recorder();
        let handle = recorder.handle();
        let reach = Reach::new("traces");
        let failed = || Err(OTelSdkError::InternalFailure("refused".to_owned()));
        metrics::with_local_recorder(&recorder, || {
            for (pushed, away) in [
                (Ok(()), false),
                (failed(), true),
                (failed(), true),
                (Ok(()), false),
            ] {
                reach
                    .note(pushed)
                    .expect("the library is told of no failure");
                assert_eq!(reach.is_away(), away);
            }
        });
        let expected = "telemetry_push_failures_total{signal=\"traces\"} 2";
        assert!(handle.render().contains(expected), "{}", handle.render());
    }
}
