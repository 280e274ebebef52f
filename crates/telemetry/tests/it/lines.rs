//! The shape of a log line, and where its parts come from.

use covergen_identity::{Caller, Principal};
use covergen_ids::{UserId, WorkspaceId};
use covergen_mesh::{CallContext, TraceParent};
use covergen_telemetry::{LogFormat, TelemetryConfig};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::capture::{logged, logged_with};

const PLACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const USER: &str = "usr_0192a1b2c3d47e8f90a1b2c3d4e5f607";
const WORKSPACE: &str = "wks_0192a1b2c3d47e8f90a1b2c3d4e5f608";

#[test]
fn a_line_has_exactly_the_agreed_keys_in_their_order() {
    let capture = logged(|| tracing::info!(answer = 42, "it is done"));
    let text = capture.text();
    let order = [
        "timestamp",
        "level",
        "service",
        "traceId",
        "spanId",
        "userId",
        "requestId",
        "message",
        "data",
    ];
    let places: Vec<_> = order
        .iter()
        .map(|key| {
            text.find(&format!("\"{key}\":"))
                .unwrap_or_else(|| panic!("{key} in {text}"))
        })
        .collect();
    assert!(places.is_sorted(), "{text}");
    let line = capture.line();
    assert_eq!(line.as_object().unwrap().len(), order.len());
    assert_eq!(line["level"], "INFO");
    assert_eq!(line["message"], "it is done");
    assert_eq!(line["data"], json!({ "target": "it::lines", "answer": 42 }));
    for unknown in ["traceId", "spanId", "userId", "requestId"] {
        assert_eq!(line[unknown], Value::Null);
    }
}

#[test]
fn the_timestamp_is_now_in_utc() {
    let before = OffsetDateTime::now_utc();
    let line = logged(|| tracing::info!("now")).line();
    let text = line["timestamp"].as_str().unwrap();
    let time = OffsetDateTime::parse(text, &Rfc3339).unwrap();
    // The line tells microseconds.
    assert!(time >= before - time::Duration::microseconds(1));
    assert!(time <= OffsetDateTime::now_utc());
    assert!(text.ends_with('Z'));
}

#[test]
fn values_keep_their_types() {
    let line = logged(|| {
        let error = std::io::Error::other("the disk is gone");
        tracing::warn!(
            yes = true,
            small = -1_i64,
            large = u64::MAX,
            share = 0.5,
            endless = f64::INFINITY,
            debug = ?Some(1),
            display = %"shown",
            error = &error as &dyn std::error::Error,
            "types"
        );
    })
    .line();
    let expected = json!({
        "target": "it::lines", "yes": true, "small": -1, "large": u64::MAX, "share": 0.5,
        "endless": "inf", "debug": "Some(1)", "display": "shown", "error": "the disk is gone",
    });
    assert_eq!(line["data"], expected);
}

#[test]
fn the_service_is_the_spans_or_else_the_crate() {
    let capture = logged(|| {
        tracing::info!(target: "covergen_bff_web::edge", "crate");
        tracing::info!(service = "named", "event");
        let span = tracing::info_span!("serve", service = "cover");
        let _entered = span.enter();
        tracing::info!(target: "covergen_store::relay", "span");
    });
    let services: Vec<_> = capture
        .lines()
        .iter()
        .map(|line| line["service"].clone())
        .collect();
    assert_eq!(services, ["bff-web", "named", "cover"]);
}

#[test]
fn ids_come_from_spans_in_either_spelling_and_the_innermost_wins() {
    let capture = logged(|| {
        let outer = tracing::info_span!(
            "serve",
            request_id = "req_outer",
            trace_id = tracing::field::Empty,
            method = "/covergen.cover.v1.CoverService/GetCover",
            step = 1,
        );
        outer.record("trace_id", "4bf92f3577b34da6a3ce929d0e0e4736");
        let _outer = outer.enter();
        let inner =
            tracing::info_span!("http", requestId = "req_inner", userId = "usr_1", step = 2);
        let _inner = inner.enter();
        tracing::info!("deep");
    });
    let line = capture.line();
    assert_eq!(line["requestId"], "req_inner");
    assert_eq!(line["userId"], "usr_1");
    assert_eq!(line["traceId"], "4bf92f3577b34da6a3ce929d0e0e4736");
    assert_eq!(line["data"]["step"], 2);
    assert_eq!(
        line["data"]["method"],
        "/covergen.cover.v1.CoverService/GetCover"
    );
    assert_eq!(line["data"].get("request_id"), None);
}

#[test]
fn the_call_being_served_names_trace_span_request_and_user() {
    let principal = Principal {
        user_id: USER.parse::<UserId>().unwrap(),
        workspace_id: WORKSPACE.parse::<WorkspaceId>().unwrap(),
        roles: Vec::new(),
        session_id: None,
        scopes: None,
    };
    let caller = Caller::Service {
        name: "bff-web".to_owned(),
        on_behalf_of: Some(principal),
    };
    let call = CallContext::background()
        .with_caller(covergen_mesh::Caller::new(caller))
        .with_trace_parent(TraceParent::parse(PLACE).unwrap());
    let line = logged(|| call.sync_scope(|| tracing::info!("served"))).line();
    assert_eq!(line["traceId"], "4bf92f3577b34da6a3ce929d0e0e4736");
    assert_eq!(line["spanId"], "00f067aa0ba902b7");
    assert_eq!(line["userId"], USER);
    assert_eq!(line["requestId"], call.request_id().to_string());
}

#[test]
fn the_filter_silences_events_but_not_what_they_are_told_by() {
    let config = TelemetryConfig {
        log_filter: "warn,it::lines=error".to_owned(),
        ..TelemetryConfig::default()
    };
    let capture = logged_with(&config, || {
        let span = tracing::info_span!("serve", service = "cover", request_id = "req_1");
        let _entered = span.enter();
        tracing::info!(target: "elsewhere", "too fine");
        tracing::warn!("too fine here");
        tracing::warn!(target: "elsewhere", "a warning");
    });
    let line = capture.line();
    assert_eq!(line["message"], "a warning");
    assert_eq!(line["service"], "cover");
    assert_eq!(line["requestId"], "req_1");
}

#[test]
fn what_is_logged_cannot_end_a_line() {
    let text = "first\nsecond {\"level\":\"ERROR\"}\r\u{1b}[31m";
    let line = logged(|| tracing::info!(text, "{text}")).line();
    assert_eq!(line["message"], text);
    assert_eq!(line["data"]["text"], text);

    let config = TelemetryConfig {
        log_format: LogFormat::Text,
        ..TelemetryConfig::default()
    };
    let plain = logged_with(&config, || tracing::info!(text, "{text}")).text();
    assert_eq!(plain.lines().count(), 1, "{plain}");
    assert!(!plain.contains('\u{1b}'), "{plain:?}");
}

#[test]
fn text_for_people_tells_the_same() {
    let config = TelemetryConfig {
        log_format: LogFormat::Text,
        ..TelemetryConfig::default()
    };
    let text = logged_with(&config, || {
        let span = tracing::info_span!("serve", service = "cover", request_id = "req_1");
        let _entered = span.enter();
        tracing::warn!(password = "hunter2", left = 3, "slow down");
    })
    .text();
    let (_, told) = text.split_once("  WARN ").unwrap();
    assert_eq!(told, "cover: slow down password=*** left=3 request=req_1\n");
}

#[test]
fn a_huge_value_is_cut() {
    let line = logged(|| tracing::info!(body = %"word ".repeat(100_000), "large")).line();
    let body = line["data"]["body"].as_str().unwrap();
    assert!(body.len() < 10_000, "{}", body.len());
    assert!(body.ends_with("(cut)"));
}

#[test]
fn what_comes_through_the_log_crate_is_told_as_its_own() {
    // As the bridge records it.
    let line = logged(|| {
        tracing::info!(
            target: "log",
            seen = true,
            log.target = "rustls::client",
            log.line = 7,
            "handshake"
        );
    })
    .line();
    assert_eq!(line["service"], "rustls");
    assert_eq!(
        line["data"],
        json!({ "target": "rustls::client", "seen": true })
    );
}

#[test]
fn an_event_without_a_message_is_told_by_its_name() {
    let capture = logged(|| {
        tracing::info!(name: "Batch.Dropped", count = 3);
        tracing::info!(count = 3);
    });
    let messages: Vec<_> = capture
        .lines()
        .iter()
        .map(|line| line["message"].clone())
        .collect();
    assert_eq!(messages, ["Batch.Dropped", ""]);
}
