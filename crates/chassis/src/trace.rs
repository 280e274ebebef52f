//! Traces of work that is done after the call it comes from.

use covergen_mesh::{Propagator as _, TraceParent};
use covergen_telemetry::OtelPropagator;
use tracing::Span;

/// Begins a span below the place that was stored with a row or an event;
/// answers its own.
pub(crate) fn adopt(span: &Span, stored: &str) -> TraceParent {
    OtelPropagator.adopt(span, TraceParent::parse(stored))
}
