//! Signed requests of partners, at the platform's own doors.

mod page;
mod refusals;
mod taken;

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer as _, SigningKey};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tempfile::{TempDir, tempdir};

use crate::api::{Person, client, read, register};
use crate::hostile::eventually_quiet;
use crate::platform::{Platform, run};

struct World {
    platform: Platform,
    ada: Person,
    signing: Key,
    plain: Key,
    _folder: TempDir,
}

/// An API key, and what its requests are signed with.
#[derive(Clone)]
struct Key {
    id: String,
    secret: String,
    private: SigningKey,
}

impl World {
    async fn start() -> Self {
        let folder = tempdir().unwrap();
        let platform = Platform::start(&folder).await;
        let ada = register(&platform, "ada").await;
        assert!(ada.get("/users/me").await.status().is_success());
        let email = "ada@example.org";
        let set = ["admin", "set-tier", "--email", email, "pro_plus"];
        let (ok, text) = run(folder.path(), &set).await;
        assert!(ok, "{text}");
        let private = SigningKey::from_bytes(&[7; 32]);
        let public = STANDARD.encode(private.verifying_key().as_bytes());
        let world = Self {
            signing: key(&ada, &private, Some(&public)).await,
            plain: key(&ada, &private, None).await,
            platform,
            ada,
            _folder: folder,
        };
        // Known to every part of the platform before anything is compared.
        let known = world.got("/v1/covers").send().await;
        assert_eq!(known.status(), StatusCode::OK);
        world
    }

    /// A request for covers, as a partner would make it.
    fn asked(&self) -> Request<'_> {
        Request {
            world: self,
            method: Method::POST,
            target: "/v1/covers/generate?fields=taskId".to_owned(),
            body: Some(
                json!({"title": "Signed", "sizes": [{"width": 320, "height": 180}]}).to_string(),
            ),
            key: self.signing.clone(),
        }
    }

    fn got(&self, target: &str) -> Request<'_> {
        Request {
            method: Method::GET,
            target: target.to_owned(),
            body: None,
            ..self.asked()
        }
    }

    async fn tables(&self) -> BTreeMap<&'static str, [u8; 32]> {
        let mut tables = eventually_quiet(&self.platform, 1).await;
        // There a key's last use is noted.
        tables.remove("auth");
        tables
    }
}

async fn key(owner: &Person, private: &SigningKey, public: Option<&str>) -> Key {
    let mut body = json!({
        "name": "Shop",
        "mode": "LIVE",
        "scopes": ["covers:read", "covers:write"],
    });
    if let Some(public) = public {
        body["signingKey"] = public.into();
    }
    let answer = owner.post("/auth/api-keys", &body).await;
    assert_eq!(answer.status(), StatusCode::CREATED);
    let answer = read(answer).await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    Key {
        id: text(&answer["apiKey"]["id"]),
        secret: text(&answer["secret"]),
        private: private.clone(),
    }
}

#[derive(Clone)]
struct Request<'a> {
    world: &'a World,
    method: Method,
    target: String,
    body: Option<String>,
    key: Key,
}

/// What a signature says of itself.
#[derive(Clone)]
struct Says {
    created: i64,
    key_id: String,
    algorithm: &'static str,
    nonce: String,
}

impl Request<'_> {
    fn unsigned(&self) -> RequestBuilder {
        let url = format!("{}{}", self.world.platform.partner, self.target);
        let mut request = client()
            .request(self.method.clone(), url)
            .header("x-api-key", &self.key.secret);
        if let Some(body) = &self.body {
            request = request
                .header("content-type", "application/json")
                .header("idempotency-key", "order-1")
                .body(body.clone());
        }
        request
    }

    fn says(&self) -> Says {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        Says {
            created: i64::try_from(now.as_secs()).unwrap(),
            key_id: self.key.id.clone(),
            algorithm: "ed25519",
            nonce: format!("{:032x}", rand::random::<u128>()),
        }
    }

    /// The headers that sign it.
    fn headers(&self, says: &Says, sign: impl Fn(&[u8]) -> Vec<u8>) -> Vec<(String, String)> {
        let authority = self.world.platform.partner.split_once("://").unwrap().1;
        let (path, query) = self.target.split_once('?').unwrap_or((&self.target, ""));
        let mut covered = vec![
            ("@method", self.method.to_string()),
            ("@authority", authority.to_owned()),
            ("@path", path.to_owned()),
            ("@query", format!("?{query}")),
            ("x-api-key", self.key.secret.clone()),
        ];
        let mut headers = Vec::new();
        if let Some(body) = &self.body {
            let digest = STANDARD.encode(Sha256::digest(body.as_bytes()));
            let digest = format!("sha-256=:{digest}:");
            headers.push(("content-digest".to_owned(), digest.clone()));
            covered.push(("idempotency-key", "order-1".to_owned()));
            covered.push(("content-digest", digest));
        }
        let names: Vec<String> = covered
            .iter()
            .map(|(name, _)| format!("\"{name}\""))
            .collect();
        let input = format!(
            "({});created={};keyid=\"{}\";alg=\"{}\";nonce=\"{}\"",
            names.join(" "),
            says.created,
            says.key_id,
            says.algorithm,
            says.nonce
        );
        let mut base: String = covered
            .iter()
            .map(|(name, value)| format!("\"{name}\": {value}\n"))
            .collect();
        base.push_str(&format!("\"@signature-params\": {input}"));
        let signature = STANDARD.encode(sign(base.as_bytes()));
        headers.push(("signature-input".to_owned(), format!("sig1={input}")));
        headers.push(("signature".to_owned(), format!("sig1=:{signature}:")));
        headers
    }

    fn signed_headers(&self, says: &Says) -> Vec<(String, String)> {
        self.headers(says, |base| self.key.private.sign(base).to_bytes().to_vec())
    }

    async fn send_with(&self, headers: &[(String, String)]) -> Response {
        let mut request = self.unsigned();
        for (name, value) in headers {
            request = request.header(name, value);
        }
        request.send().await.unwrap()
    }

    async fn send(&self) -> Response {
        self.send_with(&self.signed_headers(&self.says())).await
    }
}

async fn refused(what: &str, answer: Response, status: u16, reason: &str) {
    assert_eq!(answer.status().as_u16(), status, "{what}");
    let header = |name: &str| {
        let value = answer.headers().get(name);
        value.map(|value| value.to_str().unwrap().to_owned())
    };
    assert_eq!(header("content-type").unwrap(), "application/problem+json");
    let accepted = header("accept-signature").unwrap_or_default();
    assert_eq!(
        accepted.contains("\"@method\""),
        status == 401,
        "{what}: {accepted}"
    );
    let problem = read(answer).await;
    assert_eq!(problem["reason"], reason, "{what}: {problem}");
}
