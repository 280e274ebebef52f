//! Somebody who asks the platform for covers, by REST.

use anyhow::{Context as _, Result, ensure};
use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};

pub(crate) const TEMPLATE: &str = "aurora";

/// One cover's text, seed and size.
pub(crate) struct Asked {
    pub(crate) title: String,
    pub(crate) subtitle: &'static str,
    pub(crate) seed: u64,
    /// As the request has it: a preset, or a width and a height in pixels.
    pub(crate) size: Value,
}

impl Asked {
    /// Every round has a title and a seed of its own.
    pub(crate) fn new(round: u32, size: Value) -> Self {
        Self {
            title: format!("How we cut our build times by {}%", 20 + round % 79),
            subtitle: "A field report from a team of nine",
            seed: u64::from(round),
            size,
        }
    }
}

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

    /// Asks for a generation; answers its task.
    pub(crate) async fn generate(&self, asked: &Asked) -> Result<String> {
        let mut order = order(asked);
        order["formats"] = json!(["png"]);
        let key = format!("bench-{}", asked.seed);
        let request = self.post("/covers/generate", &order);
        let answer = request.header("idempotency-key", key).send().await?;
        let answer: Value = serde_json::from_slice(&body(answer).await?)?;
        Ok(answer["taskId"].as_str().context("no task")?.to_owned())
    }

    /// Waits until a task's stream of events says that it has ended.
    pub(crate) async fn finished(&self, task: &str) -> Result<()> {
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
        "sizes": [asked.size],
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
