use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use metrics::Key;
use metrics::atomics::AtomicU64;
use opentelemetry::KeyValue;
use opentelemetry::metrics::{Histogram, Meter};

use super::buckets;

/// What is pushed. Counters and gauges are plain numbers that the exporter
/// reads when it pushes, so counting costs no look-up of labels.
pub(super) struct Pushed {
    meter: Meter,
    counters: Mutex<HashMap<String, Cells>>,
    gauges: Mutex<HashMap<String, Cells>>,
    histograms: Mutex<HashMap<String, Histogram<f64>>>,
    descriptions: Mutex<HashMap<String, String>>,
}

/// The series of one name, shared with the exporter's callback.
type Cells = Arc<Mutex<Vec<Cell>>>;

struct Cell {
    labels: Vec<KeyValue>,
    value: Arc<AtomicU64>,
}

/// One series of a histogram.
pub(super) struct PushedHistogram {
    histogram: Histogram<f64>,
    labels: Vec<KeyValue>,
}

impl PushedHistogram {
    pub(super) fn record(&self, value: f64) {
        self.histogram.record(value, &self.labels);
    }
}

impl Pushed {
    pub(super) fn new(meter: Meter) -> Self {
        Self {
            meter,
            counters: Mutex::default(),
            gauges: Mutex::default(),
            histograms: Mutex::default(),
            descriptions: Mutex::default(),
        }
    }

    /// Applies to metrics that are not counted yet.
    pub(super) fn describe(&self, name: &str, description: &str) {
        lock(&self.descriptions).insert(name.to_owned(), description.to_owned());
    }

    /// A whole number that only grows.
    pub(super) fn counter(&self, key: &Key) -> Arc<AtomicU64> {
        cell(&self.counters, key, |cells| {
            self.meter
                .u64_observable_counter(key.name().to_owned())
                .with_unit(unit(key.name()))
                .with_description(self.description(key.name()))
                .with_callback(move |observer| {
                    for cell in lock(&cells).iter() {
                        observer.observe(cell.value.load(Ordering::Acquire), &cell.labels);
                    }
                })
                .build();
        })
    }

    /// The bits of a double.
    pub(super) fn gauge(&self, key: &Key) -> Arc<AtomicU64> {
        cell(&self.gauges, key, |cells| {
            self.meter
                .f64_observable_gauge(key.name().to_owned())
                .with_unit(unit(key.name()))
                .with_description(self.description(key.name()))
                .with_callback(move |observer| {
                    for cell in lock(&cells).iter() {
                        let bits = cell.value.load(Ordering::Acquire);
                        observer.observe(f64::from_bits(bits), &cell.labels);
                    }
                })
                .build();
        })
    }

    pub(super) fn histogram(&self, key: &Key) -> PushedHistogram {
        let mut histograms = lock(&self.histograms);
        let histogram = histograms.entry(key.name().to_owned()).or_insert_with(|| {
            self.meter
                .f64_histogram(key.name().to_owned())
                .with_unit(unit(key.name()))
                .with_description(self.description(key.name()))
                .with_boundaries(buckets::of(key.name()).to_vec())
                .build()
        });
        PushedHistogram {
            histogram: histogram.clone(),
            labels: labels(key),
        }
    }

    fn description(&self, name: &str) -> String {
        lock(&self.descriptions)
            .get(name)
            .cloned()
            .unwrap_or_default()
    }
}

/// A new cell of `key`; `announce` is given the cells of a name seen first.
fn cell(
    names: &Mutex<HashMap<String, Cells>>,
    key: &Key,
    announce: impl FnOnce(Cells),
) -> Arc<AtomicU64> {
    let value = Arc::new(AtomicU64::new(0));
    let new = Cell {
        labels: labels(key),
        value: Arc::clone(&value),
    };
    let mut names = lock(names);
    if let Some(cells) = names.get(key.name()) {
        lock(cells).push(new);
        return value;
    }
    let cells: Cells = Arc::new(Mutex::new(vec![new]));
    names.insert(key.name().to_owned(), Arc::clone(&cells));
    drop(names);
    announce(cells);
    value
}

fn labels(key: &Key) -> Vec<KeyValue> {
    key.labels()
        .map(|label| KeyValue::new(label.key().to_owned(), label.value().to_owned()))
        .collect()
}

/// The unit that a name ends in, in UCUM's spelling.
fn unit(name: &str) -> &'static str {
    let name = name.strip_suffix("_total").unwrap_or(name);
    if name.ends_with("_seconds") {
        "s"
    } else if name.ends_with("_bytes") {
        "By"
    } else {
        ""
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
