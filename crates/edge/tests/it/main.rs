//! API keys at the edge, with the real auth behind the real mesh, and the
//! copies of answers that it keeps; what stands in for them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod claims;
mod copies;
mod last_known;
mod limits;
mod sights;
mod signatures;
mod splits;

use covergen_bff::{Admission, Caller, Credential, CredentialSource, Gate as _, Problem};
use covergen_chassis::Harness;
use covergen_edge::{ApiKeys, EdgeGate};
use covergen_identity::{ApiKeySecret, Caller as Who, Principal};
use covergen_proto::auth::v1::api_key_service_client::ApiKeyServiceClient;
use covergen_proto::auth::v1::{
    AuthTokens, CreateApiKeyRequest, NewApiKey, RegisterRequest, RevokeApiKeyRequest, api_key::Mode,
};
use http::HeaderMap;

struct World {
    harness: Harness,
    gate: EdgeGate,
    owner: Principal,
}

impl World {
    async fn start() -> Self {
        Self::with(Harness::start(vec![covergen_auth::service()]).await).await
    }

    async fn with(harness: Harness) -> Self {
        let hosted = harness.hosted();
        let mesh = hosted.mesh_for_edge("bff-web").unwrap();
        let gate = EdgeGate::new(hosted.identity().clone(), "bff-web")
            .with_api_keys(ApiKeys::new(mesh.channel("auth")));
        let mut auth = covergen_proto::auth::v1::auth_service_client(harness.as_anonymous("auth"));
        let request = RegisterRequest {
            email: "ada@example.org".to_owned(),
            password: "correct horse battery".to_owned(),
            display_name: "Ada".to_owned(),
            ..Default::default()
        };
        let tokens: AuthTokens = auth.register(request).await.unwrap().into_inner();
        let owner = hosted
            .identity()
            .access
            .verify(&tokens.access_token)
            .unwrap();
        Self {
            harness,
            gate,
            owner,
        }
    }

    fn keys(&self) -> ApiKeyServiceClient<covergen_mesh::Channel> {
        let channel = self.harness.as_user(&self.owner, "auth");
        covergen_proto::auth::v1::api_key_service_client(channel)
    }

    async fn key(&self, mode: Mode, scopes: &[&str]) -> NewApiKey {
        let request = CreateApiKeyRequest {
            name: "Build server".to_owned(),
            mode: mode.into(),
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
            ..Default::default()
        };
        self.keys()
            .create_api_key(request)
            .await
            .unwrap()
            .into_inner()
    }

    async fn ask(&self, rpc: &str, token: &str) -> Result<Caller, Problem> {
        let admission = Admission {
            route: covergen_bff_web::surface().rpc(rpc).unwrap(),
            credential: Some(Credential {
                token,
                source: CredentialSource::Bearer,
            }),
            workspace: None,
            headers: &HeaderMap::new(),
            peer: None,
            request_id: "req",
            signed_by: None,
        };
        self.gate.admit(&admission).await
    }

    /// Whom services will believe the caller to be.
    fn principal(&self, caller: &Caller) -> Principal {
        let (_, value) = &caller.metadata[0];
        let token = value.to_str().unwrap().strip_prefix("Bearer ").unwrap();
        let identity = self.harness.hosted().identity();
        match identity.internal.verify(token).unwrap() {
            Who::Service {
                name,
                on_behalf_of: Some(principal),
            } => {
                assert_eq!(name, "bff-web");
                principal
            }
            other => panic!("{other:?}"),
        }
    }
}

const LIST: &str = "/covergen.cover.v1.CoverService/ListCovers";
const GENERATE: &str = "/covergen.cover.v1.CoverService/Generate";
const SESSIONS: &str = "/covergen.auth.v1.AuthService/ListSessions";
const LOGIN: &str = "/covergen.auth.v1.AuthService/Login";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_reaches_what_its_scopes_name_and_nothing_else() {
    let world = World::start().await;
    let key = world.key(Mode::Live, &["covers:read"]).await.secret;
    let caller = world.ask(LIST, &key).await.unwrap();
    let principal = world.principal(&caller);
    assert_eq!(principal.user_id, world.owner.user_id);
    assert_eq!(principal.workspace_id, world.owner.workspace_id);
    assert_eq!(principal.scopes, Some(vec!["covers:read".to_owned()]));
    for beyond in [GENERATE, SESSIONS] {
        let problem = world.ask(beyond, &key).await.unwrap_err();
        assert_eq!(problem.reason(), "PERMISSION_DENIED", "{beyond}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_key_is_counted_for_itself() {
    let world = World::start().await;
    let (one, other) = (
        world.key(Mode::Live, &["covers:read"]).await,
        world.key(Mode::Test, &["covers:read"]).await,
    );
    let mut counted = Vec::new();
    for key in [&one, &other, &one] {
        let caller = world.ask(LIST, &key.secret).await.unwrap();
        assert_eq!(caller.user_id, Some(world.owner.user_id.to_string()));
        assert_eq!(caller.key, key.api_key.as_ref().unwrap().id);
        counted.push(caller.key);
    }
    assert_eq!(counted[0], counted[2]);
    assert_ne!(counted[0], counted[1]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_test_key_acts_in_its_sandbox_and_never_in_the_owners_workspace() {
    let world = World::start().await;
    let key = world.key(Mode::Test, &["covers:read"]).await.secret;
    let caller = world.ask(LIST, &key).await.unwrap();
    assert_ne!(
        world.principal(&caller).workspace_id,
        world.owner.workspace_id
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revoked_key_is_refused_at_once_though_it_was_remembered() {
    let world = World::start().await;
    let key = world.key(Mode::Live, &["covers:read"]).await;
    world.ask(LIST, &key.secret).await.unwrap();
    world.ask(LIST, &key.secret).await.unwrap();
    let request = RevokeApiKeyRequest {
        api_key_id: key.api_key.unwrap().id,
        request_id: String::new(),
    };
    world.keys().revoke_api_key(request).await.unwrap();
    let problem = world.ask(LIST, &key.secret).await.unwrap_err();
    assert_eq!(problem.reason(), "API_KEY_INVALID");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_is_mistyped_or_made_up_is_refused_and_shuts_nobody_out_of_what_is_public() {
    let world = World::start().await;
    let made_up = ApiKeySecret::generate(false);
    let mistyped = format!("{}x", &made_up.reveal()[..53]);
    for wrong in [made_up.reveal(), &mistyped, "cg_live_", "cg_"] {
        let problem = world.ask(LIST, wrong).await.unwrap_err();
        assert_eq!(problem.reason(), "API_KEY_INVALID", "{wrong}");
        world.ask(LOGIN, wrong).await.unwrap();
    }
}
