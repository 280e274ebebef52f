//! Signed requests at the edge, with the real auth behind it.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use covergen_bff::{Admission, Credential, CredentialSource, Gate as _, Presented, Problem};
use covergen_bff::{Proof, Signatures as _};
use covergen_cache::Cache;
use covergen_edge::{ApiKeys, EdgeGate, EdgeSignatures};
use covergen_proto::auth::v1::{CreateApiKeyRequest, NewApiKey, api_key::Mode};
use ed25519_dalek::{Signer as _, SigningKey};
use http::{HeaderMap, HeaderValue, Method, Uri};

use crate::copies::redis;
use crate::{LIST, LOGIN, World};

/// A key whose requests are signed, and its private key.
struct Signing {
    made: NewApiKey,
    private: SigningKey,
}

impl Signing {
    async fn new(world: &World) -> Self {
        let private = SigningKey::from_bytes(&[7; 32]);
        let request = CreateApiKeyRequest {
            name: "Build server".to_owned(),
            mode: Mode::Live.into(),
            scopes: vec!["covers:read".to_owned()],
            signing_key: private.verifying_key().to_bytes().to_vec().into(),
            ..Default::default()
        };
        let made = world.keys().create_api_key(request).await.unwrap();
        Self {
            made: made.into_inner(),
            private,
        }
    }

    fn id(&self) -> &str {
        &self.made.api_key.as_ref().unwrap().id
    }

    /// Headers of `GET /v1/covers`, signed now.
    fn headers(&self, world: &World, nonce: &str) -> HeaderMap {
        let now = world.harness.hosted().identity().revocations.now_ms() / 1000;
        let secret = &self.made.secret;
        let input = format!(
            "(\"@method\" \"@target-uri\" \"authorization\");created={now};keyid=\"{}\";nonce=\"{nonce}\"",
            self.id()
        );
        let base = format!(
            "\"@method\": GET\n\"@target-uri\": http://api.example.com/v1/covers\n\
             \"authorization\": Bearer {secret}\n\"@signature-params\": {input}"
        );
        let signature = STANDARD.encode(self.private.sign(base.as_bytes()).to_bytes());
        let mut headers = HeaderMap::new();
        let mut add = |name: &'static str, value: String| {
            headers.insert(name, HeaderValue::try_from(value).unwrap());
        };
        add("host", "api.example.com".to_owned());
        add("authorization", format!("Bearer {secret}"));
        add("signature-input", format!("mine={input}"));
        add("signature", format!("mine=:{signature}:"));
        headers
    }
}

fn judge(world: &World, cache: &Cache) -> EdgeSignatures {
    let hosted = world.harness.hosted();
    let mesh = hosted.mesh_for_edge("bff-web").unwrap();
    let keys = Arc::new(ApiKeys::new(mesh.channel("auth")));
    EdgeSignatures::new(hosted.identity().clone(), "bff-web", keys, cache)
}

async fn check(
    judge: &EdgeSignatures,
    secret: &str,
    headers: &HeaderMap,
) -> Result<Option<Proof>, Problem> {
    let uri = Uri::from_static("/v1/covers");
    let request = Presented {
        method: &Method::GET,
        uri: &uri,
        headers,
        credential: Credential {
            token: secret,
            source: CredentialSource::Bearer,
        },
        has_body: false,
    };
    judge.check(&request).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_refuse_what_one_of_them_has_seen() {
    let world = World::start().await;
    for cache in [Cache::memory(1 << 20, 1000), redis().await] {
        refused_by_replicas(&world, &cache).await;
    }
}

async fn refused_by_replicas(world: &World, cache: &Cache) {
    let signing = Signing::new(world).await;
    let (one, other) = (judge(world, cache), judge(world, cache));
    let headers = signing.headers(world, "nonce-number-1");
    let secret = &signing.made.secret;
    assert!(check(&one, secret, &headers).await.unwrap().is_some());
    for judge in [&one, &other] {
        let problem = check(judge, secret, &headers).await.unwrap_err();
        assert_eq!(problem.reason(), "SIGNATURE_REPLAYED");
    }
    let fresh = signing.headers(world, "nonce-number-2");
    assert!(check(&other, secret, &fresh).await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_no_nonce_can_be_remembered_nothing_is_let_in() {
    let world = World::start().await;
    let signing = Signing::new(&world).await;
    // Nothing listens there.
    let config = covergen_cache::Config {
        command_timeout_ms: 50,
        ..covergen_cache::Config::from_url("redis://127.0.0.1:1/0")
    };
    let judge = judge(&world, &Cache::open(&config).await.unwrap());
    let headers = signing.headers(&world, "nonce-number-1");
    for _ in 0..2 {
        let problem = check(&judge, &signing.made.secret, &headers).await;
        let problem = problem.unwrap_err();
        assert_eq!(problem.reason(), "SIGNATURE_NOT_CHECKED");
        assert_eq!(problem.status().as_u16(), 503);
    }
    // Keys that sign nothing are none of it.
    let plain = world.key(Mode::Live, &["covers:read"]).await;
    let proof = check(&judge, &plain.secret, &HeaderMap::new()).await;
    assert!(proof.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_gate_admits_a_signing_key_beside_its_own_proof_alone() {
    let world = World::start().await;
    let signing = Signing::new(&world).await;
    let gate: &EdgeGate = &world.gate;
    let ask = async |rpc: &str, signed_by: Option<&str>| {
        let admission = Admission {
            route: covergen_bff_web::surface().rpc(rpc).unwrap(),
            credential: Some(Credential {
                token: &signing.made.secret,
                source: CredentialSource::ApiKey,
            }),
            workspace: None,
            headers: &HeaderMap::new(),
            peer: None,
            request_id: "req",
            signed_by,
        };
        gate.admit(&admission).await
    };
    for unproved in [None, Some(""), Some("key_other")] {
        let problem = ask(LIST, unproved).await.unwrap_err();
        assert_eq!(problem.reason(), "SIGNATURE_REQUIRED", "{unproved:?}");
        // Of what is public it is nobody's business.
        assert_eq!(ask(LOGIN, unproved).await.unwrap().user_id, None);
    }
    let admitted = ask(LIST, Some(signing.id())).await.unwrap();
    assert_eq!(admitted.user_id, Some(world.owner.user_id.to_string()));
}
