//! What a backend refuses with, as callers see it.

use serde_json::json;

use crate::support::Platform;

#[tokio::test]
async fn every_code_has_its_status() {
    let platform = Platform::new();
    for (code, status, name) in [
        (1, 499, "CANCELLED"),
        (2, 500, "UNKNOWN"),
        (3, 400, "INVALID_ARGUMENT"),
        (4, 504, "DEADLINE_EXCEEDED"),
        (5, 404, "NOT_FOUND"),
        (6, 409, "ALREADY_EXISTS"),
        (7, 403, "PERMISSION_DENIED"),
        (8, 429, "RESOURCE_EXHAUSTED"),
        (9, 400, "FAILED_PRECONDITION"),
        (10, 409, "ABORTED"),
        (11, 400, "OUT_OF_RANGE"),
        (12, 501, "UNIMPLEMENTED"),
        (13, 500, "INTERNAL"),
        (14, 503, "UNAVAILABLE"),
        (15, 500, "DATA_LOSS"),
        (16, 401, "UNAUTHENTICATED"),
    ] {
        let sent = json!({"code": code, "message": "a word"}).to_string();
        let problem = platform
            .post("/api/v1/fail", &sent)
            .await
            .problem(status, name);
        assert_eq!(problem["code"], name);
        assert!(!problem["title"].as_str().unwrap().is_empty());
    }
}

#[tokio::test]
async fn details_reach_the_caller() {
    let platform = Platform::new();
    let sent = json!({
        "code": 3, "reason": "TITLE_TOO_LONG", "message": "The title is too long.",
        "field": "title_text", "retryAfterMs": 1500
    });
    let answer = platform.post("/api/v1/fail", &sent.to_string()).await;
    let problem = answer.problem(400, "TITLE_TOO_LONG");
    assert_eq!(problem["type"], "urn:covergen:problem:title-too-long");
    assert_eq!(problem["detail"], "The title is too long.");
    assert_eq!(
        problem["violations"],
        json!([{"field": "titleText", "description": "is wrong"}])
    );
    assert_eq!(problem["retryAfterSeconds"], 2);
    assert_eq!(answer.header("retry-after"), "2");
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[tokio::test]
async fn internals_do_not_leak() {
    let platform = Platform::new();
    let secret = "column \"token\" of relation sessions at 10.0.0.7";
    for code in [1, 2, 4, 13, 14, 15] {
        let sent = json!({"code": code, "message": secret}).to_string();
        let answer = platform.post("/api/v1/fail", &sent).await;
        assert!(
            !answer.text().contains("10.0.0.7"),
            "{code}: {}",
            answer.text()
        );
    }
    let sent = json!({"code": 13, "reason": "DISK", "message": secret}).to_string();
    let answer = platform.post("/api/v1/fail", &sent).await;
    assert!(!answer.text().contains("10.0.0.7"), "{}", answer.text());
}

#[tokio::test]
async fn a_reason_may_have_its_own_status() {
    let platform = Platform::new();
    let stale = json!({"code": 10, "reason": "STALE", "message": "x"}).to_string();
    platform
        .post("/api/v1/fail", &stale)
        .await
        .problem(412, "STALE");
    let reused = json!({"code": 3, "reason": "IDEMPOTENCY_KEY_REUSED", "message": "x"}).to_string();
    let answer = platform.post("/api/v1/fail", &reused).await;
    answer.problem(422, "IDEMPOTENCY_KEY_REUSED");
    let full = json!({"code": 8, "reason": "STORE_FULL", "message": "x"}).to_string();
    let answer = platform.post("/api/v1/fail", &full).await;
    let problem = answer.problem(507, "STORE_FULL");
    assert_eq!(problem["title"], "No space is left");
}

#[tokio::test]
async fn an_unavailable_backend_says_when_to_try_again() {
    let platform = Platform::new();
    let answer = platform.post("/api/v1/fail", r#"{"code":14}"#).await;
    answer.problem(503, "UNAVAILABLE");
    assert_eq!(answer.header("retry-after"), "1");
}

#[tokio::test]
async fn a_caller_who_must_sign_in_is_challenged() {
    let platform = Platform::new();
    let answer = platform.get("/api/v1/whoami").await;
    answer.problem(401, "SIGN_IN");
    assert!(answer.header("www-authenticate").starts_with("Bearer"));
}

#[tokio::test]
async fn a_transport_that_refuses_is_heard_by_rest_and_grpc_web() {
    let refusing = tower::service_fn(|_: http::Request<tonic::body::Body>| async {
        Err::<http::Response<tonic::body::Body>, _>(tonic::Status::unavailable(
            "breaker open to 10.0.0.7",
        ))
    });
    let bff = covergen_bff::Bff::builder(
        &crate::generated::SURFACE,
        covergen_bff::BffConfig::default(),
    )
    .gate(std::sync::Arc::new(crate::support::ScratchGate))
    .backend("echo", covergen_bff::Backend::new(refusing));
    let router = crate::support::others(bff).build().unwrap();
    let platform = Platform {
        router,
        ..Platform::new()
    };
    let answer = platform.post("/api/v1/echo", "{}").await;
    answer.problem(503, "UNAVAILABLE");
    assert!(!answer.text().contains("10.0.0.7"));
    let sent = crate::support::request("POST", "/covergen.echo.v1.EchoService/Echo")
        .header("content-type", "application/grpc-web")
        .body(axum::body::Body::from(vec![0; 5]))
        .unwrap();
    let answer = platform.send(sent).await;
    assert_eq!(answer.header("grpc-status"), "14");
    assert!(!format!("{:?}", answer.headers).contains("10.0.0.7"));
}

#[test]
fn a_problem_is_one_sentence_for_people() {
    let problem = covergen_bff::Problem::invalid("X", "Two fields are wrong.")
        .with_violation("a", "is empty")
        .with_violation("b", "is too long");
    assert_eq!(
        problem.sentence(),
        "Two fields are wrong. (a: is empty; b: is too long)"
    );
    let single = covergen_bff::Problem::invalid_field("X", "a", "is empty");
    assert_eq!(single.sentence(), "`a` is empty");
    let status = covergen_bff::Status::not_found("no such cover");
    assert_eq!(
        covergen_bff::Problem::from_status(&status).sentence(),
        "no such cover"
    );
}
