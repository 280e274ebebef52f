//! Server streams: events, lines, downloads.

use axum::body::Body;
use covergen_bff::BffConfig;
use http_body_util::BodyExt;
use tower::ServiceExt;

use crate::support::{Platform, get, request};

#[tokio::test]
async fn events_carry_an_id_and_one_line_of_data() {
    let platform = Platform::new();
    let answer = platform.get("/api/v1/watch/2").await;
    assert_eq!(answer.status.as_u16(), 200);
    assert_eq!(answer.header("content-type"), "text/event-stream");
    assert_eq!(answer.header("x-accel-buffering"), "no");
    let expected = "id: 1\ndata: {\"version\":1,\"text\":\"line\\nbreak\"}\n\n\
                    id: 2\ndata: {\"version\":2,\"text\":\"line\\nbreak\"}\n\n";
    assert_eq!(answer.text(), expected);
}

#[tokio::test]
async fn a_stream_goes_on_after_the_last_event_seen() {
    let platform = Platform::new();
    let sent = request("GET", "/api/v1/watch/3")
        .header("last-event-id", "2")
        .body(Body::empty());
    let answer = platform.send(sent.unwrap()).await;
    assert!(answer.text().starts_with("id: 3\n"), "{}", answer.text());
    let bad = request("GET", "/api/v1/watch/3")
        .header("last-event-id", "x")
        .body(Body::empty());
    platform
        .send(bad.unwrap())
        .await
        .problem(400, "INVALID_VALUE");
}

#[tokio::test]
async fn the_last_event_seen_may_stand_in_the_query() {
    let platform = Platform::new();
    let answer = platform.get("/api/v1/watch/3?lastEventId=2").await;
    assert!(answer.text().starts_with("id: 3\n"), "{}", answer.text());
    // A browser that connects again by itself sends the header, and the
    // address that it began with.
    let again = request("GET", "/api/v1/watch/4?lastEventId=1")
        .header("last-event-id", "3")
        .body(Body::empty());
    let answer = platform.send(again.unwrap()).await;
    assert!(answer.text().starts_with("id: 4\n"), "{}", answer.text());
    for wrong in [
        "lastEventId=1&lastEventId=2",
        "lastEventId=x",
        "lastEventId=%00",
    ] {
        let answer = platform.get(&format!("/api/v1/watch/3?{wrong}")).await;
        assert_eq!(answer.status.as_u16(), 400, "{wrong}");
    }
    let elsewhere = platform.get("/api/v1/things?lastEventId=1").await;
    elsewhere.problem(400, "UNKNOWN_PARAMETER");
}

#[tokio::test]
async fn a_stream_that_fails_ends_with_the_problem() {
    let platform = Platform::new();
    let answer = platform.get("/api/v1/watch/3?failAfter=1").await;
    let text = answer.text();
    let (_, last) = text.split_once("\n\n").unwrap();
    let data = last
        .strip_prefix("event: error\ndata: ")
        .expect("an error event");
    let problem: serde_json::Value = serde_json::from_str(data.trim_end()).unwrap();
    assert_eq!(problem["reason"], "WENT_WRONG");
    assert_eq!(problem["status"], 409);
    assert_eq!(problem["requestId"], answer.header("x-request-id"));
}

#[tokio::test]
async fn a_stream_refused_before_it_began_is_a_problem() {
    let platform = Platform::new();
    let answer = platform.get("/api/v1/watch/3?failAfter=-1").await;
    answer.problem(404, "NOT_FOUND");
}

#[tokio::test]
async fn lines_are_sent_to_those_who_accept_them() {
    let platform = Platform::new();
    let sent = request("GET", "/api/v1/watch/2?failAfter=1")
        .header("accept", "application/x-ndjson")
        .body(Body::empty());
    let answer = platform.send(sent.unwrap()).await;
    assert_eq!(answer.header("content-type"), "application/x-ndjson");
    let text = answer.text();
    let lines: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line of JSON"))
        .collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["version"], 1);
    assert_eq!(lines[1]["error"]["reason"], "WENT_WRONG");
}

#[tokio::test]
async fn a_caller_who_takes_no_framing_is_told_so() {
    let platform = Platform::new();
    let sent = request("GET", "/api/v1/watch/2")
        .header("accept", "text/html")
        .body(Body::empty());
    platform
        .send(sent.unwrap())
        .await
        .problem(406, "NOT_ACCEPTABLE");
}

#[tokio::test]
async fn events_can_be_cut_down() {
    let platform = Platform::new();
    let answer = platform.get("/api/v1/watch/2?fields=version").await;
    assert_eq!(
        answer.text(),
        "id: 1\ndata: {\"version\":1}\n\nid: 2\ndata: {\"version\":2}\n\n"
    );
}

#[tokio::test(start_paused = true)]
async fn an_idle_stream_is_kept_alive_and_ends_with_its_caller() {
    let platform = Platform::with(BffConfig {
        keepalive_seconds: 15,
        ..BffConfig::default()
    });
    let response = platform
        .router
        .clone()
        .oneshot(get("/api/v1/watch/1?hang=true"))
        .await
        .unwrap();
    let mut body = response.into_body();
    let mut frames = Vec::new();
    for _ in 0..3 {
        let frame = body.frame().await.unwrap().unwrap().into_data().unwrap();
        frames.push(String::from_utf8(frame.to_vec()).unwrap());
    }
    assert!(frames[0].starts_with("id: 1\n"), "{frames:?}");
    assert_eq!(frames[1..], [": keepalive\n\n", ": keepalive\n\n"]);
    assert_eq!(
        platform
            .backend
            .open
            .load(std::sync::atomic::Ordering::SeqCst),
        1
    );
    drop(body);
    platform.backend.until_open(0).await;
}

#[tokio::test]
async fn a_download_is_its_chunks_with_the_type_of_the_first() {
    let platform = Platform::new();
    let answer = platform.get("/api/v1/download/3").await;
    assert_eq!(answer.header("content-type"), "text/csv");
    assert_eq!(
        answer.header("content-disposition"),
        "attachment; filename=\"a.csv\""
    );
    assert_eq!(answer.header("x-powered-by"), "");
    assert_eq!(answer.text(), "chunk 0;chunk 1;chunk 2;");
}

#[tokio::test]
async fn a_download_that_fails_breaks_off() {
    let platform = Platform::new();
    let response = platform
        .router
        .clone()
        .oneshot(get("/api/v1/download/3?failAfter=2"))
        .await;
    let body = response.unwrap().into_body();
    assert!(
        body.collect().await.is_err(),
        "half a file must not look whole"
    );
}
