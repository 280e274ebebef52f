//! Requests as clients sign them, and what becomes of them.
//!
//! `message`: the text that is signed; `judgement`: what is taken and what is
//! refused; `properties`: that nothing covered can be changed.

mod judgement;
mod message;
mod properties;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use covergen_bff::{Credential, CredentialSource, Presented};
use covergen_identity::RequestKey;
use ed25519_dalek::{Signer as _, SigningKey};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use sha2::{Digest as _, Sha256};

use super::message::{Message, PublicUrl};
use super::refusal::Refusal;
use super::{good, rules};

pub(super) const ID: &str = "key_0192";
pub(super) const NOW: i64 = 1_800_000_000;
pub(super) const BODY: &[u8] = br#"{"title":"One"}"#;

/// What is signed and sent, each part for itself, so that tests can change it.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) method: Method,
    pub(super) target: String,
    pub(super) headers: Vec<(String, Vec<u8>)>,
    pub(super) has_body: bool,
}

impl Sent {
    pub(super) fn new() -> Self {
        let digest = STANDARD.encode(Sha256::digest(BODY));
        let header = |name: &str, value: &str| (name.to_owned(), value.as_bytes().to_vec());
        Self {
            method: Method::POST,
            target: "/v1/covers/generate?fields=id&x=%20".to_owned(),
            headers: vec![
                header("host", "api.example.com"),
                header("x-api-key", "cg_live_secret"),
                header("idempotency-key", "order-1"),
                header("content-digest", &format!("sha-256=:{digest}:")),
            ],
            has_body: true,
        }
    }

    pub(super) fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known == name);
        std::str::from_utf8(&found.unwrap().1).unwrap()
    }

    /// Signed as a client would, without any of the code that is tested.
    pub(super) fn signed(self, components: &[&str], parameters: &str) -> Self {
        let key = key();
        self.signed_by(
            |base| key.sign(base).to_bytes().to_vec(),
            components,
            parameters,
        )
    }

    pub(super) fn signed_by(
        mut self,
        sign: impl Fn(&[u8]) -> Vec<u8>,
        components: &[&str],
        parameters: &str,
    ) -> Self {
        let (path, query) = self.target.split_once('?').unwrap_or((&self.target, ""));
        let mut base = String::new();
        for name in components {
            let value = match *name {
                "@method" => self.method.to_string(),
                "@authority" => self.header("host").to_owned(),
                "@path" => path.to_owned(),
                "@query" => format!("?{query}"),
                "@target-uri" => format!("http://{}{}", self.header("host"), self.target),
                field => self.header(field).to_owned(),
            };
            base.push_str(&format!("\"{name}\": {value}\n"));
        }
        let names: Vec<String> = components
            .iter()
            .map(|name| format!("\"{name}\""))
            .collect();
        let input = format!("({}){parameters}", names.join(" "));
        base.push_str(&format!("\"@signature-params\": {input}"));
        let signature = STANDARD.encode(sign(base.as_bytes()));
        let label = format!("sig{}", self.headers.len());
        let mut add = |name: &str, value: String| {
            self.headers.push((name.to_owned(), value.into_bytes()));
        };
        add("signature-input", format!("{label}={input}"));
        add("signature", format!("{label}=:{signature}:"));
        self
    }

    /// How many signatures of it are taken.
    pub(super) fn judge_at(&self, public_url: Option<&PublicUrl>) -> Result<usize, Refusal> {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            let Ok(value) = HeaderValue::from_bytes(value) else {
                return Err(Refusal::invalid("no header's value"));
            };
            headers.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), value);
        }
        let Ok(uri) = self.target.parse::<Uri>() else {
            return Err(Refusal::invalid("no target"));
        };
        let request = Presented {
            method: &self.method,
            uri: &uri,
            headers: &headers,
            credential: Credential {
                token: "cg_live_secret",
                source: CredentialSource::ApiKey,
            },
            has_body: self.has_body,
        };
        let message = Message::of(&request, public_url)?;
        let public = RequestKey::parse(key().verifying_key().as_bytes()).unwrap();
        let good = good(&message, &rules::Wanted::of(&request), ID, &public, NOW)?;
        assert!(!good.is_empty());
        Ok(good.len())
    }

    pub(super) fn judge(&self) -> Result<usize, Refusal> {
        self.judge_at(None)
    }
}

pub(super) fn key() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

pub(super) fn parameters() -> String {
    format!(";created={NOW};keyid=\"{ID}\";alg=\"ed25519\";nonce=\"0123456789abcdef\"")
}

pub(super) const ALL: [&str; 7] = [
    "@method",
    "@authority",
    "@path",
    "@query",
    "x-api-key",
    "idempotency-key",
    "content-digest",
];

pub(super) fn invalid(sent: &Sent, about: &str) {
    match sent.judge() {
        Err(Refusal::Invalid(why)) if why.contains(about) => {}
        other => panic!("{about}: {other:?}"),
    }
}
