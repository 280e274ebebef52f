//! What people ask a platform for most often, by REST.

use std::time::Duration;

use serde_json::{Value, json};

const EMAIL: &str = "ada@example.org";
/// Who signs in over and over: each leaves a session behind, and those of the
/// other are to stay as many as they are.
const COMER: &str = "eve@example.org";
const PASSWORD: &str = "correct horse battery";

/// Somebody signed in, who asks and expects to be answered.
pub(crate) struct Somebody {
    client: reqwest::Client,
    api: String,
    token: String,
}

impl Somebody {
    /// Opens an account at the web BFF of this address.
    pub(crate) async fn register(web: &str) -> Self {
        // Whoever is second finds the same provider installed.
        drop(rustls::crypto::ring::default_provider().install_default());
        let mut somebody = Self {
            client: reqwest::Client::new(),
            api: format!("{web}/api/v1"),
            token: String::new(),
        };
        let account = json!({"email": EMAIL, "password": PASSWORD, "displayName": "Ada"});
        somebody.enter("/auth/register", account).await;
        somebody
    }

    /// Signs in once more: a token lasts a quarter of an hour.
    #[allow(dead_code, reason = "few rows are filled in faster")]
    pub(crate) async fn sign_in(&mut self) {
        let account = json!({"email": EMAIL, "password": PASSWORD});
        self.enter("/auth/login", account).await;
    }

    async fn enter(&mut self, path: &str, account: Value) {
        let asked = Asked::send("", "POST", path, account);
        let answer = self.ask(&asked).await;
        let token = answer["accessToken"].as_str().expect("a token");
        token.clone_into(&mut self.token);
    }

    /// The answer to a request; anything but a success is a panic.
    pub(crate) async fn ask(&self, asked: &Asked) -> Value {
        let method = asked.method.parse().expect("is a method");
        let url = format!("{}{}", self.api, asked.path);
        let mut request = self.client.request(method, url).bearer_auth(&self.token);
        if let Some(body) = &asked.body {
            let json = ("content-type", "application/json");
            request = request.header(json.0, json.1).body(body.to_string());
        }
        let answer = request.send().await.expect("the platform answers");
        let status = answer.status();
        let bytes = answer.bytes().await.expect("the body can be read");
        let text = String::from_utf8_lossy(&bytes);
        assert!(status.is_success(), "{}: {status}: {text}", asked.path);
        serde_json::from_slice(&bytes).unwrap_or(Value::Null)
    }

    /// Makes a cover and waits for it: its task, and the cover.
    pub(crate) async fn generate(&self, title: &str) -> (String, String) {
        let asked = Asked::send("", "POST", "/covers/generate", order(title));
        let answer = self.ask(&asked).await;
        let task = answer["taskId"].as_str().expect("a task").to_owned();
        let asked = Asked::get("", format!("/covers/tasks/{task}"));
        let ended = self.eventually(&asked, "status").await;
        let cover = ended["covers"][0]["id"].as_str().expect("a cover");
        (task, cover.to_owned())
    }

    /// Does one of everything that leaves a row behind, and answers the requests
    /// that read them. `hook` takes deliveries.
    pub(crate) async fn live(&self, hook: &str) -> Vec<Asked> {
        let send = |method, path: &str, body| Asked::send("", method, path.to_owned(), body);
        let comer = json!({"email": COMER, "password": PASSWORD, "displayName": "Eve"});
        self.ask(&send("POST", "/auth/register", comer)).await;
        let key = json!({"name": "Reader", "mode": "LIVE", "scopes": ["covers:read"]});
        self.ask(&send("POST", "/auth/api-keys", key)).await;
        let made = self
            .ask(&send("POST", "/webhooks", json!({"url": hook})))
            .await;
        let webhook = made["webhook"]["id"].as_str().expect("a webhook");
        let chosen = json!({"theme": "SYSTEM"});
        self.ask(&send("PUT", "/users/me/preferences", chosen))
            .await;
        let (task, cover) = self.generate("A life").await;
        let export = json!({"coverId": cover, "preset": "story", "format": "jpeg"});
        let answer = self.ask(&send("POST", "/export/prepare", export)).await;
        let export = answer["exportId"].as_str().expect("an export");
        let asked = Asked::get("export", format!("/export/{export}/status"));
        self.eventually(&asked, "status").await;
        let mut hot = hot(&task, &cover, webhook);
        hot.push(asked);
        hot
    }

    async fn eventually(&self, asked: &Asked, field: &str) -> Value {
        for _ in 0..600 {
            let answer = self.ask(asked).await;
            if answer[field] == "SUCCEEDED" {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{} has not succeeded", asked.path);
    }
}

/// One request.
pub(crate) struct Asked {
    pub(crate) name: &'static str,
    pub(crate) method: &'static str,
    /// Below `/api/v1`.
    pub(crate) path: String,
    pub(crate) body: Option<Value>,
}

impl Asked {
    fn get(name: &'static str, path: impl Into<String>) -> Self {
        Self {
            name,
            method: "GET",
            path: path.into(),
            body: None,
        }
    }

    fn send(
        name: &'static str,
        method: &'static str,
        path: impl Into<String>,
        body: Value,
    ) -> Self {
        Self {
            name,
            method,
            path: path.into(),
            body: Some(body),
        }
    }
}

/// A small order.
pub(crate) fn order(title: &str) -> Value {
    json!({
        "title": title,
        "templateId": "aurora",
        "sizes": [{"preset": "thumbnail"}],
        "formats": ["jpeg"],
    })
}

/// The requests of somebody who has a cover and a webhook.
pub(crate) fn hot(task: &str, cover: &str, webhook: &str) -> Vec<Asked> {
    let favorite = format!("/covers/{cover}/favorite");
    vec![
        Asked::get("profile", "/users/me"),
        Asked::get("quota", "/users/me/quota"),
        Asked::get("history", "/users/me/history"),
        Asked::get("preferences", "/users/me/preferences"),
        Asked::get("account", "/auth/account"),
        Asked::get("sessions", "/auth/sessions"),
        Asked::get("apiKeys", "/auth/api-keys"),
        Asked::get("covers", "/covers"),
        Asked::get("coversByTitle", "/covers?orderBy=title"),
        Asked::get("favorites", "/covers?favorite=true"),
        Asked::get("cover", format!("/covers/{cover}")),
        Asked::get("coverHistory", format!("/covers/{cover}/history")),
        Asked::get("generations", "/covers/history"),
        Asked::get("task", format!("/covers/tasks/{task}")),
        Asked::get("tasks", "/covers/tasks"),
        Asked::get("openTasks", "/covers/tasks?state=OPEN"),
        Asked::send("favorite", "POST", favorite.clone(), json!({})),
        Asked::send("unfavorite", "DELETE", favorite, json!({})),
        Asked::get("templates", "/templates"),
        Asked::get("assets", "/media"),
        Asked::get("notifications", "/notifications/user/me"),
        Asked::get("unread", "/notifications/user/me/unread-count"),
        Asked::get("webhooks", "/webhooks"),
        Asked::get("deliveries", format!("/webhooks/{webhook}/deliveries")),
        Asked::send(
            "login",
            "POST",
            "/auth/login",
            json!({"email": COMER, "password": PASSWORD}),
        ),
    ]
}
