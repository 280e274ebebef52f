//! What every request and every answer gets.

use std::sync::Arc;
use std::sync::atomic::AtomicU32;

use axum::body::Body;
use axum::extract::ConnectInfo;
use covergen_bff::{Bff, BffConfig, BffError};

use crate::generated::SURFACE;
use crate::support::{CountingLimiter, Platform, ScratchGate, get, request};

#[tokio::test]
async fn a_request_keeps_a_sane_id_and_gets_one_otherwise() {
    let platform = Platform::new();
    let send = |id: &'static str| {
        let sent = request("GET", "/api/v1/things")
            .header("x-request-id", id)
            .body(Body::empty());
        platform.send(sent.unwrap())
    };
    assert_eq!(send("abc-1_2.3").await.header("x-request-id"), "abc-1_2.3");
    for id in ["a b", "", "<script>", "\u{e9}"] {
        let answer = send(id).await;
        let given = answer.header("x-request-id");
        assert!(uuid::Uuid::parse_str(given).is_ok(), "{given}");
    }
    let long = "x".repeat(65);
    let sent = request("GET", "/")
        .header("x-request-id", &long)
        .body(Body::empty());
    assert_ne!(
        platform.send(sent.unwrap()).await.header("x-request-id"),
        long
    );
}

#[tokio::test]
async fn only_named_metadata_reaches_a_backend() {
    let platform = Platform::new();
    let mut sent = request("GET", "/api/v1/whoami")
        .header("authorization", "Bearer user-ada")
        .header("x-request-id", "r-1")
        .header(
            "traceparent",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        )
        .header("covergen-workspace", "wks_1")
        .header("accept-language", "zh")
        .header("x-covergen-internal-user", "root")
        .header("covergen-principal", "root")
        .header("x-source", "forged")
        .header("cookie", "a=b")
        .body(Body::empty())
        .unwrap();
    let peer: std::net::SocketAddr = "203.0.113.9:4444".parse().unwrap();
    sent.extensions_mut().insert(ConnectInfo(peer));
    let answer = platform.send(sent).await.ok();
    let entries = &answer["entries"];
    assert_eq!(entries["authorization"], "Bearer internal-ada");
    assert_eq!(entries["x-request-id"], "r-1");
    assert_eq!(entries["covergen-workspace"], "wks_1");
    assert_eq!(entries["accept-language"], "zh");
    assert_eq!(entries["x-forwarded-for"], "203.0.113.9");
    assert_eq!(entries["x-source"], "bearer");
    let trace = entries["traceparent"].as_str().unwrap();
    assert!(
        trace.starts_with("00-0af7651916cd43dd8448eb211c80319c-"),
        "{trace}"
    );
    for name in [
        "x-covergen-internal-user",
        "covergen-principal",
        "x-user-type",
        "cookie",
    ] {
        assert!(entries.get(name).is_none(), "{name}");
    }
}

#[tokio::test]
async fn the_group_of_a_caller_is_forwarded_where_it_is_a_word() {
    let platform = Platform::new();
    let long = "b".repeat(65);
    for (given, forwarded) in [
        ("beta", true),
        ("be ta", false),
        ("", false),
        (&long, false),
    ] {
        let sent = request("GET", "/api/v1/whoami")
            .header("authorization", "Bearer user-ada")
            .header("x-user-type", given)
            .body(Body::empty());
        let answer = platform.send(sent.unwrap()).await.ok();
        let seen = answer["entries"].get("x-user-type");
        assert_eq!(
            seen.is_some_and(|seen| seen == given),
            forwarded,
            "{given:?}"
        );
    }
}

#[tokio::test]
async fn a_trusted_proxy_says_who_the_peer_is() {
    let platform = Platform::with(BffConfig {
        forwarded_hops: 1,
        ..BffConfig::default()
    });
    let sent = request("GET", "/api/v1/whoami")
        .header("authorization", "Bearer user-ada")
        .header("x-forwarded-for", "6.6.6.6, 198.51.100.4")
        .body(Body::empty());
    let answer = platform.send(sent.unwrap()).await.ok();
    assert_eq!(answer["entries"]["x-forwarded-for"], "198.51.100.4");
}

#[tokio::test]
async fn every_answer_tells_browsers_to_be_strict() {
    let platform = Platform::new();
    for path in ["/api/v1/things", "/api/v1/nothing", "/docs", "/health/live"] {
        let answer = platform.get(path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        let policy = answer.header("content-security-policy");
        assert!(
            policy.contains("frame-ancestors 'none'"),
            "{path}: {policy}"
        );
        assert!(!policy.contains("script-src 'unsafe"), "{path}: {policy}");
        assert_eq!(
            answer.header("strict-transport-security"),
            "",
            "not over plain HTTP"
        );
    }
}

#[tokio::test]
async fn origins_on_the_list_may_read_and_others_may_not() {
    let platform = Platform::with(BffConfig {
        allowed_origins: vec!["https://studio.example".to_owned()],
        ..BffConfig::default()
    });
    let send = |method: &'static str, origin: &'static str| {
        let sent = request(method, "/api/v1/things")
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .body(Body::empty());
        platform.send(sent.unwrap())
    };
    let preflight = send("OPTIONS", "https://studio.example").await;
    assert_eq!(preflight.status.as_u16(), 204);
    assert_eq!(
        preflight.header("access-control-allow-origin"),
        "https://studio.example"
    );
    assert!(
        preflight
            .header("access-control-allow-headers")
            .contains("x-csrf-token")
    );
    assert_eq!(preflight.header("access-control-allow-credentials"), "true");
    let read = send("GET", "https://studio.example").await;
    assert_eq!(
        read.header("access-control-allow-origin"),
        "https://studio.example"
    );
    assert!(
        read.header("access-control-expose-headers")
            .contains("grpc-status")
    );
    for method in ["OPTIONS", "GET"] {
        let answer = send(method, "https://evil.example").await;
        assert_eq!(answer.header("access-control-allow-origin"), "", "{method}");
        let mut vary = answer.headers.get_all("vary").iter();
        assert!(vary.any(|value| value == "origin"), "{method}");
    }
}

#[tokio::test]
async fn a_panic_is_an_internal_error_that_says_nothing() {
    let platform = Platform::new();
    let sent = request("GET", "/api/v1/things")
        .header("x-gate-panics", "1")
        .body(Body::empty());
    let answer = platform.send(sent.unwrap()).await;
    answer.problem(500, "INTERNAL");
    assert!(!answer.text().contains("as the test asked"));
    platform.get("/api/v1/things").await.ok();
}

#[tokio::test]
async fn answers_are_compressed_for_those_who_take_it() {
    let platform = Platform::new();
    for encoding in ["gzip", "br", "zstd"] {
        let sent = request("GET", "/openapi.json")
            .header("accept-encoding", encoding)
            .body(Body::empty());
        let answer = platform.send(sent.unwrap()).await;
        assert_eq!(answer.header("content-encoding"), encoding);
        assert!(answer.body.len() < SURFACE.openapi.len() / 2);
    }
    let stream = request("GET", "/api/v1/watch/100")
        .header("accept-encoding", "gzip")
        .body(Body::empty());
    let answer = platform.send(stream.unwrap()).await;
    assert_eq!(
        answer.header("content-encoding"),
        "",
        "frames must arrive at once"
    );
}

#[tokio::test]
async fn who_takes_no_encoding_is_told_before_anything_is_done() {
    let platform = Platform::new();
    for path in ["/api/v1/things", "/openapi.json", "/nowhere"] {
        let sent = request("GET", path)
            .header("accept-encoding", "identity;q=0, deflate")
            // Nobody is asked who the caller is.
            .header("x-gate-panics", "1")
            .body(Body::empty());
        let answer = platform.send(sent.unwrap()).await;
        let problem = answer.problem(406, "NOT_ACCEPTABLE");
        assert_eq!(problem["requestId"], answer.header("x-request-id"));
    }
}

#[tokio::test]
async fn a_used_up_rate_class_is_told_with_when_to_return() {
    let limiter = Arc::new(CountingLimiter {
        limit: 2,
        used: AtomicU32::new(0),
    });
    let platform = Platform::build(BffConfig::default(), |bff| bff.limiter(limiter));
    let first = platform.post("/api/v1/echo", "{}").await;
    first.ok();
    assert_eq!(first.header("ratelimit-policy"), "\"echo\";q=2;w=60");
    assert_eq!(first.header("ratelimit"), "\"echo\";r=1;t=7");
    assert_eq!(first.header("ratelimit-remaining"), "1");
    platform.post("/api/v1/echo", "{}").await.ok();
    let refused = platform.post("/api/v1/echo", "{}").await;
    let problem = refused.problem(429, "RATE_LIMITED");
    assert_eq!(problem["retryAfterSeconds"], 7);
    assert_eq!(refused.header("retry-after"), "7");
    assert_eq!(refused.header("ratelimit-remaining"), "0");
    assert_eq!(
        platform
            .backend
            .calls
            .load(std::sync::atomic::Ordering::SeqCst),
        2
    );
}

/// What anybody may keep for everybody is the same for all groups of callers.
#[tokio::test]
async fn the_group_of_a_caller_does_not_choose_what_is_kept_for_all() {
    let telling = tower::service_fn(|request: http::Request<tonic::body::Body>| async move {
        let group = request.headers().get("x-user-type").cloned();
        let group = group.map_or("none".to_owned(), |group| {
            group.to_str().unwrap().to_owned()
        });
        let refused = tonic::Status::failed_precondition(group);
        Ok::<_, std::convert::Infallible>(refused.into_http::<tonic::body::Body>())
    });
    let platform = Platform::build(BffConfig::default(), |bff| {
        bff.gate(Arc::new(ScratchGate))
            .backend("echo", covergen_bff::Backend::new(telling))
    });
    for (path, expected) in [("/api/v1/things/t1", "none"), ("/api/v1/whoami", "beta")] {
        let sent = request("GET", path)
            .header("authorization", "Bearer user-ada")
            .header("x-user-type", "beta")
            .body(Body::empty());
        let answer = platform.send(sent.unwrap()).await;
        assert!(
            answer.text().contains(expected),
            "{path}: {}",
            answer.text()
        );
    }
}

#[test]
fn a_bff_that_lacks_something_is_not_assembled() {
    let config = BffConfig::default;
    let missing = Bff::builder(&SURFACE, config())
        .gate(Arc::new(ScratchGate))
        .build();
    let Err(BffError::MissingBackends(domains)) = missing else {
        panic!("the backend is missing");
    };
    assert_eq!(domains, ["echo", "guide", "live", "parts"]);
    let short = BffConfig {
        session_secret: "short".to_owned(),
        ..config()
    };
    let service = tower::service_fn(|_| async {
        Ok::<_, std::convert::Infallible>(http::Response::new(tonic::body::Body::empty()))
    });
    let backend = covergen_bff::Backend::new(service);
    let built = Bff::builder(&SURFACE, short)
        .gate(Arc::new(ScratchGate))
        .backend("echo", backend.clone());
    let built = crate::support::others(built).build();
    assert!(matches!(built, Err(BffError::ShortSecret)));
    let built = Bff::builder(&SURFACE, config()).backend("echo", backend);
    let built = crate::support::others(built).build();
    assert!(matches!(built, Err(BffError::MissingGate)));
}

#[tokio::test]
async fn a_public_route_needs_nobody_and_a_guarded_one_somebody() {
    let platform = Platform::new();
    platform.send(get("/api/v1/things")).await.ok();
    platform
        .send(get("/api/v1/whoami"))
        .await
        .problem(401, "SIGN_IN");
}
