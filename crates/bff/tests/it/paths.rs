//! Paths: wildcards, verbs and percent-decoding.

use crate::support::{Platform, post, request};

async fn one(platform: &Platform, path: &str) -> (String, String) {
    let answered = platform.get(path).await.ok();
    let text = |name: &str| answered[name].as_str().unwrap().to_owned();
    (text("one"), text("many"))
}

#[tokio::test]
async fn an_escaped_slash_stays_inside_its_segment() {
    let platform = Platform::new();
    for (path, value) in [
        ("/api/v1/one/a%2Fb", "a/b"),
        ("/api/v1/one/a%20b", "a b"),
        ("/api/v1/one/a+b", "a+b"),
        ("/api/v1/one/%E2%9C%93", "\u{2713}"),
        ("/api/v1/one/%25", "%"),
        ("/api/v1/one/a:b", "a:b"),
        ("/api/v1/one/..", ".."),
        ("/api/v1/one/%2e%2e%2Fetc", "../etc"),
    ] {
        assert_eq!(one(&platform, path).await.0, value, "{path}");
    }
}

#[tokio::test]
async fn a_variable_of_many_segments_keeps_escaped_slashes_as_written() {
    let platform = Platform::new();
    for (path, value) in [
        ("/api/v1/many/a/b/c", "a/b/c"),
        ("/api/v1/many/a%2Fb/c%20d", "a%2Fb/c d"),
        ("/api/v1/many/a%2fb", "a%2fb"),
        ("/api/v1/many", ""),
        ("/api/v1/named/shelves/1/books/2", "shelves/1/books/2"),
        ("/i/sig/w_100,h_50/a.png", "sig/w_100,h_50/a.png"),
    ] {
        assert_eq!(one(&platform, path).await.1, value, "{path}");
    }
}

#[tokio::test]
async fn a_verb_is_told_from_a_colon_in_a_value() {
    let platform = Platform::new();
    let woken = platform.send(post("/api/v1/one/x%3Ay:wake", "")).await.ok();
    assert_eq!(woken["one"], "x:y");
    let plain = platform.get("/api/v1/one/x:wake").await;
    plain.problem(405, "METHOD_NOT_ALLOWED");
    assert_eq!(plain.header("allow"), "OPTIONS, POST");
    assert_eq!(one(&platform, "/api/v1/one/x:other").await.0, "x:other");
}

#[tokio::test]
async fn the_more_specific_path_wins() {
    let platform = Platform::new();
    assert_eq!(one(&platform, "/api/v1/one/fixed").await.0, "");
    assert_eq!(one(&platform, "/api/v1/one/f%69xed").await.0, "");
    assert_eq!(one(&platform, "/api/v1/one/fixed2").await.0, "fixed2");
}

#[tokio::test]
async fn either_spelling_names_a_field_in_a_template() {
    let platform = Platform::new();
    let answered = platform.get("/api/v1/camel/x").await.ok();
    assert_eq!(answered["camelCase"], "x");
}

#[tokio::test]
async fn nested_and_typed_variables_are_bound() {
    let platform = Platform::new();
    let answered = platform.get("/api/v1/echo/hello/42").await.ok();
    assert_eq!(answered["text"], "hello");
    assert_eq!(answered["inner"]["number"], 42);
    let refused = platform.get("/api/v1/echo/hello/x").await;
    let problem = refused.problem(400, "INVALID_VALUE");
    assert_eq!(problem["violations"][0]["field"], "inner.number");
}

#[tokio::test]
async fn malformed_escapes_are_refused() {
    let platform = Platform::new();
    for path in [
        "/api/v1/one/%ff",
        "/api/v1/one/a%2",
        "/api/v1/one/%zz",
        "/api/v1/many/a/%c0%af",
    ] {
        platform.get(path).await.problem(400, "MALFORMED_PATH");
    }
    let refused = platform.get("/api/v1/one/a%00b").await;
    refused.problem(400, "INVALID_VALUE");
}

#[tokio::test]
async fn what_no_template_fits_is_not_found() {
    let platform = Platform::new();
    for path in [
        "/api/v1/one/",
        "/api/v1/one",
        "/api/v1/one/a/b",
        "/api/v1//one/a",
        "/api/v1/one//a",
        "/api/v1/named/shelves/1/books/",
        "/api/v1/named/shelves/1",
        "/api/v1/nothing",
        "/api/v1",
        "/api/v2/one/a",
        "/one/a",
        "/api/v1/internal",
    ] {
        platform.get(path).await.problem(404, "NO_SUCH_ROUTE");
    }
}

#[tokio::test]
async fn a_custom_method_is_routed() {
    let platform = Platform::new();
    let purge = request("PURGE", "/api/v1/echo?text=x").body(axum::body::Body::empty());
    assert_eq!(platform.send(purge.unwrap()).await.ok()["text"], "x");
}
