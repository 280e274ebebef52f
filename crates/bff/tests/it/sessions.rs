//! Browser sessions: cookies and forgery.

use axum::body::Body;
use covergen_bff::BffConfig;
use http::Request;

use crate::support::{Answer, Platform, request};

const SECRET: &str = "a secret of the tests, long enough to be one";

fn platform() -> Platform {
    Platform::with(BffConfig {
        session_secret: SECRET.to_owned(),
        allowed_origins: vec!["https://studio.example".to_owned()],
        ..BffConfig::default()
    })
}

/// The cookies an answer sets, by name, with their attributes.
fn cookies(answer: &Answer) -> Vec<(String, String, String)> {
    answer
        .headers
        .get_all("set-cookie")
        .iter()
        .map(|line| {
            let line = line.to_str().unwrap();
            let (pair, attributes) = line.split_once("; ").unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            (name.to_owned(), value.to_owned(), attributes.to_owned())
        })
        .collect()
}

fn value<'a>(cookies: &'a [(String, String, String)], name: &str) -> &'a str {
    cookies
        .iter()
        .find(|(known, _, _)| known == name)
        .map_or("", |(_, value, _)| value)
}

fn login(headers: &[(&str, &str)]) -> Request<Body> {
    send("/api/v1/auth/login", r#"{"name":"ada"}"#, headers)
}

fn send(path: &str, body: &str, headers: &[(&str, &str)]) -> Request<Body> {
    let mut sent = request("POST", path).header("content-type", "application/json");
    for (name, value) in headers {
        sent = sent.header(*name, *value);
    }
    sent.body(Body::from(body.to_owned())).unwrap()
}

#[tokio::test]
async fn tokens_stay_in_the_body_for_those_who_do_not_ask_for_cookies() {
    let platform = platform();
    let answer = platform.send(login(&[])).await;
    assert_eq!(answer.ok()["accessToken"], "user-ada");
    assert!(cookies(&answer).is_empty());
}

#[tokio::test]
async fn tokens_move_into_cookies_for_a_browser() {
    let platform = platform();
    let answer = platform
        .send(login(&[("x-covergen-session", "cookie")]))
        .await;
    let body = answer.ok();
    assert!(body.get("accessToken").is_none() && body.get("refreshToken").is_none());
    assert_eq!(body["expiresIn"], 900);
    let set = cookies(&answer);
    assert_eq!(value(&set, "covergen_session"), "user-ada");
    for (name, _, attributes) in &set {
        assert_eq!(
            attributes.contains("HttpOnly"),
            name != "covergen_csrf",
            "{name}"
        );
        assert!(!attributes.contains("Secure"), "{name}");
    }
    let paths: Vec<&str> = set
        .iter()
        .filter(|(name, _, _)| name == "covergen_refresh")
        .map(|(_, _, attributes)| attributes.split("; ").next().unwrap())
        .collect();
    assert_eq!(
        paths,
        ["Path=/api/v1/auth/logout", "Path=/api/v1/auth/refresh"]
    );
}

#[tokio::test]
async fn cookies_are_secure_where_the_configuration_says_tls() {
    let platform = Platform::with(BffConfig {
        secure_cookies: true,
        ..BffConfig::default()
    });
    let answer = platform
        .send(login(&[("x-covergen-session", "cookie")]))
        .await;
    let set = cookies(&answer);
    assert_eq!(value(&set, "__Host-covergen_session"), "user-ada");
    assert_eq!(value(&set, "__Secure-covergen_refresh"), "refresh-1");
    assert!(
        set.iter()
            .all(|(_, _, attributes)| attributes.ends_with("; Secure"))
    );
    assert!(
        answer
            .header("strict-transport-security")
            .starts_with("max-age=")
    );
}

/// The Cookie header and CSRF token of a fresh session.
async fn session(platform: &Platform) -> (String, String) {
    let answer = platform
        .send(login(&[("x-covergen-session", "cookie")]))
        .await;
    let set = cookies(&answer);
    let csrf = value(&set, "covergen_csrf").to_owned();
    let header = format!(
        "other=1; covergen_session={}; covergen_csrf={csrf}",
        value(&set, "covergen_session")
    );
    (header, csrf)
}

#[tokio::test]
async fn a_session_reads_without_and_writes_with_its_csrf_token() {
    let platform = platform();
    let (cookie, csrf) = session(&platform).await;
    let read = request("GET", "/api/v1/whoami")
        .header("cookie", &cookie)
        .body(Body::empty());
    let read = platform.send(read.unwrap()).await.ok();
    assert_eq!(read["entries"]["authorization"], "Bearer internal-ada");
    assert_eq!(read["entries"]["x-source"], "cookie");
    assert!(read["entries"].get("cookie").is_none());
    let write = |headers: &[(&str, &str)]| {
        let mut all = vec![("cookie", cookie.as_str())];
        all.extend(headers);
        platform.send(send("/api/v1/whoami", "{}", &all))
    };
    write(&[]).await.problem(403, "CSRF_TOKEN_INVALID");
    write(&[("x-csrf-token", "")])
        .await
        .problem(403, "CSRF_TOKEN_INVALID");
    write(&[("x-csrf-token", "AAAA")])
        .await
        .problem(403, "CSRF_TOKEN_INVALID");
    write(&[("x-csrf-token", &csrf)]).await.ok();
    write(&[("x-csrf-token", &csrf), ("origin", "http://covergen.test")])
        .await
        .ok();
    write(&[
        ("x-csrf-token", &csrf),
        ("origin", "https://studio.example"),
    ])
    .await
    .ok();
    write(&[("x-csrf-token", &csrf), ("sec-fetch-site", "same-origin")])
        .await
        .ok();
}

#[tokio::test]
async fn a_foreign_page_cannot_write_even_with_the_token() {
    let platform = platform();
    let (cookie, csrf) = session(&platform).await;
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("origin", "http://covergen.test.evil.example"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        let headers = [
            ("cookie", cookie.as_str()),
            ("x-csrf-token", csrf.as_str()),
            (name, value),
        ];
        let answer = platform.send(send("/api/v1/whoami", "{}", &headers)).await;
        answer.problem(403, "ORIGIN_NOT_ALLOWED");
    }
    let asked = [
        ("x-covergen-session", "cookie"),
        ("origin", "https://evil.example"),
    ];
    platform
        .send(login(&asked))
        .await
        .problem(403, "ORIGIN_NOT_ALLOWED");
}

#[tokio::test]
async fn a_token_of_another_session_does_not_fit() {
    let platform = platform();
    let (_, csrf) = session(&platform).await;
    let planted = format!("covergen_session=user-eve; covergen_csrf={csrf}");
    let headers = [
        ("cookie", planted.as_str()),
        ("x-csrf-token", csrf.as_str()),
    ];
    let answer = platform.send(send("/api/v1/whoami", "{}", &headers)).await;
    answer.problem(403, "CSRF_TOKEN_INVALID");
}

#[tokio::test]
async fn a_bearer_needs_no_csrf_token_and_goes_first() {
    let platform = platform();
    let (cookie, _) = session(&platform).await;
    let headers = [
        ("cookie", cookie.as_str()),
        ("authorization", "Bearer user-bob"),
    ];
    let answer = platform
        .send(send("/api/v1/whoami", "{}", &headers))
        .await
        .ok();
    assert_eq!(answer["entries"]["authorization"], "Bearer internal-bob");
    let key = [("x-api-key", "user-key")];
    let answer = platform.send(send("/api/v1/whoami", "{}", &key)).await.ok();
    assert_eq!(answer["entries"]["x-source"], "key");
}

#[tokio::test]
async fn a_session_is_renewed_from_its_cookie() {
    let platform = platform();
    let (cookie, csrf) = session(&platform).await;
    let cookie = format!("{cookie}; covergen_refresh=refresh-1");
    let bare = [("cookie", cookie.as_str())];
    platform
        .send(send("/api/v1/auth/refresh", "", &bare))
        .await
        .problem(403, "CSRF_TOKEN_INVALID");
    let headers = [("cookie", cookie.as_str()), ("x-csrf-token", csrf.as_str())];
    let answer = platform
        .send(send("/api/v1/auth/refresh", "{}", &headers))
        .await;
    assert!(answer.ok().get("accessToken").is_none());
    let set = cookies(&answer);
    assert_eq!(value(&set, "covergen_session"), "user-renewed");
    assert_eq!(value(&set, "covergen_refresh"), "refresh-2");
    assert_ne!(value(&set, "covergen_csrf"), csrf);
}

#[tokio::test]
async fn a_session_is_ended_from_its_cookie() {
    let platform = platform();
    let (cookie, csrf) = session(&platform).await;
    let cookie = format!("{cookie}; covergen_refresh=refresh-1");
    let headers = [("cookie", cookie.as_str()), ("x-csrf-token", csrf.as_str())];
    let answer = platform
        .send(send("/api/v1/auth/logout", "", &headers))
        .await;
    assert_eq!(answer.ok()["refreshToken"], "refresh-1");
    let set = cookies(&answer);
    assert_eq!(set.len(), 4);
    assert!(
        set.iter()
            .all(|(_, value, attributes)| value.is_empty() && attributes.contains("Max-Age=0"))
    );
}

#[tokio::test]
async fn tokens_in_the_body_work_without_cookies() {
    let platform = platform();
    let answer = platform
        .send(send(
            "/api/v1/auth/refresh",
            r#"{"refreshToken":"refresh-1"}"#,
            &[],
        ))
        .await;
    assert_eq!(answer.ok()["refreshToken"], "refresh-2");
    assert!(cookies(&answer).is_empty());
}

#[tokio::test]
async fn a_session_gone_bad_does_not_keep_its_owner_out() {
    let platform = platform();
    let headers = [
        ("cookie", "covergen_session=garbage; covergen_csrf=garbage"),
        ("x-covergen-session", "cookie"),
    ];
    let answer = platform.send(login(&headers)).await;
    assert_eq!(value(&cookies(&answer), "covergen_session"), "user-ada");
}
