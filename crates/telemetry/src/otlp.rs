//! Pushes spans and metrics to a collector by OTLP over gRPC.

mod exporter;
mod reach;
mod sampler;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Meter, MeterProvider as _};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{
    MetricExporter, SpanExporter, WithExportConfig as _, WithTonicConfig as _,
};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::{Instrument, PeriodicReader, SdkMeterProvider, Stream};
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, Sampler, SdkTracer, SdkTracerProvider,
};
use tokio::runtime::Handle;
use tonic::transport::{Channel, ClientTlsConfig, Endpoint};

use crate::{TelemetryConfig, TelemetryError};
use exporter::Finishing;
use reach::{Reach, Watched};
use sampler::Share;

/// Spans that wait to be pushed; what comes after is dropped and counted in a
/// warning.
const MAX_WAITING_SPANS: usize = 4_096;

/// Spans in one push.
const MAX_BATCH_SPANS: usize = 512;

/// How long a span waits at most for others.
const BATCH_PAUSE: Duration = Duration::from_secs(2);

/// How long a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// How long one push may take, its retries included.
const PUSH_TIMEOUT: Duration = Duration::from_secs(5);

/// The pipelines to the collector.
pub(crate) struct Otlp {
    traces: SdkTracerProvider,
    metrics: SdkMeterProvider,
    reach: [Reach; 2],
    stopped: AtomicBool,
}

impl Otlp {
    /// None without an endpoint. Connections live on `runtime` and are made
    /// when they are first needed, so the collector may be away at first.
    pub(crate) fn open(
        config: &TelemetryConfig,
        runtime: &Handle,
    ) -> Result<Option<Self>, TelemetryError> {
        if config.otlp_endpoint.is_empty() {
            return Ok(None);
        }
        let _entered = runtime.enter();
        let channel = channel(&config.otlp_endpoint)?;
        let resource = Resource::builder()
            .with_service_name(config.service_name().to_owned())
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            // Two replicas' counters must not overwrite each other.
            .with_attribute(KeyValue::new(
                "service.instance.id",
                uuid::Uuid::now_v7().to_string(),
            ))
            .build();
        let reach = [Reach::new("traces"), Reach::new("metrics")];
        Ok(Some(Self {
            traces: traces(config, channel.clone(), resource.clone(), reach[0].clone())?,
            metrics: metrics(config, channel, resource, reach[1].clone())?,
            reach,
            stopped: AtomicBool::new(false),
        }))
    }

    pub(crate) fn tracer(&self) -> SdkTracer {
        self.traces.tracer("covergen")
    }

    pub(crate) fn meter(&self) -> Meter {
        self.metrics.meter("covergen")
    }

    /// Pushes what is left and ends; `false` when that failed or took longer
    /// than `limit`. A second time there is nothing left to do.
    pub(crate) fn stop(&self, limit: Duration) -> bool {
        if self.stopped.swap(true, Ordering::AcqRel) {
            return true;
        }
        let deadline = Instant::now() + limit;
        let (done, finished) = mpsc::channel();
        let (traces, metrics) = (self.traces.clone(), self.metrics.clone());
        let traces_done = done.clone();
        // Side by side, and given up at the deadline: an export that hangs
        // must not keep the process.
        std::thread::spawn(move || {
            let _ = traces_done.send(traces.shutdown_with_timeout(limit));
        });
        std::thread::spawn(move || {
            let _ = done.send(metrics.shutdown_with_timeout(limit));
        });
        let mut all_left = true;
        for _ in 0..2 {
            let left = deadline.saturating_duration_since(Instant::now());
            all_left &= matches!(finished.recv_timeout(left), Ok(Ok(())));
        }
        all_left && !self.reach.iter().any(Reach::is_away)
    }
}

fn channel(endpoint: &str) -> Result<Channel, TelemetryError> {
    let refuse = |error: &dyn std::error::Error| TelemetryError::Endpoint(error.to_string());
    let url = url::Url::parse(endpoint).map_err(|error| refuse(&error))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        let told = "use the form `http://host:port` or `https://host:port`";
        return Err(TelemetryError::Endpoint(told.to_owned()));
    }
    let mut endpoint = Endpoint::from_shared(endpoint.to_owned())
        .map_err(|error| refuse(&error))?
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(PUSH_TIMEOUT);
    if url.scheme() == "https" {
        endpoint = endpoint
            .tls_config(ClientTlsConfig::new().with_webpki_roots())
            .map_err(|error| refuse(&error))?;
    }
    Ok(endpoint.connect_lazy())
}

fn traces(
    config: &TelemetryConfig,
    channel: Channel,
    resource: Resource,
    reach: Reach,
) -> Result<SdkTracerProvider, TelemetryError> {
    let exporter = SpanExporter::builder()
        .with_tonic()
        .with_channel(channel)
        .with_timeout(PUSH_TIMEOUT)
        .build()
        .map_err(|error| TelemetryError::Endpoint(error.to_string()))?;
    let batches = BatchConfigBuilder::default()
        .with_max_queue_size(MAX_WAITING_SPANS)
        .with_max_export_batch_size(MAX_BATCH_SPANS)
        .with_scheduled_delay(BATCH_PAUSE)
        .build();
    let share = Share::new(config.trace_sample_ratio);
    // A caller may say that a trace is not wanted, but not that it is: that
    // stays a matter of the ratio.
    let sampler = Sampler::parent_based(share).with_remote_parent_sampled(share);
    Ok(SdkTracerProvider::builder()
        .with_resource(resource)
        .with_sampler(sampler)
        .with_span_processor(
            BatchSpanProcessor::builder(Finishing { exporter, reach })
                .with_batch_config(batches)
                .build(),
        )
        .build())
}

fn metrics(
    config: &TelemetryConfig,
    channel: Channel,
    resource: Resource,
    reach: Reach,
) -> Result<SdkMeterProvider, TelemetryError> {
    let exporter = MetricExporter::builder()
        .with_tonic()
        .with_channel(channel)
        .with_timeout(PUSH_TIMEOUT)
        .build()
        .map_err(|error| TelemetryError::Endpoint(error.to_string()))?;
    let reader = PeriodicReader::builder(Watched { exporter, reach })
        .with_interval(Duration::from_millis(config.metrics_interval_ms))
        .build();
    // The recorder bounds series already; one more is its overflow.
    let limit = config.max_series_per_metric.saturating_add(1);
    let bounded =
        move |_: &Instrument| Stream::builder().with_cardinality_limit(limit).build().ok();
    Ok(SdkMeterProvider::builder()
        .with_resource(resource)
        .with_reader(reader)
        .with_view(bounded)
        .build())
}
