use std::time::Duration;

use serde::de::DeserializeOwned;

use super::Error;

/// Largest answer that is read.
const MAX_BYTES: usize = 256 * 1024;
const TIMEOUT: Duration = Duration::from_secs(5);

/// Speaks HTTP to providers, within bounds.
#[derive(Clone)]
pub(super) struct Http(reqwest::Client);

impl Http {
    pub(super) fn new() -> Result<Self, String> {
        // The process has one provider of cryptography; whoever is first
        // installs it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(TIMEOUT)
            .connect_timeout(TIMEOUT)
            .user_agent(concat!("covergen/", env!("CARGO_PKG_VERSION")))
            .build();
        client.map(Self).map_err(|error| error.to_string())
    }

    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        url: &str,
        bearer: Option<&str>,
    ) -> Result<T, Error> {
        let mut request = self.0.get(url).header("accept", "application/json");
        if let Some(token) = bearer {
            request = request.bearer_auth(token);
        }
        let (status, body) = read(request).await?;
        if !status.is_success() {
            return Err(Error::Unavailable(format!("status {status}")));
        }
        serde_json::from_slice(&body).map_err(|_| Error::Refused("it is not the JSON expected"))
    }

    /// Posts a form; answers the status and the JSON, whatever the status.
    pub(super) async fn post_form(
        &self,
        url: &str,
        basic: Option<(String, String)>,
        form: &[(&str, &str)],
    ) -> Result<(u16, serde_json::Value), Error> {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        let mut request = self
            .0
            .post(url)
            .header("accept", "application/json")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body);
        if let Some((user, password)) = basic {
            request = request.basic_auth(user, Some(password));
        }
        let (status, body) = read(request).await?;
        if status.is_server_error() || status == reqwest::StatusCode::TOO_MANY_REQUESTS {
            return Err(Error::Unavailable(format!("status {status}")));
        }
        let json = serde_json::from_slice(&body)
            .map_err(|_| Error::Refused("it is not the JSON expected"))?;
        Ok((status.as_u16(), json))
    }
}

async fn read(request: reqwest::RequestBuilder) -> Result<(reqwest::StatusCode, Vec<u8>), Error> {
    // Addresses and tokens do not belong into texts that are logged.
    let failed = |error: reqwest::Error| {
        Error::Unavailable(if error.is_timeout() {
            "no answer in time".to_owned()
        } else {
            error.without_url().to_string()
        })
    };
    let mut answer = request.send().await.map_err(failed)?;
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(failed)? {
        if body.len() + chunk.len() > MAX_BYTES {
            return Err(Error::Refused("it is too long"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok((answer.status(), body))
}
