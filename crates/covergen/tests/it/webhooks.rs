//! A partner's server hears of every cover, whatever happens to the platform.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode as Answer;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tempfile::tempdir;

use crate::api::{Person, read, register};
use crate::platform::Platform;

/// Messages that came, and how many more are answered with an error.
#[derive(Default)]
struct Heard {
    messages: Vec<(String, Value)>,
    refusals: usize,
}

type Shared = Arc<Mutex<Heard>>;

async fn take(State(heard): State<Shared>, headers: axum::http::HeaderMap, body: Bytes) -> Answer {
    let id = headers["webhook-id"].to_str().unwrap().to_owned();
    assert!(
        headers["webhook-signature"]
            .to_str()
            .unwrap()
            .starts_with("v1,")
    );
    let mut heard = heard.lock().unwrap();
    if heard.refusals > 0 {
        heard.refusals -= 1;
        return Answer::SERVICE_UNAVAILABLE;
    }
    let body = serde_json::from_slice(&body).unwrap();
    heard.messages.push((id, body));
    Answer::OK
}

async fn receiver(refusals: usize) -> (Shared, String) {
    let heard = Shared::default();
    heard.lock().unwrap().refusals = refusals;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let app = Router::new().fallback(take).with_state(Arc::clone(&heard));
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    (heard, url)
}

pub(crate) fn lenient() -> Vec<(String, String)> {
    [
        ("ALLOW_LOOPBACK", "true"),
        ("FIRST_RETRY_MS", "200"),
        ("MAX_RETRY_MS", "1000"),
        ("POLL_MS", "50"),
    ]
    .map(|(key, value)| {
        let key = format!("COVERGEN__SERVICES__NOTIFICATION__{key}");
        (key, value.to_owned())
    })
    .into()
}

async fn ask(person: &Person, key: &str) -> Option<String> {
    let body = json!({
        "title": format!("Webhook {key}"),
        "sizes": [{"preset": "thumbnail"}],
        "formats": ["jpeg"],
    });
    let (status, answer) = person.generate(key, &body).await.ok()?;
    status
        .is_success()
        .then(|| answer["taskId"].as_str().unwrap().to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_acknowledged_cover_is_told_though_the_process_is_killed_again_and_again() {
    let folder = tempdir().unwrap();
    let mut platform = Platform::start_with(folder.path(), lenient()).await;
    let mut person = register(&platform, "hooked").await;
    let (heard, url) = receiver(7).await;
    let made = person.post("/webhooks", &json!({"url": url})).await;
    assert_eq!(made.status(), StatusCode::CREATED);
    let made = read(made).await;
    assert!(made["secret"].as_str().unwrap().starts_with("whsec_"));
    let webhook = made["webhook"]["id"].as_str().unwrap().to_owned();
    let mut tasks = BTreeSet::new();
    for round in 0..3 {
        for at in 0..6 {
            tasks.extend(ask(&person, &format!("{round}-{at}")).await);
        }
        // In the middle of making and telling: some have come, most have not.
        let before = 6 * round;
        eventually("some are told", async || {
            heard.lock().unwrap().messages.len() > before
        })
        .await;
        platform = platform.kill_and_restart().await;
        person = person.at(&platform);
    }
    assert!(!tasks.is_empty());
    for task in &tasks {
        person.ended(task).await;
    }
    let told = || -> BTreeSet<String> {
        let heard = heard.lock().unwrap();
        let of =
            |(_, message): &(String, Value)| message["data"]["taskId"].as_str().map(str::to_owned);
        heard.messages.iter().filter_map(of).collect()
    };
    eventually("every task is told", async || told().is_superset(&tasks)).await;
    // Twice is allowed, but never as two messages.
    let ids: BTreeSet<(String, String)> = {
        let heard = heard.lock().unwrap();
        let of =
            |(id, message): &(String, Value)| (id.clone(), message["data"]["taskId"].to_string());
        heard.messages.iter().map(of).collect()
    };
    assert_eq!(ids.len(), told().len(), "one message for each task");

    let listed = read(person.get("/notifications/user/me?pageSize=100").await).await;
    let notices = listed["notifications"].as_array().unwrap();
    assert_eq!(
        listed["unreadCount"].as_u64().unwrap(),
        notices.len() as u64,
        "{listed}"
    );
    // Besides them there is a welcome.
    let of_covers = notices.iter().filter(|notice| {
        let kind = notice["type"].as_str();
        kind.is_some_and(|kind| kind.starts_with("cover."))
    });
    assert_eq!(of_covers.count(), told().len(), "{listed}");
    let found = person.get(&format!("/webhooks/{webhook}")).await;
    let etag = found.headers()["etag"].to_str().unwrap().to_owned();
    let path = format!("/webhooks/{webhook}");
    let patch = |tag: String| {
        person
            .request(Method::PATCH, &path)
            .header("content-type", "application/json")
            .header("if-match", tag)
            .body(json!({"enabled": false}).to_string())
    };
    let stale = patch("\"r99\"".to_owned()).send().await.unwrap();
    assert_eq!(stale.status(), StatusCode::PRECONDITION_FAILED);
    let paused = patch(etag).send().await.unwrap();
    assert_eq!(paused.status(), StatusCode::OK);
    assert_eq!(read(paused).await["enabled"], false);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn addresses_within_are_refused_as_the_platform_comes() {
    let folder = tempdir().unwrap();
    let platform = Platform::start(&folder).await;
    let person = register(&platform, "curious").await;
    for url in [
        "http://127.0.0.1:9/",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://2130706433/",
    ] {
        let refused = person.post("/webhooks", &json!({"url": url})).await;
        assert_eq!(refused.status(), StatusCode::BAD_REQUEST, "{url}");
        let problem = read(refused).await;
        assert_eq!(problem["violations"][0]["field"], "url", "{problem}");
    }
    let key = read(person.get("/notifications/push-key").await).await;
    assert_eq!(key["publicKey"].as_str().unwrap().len(), 87, "{key}");
}

async fn eventually(what: &str, holds: impl AsyncFn() -> bool) {
    for _ in 0..600 {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("never came: {what}");
}
