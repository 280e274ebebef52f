//! Signed requests at the edge, with the real auth behind it.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use covergen_bff::{Admission, Credential, CredentialSource, Gate as _, Presented, Problem};
use covergen_bff::{Proof, Signatures as _};
use covergen_chassis::Harness;
use covergen_edge::{ApiKeys, EdgeConfig, EdgeGate, EdgeSignatures};
use covergen_proto::auth::v1::{CreateApiKeyRequest, NewApiKey, api_key::Mode};
use covergen_testkit::Proxy;
use ed25519_dalek::{Signer as _, SigningKey};
use http::{HeaderMap, HeaderValue, Method, Uri};

use crate::{LIST, LOGIN, World};

/// A key whose requests are signed, and its private key.
pub(crate) struct Signing {
    pub(crate) made: NewApiKey,
    pub(crate) private: SigningKey,
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
        self.headers_at(&world.harness, nonce)
    }

    pub(crate) fn headers_at(&self, harness: &Harness, nonce: &str) -> HeaderMap {
        let now = harness.hosted().identity().revocations.now_ms() / 1000;
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

/// What one process judges by: each has its own memory.
pub(crate) fn judge(harness: &Harness) -> EdgeSignatures {
    let hosted = harness.hosted();
    let mesh = hosted.mesh_for_edge("bff-web").unwrap();
    let keys = Arc::new(ApiKeys::new(mesh.channel("auth")));
    EdgeSignatures::new(hosted.identity().clone(), "bff-web", keys)
}

pub(crate) async fn check(
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
async fn replicas_refuse_what_one_of_them_has_seen_and_after_all_were_restarted_too() {
    let world = World::start().await;
    let signing = Signing::new(&world).await;
    let (one, other) = (judge(&world.harness), judge(&world.harness));
    let headers = signing.headers(&world, "nonce-number-1");
    let secret = &signing.made.secret;
    assert!(check(&one, secret, &headers).await.unwrap().is_some());
    for judge in [&one, &other] {
        let problem = check(judge, secret, &headers).await.unwrap_err();
        assert_eq!(problem.reason(), "SIGNATURE_REPLAYED");
    }
    let fresh = signing.headers(&world, "nonce-number-2");
    assert!(check(&other, secret, &fresh).await.unwrap().is_some());
    // Keys that sign nothing are none of it.
    let plain = world.key(Mode::Live, &["covers:read"]).await;
    let proof = check(&other, &plain.secret, &HeaderMap::new()).await;
    assert!(proof.unwrap().is_none());
    // Nothing that a process or a cache remembers is left.
    let services = vec![covergen_auth::service()];
    let harness = world.harness.restart(services, |_| {}).await;
    for headers in [&headers, &fresh] {
        let problem = check(&judge(&harness), secret, headers).await.unwrap_err();
        assert_eq!(problem.reason(), "SIGNATURE_REPLAYED");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_one_request_at_many_replicas_at_once_no_more_than_one_is_let_in() {
    let world = World::start().await;
    let signing = Signing::new(&world).await;
    let headers = signing.headers(&world, "nonce-number-1");
    let secret = &signing.made.secret;
    let judges: Vec<_> = (0..8).map(|_| judge(&world.harness)).collect();
    let checks = judges.iter().map(|judge| check(judge, secret, &headers));
    let mut let_in = 0;
    for answer in futures::future::join_all(checks).await {
        match answer {
            Ok(proof) => let_in += usize::from(proof.is_some()),
            Err(problem) => {
                // A busy machine may take longer than a call is given.
                let known = ["SIGNATURE_REPLAYED", "SIGNATURE_NOT_CHECKED"];
                assert!(known.contains(&problem.reason()), "{problem:?}");
            }
        }
    }
    assert!(let_in <= 1, "{let_in} were let in");
    let_in += eventually_let_in(&judges[0], secret, &headers).await;
    assert!(let_in <= 1, "let in again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_no_nonce_can_be_remembered_nothing_is_let_in() {
    let databases = covergen_testkit::postgres_databases(&["auth"]).await;
    let proxy = Proxy::before(databases.url());
    let services = vec![covergen_auth::service()];
    let harness = Harness::start_on(&proxy.url(&databases.url()), services).await;
    let world = World::with(harness).await;
    let revocations = world.harness.hosted().identity().revocations.clone();
    let before = revocations.asking();
    let signing = Signing::new(&world).await;
    let judge = judge(&world.harness);
    let secret = &signing.made.secret;
    // What an edge knows of a key it asks for again when it hears of a change:
    // that must be over, so that the nonce alone cannot be asked about.
    eventually("the key's making is heard of", || {
        !revocations.api_key_counts(world.owner.user_id, before)
    })
    .await;
    let known = signing.headers(&world, "nonce-number-1");
    assert!(check(&judge, secret, &known).await.unwrap().is_some());
    let headers = signing.headers(&world, "nonce-number-2");
    proxy.refuse();
    // The second time it is still not said to have been sent before.
    for _ in 0..2 {
        let problem = check(&judge, secret, &headers).await.unwrap_err();
        assert_eq!(problem.reason(), "SIGNATURE_NOT_CHECKED");
        assert_eq!(problem.status().as_u16(), 503);
    }
    // And nothing was used up by what was not let in.
    proxy.heal();
    assert_eq!(eventually_let_in(&judge, secret, &headers).await, 1);
}

async fn eventually(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..1_000 {
        if holds() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("{what}: not within 20 s");
}

/// How often a request is let in, once that can be told.
async fn eventually_let_in(judge: &EdgeSignatures, secret: &str, headers: &HeaderMap) -> usize {
    for _ in 0..200 {
        match check(judge, secret, headers).await {
            Ok(proof) => return usize::from(proof.is_some()),
            Err(problem) if problem.reason() == "SIGNATURE_REPLAYED" => return 0,
            Err(problem) => assert_eq!(problem.reason(), "SIGNATURE_NOT_CHECKED"),
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("whether it was sent before can never be told");
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

const TWO_SIGNED: &str = "[rates.signed]\nwindows = [{ limit = 2, per_seconds = 3600 }]";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_signs_no_more_requests_than_its_class_grants() {
    let world = World::start().await;
    let signing = Signing::new(&world).await;
    let config = EdgeConfig::from_table(TWO_SIGNED.parse().unwrap()).unwrap();
    let limited = judge(&world.harness).limited(&config);
    let secret = &signing.made.secret;
    let first = signing.headers(&world, "nonce-number-1");
    assert!(check(&limited, secret, &first).await.unwrap().is_some());
    // Whoever sends one again and again uses up nothing of the owner's.
    for _ in 0..3 {
        let problem = check(&limited, secret, &first).await.unwrap_err();
        assert_eq!(problem.reason(), "SIGNATURE_REPLAYED");
    }
    let second = signing.headers(&world, "nonce-number-2");
    assert!(check(&limited, secret, &second).await.unwrap().is_some());
    let third = signing.headers(&world, "nonce-number-3");
    for _ in 0..2 {
        let problem = check(&limited, secret, &third).await.unwrap_err();
        assert_eq!(problem.reason(), "RATE_LIMITED");
        assert_eq!(problem.status().as_u16(), 429);
    }
    // It was not used up by being refused.
    let other = judge(&world.harness);
    assert!(check(&other, secret, &third).await.unwrap().is_some());
}
