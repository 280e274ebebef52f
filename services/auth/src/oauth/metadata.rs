use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use serde::Deserialize;

use super::exchange::Endpoint;
use super::http::Http;
use super::{Error, provider::trusted};

/// How long an issuer's metadata is believed.
const FRESH_FOR: Duration = Duration::from_secs(3600);

/// What an issuer tells about itself (OpenID Connect Discovery 1.0, RFC 8414).
#[derive(Clone)]
pub(super) struct Metadata {
    pub(super) authorization_endpoint: String,
    pub(super) token: Endpoint,
    pub(super) jwks_uri: String,
    pub(super) userinfo_endpoint: Option<String>,
    /// RFC 9207.
    pub(super) always_names_issuer: bool,
}

#[derive(Deserialize)]
struct Json {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    #[serde(default)]
    userinfo_endpoint: Option<String>,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

/// One issuer's metadata, fetched when it is first needed.
#[derive(Clone, Default)]
pub(super) struct MetadataCache(Arc<RwLock<Option<(Instant, Metadata)>>>);

impl MetadataCache {
    pub(super) async fn get(&self, http: &Http, issuer: &str) -> Result<Metadata, Error> {
        let known = {
            let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
            known.clone()
        };
        if let Some((at, metadata)) = known
            && at.elapsed() < FRESH_FOR
        {
            return Ok(metadata);
        }
        let url = format!(
            "{}/.well-known/openid-configuration",
            issuer.trim_end_matches('/')
        );
        let metadata = judge(http.get(&url, None).await?, issuer)?;
        *self.0.write().unwrap_or_else(PoisonError::into_inner) =
            Some((Instant::now(), metadata.clone()));
        Ok(metadata)
    }
}

fn judge(json: Json, issuer: &str) -> Result<Metadata, Error> {
    if json.issuer != issuer {
        return Err(Error::Refused("its metadata is another issuer's"));
    }
    let endpoints = [
        Some(&json.authorization_endpoint),
        Some(&json.token_endpoint),
        Some(&json.jwks_uri),
        json.userinfo_endpoint.as_ref(),
    ];
    // Metadata that came by TLS may not send us anywhere without it.
    let plain = issuer.starts_with("http://");
    for endpoint in endpoints.into_iter().flatten() {
        let safe = trusted(endpoint).is_ok() && (plain || endpoint.starts_with("https://"));
        if !safe {
            return Err(Error::Refused("its metadata names an address without TLS"));
        }
    }
    let basic = json
        .token_endpoint_auth_methods_supported
        .is_none_or(|methods| methods.iter().any(|method| method == "client_secret_basic"));
    Ok(Metadata {
        authorization_endpoint: json.authorization_endpoint,
        token: Endpoint {
            url: json.token_endpoint,
            basic,
        },
        jwks_uri: json.jwks_uri,
        userinfo_endpoint: json.userinfo_endpoint,
        always_names_issuer: json.authorization_response_iss_parameter_supported,
    })
}

#[cfg(test)]
mod tests {
    use super::{Json, judge};

    fn json(issuer: &str, token_endpoint: &str) -> Json {
        serde_json::from_value(serde_json::json!({
            "issuer": issuer,
            "authorization_endpoint": "https://a.example/auth",
            "token_endpoint": token_endpoint,
            "jwks_uri": "https://a.example/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }))
        .expect("it has what is needed")
    }

    #[test]
    fn metadata_of_another_issuer_or_without_tls_is_refused() {
        let fine = judge(
            json("https://a.example", "https://a.example/token"),
            "https://a.example",
        );
        assert!(fine.is_ok_and(|metadata| !metadata.token.basic));
        for (named, token) in [
            ("https://b.example", "https://a.example/token"),
            ("https://a.example/", "https://a.example/token"),
            ("https://a.example", "http://a.example/token"),
            ("https://a.example", "http://127.0.0.1/token"),
            ("https://a.example", "http://169.254.169.254/token"),
        ] {
            assert!(
                judge(json(named, token), "https://a.example").is_err(),
                "{named} {token}"
            );
        }
    }
}
