//! Copies of answers that the BFF keeps.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use async_trait::async_trait;
use axum::body::Body;
use bytes::Bytes;
use covergen_bff::{AnswerCopies, BffConfig, Copies, Problem};
use covergen_cache::Cache;
use futures::future::BoxFuture;
use http::Request;

use crate::support::{Answer, Guide, Platform, get, request};

/// The real cache, without events.
struct InMemory(Cache);

#[async_trait]
impl AnswerCopies for InMemory {
    async fn answer(
        &self,
        key: &str,
        copies: &Copies,
        load: BoxFuture<'_, Result<Bytes, Problem>>,
    ) -> Result<Bytes, Problem> {
        let ttl = Duration::from_secs(copies.seconds.into());
        self.0.get_or_load(key, ttl, || load).await
    }
}

fn start() -> (Platform, Guide) {
    let guide = Guide::default();
    let platform = Platform::build(BffConfig::default(), |bff| {
        bff.backend("guide", guide.backend())
            .copies(Arc::new(InMemory(Cache::memory(1 << 20, 1_000))))
    });
    (platform, guide)
}

fn signed_in(path: &str) -> Request<Body> {
    let sent = request("GET", path).header("authorization", "Bearer user-ada");
    sent.body(Body::empty()).unwrap()
}

async fn made(platform: &Platform, path: &str) -> i64 {
    platform.get(path).await.ok()["made"].as_i64().unwrap()
}

#[tokio::test]
async fn an_answer_is_made_once_and_given_again() {
    let (platform, guide) = start();
    let first = platform.get("/api/v1/shared/a?words=x&count=2").await;
    let again = platform.get("/api/v1/shared/a?count=2&words=x").await;
    assert_eq!(first.ok(), again.ok());
    for name in [
        "etag",
        "cache-control",
        "content-type",
        "content-length",
        "vary",
    ] {
        assert_eq!(first.header(name), again.header(name), "{name}");
        assert!(!again.header(name).is_empty(), "{name}");
    }
    assert_eq!(again.header("age").parse::<u32>().unwrap() / 60, 0);
    assert_ne!(first.header("x-request-id"), again.header("x-request-id"));
    assert_eq!(guide.made.load(Ordering::SeqCst), 1);
    let head = platform
        .send(
            request("HEAD", "/api/v1/shared/a?count=2&words=x")
                .body(Body::empty())
                .unwrap(),
        )
        .await;
    assert_eq!(
        head.header("content-length"),
        again.header("content-length")
    );
    assert!(head.body.is_empty());
    assert_eq!(guide.made.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn what_tells_answers_apart_tells_copies_apart() {
    let (platform, _) = start();
    let paths = [
        "/api/v1/shared/a",
        "/api/v1/shared/b",
        "/api/v1/shared/a?count=1",
        "/api/v1/shared/a?words=x&words=y",
        "/api/v1/shared/a?words=y&words=x",
        "/api/v1/shared/a?fields=made",
        "/api/v1/own/a",
    ];
    for (at, path) in paths.iter().enumerate() {
        assert_eq!(
            made(&platform, path).await,
            i64::try_from(at).unwrap() + 1,
            "{path}"
        );
    }
    let wish = |name: &'static str, value: &'static str| {
        request("GET", "/api/v1/shared/a")
            .header(name, value)
            .body(Body::empty())
            .unwrap()
    };
    let german = platform.send(wish("accept-language", "de")).await.ok();
    assert_eq!(german["language"], "de");
    assert_eq!(platform.get("/api/v1/shared/a").await.ok()["language"], "");
    let linked = platform.send(wish("prefer", "links")).await;
    assert!(linked.ok().get("_links").is_some());
    let linked = platform.send(wish("prefer", "links")).await;
    assert_eq!(linked.header("preference-applied"), "links");
    assert!(
        platform
            .get("/api/v1/shared/a")
            .await
            .ok()
            .get("_links")
            .is_none()
    );
}

#[tokio::test]
async fn those_who_ask_at_once_share_one_call() {
    let (platform, guide) = start();
    let asked = (0..20).map(|_| platform.send(get("/api/v1/shared/a")));
    let answers: Vec<Answer> = futures::future::join_all(asked).await;
    assert!(answers.iter().all(|answer| answer.ok()["made"] == 1));
    assert_eq!(guide.made.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_copy_is_made_as_nobody() {
    let (platform, guide) = start();
    let answer = platform.send(signed_in("/api/v1/shared/a")).await.ok();
    assert_eq!(answer["askedBy"], "");
    assert_eq!(platform.get("/api/v1/shared/a").await.ok(), answer);
    assert_eq!(guide.made.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_private_answer_is_kept_for_nobody_alone() {
    let (platform, guide) = start();
    for _ in 0..2 {
        assert_eq!(made(&platform, "/api/v1/own/a").await, 1);
    }
    for times in 2..4 {
        let own = platform.send(signed_in("/api/v1/own/a")).await.ok();
        assert_eq!(own["askedBy"], "Bearer internal-ada");
        assert_eq!(own["made"], times);
    }
    assert_eq!(made(&platform, "/api/v1/own/a").await, 1);
    assert_eq!(guide.made.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn a_copy_that_the_caller_has_is_not_sent() {
    let (platform, guide) = start();
    let etag = platform
        .get("/api/v1/shared/a")
        .await
        .header("etag")
        .to_owned();
    let sent = request("GET", "/api/v1/shared/a").header("if-none-match", &etag);
    let answer = platform.send(sent.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status.as_u16(), 304);
    assert!(answer.body.is_empty());
    // A condition does not keep the first answer from being kept whole.
    let sent = request("GET", "/api/v1/shared/b").header("if-none-match", "*");
    platform.send(sent.body(Body::empty()).unwrap()).await;
    assert_eq!(made(&platform, "/api/v1/shared/b").await, 2);
    assert_eq!(guide.made.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_refusal_is_not_kept() {
    let (platform, _) = start();
    platform
        .get("/api/v1/shared/broken")
        .await
        .problem(503, "UNAVAILABLE");
    assert_eq!(made(&platform, "/api/v1/shared/broken").await, 3);
    assert_eq!(made(&platform, "/api/v1/shared/broken").await, 3);
    platform
        .get("/api/v1/shared/a?nothing=1")
        .await
        .problem(400, "UNKNOWN_PARAMETER");
}

#[tokio::test]
async fn what_was_answered_in_the_services_place_is_given_and_not_kept() {
    let (platform, guide) = start();
    for times in 1..3 {
        let answer = platform.get("/api/v1/shared/known").await;
        assert_eq!(answer.header("cache-control"), "no-store");
        assert!(!answer.headers.contains_key(covergen_mesh::FALLBACK_HEADER));
        assert_eq!(answer.ok()["made"], times);
    }
    assert_eq!(guide.made.load(Ordering::SeqCst), 2);
}
