use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use covergen_mesh::Propagator;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::runtime::Runtime;
use tracing::Dispatch;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Registry};

use crate::log::{LogFilter, LogLayer};
use crate::otlp::Otlp;
use crate::process::Process;
use crate::{OtelPropagator, Recorder, TelemetryConfig, TelemetryError};

/// How often histograms are condensed and the process is looked at. Samples
/// wait in memory until then, also where nobody scrapes.
const UPKEEP: Duration = Duration::from_secs(5);

/// How long a process that ends waits for its last spans and metrics to leave.
const LAST_PUSH: Duration = Duration::from_secs(2);

/// What a process logs, counts and traces. Cheap to clone; pushing ends with
/// the last clone.
#[derive(Clone)]
pub struct Telemetry {
    inner: Arc<Inner>,
}

struct Inner {
    prometheus: PrometheusHandle,
    process: Process,
    otlp: Option<Arc<Otlp>>,
    // Taken when dropped.
    runtime: Mutex<Option<Runtime>>,
}

/// Telemetry that is not installed yet: for a process with its own way to
/// install it, and for tests, which have many in one process.
pub struct Assembly {
    /// Renders and shuts down.
    pub telemetry: Telemetry,
    /// Logs and traces what is recorded under it.
    pub dispatch: Dispatch,
    /// Counts what is recorded through it.
    pub recorder: Recorder,
}

impl Telemetry {
    /// Sets up logs, metrics and traces for the whole process, once. A panic
    /// is logged as a line like any other from then on.
    ///
    /// # Errors
    /// A key does not hold what it should, or it is set up already.
    pub fn init(config: &TelemetryConfig) -> Result<Self, TelemetryError> {
        let assembly = Self::assemble(config, std::io::stderr)?;
        let dispatch = assembly.dispatch;
        dispatch
            .try_init()
            .map_err(|error| TelemetryError::Twice(error.to_string()))?;
        metrics::set_global_recorder(assembly.recorder)
            .map_err(|error| TelemetryError::Twice(error.to_string()))?;
        crate::log::log_panics();
        Ok(assembly.telemetry)
    }

    /// Builds everything without installing it. Lines go to `writer`.
    ///
    /// # Errors
    /// A key does not hold what it should.
    pub fn assemble<W>(config: &TelemetryConfig, writer: W) -> Result<Assembly, TelemetryError>
    where
        W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
    {
        check(config)?;
        let log_filter = LogFilter::new(filter("log_filter", &config.log_filter)?);
        let trace_filter = filter("trace_filter", &config.trace_filter)?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("telemetry")
            .enable_all()
            .build()?;
        let otlp = Otlp::open(config, runtime.handle())?.map(Arc::new);

        let log = LogLayer::new(config.log_format, writer).with_filter(log_filter);
        let subscriber = Registry::default().with(log);
        let dispatch = match &otlp {
            None => Dispatch::new(subscriber),
            Some(otlp) => {
                let traces = tracing_opentelemetry::layer()
                    .with_tracer(otlp.tracer())
                    // Parents come from the spans of `tracing`, not from a
                    // second stack of contexts.
                    .with_context_activation(false)
                    .with_threads(false)
                    .with_location(false)
                    .with_tracked_inactivity(false);
                Dispatch::new(subscriber.with(traces.with_filter(trace_filter)))
            }
        };

        let meter = otlp.as_ref().map(|otlp| otlp.meter());
        let recorder = Recorder::new(meter, config.max_series_per_metric);
        let prometheus = recorder.prometheus();
        let process = Process::new(&recorder);
        runtime.spawn(keep_up(prometheus.clone(), process.clone()));
        let telemetry = Self {
            inner: Arc::new(Inner {
                prometheus,
                process,
                otlp,
                runtime: Mutex::new(Some(runtime)),
            }),
        };
        Ok(Assembly {
            telemetry,
            dispatch,
            recorder,
        })
    }

    /// Every metric in Prometheus' text format, the process' own as of now.
    #[must_use]
    pub fn render(&self) -> String {
        self.observe_process();
        self.inner.prometheus.render()
    }

    /// Refreshes what this process uses: memory, processor time, open files,
    /// threads. [`Telemetry::render`] does so too.
    pub fn observe_process(&self) {
        self.inner.process.observe();
    }

    /// Links spans to the trace that crosses processes. Without a collector it
    /// carries traces on all the same.
    #[must_use]
    pub fn propagator(&self) -> Arc<dyn Propagator> {
        Arc::new(OtelPropagator)
    }

    /// Pushes what is left, for at most two seconds, and pushes no more.
    /// Logging, counting and rendering go on.
    pub async fn shutdown(&self) {
        let Some(otlp) = self.inner.otlp.clone() else {
            return;
        };
        // A thread of its own: the caller's runtime may have no other one.
        let (done, finished) = tokio::sync::oneshot::channel();
        std::thread::spawn(move || {
            let _ = done.send(otlp.stop(LAST_PUSH));
        });
        if finished.await != Ok(true) {
            tracing::warn!("the last spans or metrics did not reach the collector");
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Some(otlp) = &self.otlp {
            otlp.stop(LAST_PUSH);
        }
        let runtime = self
            .runtime
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(runtime) = runtime.take() {
            // Also where the last clone is dropped by a task.
            runtime.shutdown_background();
        }
    }
}

async fn keep_up(prometheus: PrometheusHandle, process: Process) {
    let mut ticks = tokio::time::interval(UPKEEP);
    loop {
        ticks.tick().await;
        prometheus.run_upkeep();
        process.observe();
    }
}

fn filter(key: &'static str, given: &str) -> Result<EnvFilter, TelemetryError> {
    EnvFilter::try_new(given).map_err(|error| TelemetryError::Filter {
        key,
        reason: error.to_string(),
    })
}

fn check(config: &TelemetryConfig) -> Result<(), TelemetryError> {
    let refuse = |key, range| Err(TelemetryError::Range { key, range });
    if !(0.0..=1.0).contains(&config.trace_sample_ratio) {
        return refuse("trace_sample_ratio", "from 0 to 1");
    }
    if !(100..=3_600_000).contains(&config.metrics_interval_ms) {
        return refuse("metrics_interval_ms", "from 100 to 3600000");
    }
    if config.max_series_per_metric == 0 {
        return refuse("max_series_per_metric", "at least 1");
    }
    Ok(())
}
