//! Idempotency keys, bound headers, deadlines.

use axum::body::Body;

use crate::support::{Platform, request};

fn create(headers: &[(&str, &str)], body: &str) -> http::Request<Body> {
    let mut sent = request("POST", "/api/v1/things")
        .header("authorization", "Bearer user-ada")
        .header("content-type", "application/json");
    for (name, value) in headers {
        sent = sent.header(*name, *value);
    }
    sent.body(Body::from(body.to_owned())).unwrap()
}

#[tokio::test]
async fn the_key_of_a_request_comes_from_its_header() {
    let platform = Platform::new();
    for (name, value) in [
        ("idempotency-key", "k-1"),
        ("x-idempotency-key", "k-1"),
        ("idempotency-key", "\"k-1\""),
    ] {
        let answer = platform.send(create(&[(name, value)], "{}")).await;
        assert_eq!(answer.status.as_u16(), 201);
        assert_eq!(answer.json()["id"], "k-1");
    }
    let by_field = platform.send(create(&[], r#"{"requestId":"k-2"}"#)).await;
    assert_eq!(by_field.json()["id"], "k-2");
}

#[tokio::test]
async fn a_required_key_that_is_missing_is_asked_for() {
    let platform = Platform::new();
    let answer = platform.send(create(&[], "{}")).await;
    let problem = answer.problem(400, "IDEMPOTENCY_KEY_REQUIRED");
    assert_eq!(problem["violations"][0]["field"], "Idempotency-Key");
}

#[tokio::test]
async fn keys_that_cannot_be_keys_are_refused() {
    let platform = Platform::new();
    let long = "k".repeat(129);
    for headers in [
        &[("idempotency-key", long.as_str())][..],
        &[("idempotency-key", "")],
        &[("idempotency-key", "a b")],
        &[("idempotency-key", "a"), ("x-idempotency-key", "b")],
    ] {
        let answer = platform.send(create(headers, "{}")).await;
        answer.problem(400, "INVALID_IDEMPOTENCY_KEY");
    }
    let both = create(&[("idempotency-key", "a")], r#"{"requestId":"b"}"#);
    platform
        .send(both)
        .await
        .problem(400, "INVALID_IDEMPOTENCY_KEY");
}

#[tokio::test]
async fn an_optional_key_is_made_where_it_is_missing() {
    let platform = Platform::new();
    let patch = || {
        let sent = request("PATCH", "/api/v1/things/t1")
            .header("authorization", "Bearer user-ada")
            .header("content-type", "application/json")
            .body(Body::from("{}"));
        platform.send(sent.unwrap())
    };
    let (one, other) = (patch().await.ok(), patch().await.ok());
    let key = one["requestId"].as_str().unwrap();
    assert_eq!(uuid::Uuid::parse_str(key).unwrap().get_version_num(), 7);
    assert_ne!(one["requestId"], other["requestId"]);
}

#[tokio::test]
async fn fields_of_the_answer_become_headers() {
    let platform = Platform::new();
    let answer = platform
        .send(create(&[("idempotency-key", "k")], "{}"))
        .await;
    assert_eq!(answer.header("etag"), "\"v1\"");
    assert_eq!(answer.header("location"), "/things/k");
}

#[tokio::test]
async fn entity_tags_lose_their_quotes_on_the_way_in() {
    let platform = Platform::new();
    let sent = request("GET", "/api/v1/things/t1")
        .header("if-match", "\"abc\"")
        .body(Body::empty());
    assert_eq!(
        platform.send(sent.unwrap()).await.ok()["displayName"],
        "if abc"
    );
}

#[tokio::test]
async fn malformed_timeouts_are_refused() {
    let platform = Platform::new();
    for (name, value) in [
        ("grpc-timeout", "1"),
        ("grpc-timeout", "S"),
        ("grpc-timeout", "123456789S"),
        ("grpc-timeout", "-1S"),
        ("grpc-timeout", "1x"),
        ("request-timeout", "soon"),
        ("request-timeout", "-1"),
        ("request-timeout", "1.2345"),
        ("request-timeout", ""),
    ] {
        let sent = request("GET", "/api/v1/things")
            .header(name, value)
            .body(Body::empty());
        let problem = platform
            .send(sent.unwrap())
            .await
            .problem(400, "MALFORMED_TIMEOUT");
        assert_eq!(problem["violations"][0]["field"], name);
    }
}

#[tokio::test]
async fn the_sooner_deadline_reaches_the_backend() {
    let platform = Platform::new();
    for (headers, expected) in [
        (&[][..], "10000m"),
        (&[("grpc-timeout", "1500m")], "1500m"),
        (&[("request-timeout", "2")], "2000m"),
        (&[("request-timeout", "0.25")], "250m"),
        (&[("request-timeout", "3600")], "10000m"),
        (&[("request-timeout", "2"), ("grpc-timeout", "1S")], "1000m"),
    ] {
        let mut sent = request("GET", "/api/v1/whoami").header("authorization", "Bearer user-ada");
        for (name, value) in headers {
            sent = sent.header(*name, *value);
        }
        let answer = platform.send(sent.body(Body::empty()).unwrap()).await.ok();
        assert_eq!(answer["entries"]["grpc-timeout"], expected);
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_past_its_deadline_ends_with_504_and_is_dropped() {
    let platform = Platform::new();
    let answer = platform.post("/api/v1/fail", r#"{"hang":true}"#).await;
    answer.problem(504, "DEADLINE_EXCEEDED");
    assert_eq!(
        platform
            .backend
            .open
            .load(std::sync::atomic::Ordering::SeqCst),
        0
    );
}

#[tokio::test]
async fn what_a_header_and_a_parameter_both_give_is_refused() {
    let watch = request("GET", "/api/v1/watch/1?after=1")
        .header("authorization", "Bearer user-ada")
        .header("last-event-id", "2")
        .body(Body::empty())
        .unwrap();
    let refused = Platform::new().send(watch).await;
    let problem = refused.problem(400, "DUPLICATE_PARAMETER");
    assert_eq!(problem["violations"][0]["field"], "after");
}
