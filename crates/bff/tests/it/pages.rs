//! Pages: the web app, the documents, health.

use async_trait::async_trait;
use axum::body::Body;
use covergen_bff::{Asset, Assets, BffConfig, Check, Readiness};
use std::sync::Arc;

use crate::support::{Answer, Platform, request};

static EMPTY: Assets = Assets { files: &[] };
static BUILT: Assets = Assets {
    files: &[
        Asset {
            path: "/assets/app-12345678.js",
            content_type: "text/javascript; charset=utf-8",
            etag: "\"1\"",
            immutable: true,
            bytes: b"let x;",
        },
        Asset {
            path: "/index.html",
            content_type: "text/html; charset=utf-8",
            etag: "\"2\"",
            immutable: false,
            bytes: b"<p>app",
        },
    ],
};

async fn page(assets: &'static Assets, path: &str, accept: &str) -> Answer {
    let platform = Platform::build(BffConfig::default(), |bff| bff.assets(assets));
    let sent = request("GET", path)
        .header("accept", accept)
        .body(Body::empty());
    platform.send(sent.unwrap()).await
}

#[tokio::test]
async fn the_app_answers_at_paths_that_only_its_router_knows() {
    for path in ["/", "/library/covers", "/index.html"] {
        let answer = page(&BUILT, path, "text/html,*/*;q=0.8").await;
        assert_eq!(answer.text(), "<p>app", "{path}");
        assert_eq!(answer.header("cache-control"), "no-cache");
        assert_eq!(answer.header("etag"), "\"2\"");
    }
    page(&BUILT, "/library/covers", "application/json")
        .await
        .problem(404, "NO_SUCH_ROUTE");
    page(&BUILT, "/api/v1/nothing", "text/html")
        .await
        .problem(404, "NO_SUCH_ROUTE");
}

#[tokio::test]
async fn a_file_knows_get_alone() {
    let platform = Platform::build(BffConfig::default(), |bff| bff.assets(&BUILT));
    for path in ["/", "/index.html", "/assets/app-12345678.js"] {
        let send = |method: &str| {
            let sent = request(method, path).body(Body::empty()).unwrap();
            platform.send(sent)
        };
        let posted = send("POST").await;
        posted.problem(405, "METHOD_NOT_ALLOWED");
        assert_eq!(posted.header("allow"), "GET, HEAD, OPTIONS");
        let options = send("OPTIONS").await;
        assert_eq!(options.status.as_u16(), 204);
        assert_eq!(options.header("allow"), "GET, HEAD, OPTIONS");
    }
}

#[tokio::test]
async fn files_with_a_hash_are_kept_for_good() {
    let answer = page(&BUILT, "/assets/app-12345678.js", "*/*").await;
    assert_eq!(answer.text(), "let x;");
    assert_eq!(
        answer.header("cache-control"),
        "public, max-age=31536000, immutable"
    );
    assert_eq!(
        answer.header("content-type"),
        "text/javascript; charset=utf-8"
    );
    page(&BUILT, "/assets/gone.js", "*/*")
        .await
        .problem(404, "NO_SUCH_ROUTE");
    page(&BUILT, "/assets/../Cargo.toml", "*/*")
        .await
        .problem(404, "NO_SUCH_ROUTE");
}

#[tokio::test]
async fn a_file_that_is_still_good_is_not_sent_again() {
    let platform = Platform::build(BffConfig::default(), |bff| bff.assets(&BUILT));
    let sent = request("GET", "/index.html")
        .header("if-none-match", "\"2\"")
        .body(Body::empty());
    let answer = platform.send(sent.unwrap()).await;
    assert_eq!(answer.status.as_u16(), 304);
    assert!(answer.body.is_empty());
}

#[tokio::test]
async fn a_build_without_the_app_says_how_to_get_it() {
    let answer = page(&EMPTY, "/", "text/html").await;
    assert_eq!(answer.status.as_u16(), 200);
    assert!(answer.text().contains("cargo xtask up"));
}

#[tokio::test]
async fn the_documents_are_served_without_anything_from_elsewhere() {
    let platform = Platform::new();
    let document = platform.get("/openapi.json").await;
    assert_eq!(document.ok()["openapi"], "3.1.0");
    let known = document.header("etag").to_owned();
    let sent = request("GET", "/openapi.json")
        .header("if-none-match", &known)
        .body(Body::empty());
    assert_eq!(platform.send(sent.unwrap()).await.status.as_u16(), 304);
    let page = platform.get("/docs").await;
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    for (path, content_type) in [
        ("/docs/docs.js", "text/javascript; charset=utf-8"),
        ("/docs/docs.css", "text/css; charset=utf-8"),
    ] {
        assert!(page.text().contains(path), "{path}");
        let file = platform.get(path).await;
        assert_eq!(file.header("content-type"), content_type);
        assert!(
            !file.text().contains("https://"),
            "{path} needs nothing from elsewhere"
        );
    }
    assert!(!page.text().contains("<script>") && !page.text().contains("style="));
}

struct Dependency(bool);

#[async_trait]
impl Readiness for Dependency {
    async fn check(&self) -> Vec<Check> {
        vec![Check {
            name: "database".to_owned(),
            ready: self.0,
            detail: String::new(),
        }]
    }
}

#[tokio::test]
async fn health_tells_life_from_readiness() {
    for (is_ready, status) in [(true, 200), (false, 503)] {
        let platform = Platform::build(BffConfig::default(), |bff| {
            bff.ready(Arc::new(Dependency(is_ready)))
        });
        assert_eq!(platform.get("/health/live").await.ok()["status"], "ok");
        let ready = platform.get("/health/ready").await;
        assert_eq!(ready.status.as_u16(), status);
        assert_eq!(ready.json()["checks"][0]["ready"], is_ready);
    }
}
