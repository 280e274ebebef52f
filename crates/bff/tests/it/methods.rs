//! Methods, media types and negotiation.

use axum::body::Body;

use crate::support::{Platform, request};

fn empty(method: &str, path: &str) -> http::Request<Body> {
    request(method, path).body(Body::empty()).unwrap()
}

#[tokio::test]
async fn head_answers_as_get_without_the_body() {
    let platform = Platform::new();
    let get = platform.get("/api/v1/things/t1").await;
    let head = platform.send(empty("HEAD", "/api/v1/things/t1")).await;
    assert_eq!(head.status, get.status);
    assert!(head.body.is_empty());
    for name in ["content-length", "content-type", "etag", "cache-control"] {
        assert_eq!(head.header(name), get.header(name), "{name}");
        assert!(!head.header(name).is_empty(), "{name}");
    }
}

#[tokio::test]
async fn options_tells_the_methods_of_a_path() {
    let platform = Platform::new();
    let answer = platform.send(empty("OPTIONS", "/api/v1/things/t1")).await;
    assert_eq!(answer.status.as_u16(), 204);
    assert_eq!(
        answer.header("allow"),
        "DELETE, GET, HEAD, OPTIONS, PATCH, PUT"
    );
}

#[tokio::test]
async fn the_documents_know_head_and_options() {
    let platform = Platform::new();
    for path in ["/docs", "/openapi.json", "/docs/docs.js", "/health/live"] {
        let get = platform.get(path).await;
        let head = platform.send(empty("HEAD", path)).await;
        assert_eq!((head.status, head.body.len()), (get.status, 0), "{path}");
        assert_eq!(head.header("content-type"), get.header("content-type"));
        let options = platform.send(empty("OPTIONS", path)).await;
        assert_eq!(options.status.as_u16(), 204, "{path}");
        assert_eq!(options.header("allow"), "GET, HEAD, OPTIONS");
    }
}

#[tokio::test]
async fn another_method_is_told_which_are_allowed() {
    let platform = Platform::new();
    for (method, path, allow) in [
        ("DELETE", "/api/v1/things", "GET, HEAD, OPTIONS, POST"),
        ("GET", "/api/v1/echo", "OPTIONS, POST, PURGE"),
        ("BREW", "/api/v1/echo", "OPTIONS, POST, PURGE"),
        ("POST", "/health/live", "GET, HEAD, OPTIONS"),
        ("POST", "/docs", "GET, HEAD, OPTIONS"),
        ("DELETE", "/openapi.json", "GET, HEAD, OPTIONS"),
    ] {
        let answer = platform.send(empty(method, path)).await;
        answer.problem(405, "METHOD_NOT_ALLOWED");
        assert_eq!(answer.header("allow"), allow, "{method} {path}");
    }
}

#[tokio::test]
async fn a_body_of_another_type_is_refused() {
    let platform = Platform::new();
    let send = |name: &'static str, value: &'static str| {
        let sent = request("POST", "/api/v1/echo")
            .header(name, value)
            .body(Body::from("{}"));
        platform.send(sent.unwrap())
    };
    for value in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/json; charset=latin1",
        "json",
        "multipart/form-data; boundary=x",
    ] {
        send("content-type", value)
            .await
            .problem(415, "UNSUPPORTED_MEDIA_TYPE");
    }
    send("x-none", "y")
        .await
        .problem(415, "UNSUPPORTED_MEDIA_TYPE");
    for value in [
        "application/json",
        "Application/JSON; Charset=\"UTF-8\"",
        "application/x+json",
    ] {
        send("content-type", value).await.ok();
    }
    let gzip = request("POST", "/api/v1/echo")
        .header("content-type", "application/json")
        .header("content-encoding", "gzip")
        .body(Body::from("{}"));
    platform
        .send(gzip.unwrap())
        .await
        .problem(415, "UNSUPPORTED_MEDIA_TYPE");
}

#[tokio::test]
async fn a_caller_who_takes_no_json_is_told_so() {
    let platform = Platform::new();
    let send = |accept: &'static str| {
        let sent = request("GET", "/api/v1/things")
            .header("accept", accept)
            .body(Body::empty());
        platform.send(sent.unwrap())
    };
    for accept in [
        "text/html",
        "image/png, application/xml;q=0.9",
        "application/json;q=0",
        "x",
    ] {
        send(accept).await.problem(406, "NOT_ACCEPTABLE");
    }
    for accept in [
        "*/*",
        "application/*",
        "text/html, */*;q=0.1",
        "application/json; q=0.3",
    ] {
        send(accept).await.ok();
    }
}

#[tokio::test]
async fn a_deletion_may_answer_with_nothing() {
    let platform = Platform::new();
    let sent = request("DELETE", "/api/v1/things/t1")
        .header("authorization", "Bearer user-ada")
        .body(Body::empty());
    let answer = platform.send(sent.unwrap()).await;
    assert_eq!(answer.status.as_u16(), 204);
    assert!(answer.body.is_empty());
    assert_eq!(answer.header("content-type"), "");
}

#[tokio::test]
async fn a_raw_body_goes_there_and_back_with_its_type() {
    let platform = Platform::new();
    let sent = request("POST", "/api/v1/upload/a")
        .header("content-type", "image/x-test")
        .body(Body::from(vec![0, 159, 146, 150]));
    let answer = platform.send(sent.unwrap()).await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
    assert_eq!(answer.header("content-type"), "image/x-test");
    assert_eq!(answer.body, [0, 159, 146, 150]);
    let chosen = request("POST", "/api/v1/upload/a")
        .header("content-type", "image/x-test")
        .header("accept", "image/webp")
        .body(Body::from("x"));
    let answer = platform.send(chosen.unwrap()).await;
    assert_eq!(answer.header("content-type"), "image/webp");
}
