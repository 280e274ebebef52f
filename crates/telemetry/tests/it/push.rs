//! What reaches a collector, and what a collector that is away costs.

use std::time::{Duration, Instant};

use covergen_telemetry::TelemetryConfig;
use opentelemetry_proto::tonic::metrics::v1::{metric, number_data_point};
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use tracing::dispatcher::with_default;

use crate::capture::assemble;
use crate::collector::{Collector, pushing_to, texts};

#[tokio::test]
async fn spans_arrive_masked_and_named_after_their_calls() {
    let (collector, address) = Collector::start().await;
    let config = TelemetryConfig {
        service_name: "cover".to_owned(),
        ..pushing_to(address)
    };
    let (assembly, capture) = assemble(&config);
    with_default(&assembly.dispatch, || {
        let call = tracing::info_span!(
            "call",
            otel.kind = "client",
            method = "/covergen.cover.v1.CoverService/GetCover",
            code = tracing::field::Empty,
        );
        let _entered = call.enter();
        call.record("code", "UNAVAILABLE");
        let work = tracing::info_span!("work", title = "My book", note = "ask ada@example.com");
        work.in_scope(|| tracing::info!(token = "abc", "found ada@example.com"));
    });
    assembly.telemetry.shutdown().await;

    let work = collector.span("work");
    let call = collector.span("covergen.cover.v1.CoverService/GetCover");
    assert_eq!(work.parent_span_id, call.span_id);
    assert_eq!(work.trace_id, call.trace_id);
    assert_eq!(call.status.unwrap().code(), StatusCode::Error);
    let told = texts(&work.attributes);
    assert_eq!(told["title"], "***");
    assert_eq!(told["note"], "ask ***");
    let event = &work.events[0];
    assert_eq!(event.name, "found ***");
    assert_eq!(texts(&event.attributes)["token"], "***");

    let line = capture.line();
    let hex = |bytes: &[u8]| -> String { bytes.iter().map(|byte| format!("{byte:02x}")).collect() };
    assert_eq!(line["traceId"], hex(&work.trace_id));
    assert_eq!(line["spanId"], hex(&work.span_id));

    for resource in collector.resources() {
        assert_eq!(resource["service.name"], "cover");
        assert_eq!(resource["service.version"], env!("CARGO_PKG_VERSION"));
        assert!(!resource["service.instance.id"].is_empty());
    }
}

#[tokio::test]
async fn metrics_arrive_as_they_are_scraped() {
    let (collector, address) = Collector::start().await;
    let (assembly, _) = assemble(&pushing_to(address));
    metrics::with_local_recorder(&assembly.recorder, || {
        metrics::counter!("covers_total", "kind" => "book").increment(2);
        metrics::counter!("covers_total", "kind" => "song").increment(5);
        metrics::counter!("covers_total", "kind" => "book").increment(1);
        metrics::gauge!("waiting").set(2.5);
        for seconds in [0.003, 0.2, 600.0] {
            metrics::histogram!("render_seconds").record(seconds);
        }
    });
    let rendered = assembly.telemetry.render();
    assert!(
        rendered.contains("covers_total{kind=\"book\"} 3"),
        "{rendered}"
    );
    assert!(rendered.contains("render_seconds_count 3"), "{rendered}");
    assembly.telemetry.shutdown().await;

    let Some(metric::Data::Sum(covers)) = collector.metric("covers_total").unwrap().data else {
        panic!("a counter is a sum");
    };
    assert!(covers.is_monotonic);
    let mut points: Vec<_> = covers
        .data_points
        .iter()
        .map(|point| (texts(&point.attributes)["kind"].clone(), point.value))
        .collect();
    points.sort_by(|one, other| one.0.cmp(&other.0));
    let whole = |count| Some(number_data_point::Value::AsInt(count));
    assert_eq!(
        points,
        [("book".to_owned(), whole(3)), ("song".to_owned(), whole(5))]
    );

    let Some(metric::Data::Gauge(waiting)) = collector.metric("waiting").unwrap().data else {
        panic!("a gauge is a gauge");
    };
    assert_eq!(
        waiting.data_points[0].value,
        Some(number_data_point::Value::AsDouble(2.5))
    );

    let seconds = collector.metric("render_seconds").unwrap();
    assert_eq!(seconds.unit, "s");
    let Some(metric::Data::Histogram(seconds)) = seconds.data else {
        panic!("a histogram is a histogram");
    };
    let point = &seconds.data_points[0];
    assert_eq!(point.count, 3);
    assert!(point.explicit_bounds.contains(&2.0));
    assert_eq!(
        point.bucket_counts.last(),
        Some(&1),
        "600 s is past all bounds"
    );
    let used = collector.metric("process_resident_memory_bytes").unwrap();
    assert_eq!(used.unit, "By");
}

#[tokio::test]
async fn metrics_are_pushed_without_being_asked_for() {
    let (collector, address) = Collector::start().await;
    let config = TelemetryConfig {
        metrics_interval_ms: 100,
        ..pushing_to(address)
    };
    let (_assembly, _) = assemble(&config);
    eventually_pushed(&collector, "process_threads").await;
}

/// The exporter has a thread and a clock of its own, so it is polled.
async fn eventually_pushed(collector: &Collector, metric: &str) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while collector.metric(metric).is_none() {
        assert!(Instant::now() < deadline, "nothing was pushed");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn the_ratio_decides_what_is_kept_and_a_caller_cannot_raise_it() {
    let (collector, address) = Collector::start().await;
    let config = TelemetryConfig {
        trace_sample_ratio: 0.0,
        ..pushing_to(address)
    };
    let (assembly, capture) = assemble(&config);
    let propagator = assembly.telemetry.propagator();
    with_default(&assembly.dispatch, || {
        let span = tracing::info_span!("serve");
        let asked = covergen_mesh::TraceParent::root();
        let place = propagator.adopt(&span, Some(asked));
        assert_eq!(place.trace_id, asked.trace_id, "the trace is carried on");
        assert_eq!(place.flags, 0, "and those further on keep nothing either");
        span.in_scope(|| tracing::info!("still logged"));
    });
    assembly.telemetry.shutdown().await;
    assert_eq!(collector.spans(), []);
    assert!(capture.lines()[0]["traceId"].is_string());
}

#[tokio::test]
async fn a_collector_that_is_away_costs_neither_calls_nor_the_end() {
    // Bound and never accepted from: connections hang.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let config = pushing_to(silent.local_addr().unwrap());
    let (assembly, capture) = assemble(&config);
    with_default(&assembly.dispatch, || {
        for _ in 0..10_000 {
            tracing::info_span!("work").in_scope(|| {});
        }
        tracing::info!("goes on");
    });
    let stopped = tokio::time::timeout(Duration::from_secs(20), assembly.telemetry.shutdown());
    stopped.await.expect("it does not wait for the collector");
    assert!(capture.text().contains("goes on"));
}

#[tokio::test]
async fn after_the_end_counting_and_logging_go_on() {
    let (_collector, address) = Collector::start().await;
    let (assembly, capture) = assemble(&pushing_to(address));
    assembly.telemetry.shutdown().await;
    assembly.telemetry.shutdown().await;
    metrics::with_local_recorder(&assembly.recorder, || {
        metrics::counter!("late_total").increment(1);
    });
    with_default(&assembly.dispatch, || {
        tracing::info_span!("late").in_scope(|| tracing::info!("late"));
    });
    assert!(assembly.telemetry.render().contains("late_total 1"));
    assert!(capture.text().contains("\"message\":\"late\""));
}
