use covergen_mesh::{Propagator, TraceParent, W3c};
use opentelemetry::Context;
use opentelemetry::trace::{
    SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState,
};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// Gives spans the place in their trace that the collector knows, so that
/// headers, events, logs and exported spans name the same ids.
///
/// A span that is not exported, because no collector is configured or the
/// filter leaves it out, is carried on as by [`W3c`].
#[derive(Debug, Clone, Copy, Default)]
pub struct OtelPropagator;

impl Propagator for OtelPropagator {
    fn adopt(&self, span: &Span, incoming: Option<TraceParent>) -> TraceParent {
        if let Some(parent) = incoming {
            follow(span, parent);
        }
        place(span).unwrap_or_else(|| W3c.adopt(span, incoming))
    }

    fn depart(&self, span: &Span, current: Option<TraceParent>) -> TraceParent {
        // A span begun within the trace has its parent already, maybe one that
        // is nearer than the call. Work that was stored and taken up again, or
        // moved to another task, has none.
        let nearer = place(&Span::current())
            .is_some_and(|here| current.is_none_or(|call| call.trace_id == here.trace_id));
        if let Some(parent) = current
            && !nearer
        {
            follow(span, parent);
        }
        place(span).unwrap_or_else(|| W3c.depart(span, current))
    }
}

/// Makes the span a child of one in another process. It fails for a span that
/// is not exported or has begun, and either way its place is asked for next.
fn follow(span: &Span, parent: TraceParent) {
    let parent = SpanContext::new(
        TraceId::from(parent.trace_id),
        SpanId::from(parent.span_id),
        TraceFlags::new(parent.flags) & TraceFlags::SAMPLED,
        true,
        TraceState::NONE,
    );
    let _ = span.set_parent(Context::new().with_remote_span_context(parent));
}

/// Where the collector has the span, if it is exported.
fn place(span: &Span) -> Option<TraceParent> {
    let context = span.context();
    let span = context.span();
    let own = span.span_context();
    own.is_valid().then(|| TraceParent {
        trace_id: u128::from_be_bytes(own.trace_id().to_bytes()),
        span_id: u64::from_be_bytes(own.span_id().to_bytes()),
        flags: own.trace_flags().to_u8(),
    })
}
