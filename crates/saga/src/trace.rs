//! Work that was stored and taken up again goes on with the trace it came from.

use covergen_mesh::{CallContext, Propagator as _};
use covergen_telemetry::OtelPropagator;
use tracing::{Instrument as _, Span};

/// Does work in a span below the running context's place, so that calls made
/// by it and rows written by it hang below the span.
pub(crate) async fn traced<F: Future>(span: Span, work: F) -> F::Output {
    let context = CallContext::current().unwrap_or_else(CallContext::background);
    let own = OtelPropagator.depart(&span, Some(context.trace_parent()));
    let origin = covergen_store::CallContext {
        traceparent: own.to_string(),
        ..covergen_store::CallContext::current()
    };
    let context = context.with_trace_parent(own);
    context.scope(origin.scope(work)).instrument(span).await
}
