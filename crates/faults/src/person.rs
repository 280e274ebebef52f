//! Somebody who asks the platform, by REST.

use std::error::Error as _;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::site::Site;

/// Why there is no answer, or not the wanted one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The status and the problem's code, or what became of the connection.
    pub kind: String,
    /// The platform said no, rather than nothing.
    pub answered: Option<u16>,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.kind)
    }
}

impl std::error::Error for Failure {}

/// How everything that is made ends.
const OVER: [&str; 4] = ["SUCCEEDED", "PARTIAL", "FAILED", "CANCELLED"];
/// How a failure begins for which nobody answered in time.
const NO_ANSWER: &str = "no answer in time";

impl Failure {
    /// Whether a deadline passed, here or in the platform.
    #[must_use]
    pub fn is_by_deadline(&self) -> bool {
        match self.answered {
            Some(status) => status == StatusCode::GATEWAY_TIMEOUT.as_u16(),
            None => self.kind.starts_with(NO_ANSWER),
        }
    }

    fn of_transport(error: &reqwest::Error) -> Self {
        let kind = if error.is_timeout() {
            NO_ANSWER
        } else if error.is_connect() {
            "no connection"
        } else {
            "connection lost"
        };
        // The innermost cause says most, such as `connection reset by peer`.
        let mut cause = error.source();
        while let Some(inner) = cause.and_then(std::error::Error::source) {
            cause = Some(inner);
        }
        Self {
            kind: cause.map_or(kind.to_owned(), |cause| format!("{kind}: {cause}")),
            answered: None,
        }
    }

    fn of_answer(status: StatusCode, body: &[u8]) -> Self {
        let problem: Value = serde_json::from_slice(body).unwrap_or_default();
        let code = problem["code"].as_str().or(problem["reason"].as_str());
        let code = code.or(problem["title"].as_str()).unwrap_or_default();
        Self {
            kind: format!("{} {code}", status.as_u16()).trim_end().to_owned(),
            answered: Some(status.as_u16()),
        }
    }
}

/// Somebody signed in.
#[derive(Clone)]
pub struct Person {
    site: Site,
    token: String,
    refresh_token: String,
    /// Typed id.
    pub user: String,
}

impl Person {
    /// Registers somebody new.
    ///
    /// # Errors
    /// The platform does not answer, or says no.
    pub async fn register(site: &Site, name: &str) -> Result<Self, Failure> {
        let mut person = Self {
            site: site.clone(),
            token: String::new(),
            refresh_token: String::new(),
            user: String::new(),
        };
        let account = json!({
            "email": format!("{name}@example.org"),
            "password": "correct horse battery",
            "displayName": name,
        });
        let (_, body) = person
            .call(Method::POST, "/auth/register", None, Some(&account))
            .await?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        person.token = text(&body["accessToken"]);
        person.refresh_token = text(&body["refreshToken"]);
        person.user = text(&body["user"]["id"]);
        Ok(person)
    }

    /// Signs out; the access token stays in hand.
    ///
    /// # Errors
    /// The platform does not answer, or says no.
    pub async fn sign_out(&self) -> Result<(), Failure> {
        let session = json!({"refreshToken": self.refresh_token});
        self.call(Method::POST, "/auth/logout", None, Some(&session))
            .await
            .map(drop)
    }

    /// Asks for one small cover under a key; the id of the task.
    ///
    /// # Errors
    /// The platform does not answer, or says no.
    pub async fn generate(&self, key: &str, title: &str) -> Result<String, Failure> {
        let order = json!({
            "title": title,
            "sizes": [{"preset": "thumbnail"}],
            "formats": ["jpeg"],
        });
        let (_, body) = self
            .call(Method::POST, "/covers/generate", Some(key), Some(&order))
            .await?;
        named(&body, "taskId")
    }

    /// Asks for a cover as a small file under a key; the id of the export.
    ///
    /// # Errors
    /// The platform does not answer, or says no.
    pub async fn export(&self, key: &str, cover: &str) -> Result<String, Failure> {
        let wanted = json!({
            "coverId": cover,
            "width": 320,
            "height": 180,
            "format": "jpeg",
        });
        let (_, body) = self
            .call(Method::POST, "/export/prepare", Some(key), Some(&wanted))
            .await?;
        named(&body, "exportId")
    }

    /// Asks for one small cover of each title under a key; the id of the bulk.
    ///
    /// # Errors
    /// The platform does not answer, or says no.
    pub async fn bulk(&self, key: &str, titles: &[String]) -> Result<String, Failure> {
        let rows: Vec<Value> = titles.iter().map(|title| json!({"title": title})).collect();
        let order = json!({
            "rows": rows,
            "sizes": [{"preset": "thumbnail"}],
            "formats": ["jpeg"],
        });
        let (_, body) = self
            .call(Method::POST, "/covers/bulk", Some(key), Some(&order))
            .await?;
        named(&body, "bulkId")
    }

    /// Asks a task to stop.
    ///
    /// # Errors
    /// The platform does not answer, or says no.
    pub async fn cancel(&self, task: &str) -> Result<(), Failure> {
        let path = format!("/covers/tasks/{task}/cancel");
        self.call(Method::POST, &path, None, Some(&json!({})))
            .await
            .map(drop)
    }

    /// Reads something.
    ///
    /// # Errors
    /// The platform does not answer, or says no.
    pub async fn get(&self, path: &str) -> Result<Value, Failure> {
        let (_, body) = self.call(Method::GET, path, None, None).await?;
        Ok(body)
    }

    /// The status of a task once it has ended; whatever keeps the platform from
    /// answering meanwhile is waited out.
    ///
    /// # Errors
    /// It has not ended in time.
    pub async fn ended(&self, task: &str, within: Duration) -> Result<String> {
        self.over(&format!("/covers/tasks/{task}"), within).await
    }

    /// The status of an export once it has ended, as [`Person::ended`].
    ///
    /// # Errors
    /// It has not ended in time.
    pub async fn export_ended(&self, export: &str, within: Duration) -> Result<String> {
        self.over(&format!("/export/{export}/status"), within).await
    }

    /// The status of a bulk once it has ended, as [`Person::ended`].
    ///
    /// # Errors
    /// It has not ended in time.
    pub async fn bulk_ended(&self, bulk: &str, within: Duration) -> Result<String> {
        self.over(&format!("/covers/bulk/{bulk}"), within).await
    }

    async fn over(&self, path: &str, within: Duration) -> Result<String> {
        let deadline = Instant::now() + within;
        loop {
            let told = self.get(path).await;
            if let Ok(body) = &told
                && let Some(status) = body["status"].as_str()
                && OVER.contains(&status)
            {
                return Ok(status.to_owned());
            }
            if Instant::now() > deadline {
                bail!("{path} has not ended within {within:?}: {told:?}");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        key: Option<&str>,
        body: Option<&Value>,
    ) -> Result<(StatusCode, Value), Failure> {
        let mut request = self.site.request(method, path);
        if !self.token.is_empty() {
            request = request.bearer_auth(&self.token);
        }
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        if let Some(body) = body {
            request = request
                .header("content-type", "application/json")
                .body(body.to_string());
        }
        let answer = request.send().await;
        read(answer.map_err(|error| Failure::of_transport(&error))?).await
    }
}

/// An id in an answer.
fn named(body: &Value, field: &str) -> Result<String, Failure> {
    body[field]
        .as_str()
        .map(str::to_owned)
        .ok_or_else(|| Failure {
            kind: format!("an answer without {field}"),
            answered: None,
        })
}

async fn read(answer: Response) -> Result<(StatusCode, Value), Failure> {
    let status = answer.status();
    let body = answer.bytes().await;
    let body = body.map_err(|error| Failure::of_transport(&error))?;
    if !status.is_success() {
        return Err(Failure::of_answer(status, &body));
    }
    if body.is_empty() {
        return Ok((status, Value::Null));
    }
    let value = serde_json::from_slice(&body).context("no JSON");
    let value = value.map_err(|error| Failure {
        kind: error.to_string(),
        answered: None,
    })?;
    Ok((status, value))
}

#[cfg(test)]
mod tests {
    use super::{Failure, NO_ANSWER};

    #[test]
    fn only_what_came_too_late_is_by_a_deadline() {
        for (answered, kind, is_by_deadline) in [
            (Some(504), "504 DEADLINE_EXCEEDED", true),
            (None, NO_ANSWER, true),
            (Some(503), "503 UNAVAILABLE", false),
            (Some(500), "500 INTERNAL", false),
            (None, "connection lost: reset", false),
        ] {
            let kind = kind.to_owned();
            let failure = Failure { kind, answered };
            assert_eq!(failure.is_by_deadline(), is_by_deadline, "{failure}");
        }
    }
}
