//! One trace over several processes: what one sends, the next goes on with.

use covergen_mesh::{Propagator, TraceParent};
use covergen_telemetry::OtelPropagator;
use tracing::Span;
use tracing::dispatcher::with_default;

use crate::capture::{assemble, logged};
use crate::collector::{Collector, pushing_to};

/// What a `traceparent` header, or an event's envelope, makes of a place.
fn over_the_wire(place: TraceParent) -> TraceParent {
    TraceParent::parse(&place.to_string()).unwrap()
}

#[tokio::test]
async fn a_trace_crosses_http_grpc_and_events() {
    let (collector, address) = Collector::start().await;
    let (web, web_lines) = assemble(&pushing_to(address));
    let (cover, cover_lines) = assemble(&pushing_to(address));
    let (mail, mail_lines) = assemble(&pushing_to(address));

    let header = with_default(&web.dispatch, || {
        let http = tracing::info_span!("http");
        let served = OtelPropagator.adopt(&http, None);
        let _entered = http.enter();
        tracing::info!("asked");
        let call = tracing::info_span!("call");
        OtelPropagator.depart(&call, Some(served))
    });
    let envelope = with_default(&cover.dispatch, || {
        let serve = tracing::info_span!(parent: None, "serve");
        let served = OtelPropagator.adopt(&serve, Some(over_the_wire(header)));
        serve.in_scope(|| tracing::info!("served"));
        served
    });
    with_default(&mail.dispatch, || {
        let consume = tracing::info_span!(parent: None, "consume");
        OtelPropagator.adopt(&consume, Some(over_the_wire(envelope)));
        consume.in_scope(|| tracing::info!("consumed"));
    });
    for one in [&web, &cover, &mail] {
        one.telemetry.shutdown().await;
    }

    let names = ["http", "call", "serve", "consume"];
    let chain = names.map(|name| collector.span(name));
    assert!(chain[0].parent_span_id.is_empty());
    for pair in chain.windows(2) {
        assert_eq!(pair[1].trace_id, pair[0].trace_id);
        assert_eq!(pair[1].parent_span_id, pair[0].span_id, "{}", pair[1].name);
    }
    let trace = &web_lines.line()["traceId"];
    assert_eq!(trace.as_str().unwrap(), format!("{:032x}", header.trace_id));
    assert_eq!(*trace, cover_lines.line()["traceId"]);
    assert_eq!(*trace, mail_lines.line()["traceId"]);
}

#[tokio::test]
async fn a_call_from_stored_work_follows_what_was_stored() {
    let (collector, address) = Collector::start().await;
    let (assembly, _) = assemble(&pushing_to(address));
    let stored = TraceParent::root();
    with_default(&assembly.dispatch, || {
        // The worker's own span belongs to another trace.
        let worker = tracing::info_span!("worker");
        let _entered = worker.enter();
        let call = tracing::info_span!("call");
        let place = OtelPropagator.depart(&call, Some(stored));
        assert_eq!(place.trace_id, stored.trace_id);
    });
    assembly.telemetry.shutdown().await;
    let call = collector.span("call");
    assert_eq!(call.trace_id, stored.trace_id.to_be_bytes());
    assert_eq!(call.parent_span_id, stored.span_id.to_be_bytes());
}

#[tokio::test]
async fn a_call_hangs_below_the_span_it_is_made_in() {
    let (collector, address) = Collector::start().await;
    let (assembly, _) = assemble(&pushing_to(address));
    with_default(&assembly.dispatch, || {
        let serve = tracing::info_span!("serve");
        let served = OtelPropagator.adopt(&serve, None);
        let _serve = serve.enter();
        let step = tracing::info_span!("step");
        let _step = step.enter();
        let call = tracing::info_span!("call");
        let place = OtelPropagator.depart(&call, Some(served));
        assert_eq!(place.trace_id, served.trace_id);
    });
    assembly.telemetry.shutdown().await;
    assert_eq!(
        collector.span("call").parent_span_id,
        collector.span("step").span_id
    );
}

#[test]
fn without_a_collector_a_trace_is_carried_on() {
    let incoming = TraceParent::root();
    logged(|| {
        let span = tracing::info_span!("serve");
        for place in [
            OtelPropagator.adopt(&span, Some(incoming)),
            OtelPropagator.depart(&span, Some(incoming)),
            OtelPropagator.adopt(&Span::none(), Some(incoming)),
        ] {
            assert_eq!(place.trace_id, incoming.trace_id);
            assert_ne!(place.span_id, incoming.span_id);
            assert_eq!(place.flags, 1);
        }
        assert_ne!(OtelPropagator.adopt(&span, None).trace_id, 0);
    });
}
