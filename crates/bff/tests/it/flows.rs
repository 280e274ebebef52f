//! Redirects, bound cookies, entity tags, ranges and larger bodies.

use axum::body::Body;
use covergen_bff::BffConfig;
use http::Request;

use crate::support::{Answer, Platform, post, request};

fn cookies(answer: &Answer) -> Vec<&str> {
    let lines = answer.headers.get_all("set-cookie").iter();
    lines.map(|line| line.to_str().unwrap()).collect()
}

fn with(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Request<Body> {
    let mut sent = request(method, path);
    for (name, value) in headers {
        sent = sent.header(*name, *value);
    }
    sent.body(Body::from(body.to_owned())).unwrap()
}

/// How a browser comes back from another site's page.
fn callback(code: &str, cookie: &str) -> Request<Body> {
    let path = format!("/api/v1/oauth/idp/callback?code={code}&state=s");
    let headers = [
        ("accept", "text/html"),
        ("sec-fetch-site", "cross-site"),
        ("cookie", cookie),
    ];
    with("GET", &path, &headers, "")
}

#[tokio::test]
async fn a_field_sends_the_browser_elsewhere() {
    let answer = Platform::new().get("/api/v1/oauth/idp").await;
    assert_eq!(answer.status, 302);
    assert_eq!(
        answer.header("location"),
        "https://idp.example/authorize?state=s"
    );
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(answer.body.is_empty());
    assert_eq!(
        cookies(&answer),
        ["echo_flow=key-1; Path=/api/v1/oauth; Max-Age=600; HttpOnly; SameSite=Lax"]
    );
}

#[tokio::test]
async fn an_empty_destination_answers_with_json_less_what_cookies_carry() {
    let answer = Platform::new().get("/api/v1/oauth/none").await;
    let body = answer.ok();
    assert_eq!(body["authorizationUrl"], "");
    assert!(body.get("browserKey").is_none(), "{body}");
    assert_eq!(cookies(&answer).len(), 1);
}

#[tokio::test]
async fn a_destination_that_runs_scripts_is_our_fault_and_nobodys_way() {
    let answer = Platform::new().get("/api/v1/oauth/evil").await;
    answer.problem(500, "INTERNAL");
    assert_eq!(answer.header("location"), "");
}

#[tokio::test]
async fn a_flow_ends_in_the_browser_that_began_it_with_a_session() {
    let platform = Platform::new();
    let answer = platform.send(callback("good", "echo_flow=key-1")).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    assert_eq!(answer.header("location"), "/make?welcome");
    let set = cookies(&answer);
    assert!(
        set.iter()
            .any(|line| line.starts_with("covergen_session=user-ada; Path=/;"))
    );
    assert!(set.iter().any(|line| line.starts_with("covergen_csrf=")));
    assert!(set.contains(&"echo_flow=; Path=/api/v1/oauth; Max-Age=0; HttpOnly; SameSite=Lax"));
    assert!(answer.body.is_empty());

    for foreign in ["", "echo_flow=key-9"] {
        let refused = platform.send(callback("good", foreign)).await;
        assert_eq!(refused.status, 403);
        assert!(cookies(&refused).is_empty());
    }
}

#[tokio::test]
async fn a_link_cannot_say_what_only_the_cookie_may() {
    // Whoever lures somebody into this link would sign them in as themselves.
    let platform = Platform::new();
    let lured = platform
        .send(callback("good&browserKey=key-1", "other=1"))
        .await;
    lured.problem(400, "UNKNOWN_PARAMETER");
    assert!(cookies(&lured).is_empty());
}

#[tokio::test]
async fn a_flow_that_fails_opens_no_session() {
    let answer = Platform::new()
        .send(callback("bad", "echo_flow=key-1"))
        .await;
    assert_eq!(answer.status, 303);
    assert_eq!(
        cookies(&answer),
        ["echo_flow=; Path=/api/v1/oauth; Max-Age=0; HttpOnly; SameSite=Lax"]
    );
}

#[tokio::test]
async fn tokens_never_stand_in_the_body_of_a_flow() {
    let answer = Platform::new()
        .send(callback("json", "echo_flow=key-1"))
        .await;
    let body = answer.ok();
    assert!(body.get("accessToken").is_none() && body.get("refreshToken").is_none());
    assert_eq!(body["destination"], "");
}

#[tokio::test]
async fn bound_cookies_are_secure_where_the_configuration_says_tls() {
    let platform = Platform::with(BffConfig {
        secure_cookies: true,
        ..BffConfig::default()
    });
    let begun = platform.get("/api/v1/oauth/idp").await;
    let line =
        "__Secure-echo_flow=key-1; Path=/api/v1/oauth; Max-Age=600; HttpOnly; SameSite=Lax; Secure";
    assert_eq!(cookies(&begun), [line]);
    let plain = platform.send(callback("good", "echo_flow=key-1")).await;
    assert_eq!(plain.status, 403);
    let answer = platform
        .send(callback("good", "__Secure-echo_flow=key-1"))
        .await;
    assert_eq!(answer.status, 303);
}

#[tokio::test]
async fn a_sign_in_that_needs_a_second_factor_opens_no_session_yet() {
    let sent = with(
        "POST",
        "/api/v1/auth/login",
        &[
            ("content-type", "application/json"),
            ("x-covergen-session", "cookie"),
        ],
        r#"{"name":"second-factor"}"#,
    );
    let answer = Platform::new().send(sent).await;
    assert_eq!(answer.ok()["expiresIn"], 900);
    assert!(cookies(&answer).is_empty());
}

#[tokio::test]
async fn a_session_ends_on_routes_that_take_no_refresh_token() {
    let sent = with(
        "DELETE",
        "/api/v1/me",
        &[
            ("authorization", "Bearer user-ada"),
            ("x-covergen-session", "cookie"),
        ],
        "",
    );
    let answer = Platform::new().send(sent).await;
    assert_eq!(answer.status, 200);
    let set = cookies(&answer);
    assert!(
        set.iter()
            .any(|line| line.starts_with("covergen_session=; "))
    );
    assert!(!set.iter().any(|line| line.contains("Path=/api/v1/me")));
}

#[tokio::test]
async fn a_stale_entity_tag_is_412() {
    let platform = Platform::new();
    let rename = |tag: &'static str| {
        let headers = [("content-type", "application/json"), ("if-match", tag)];
        platform.send(with(
            "PUT",
            "/api/v1/things/a/name",
            &headers,
            r#"{"displayName":"new"}"#,
        ))
    };
    for good in ["\"v1\"", "W/\"v1\"", "v1", "*"] {
        let answer = rename(good).await;
        assert_eq!(answer.ok()["displayName"], "new", "{good}");
        assert_eq!(answer.header("etag"), "\"v2\"");
    }
    let stale = rename("\"v0\"").await.problem(412, "ETAG_MISMATCH");
    assert_eq!(stale["code"], "ABORTED");
    assert_eq!(stale["title"], "The resource has changed");
    rename("\"v1\", \"v2\"")
        .await
        .problem(400, "MALFORMED_HEADER");
}

#[tokio::test]
async fn ranges_of_a_download_are_partial_content() {
    let platform = Platform::new();
    let slice = |range: &'static str| {
        let headers: &[(&str, &str)] = &[("range", range)];
        platform.send(with(
            "GET",
            "/api/v1/slice",
            &headers[..usize::from(!range.is_empty())],
            "",
        ))
    };
    let whole = slice("").await;
    assert_eq!(
        (whole.status.as_u16(), whole.text().as_str()),
        (200, "0123456789")
    );
    assert_eq!(whole.header("accept-ranges"), "bytes");
    let part = slice("bytes=2-5").await;
    assert_eq!((part.status.as_u16(), part.text().as_str()), (206, "2345"));
    assert_eq!(part.header("content-range"), "bytes 2-5/10");
    assert_eq!(part.header("content-length"), "4");
    let past = slice("bytes=99-").await;
    past.problem(416, "RANGE_NOT_SATISFIABLE");
    assert_eq!(past.header("content-range"), "bytes */10");
}

#[tokio::test]
async fn a_route_may_take_larger_bodies_than_others() {
    let platform = Platform::new();
    let body = |length: usize| format!(r#"{{"name":"{}"}}"#, "x".repeat(length));
    let answer = platform
        .send(post("/api/v1/measure", &body(2_000_000)))
        .await;
    assert_eq!(answer.ok()["number"], 2_000_000);
    let answer = platform
        .send(post("/api/v1/measure", &body(2_200_000)))
        .await;
    answer.problem(413, "BODY_TOO_LARGE");
    let answer = platform.send(post("/api/v1/echo", &body(1_100_000))).await;
    answer.problem(413, "BODY_TOO_LARGE");
}
