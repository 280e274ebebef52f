//! Cache-Control, ETag and conditional requests.

use axum::body::Body;

use crate::support::{Platform, request};

#[tokio::test]
async fn the_policy_of_a_route_is_told() {
    let platform = Platform::new();
    let cached = platform.get("/api/v1/things/t1").await;
    assert_eq!(cached.header("cache-control"), "public, max-age=60");
    assert_eq!(cached.header("vary"), "accept-language");
    let plain = platform.get("/api/v1/things").await;
    assert_eq!(plain.header("cache-control"), "no-store");
    assert_eq!(plain.header("etag"), "");
}

#[tokio::test]
async fn a_copy_that_is_still_good_is_not_sent_again() {
    let platform = Platform::new();
    let first = platform.get("/api/v1/things/t1").await;
    let etag = first.header("etag").to_owned();
    assert!(etag.starts_with("W/\""), "{etag}");
    let strong = etag.trim_start_matches("W/").to_owned();
    for wanted in [
        etag.clone(),
        strong.clone(),
        "*".to_owned(),
        format!("\"other\", {etag}"),
    ] {
        let sent = request("GET", "/api/v1/things/t1")
            .header("if-none-match", &wanted)
            .body(Body::empty());
        let answer = platform.send(sent.unwrap()).await;
        assert_eq!(answer.status.as_u16(), 304, "{wanted}");
        assert!(answer.body.is_empty());
        assert_eq!(answer.header("etag"), etag);
        assert_eq!(answer.header("cache-control"), "public, max-age=60");
        assert_eq!(answer.header("content-type"), "");
    }
    let sent = request("GET", "/api/v1/things/t2")
        .header("if-none-match", &etag)
        .body(Body::empty());
    assert_eq!(platform.send(sent.unwrap()).await.status.as_u16(), 200);
}

#[tokio::test]
async fn a_download_has_the_tag_its_backend_gave_it() {
    let platform = Platform::new();
    let answer = platform.get("/api/v1/download/1").await;
    assert_eq!(answer.header("etag"), "\"file-1\"");
    let sent = request("GET", "/api/v1/download/1")
        .header("if-none-match", "\"file-1\"")
        .body(Body::empty());
    let again = platform.send(sent.unwrap()).await;
    assert_eq!(again.status.as_u16(), 304);
    assert!(again.body.is_empty());
}
