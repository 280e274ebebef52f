use serde::Deserialize;

use super::{Answer, Error, Provider};

/// Where codes are traded in, and how the client shows who it is there.
#[derive(Clone)]
pub(super) struct Endpoint {
    pub(super) url: String,
    /// By the header; else in the form.
    pub(super) basic: bool,
}

/// What a code is traded for. Nothing of it is kept.
#[derive(Deserialize)]
pub(super) struct Tokens {
    pub(super) access_token: String,
    #[serde(default)]
    pub(super) id_token: Option<String>,
}

/// Trades a code in (RFC 6749 4.1.3, RFC 7636 4.5).
pub(super) async fn code(
    provider: &Provider,
    endpoint: &Endpoint,
    answer: &Answer<'_>,
) -> Result<Tokens, Error> {
    let mut form = vec![
        ("grant_type", "authorization_code"),
        ("code", answer.code),
        ("redirect_uri", provider.redirect_uri.as_str()),
        ("code_verifier", answer.verifier),
    ];
    let encoded = |text: &str| -> String {
        // RFC 6749 2.3.1 encodes both halves before the header does.
        url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
    };
    let basic = match provider.secret() {
        Some(secret) if endpoint.basic => Some((encoded(&provider.client_id), encoded(secret))),
        secret => {
            form.push(("client_id", provider.client_id.as_str()));
            if let Some(secret) = secret {
                form.push(("client_secret", secret));
            }
            None
        }
    };
    let (status, json) = provider.http.post_form(&endpoint.url, basic, &form).await?;
    // GitHub tells its errors with status 200.
    if status != 200 || json.get("error").is_some() {
        let known = json.get("error").and_then(serde_json::Value::as_str);
        tracing::warn!(
            provider = provider.id,
            status,
            error = known,
            "a code was not traded in"
        );
        return Err(Error::Refused("it does not take its own code"));
    }
    serde_json::from_value(json).map_err(|_| Error::Refused("it holds no access token"))
}
