//! Bad input gets a clear refusal, and nothing is written.

use covergen_faults::checker::Databases;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tempfile::tempdir;

use crate::api::{Person, register};
use crate::platform::Platform;

const JSON: &str = "application/json";

/// A hash of every table of every service.
async fn digests(platform: &Platform) -> BTreeMap<&'static str, [u8; 32]> {
    let databases = platform.folder().join("db");
    let url = format!("sqlite://{}/{{service}}.sqlite", databases.display());
    let config = covergen_store::StoreConfig::from_url(url);
    let mut digests = BTreeMap::new();
    for service in [
        "auth", "user", "template", "safety", "task", "media", "cover", "export",
    ] {
        let clock = covergen_ids::Clock::system();
        let store = covergen_store::Store::open(&config, service, clock)
            .await
            .unwrap();
        digests.insert(service, store.digest().await.unwrap());
        store.close().await;
    }
    digests
}

/// What all tables hold once events are on their way no more.
pub(crate) async fn eventually_quiet(
    platform: &Platform,
    people: usize,
) -> BTreeMap<&'static str, [u8; 32]> {
    let databases = Databases::in_folder(platform.folder());
    for _ in 0..100 {
        let mut waiting = 0;
        for service in ["auth", "user", "template"] {
            let sql = "SELECT id FROM outbox WHERE sent_at_ms IS NULL";
            waiting += databases.rows(service, sql).await.unwrap().len();
        }
        let profiles = databases.rows("user", "SELECT user_id FROM profiles").await;
        if waiting == 0 && profiles.unwrap().len() >= people {
            return digests(platform).await;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("events never came through");
}

async fn refused(person: &Person, what: &str, method: Method, path: &str, body: Vec<u8>) {
    let answer = person
        .request(method, path)
        .header("content-type", JSON)
        .header("idempotency-key", "hostile")
        .body(body)
        .send()
        .await
        .unwrap_or_else(|error| panic!("{what}: {error}"));
    let status = answer.status();
    let content_type = answer.headers().get("content-type").cloned();
    let text = answer.text().await.unwrap_or_default();
    assert!(status.is_client_error(), "{what}: {status} {text}");
    assert_eq!(
        content_type.as_ref().and_then(|value| value.to_str().ok()),
        Some("application/problem+json"),
        "{what}: {text}"
    );
    let problem: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{what}: {text}"));
    for field in [
        "type",
        "title",
        "status",
        "detail",
        "code",
        "reason",
        "requestId",
    ] {
        assert!(!problem[field].is_null(), "{what}: no {field} in {text}");
    }
    assert_eq!(problem["status"], status.as_u16(), "{what}");
}

/// Bodies that Generate and Preview must refuse.
fn bodies() -> Vec<(&'static str, Vec<u8>)> {
    let sizes = json!([{"preset": "youtube"}]);
    let with = |change: fn(&mut Value)| {
        let mut body = json!({"title": "Fine", "sizes": [{"preset": "youtube"}]});
        change(&mut body);
        body.to_string().into_bytes()
    };
    let deep = |open: &str, close: &str| {
        format!(
            "{{\"title\":{}1{}}}",
            open.repeat(10_000),
            close.repeat(10_000)
        )
        .into_bytes()
    };
    let title = |title: String| {
        json!({"title": title, "sizes": sizes})
            .to_string()
            .into_bytes()
    };
    vec![
        ("nothing", Vec::new()),
        ("half an object", b"{\"title\":".to_vec()),
        ("no JSON", b"title=Fine".to_vec()),
        ("not UTF-8", vec![b'{', 0xff, 0xfe, b'}']),
        ("an array", b"[]".to_vec()),
        ("deep arrays", deep("[", "]")),
        ("deep objects", deep("{\"a\":", "}")),
        (
            "an unknown field",
            with(|body| body["colour"] = json!("red")),
        ),
        ("a wrong type", with(|body| body["title"] = json!(7))),
        (
            "an object for a list",
            with(|body| body["sizes"] = json!({"preset": "youtube"})),
        ),
        (
            "an unknown format",
            with(|body| body["formats"] = json!(["tiff"])),
        ),
        (
            "a format twice",
            with(|body| body["formats"] = json!(["png", "png"])),
        ),
        (
            "an unknown preset",
            with(|body| body["sizes"] = json!([{"preset": "moon"}])),
        ),
        ("no size", with(|body| body["sizes"] = json!([]))),
        (
            "half a size",
            with(|body| body["sizes"] = json!([{"width": 100}])),
        ),
        (
            "a tiny size",
            with(|body| body["sizes"] = json!([{"width": 1, "height": 1}])),
        ),
        (
            "an absurd size",
            with(|body| body["sizes"] = json!([{"width": 2_000_000_000, "height": 64}])),
        ),
        (
            "a negative size",
            with(|body| body["sizes"] = json!([{"width": -100, "height": 100}])),
        ),
        (
            "a number out of range",
            with(|body| body["variants"] = json!(99_999_999_999_i64)),
        ),
        ("many variants", with(|body| body["variants"] = json!(9))),
        (
            "a fractional number",
            with(|body| body["variants"] = json!(1.5)),
        ),
        (
            "an infinite number",
            b"{\"title\":\"x\",\"variants\":1e999}".to_vec(),
        ),
        ("NaN", b"{\"title\":\"x\",\"variants\":NaN}".to_vec()),
        (
            "a field twice",
            b"{\"title\":\"x\",\"title\":\"y\",\"sizes\":[{\"preset\":\"youtube\"}]}".to_vec(),
        ),
        (
            "a lone surrogate",
            b"{\"title\":\"\\ud800\",\"sizes\":[{\"preset\":\"youtube\"}]}".to_vec(),
        ),
        (
            "an unknown template",
            with(|body| body["templateId"] = json!("no-such")),
        ),
        (
            "a foreign palette",
            with(|body| body["paletteId"] = json!("no-such")),
        ),
        ("an empty title", title(String::new())),
        ("a title of spaces", title("   ".to_owned())),
        (
            "zero-width characters only",
            title("\u{200b}\u{200c}\u{200d}\u{2060}\u{feff}".to_owned()),
        ),
        ("a title with U+0000", title("a\0b".to_owned())),
        ("a long title", title("x".repeat(121))),
        ("a title of 20 MB", title("x".repeat(20 << 20))),
    ]
}

#[tokio::test]
async fn bad_input_is_refused_with_a_reason_and_writes_nothing() {
    let folder = tempdir().unwrap();
    let platform = Platform::start(&folder).await;
    let ada = register(&platform, "ada").await;
    let eve = register(&platform, "eve").await;
    ada.quota().await;
    eve.quota().await;
    let before = eventually_quiet(&platform, 2).await;

    for (what, body) in bodies() {
        refused(&ada, what, Method::POST, "/covers/generate", body.clone()).await;
        refused(&ada, what, Method::POST, "/covers/preview", body).await;
    }
    let unknown = "0192f3a4b5c67d8e9fa0b1c2d3e4f506";
    for path in [
        format!("/covers/cov_{unknown}"),
        format!("/covers/tasks/tsk_{unknown}"),
        format!("/covers/tasks/tsk_{unknown}/events"),
        format!("/covers/tasks/cov_{unknown}"),
        "/covers/tasks/%00".to_owned(),
        "/covers/tasks/..%2f..%2fetc".to_owned(),
        format!("/users/{}", eve.user_id),
        format!("/users/{}/quota", eve.user_id),
        format!("/export/exp_{unknown}/status"),
        format!("/media/ast_{unknown}"),
        "/covers?pageSize=101".to_owned(),
        "/covers?pageSize=x".to_owned(),
        "/covers?pageToken=forged".to_owned(),
        "/covers?colour=red".to_owned(),
        "/no/such/route".to_owned(),
        "/tasks/queue/stats".to_owned(),
        "/i/forged/o/ast_x.png".to_owned(),
    ] {
        refused(&ada, &path, Method::GET, &path, Vec::new()).await;
    }
    let prepare = json!({"coverId": format!("cov_{unknown}"), "preset": "story"}).to_string();
    refused(
        &ada,
        "a foreign cover",
        Method::POST,
        "/export/prepare",
        prepare.into_bytes(),
    )
    .await;
    refused(
        &ada,
        "a wrong verb",
        Method::DELETE,
        "/covers/generate",
        Vec::new(),
    )
    .await;

    assert_eq!(digests(&platform).await, before, "something was written");
}

#[tokio::test]
async fn what_is_no_token_of_ours_opens_nothing() {
    let folder = tempdir().unwrap();
    let platform = Platform::start(&folder).await;
    let ada = register(&platform, "ada").await;
    let (head, tail) = ada.token.split_at(ada.token.len() - 4);
    for token in [
        format!("{head}{}", tail.chars().rev().collect::<String>() + "x"),
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1c3JfMSJ9.".to_owned(),
        "Bearer".to_owned(),
        "x".repeat(10_000),
    ] {
        let answer = ada.with_token(token.clone()).get("/users/me").await;
        assert!(
            matches!(
                answer.status(),
                StatusCode::UNAUTHORIZED | StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE
            ),
            "{token}: {}",
            answer.status()
        );
    }
    let nobody = crate::api::client()
        .get(format!("{}/api/v1/users/me", platform.web))
        .send()
        .await
        .unwrap();
    assert_eq!(nobody.status(), StatusCode::UNAUTHORIZED);
    assert!(nobody.headers().contains_key("www-authenticate"));
}

#[tokio::test]
async fn titles_in_every_script_become_covers() {
    let folder = tempdir().unwrap();
    let platform = Platform::start(&folder).await;
    let ada = register(&platform, "ada").await;
    for (at, title) in [
        "从标题到封面",
        "タイトルから表紙まで",
        "من العنوان إلى الغلاف",
        "शीर्षक से आवरण तक",
        "🎉🚀 Launch day 🥳",
        "x",
        &"A very long title ".repeat(7)[..120],
    ]
    .iter()
    .enumerate()
    {
        let body = json!({"title": title, "sizes": [{"preset": "thumbnail"}, {"preset": "story"}]});
        let (status, answer) = ada.generate(&format!("script-{at}"), &body).await.unwrap();
        assert_eq!(status, StatusCode::ACCEPTED, "{title}: {answer}");
        let ended = ada.ended(answer["taskId"].as_str().unwrap()).await;
        assert_eq!(ended["status"], "SUCCEEDED", "{title}: {ended}");
    }
}
