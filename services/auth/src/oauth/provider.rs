use std::collections::BTreeMap;
use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use covergen_ids::Clock;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use url::{Host, Url};

use super::http::Http;
use super::keys::KeyCache;
use super::metadata::{Metadata, MetadataCache};
use super::{Error, exchange, github, id_token};
use crate::config::{ProviderConfig, ProviderKind};

/// What a provider tells of who signed in.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Profile {
    /// Never changes and is never given to another.
    pub(crate) subject: String,
    /// Empty when it tells none.
    pub(crate) email: String,
    pub(crate) email_verified: bool,
    /// Empty when it tells none.
    pub(crate) name: String,
}

/// What a browser is sent to a provider with.
pub(crate) struct Asked<'a> {
    pub(crate) state: &'a str,
    pub(crate) nonce: &'a str,
    pub(crate) verifier: &'a str,
}

/// What it comes back with.
pub(crate) struct Answer<'a> {
    pub(crate) code: &'a str,
    /// RFC 9207; empty when there is none.
    pub(crate) iss: &'a str,
    pub(crate) nonce: &'a str,
    pub(crate) verifier: &'a str,
}

/// All providers of the configuration, by id.
pub(crate) struct Providers(BTreeMap<String, Provider>);

/// One provider.
pub(crate) struct Provider {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(super) client_id: String,
    pub(super) client_secret: Option<SecretString>,
    pub(super) redirect_uri: String,
    pub(super) http: Http,
    scopes: Vec<String>,
    speaks: Speaks,
}

enum Speaks {
    Oidc {
        issuer: String,
        metadata: MetadataCache,
        keys: KeyCache,
        clock: Clock,
    },
    Github {
        base_url: String,
        api_url: String,
    },
}

impl Providers {
    pub(crate) fn new(
        configured: &BTreeMap<String, ProviderConfig>,
        public_url: &str,
        clock: &Clock,
    ) -> Result<Self, String> {
        if configured.is_empty() {
            return Ok(Self(BTreeMap::new()));
        }
        let http = Http::new()?;
        configured
            .iter()
            .map(|(id, config)| {
                let provider = Provider::new(id, config, public_url, http.clone(), clock)
                    .map_err(|error| format!("services.auth.providers.{id}: {error}"))?;
                Ok((id.clone(), provider))
            })
            .collect::<Result<_, String>>()
            .map(Self)
    }

    pub(crate) fn find(&self, id: &str) -> Option<&Provider> {
        self.0.get(id)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Provider> {
        self.0.values()
    }
}

impl Provider {
    fn new(
        id: &str,
        config: &ProviderConfig,
        public_url: &str,
        http: Http,
        clock: &Clock,
    ) -> Result<Self, String> {
        let plain = !id.is_empty()
            && id.len() <= 40
            && id
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if !plain {
            return Err("an id is lower-case letters, digits and `-`".to_owned());
        }
        let or = |value: &str, default: &str| {
            let value = if value.is_empty() { default } else { value };
            value.trim_end_matches('/').to_owned()
        };
        let (speaks, name, needed): (Speaks, &str, &[&str]) = match config.kind {
            ProviderKind::Github => (
                Speaks::Github {
                    base_url: trusted(&or(&config.base_url, "https://github.com"))?,
                    api_url: trusted(&or(&config.api_url, "https://api.github.com"))?,
                },
                "GitHub",
                &["read:user", "user:email"],
            ),
            kind => {
                let google = kind == ProviderKind::Google;
                let issuer = match config.issuer.as_str() {
                    "" if google => "https://accounts.google.com",
                    issuer => issuer,
                };
                trusted(issuer)?;
                let speaks = Speaks::Oidc {
                    issuer: issuer.to_owned(),
                    metadata: MetadataCache::default(),
                    keys: KeyCache::default(),
                    clock: clock.clone(),
                };
                let name = if google { "Google" } else { id };
                (speaks, name, &["openid", "email", "profile"])
            }
        };
        let mut scopes: Vec<String> = needed.iter().map(|scope| (*scope).to_owned()).collect();
        scopes.extend(config.scopes.iter().cloned());
        Ok(Self {
            id: id.to_owned(),
            name: or(&config.name, name),
            client_id: config.client_id.clone(),
            client_secret: config.client_secret.clone(),
            redirect_uri: format!(
                "{}/api/v1/auth/oauth/{id}/callback",
                public_url.trim_end_matches('/')
            ),
            http,
            scopes,
            speaks,
        })
    }

    pub(super) fn secret(&self) -> Option<&str> {
        self.client_secret.as_ref().map(|s| s.expose_secret())
    }

    async fn metadata(&self, issuer: &str, cache: &MetadataCache) -> Result<Metadata, Error> {
        cache.get(&self.http, issuer).await
    }

    /// Where a browser goes to sign in.
    pub(crate) async fn authorization_url(&self, asked: &Asked<'_>) -> Result<String, Error> {
        let endpoint = match &self.speaks {
            Speaks::Oidc {
                issuer, metadata, ..
            } => {
                self.metadata(issuer, metadata)
                    .await?
                    .authorization_endpoint
            }
            Speaks::Github { base_url, .. } => format!("{base_url}/login/oauth/authorize"),
        };
        let mut url =
            Url::parse(&endpoint).map_err(|_| Error::Refused("its metadata names no address"))?;
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(asked.verifier.as_bytes()));
        let mut query = url.query_pairs_mut();
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.client_id)
            .append_pair("redirect_uri", &self.redirect_uri)
            .append_pair("scope", &self.scopes.join(" "))
            .append_pair("state", asked.state)
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256");
        if matches!(self.speaks, Speaks::Oidc { .. }) {
            query.append_pair("nonce", asked.nonce);
        }
        drop(query);
        Ok(url.into())
    }

    /// Trades a code in and tells who signed in.
    pub(crate) async fn profile(&self, answer: &Answer<'_>) -> Result<Profile, Error> {
        match &self.speaks {
            Speaks::Oidc {
                issuer,
                metadata,
                keys,
                clock,
            } => {
                let metadata = self.metadata(issuer, metadata).await?;
                check_issuer(answer.iss, issuer, metadata.always_names_issuer)?;
                let tokens = exchange::code(self, &metadata.token, answer).await?;
                let id_token = tokens
                    .id_token
                    .ok_or(Error::Refused("it holds no ID token"))?;
                let expected = id_token::Expected {
                    issuer,
                    client_id: &self.client_id,
                    nonce: answer.nonce,
                    now_ms: clock.now_ms(),
                };
                let checked =
                    id_token::check(&id_token, &expected, keys, &self.http, &metadata.jwks_uri)
                        .await?;
                match &metadata.userinfo_endpoint {
                    Some(userinfo) if checked.email.is_empty() => {
                        id_token::complete(checked, &self.http, userinfo, &tokens.access_token)
                            .await
                    }
                    _ => Ok(checked),
                }
            }
            Speaks::Github { base_url, api_url } => {
                check_issuer(answer.iss, &format!("{base_url}/login/oauth"), false)?;
                let endpoint = exchange::Endpoint {
                    url: format!("{base_url}/login/oauth/access_token"),
                    basic: false,
                };
                let tokens = exchange::code(self, &endpoint, answer).await?;
                github::profile(&self.http, api_url, &tokens.access_token).await
            }
        }
    }
}

/// RFC 9207: whoever answers in another's place is found out.
fn check_issuer(named: &str, issuer: &str, required: bool) -> Result<(), Error> {
    match named {
        "" if required => Err(Error::Refused("it does not name its issuer")),
        "" => Ok(()),
        named if named == issuer => Ok(()),
        _ => Err(Error::Refused("it names another issuer")),
    }
}

/// An address that secrets may be sent to: by TLS, or to this machine.
pub(super) fn trusted(address: &str) -> Result<String, String> {
    let url = Url::parse(address).map_err(|_| format!("`{address}` is no address"))?;
    let here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => IpAddr::V4(ip).is_loopback(),
        Some(Host::Ipv6(ip)) => IpAddr::V6(ip).is_loopback(),
        None => false,
    };
    let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    match url.scheme() {
        "https" if plain => Ok(address.to_owned()),
        "http" if plain && here => Ok(address.to_owned()),
        _ => Err(format!("`{address}` is not an https address")),
    }
}

#[cfg(test)]
mod tests {
    use super::{check_issuer, trusted};

    #[test]
    fn secrets_go_by_tls_or_stay_on_this_machine() {
        for fine in [
            "https://accounts.example.com",
            "http://127.0.0.1:9",
            "http://localhost:1/x",
        ] {
            assert!(trusted(fine).is_ok(), "{fine}");
        }
        for refused in [
            "http://example.com",
            "http://127.0.0.1.example.com",
            "ftp://example.com",
            "https://ada:secret@example.com",
            "example.com",
            "http://169.254.169.254/latest",
        ] {
            assert!(trusted(refused).is_err(), "{refused}");
        }
    }

    #[test]
    fn an_answer_names_the_issuer_that_was_asked_or_none_where_it_may() {
        let issuer = "https://a.example";
        assert!(check_issuer(issuer, issuer, true).is_ok());
        assert!(check_issuer("", issuer, false).is_ok());
        assert!(check_issuer("", issuer, true).is_err());
        assert!(check_issuer("https://a.example/", issuer, false).is_err());
    }
}
