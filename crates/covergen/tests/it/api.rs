//! The platform by REST, as a client of it would.

use std::time::Duration;

use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};

use crate::platform::Platform;

/// Somebody signed in.
#[derive(Clone)]
pub(crate) struct Person {
    client: reqwest::Client,
    web: String,
    pub(crate) token: String,
    pub(crate) refresh_token: String,
    pub(crate) user_id: String,
}

pub(crate) fn client() -> reqwest::Client {
    // Whoever is second finds the same provider installed.
    drop(rustls::crypto::ring::default_provider().install_default());
    reqwest::Client::builder()
        .timeout(Duration::from_secs(60))
        .build()
        .expect("a client can be made")
}

/// Registers somebody new.
pub(crate) async fn register(platform: &Platform, name: &str) -> Person {
    register_at(&platform.web, name).await
}

/// Registers somebody new at the web BFF with this address.
pub(crate) async fn register_at(web: &str, name: &str) -> Person {
    let client = client();
    let answer = client
        .post(format!("{web}/api/v1/auth/register"))
        .header("content-type", "application/json")
        .body(
            json!({
                "email": format!("{name}@example.org"),
                "password": "correct horse battery",
                "displayName": name,
            })
            .to_string(),
        )
        .send()
        .await
        .expect("the platform answers");
    assert_eq!(answer.status(), StatusCode::CREATED);
    let body = read(answer).await;
    let text = |value: &Value| value.as_str().expect("a string").to_owned();
    Person {
        client,
        web: web.to_owned(),
        token: text(&body["accessToken"]),
        refresh_token: text(&body["refreshToken"]),
        user_id: text(&body["user"]["id"]),
    }
}

impl Person {
    /// The same person at a platform that was started again.
    pub(crate) fn at(&self, platform: &Platform) -> Self {
        self.at_address(&platform.web)
    }

    /// The same person at the web BFF with this address.
    pub(crate) fn at_address(&self, web: &str) -> Self {
        Self {
            web: web.to_owned(),
            ..self.clone()
        }
    }

    /// The same person with another token.
    pub(crate) fn with_token(&self, token: String) -> Self {
        Self {
            token,
            ..self.clone()
        }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = if path.starts_with("/i/") {
            format!("{}{path}", self.web)
        } else {
            format!("{}/api/v1{path}", self.web)
        };
        self.client.request(method, url).bearer_auth(&self.token)
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.request(Method::GET, path)
            .send()
            .await
            .expect("the platform answers")
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Response {
        self.request(Method::POST, path)
            .header("content-type", "application/json")
            .body(body.to_string())
            .send()
            .await
            .expect("the platform answers")
    }

    /// Asks for covers under a key; the error of a platform that is gone.
    pub(crate) async fn generate(
        &self,
        key: &str,
        body: &Value,
    ) -> Result<(StatusCode, Value), reqwest::Error> {
        let answer = self
            .request(Method::POST, "/covers/generate")
            .header("content-type", "application/json")
            .header("idempotency-key", key)
            .body(body.to_string())
            .send()
            .await?;
        let status = answer.status();
        let bytes = answer.bytes().await?;
        Ok((
            status,
            serde_json::from_slice(&bytes).unwrap_or(Value::Null),
        ))
    }

    /// Waits until a task has ended, and returns it.
    pub(crate) async fn ended(&self, task: &str) -> Value {
        for _ in 0..1200 {
            let body = read(self.get(&format!("/covers/tasks/{task}")).await).await;
            if matches!(
                body["status"].as_str(),
                Some("SUCCEEDED" | "FAILED" | "CANCELLED")
            ) {
                return body;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("task {task} has not ended in two minutes");
    }

    /// The server-sent events of a task, to the end of the stream.
    pub(crate) async fn events(&self, task: &str) -> Vec<Value> {
        let answer = self.get(&format!("/covers/tasks/{task}/events")).await;
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        let text = answer.text().await.expect("the stream ends");
        assert!(text.contains("\nid:") || text.starts_with("id:"), "{text}");
        text.lines()
            .filter_map(|line| line.strip_prefix("data:"))
            .map(|data| serde_json::from_str(data).expect("an event is JSON"))
            .collect()
    }

    pub(crate) async fn quota(&self) -> Value {
        read(self.get("/users/me/quota").await).await
    }
}

/// The JSON of an answer.
pub(crate) async fn read(answer: Response) -> Value {
    let bytes = answer.bytes().await.expect("the body can be read");
    serde_json::from_slice(&bytes)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&bytes)))
}
