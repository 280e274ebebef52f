//! Handles that count in two places.

use std::sync::Arc;

use metrics::atomics::AtomicU64;
use metrics::{Counter, CounterFn, Gauge, GaugeFn, Histogram, HistogramFn};

use super::pushed::PushedHistogram;

struct Both<F, P> {
    fetched: F,
    pushed: P,
}

pub(super) fn counter(fetched: Counter, pushed: Arc<AtomicU64>) -> Counter {
    Counter::from_arc(Arc::new(Both { fetched, pushed }))
}

pub(super) fn gauge(fetched: Gauge, pushed: Arc<AtomicU64>) -> Gauge {
    Gauge::from_arc(Arc::new(Both { fetched, pushed }))
}

pub(super) fn histogram(fetched: Histogram, pushed: PushedHistogram) -> Histogram {
    Histogram::from_arc(Arc::new(Both { fetched, pushed }))
}

impl CounterFn for Both<Counter, Arc<AtomicU64>> {
    fn increment(&self, value: u64) {
        self.fetched.increment(value);
        CounterFn::increment(&*self.pushed, value);
    }

    fn absolute(&self, value: u64) {
        self.fetched.absolute(value);
        CounterFn::absolute(&*self.pushed, value);
    }
}

impl GaugeFn for Both<Gauge, Arc<AtomicU64>> {
    fn increment(&self, value: f64) {
        self.fetched.increment(value);
        GaugeFn::increment(&*self.pushed, value);
    }

    fn decrement(&self, value: f64) {
        self.fetched.decrement(value);
        GaugeFn::decrement(&*self.pushed, value);
    }

    fn set(&self, value: f64) {
        self.fetched.set(value);
        GaugeFn::set(&*self.pushed, value);
    }
}

impl HistogramFn for Both<Histogram, PushedHistogram> {
    fn record(&self, value: f64) {
        self.fetched.record(value);
        self.pushed.record(value);
    }
}
