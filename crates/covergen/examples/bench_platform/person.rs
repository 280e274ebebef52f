//! Somebody who asks the platform for covers, by REST.

use anyhow::{Context as _, Result, ensure};
use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};

use crate::Asked;
use crate::bare::{PRESET, TEMPLATE};

/// An account of the free tier and its one connection.
pub(crate) struct Person {
    client: reqwest::Client,
    api: String,
    token: String,
}

impl Person {
    pub(crate) async fn register(web: &str) -> Result<Self> {
        // Whoever is second finds the same provider installed.
        drop(rustls::crypto::ring::default_provider().install_default());
        let mut person = Self {
            client: reqwest::Client::builder().build()?,
            api: format!("{web}/api/v1"),
            token: String::new(),
        };
        let account = json!({
            "email": "bench@example.org",
            "password": "correct horse battery",
            "displayName": "Bench",
        });
        let answer = person.post("/auth/register", &account).send().await?;
        let answer: Value = serde_json::from_slice(&body(answer).await?)?;
        let token = answer["accessToken"].as_str();
        token
            .context("no access token")?
            .clone_into(&mut person.token);
        Ok(person)
    }

    /// A preview: the file itself.
    pub(crate) async fn preview(&self, asked: &Asked) -> Result<Vec<u8>> {
        let request = self.post("/covers/preview", &order(asked));
        body(request.header("accept", "image/png").send().await?).await
    }

    /// A generation, until its stream of events says that it has ended.
    pub(crate) async fn generate(&self, asked: &Asked) -> Result<()> {
        let mut order = order(asked);
        order["formats"] = json!(["png"]);
        let key = format!("bench-{}", asked.seed);
        let request = self.post("/covers/generate", &order);
        let answer = request.header("idempotency-key", key).send().await?;
        let answer: Value = serde_json::from_slice(&body(answer).await?)?;
        let task = answer["taskId"].as_str().context("no task")?;
        let url = format!("{}/covers/tasks/{task}/events", self.api);
        let mut stream = self.client.get(url).bearer_auth(&self.token).send().await?;
        let mut text = String::new();
        while let Some(part) = stream.chunk().await? {
            text += std::str::from_utf8(&part)?;
            if text.contains("\"SUCCEEDED\"") && text.ends_with("\n\n") {
                // To the end of the stream, so that the connection is kept.
                while stream.chunk().await?.is_some() {}
                return Ok(());
            }
        }
        anyhow::bail!("the generation did not succeed: {text}")
    }

    fn post(&self, path: &str, body: &Value) -> RequestBuilder {
        self.client
            .post(format!("{}{path}", self.api))
            .bearer_auth(&self.token)
            .header("content-type", "application/json")
            .body(body.to_string())
    }
}

fn order(asked: &Asked) -> Value {
    json!({
        "title": asked.title,
        "subtitle": asked.subtitle,
        "templateId": TEMPLATE,
        "seed": asked.seed.to_string(),
        "sizes": [{"preset": PRESET}],
    })
}

/// The body of a success.
async fn body(answer: Response) -> Result<Vec<u8>> {
    let status = answer.status();
    let bytes = answer.bytes().await?;
    let text = String::from_utf8_lossy(&bytes);
    ensure!(status.is_success(), "{status}: {text}");
    Ok(bytes.to_vec())
}
