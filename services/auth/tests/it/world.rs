//! The auth service for one test, and the people who call it.

use std::sync::Arc;

use covergen_chassis::{Config, Harness, facts};
use covergen_identity::Principal;
use covergen_ids::Clock;
use covergen_mesh::{Channel, ClientHooks, Mesh, OutgoingCall, TokenSource};
use covergen_proto::auth::v1::auth_service_client::AuthServiceClient;
use covergen_proto::auth::v1::{AuthTokens, LoginRequest, RefreshRequest, RegisterRequest};
use covergen_testkit::Databases;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

/// Which database.
#[derive(Clone, Copy)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

pub(crate) type Client = AuthServiceClient<Channel>;

pub(crate) const PASSWORD: &str = "correct horse battery";

pub(crate) struct World {
    pub(crate) harness: Harness,
    databases: Option<Databases>,
}

/// Hashes that cost next to nothing: what they are worth is not tested here.
const CHEAP: &str = "argon2_memory_kib = 8\nargon2_passes = 1\n";

impl World {
    pub(crate) async fn start(engine: Engine) -> Self {
        Self::with(engine, "").await
    }

    /// Starts with more settings in the service's section.
    pub(crate) async fn with(engine: Engine, settings: &str) -> Self {
        let databases = match engine {
            Engine::Sqlite => None,
            Engine::Postgres => Some(covergen_testkit::postgres_databases(&["auth"]).await),
        };
        let services = vec![covergen_auth::service()];
        let configure = configuring(databases.as_ref(), settings);
        let harness = Harness::start_with(services, Clock::system(), configure).await;
        Self { harness, databases }
    }

    /// Starts anew on the same data.
    pub(crate) async fn restart(self, settings: &str) -> Self {
        let Self { harness, databases } = self;
        let services = vec![covergen_auth::service()];
        let configure = configuring(databases.as_ref(), settings);
        let harness = harness.restart(services, configure).await;
        Self { harness, databases }
    }

    pub(crate) fn anybody(&self) -> Client {
        client(self.harness.as_anonymous("auth"))
    }

    pub(crate) fn service(&self, name: &str) -> Client {
        client(self.harness.as_service(name, None, "auth"))
    }

    pub(crate) fn person(&self, principal: &Principal) -> Client {
        client(self.harness.as_user(principal, "auth"))
    }

    /// Whoever holds this access token, calling without an edge in between.
    pub(crate) fn bearer(&self, access_token: &str) -> Client {
        let hosted = self.harness.hosted();
        let bearer = Arc::new(Bearer(access_token.to_owned()));
        let hooks = ClientHooks::new(facts).with_tokens(bearer);
        let mesh = Mesh::new(
            hosted.config().mesh.clone(),
            hosted.registry(),
            "test",
            hooks,
        );
        client(mesh.unwrap().channel("auth"))
    }

    /// Who an access token names.
    pub(crate) fn principal(&self, tokens: &AuthTokens) -> Principal {
        let access = &self.harness.hosted().identity().access;
        access.verify(&tokens.access_token).unwrap()
    }

    pub(crate) async fn register(&self, email: &str) -> AuthTokens {
        let answer = self.anybody().register(registration(email)).await;
        answer.unwrap().into_inner()
    }

    pub(crate) async fn login(&self, email: &str, password: &str) -> Result<AuthTokens, Status> {
        let request = LoginRequest {
            email: email.to_owned(),
            password: password.to_owned(),
        };
        Ok(self.anybody().login(request).await?.into_inner())
    }

    pub(crate) async fn refresh(&self, refresh_token: &str) -> Result<AuthTokens, Status> {
        let request = RefreshRequest {
            refresh_token: refresh_token.to_owned(),
        };
        Ok(self.anybody().refresh(request).await?.into_inner())
    }

    /// The service's tables, read from outside.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        use sea_orm::{ConnectionTrait as _, Statement};
        let config = &self.harness.hosted().config().database;
        let store = covergen_store::Store::open(config, "auth", Clock::system())
            .await
            .unwrap();
        let statement = Statement::from_string(store.backend(), sql);
        let row = store
            .read()
            .query_one_raw(statement)
            .await
            .unwrap()
            .unwrap();
        row.try_get_by_index(0).unwrap()
    }

    /// Events of one type that were emitted.
    pub(crate) async fn emitted(&self, name: &str) -> i64 {
        let sql = format!("SELECT count(*) FROM outbox WHERE name LIKE '%{name}'");
        self.number(&sql).await
    }
}

fn configuring(databases: Option<&Databases>, settings: &str) -> impl FnOnce(&mut Config) + use<> {
    let url = databases.map(Databases::url);
    let mut section = toml::Table::new();
    // Later lines win over earlier ones, which TOML itself refuses.
    for line in CHEAP.lines().chain(settings.lines()) {
        section.extend(line.parse::<toml::Table>().unwrap());
    }
    move |config| {
        if let Some(url) = url {
            config.database.url = url;
        }
        config.services.insert("auth".to_owned(), section);
    }
}

pub(crate) fn registration(email: &str) -> RegisterRequest {
    RegisterRequest {
        email: email.to_owned(),
        password: PASSWORD.to_owned(),
        display_name: "Ada".to_owned(),
        request_id: String::new(),
    }
}

fn client(channel: Channel) -> Client {
    covergen_proto::auth::v1::auth_service_client(channel)
}

struct Bearer(String);

impl TokenSource for Bearer {
    fn token(&self, _: &OutgoingCall<'_>) -> Result<Option<http::HeaderValue>, Status> {
        let value = http::HeaderValue::try_from(format!("Bearer {}", self.0));
        value
            .map(Some)
            .map_err(|error| Status::internal(error.to_string()))
    }
}

/// Checks a refusal by code and stable reason.
#[track_caller]
pub(crate) fn refused<T: std::fmt::Debug>(answer: Result<T, Status>, code: Code, reason: &str) {
    let status = answer.unwrap_err();
    assert_eq!(
        (status.code(), reason_of(&status).as_str()),
        (code, reason),
        "{status:?}"
    );
}

pub(crate) fn reason_of(status: &Status) -> String {
    status
        .get_details_error_info()
        .map(|info| info.reason)
        .unwrap_or_default()
}
