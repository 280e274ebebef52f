//! Where the `metrics` crate leaves its counts: for Prometheus to fetch and,
//! where a collector is configured, to be pushed.

mod both;
mod buckets;
mod pushed;
mod series;

use std::sync::Arc;

use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, SharedString, Unit};
use metrics_exporter_prometheus::{
    Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder,
};
use opentelemetry::metrics::Meter;

use pushed::Pushed;
use series::Series;

/// Counts for Prometheus and for OTLP at once, with a bound on the series of
/// each metric. Cheap to clone.
#[derive(Clone)]
pub struct Recorder {
    inner: Arc<Inner>,
}

struct Inner {
    prometheus: PrometheusRecorder,
    pushed: Option<Pushed>,
    counters: Series<Counter>,
    gauges: Series<Gauge>,
    histograms: Series<Histogram>,
}

impl Recorder {
    pub(crate) fn new(meter: Option<Meter>, max_series: usize) -> Self {
        Self {
            inner: Arc::new(Inner {
                prometheus: prometheus(),
                pushed: meter.map(Pushed::new),
                counters: Series::new(max_series),
                gauges: Series::new(max_series),
                histograms: Series::new(max_series),
            }),
        }
    }

    pub(crate) fn prometheus(&self) -> PrometheusHandle {
        self.inner.prometheus.handle()
    }
}

fn prometheus() -> PrometheusRecorder {
    let mut builder = PrometheusBuilder::new()
        .set_buckets(buckets::OTHER)
        .expect("the list is not empty");
    for (suffix, bounds) in buckets::BY_SUFFIX {
        builder = builder
            .set_buckets_for_metric(Matcher::Suffix(suffix.to_owned()), bounds)
            .expect("the list is not empty");
    }
    builder.build_recorder()
}

impl metrics::Recorder for Recorder {
    fn describe_counter(&self, key: KeyName, unit: Option<Unit>, description: SharedString) {
        self.describe(&key, &description);
        let prometheus = &self.inner.prometheus;
        prometheus.describe_counter(key, unit, description);
    }

    fn describe_gauge(&self, key: KeyName, unit: Option<Unit>, description: SharedString) {
        self.describe(&key, &description);
        let prometheus = &self.inner.prometheus;
        prometheus.describe_gauge(key, unit, description);
    }

    fn describe_histogram(&self, key: KeyName, unit: Option<Unit>, description: SharedString) {
        self.describe(&key, &description);
        let prometheus = &self.inner.prometheus;
        prometheus.describe_histogram(key, unit, description);
    }

    fn register_counter(&self, key: &Key, metadata: &Metadata<'_>) -> Counter {
        let inner = &self.inner;
        inner.counters.get(key, |key| {
            let fetched = inner.prometheus.register_counter(key, metadata);
            match &inner.pushed {
                None => fetched,
                Some(pushed) => both::counter(fetched, pushed.counter(key)),
            }
        })
    }

    fn register_gauge(&self, key: &Key, metadata: &Metadata<'_>) -> Gauge {
        let inner = &self.inner;
        inner.gauges.get(key, |key| {
            let fetched = inner.prometheus.register_gauge(key, metadata);
            match &inner.pushed {
                None => fetched,
                Some(pushed) => both::gauge(fetched, pushed.gauge(key)),
            }
        })
    }

    fn register_histogram(&self, key: &Key, metadata: &Metadata<'_>) -> Histogram {
        let inner = &self.inner;
        inner.histograms.get(key, |key| {
            let fetched = inner.prometheus.register_histogram(key, metadata);
            match &inner.pushed {
                None => fetched,
                Some(pushed) => both::histogram(fetched, pushed.histogram(key)),
            }
        })
    }
}

impl Recorder {
    fn describe(&self, key: &KeyName, description: &SharedString) {
        if let Some(pushed) = &self.inner.pushed {
            pushed.describe(key.as_str(), description);
        }
    }
}
