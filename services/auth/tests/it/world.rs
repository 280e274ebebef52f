//! The auth service for one test, and the people who call it.

use std::sync::{Arc, OnceLock};

use covergen_chassis::{Config, Harness, Service, Wiring, facts};
use covergen_events::{EventLog, Record, Subject};
use covergen_identity::Principal;
use covergen_ids::Clock;
use covergen_mesh::{Channel, ClientHooks, Mesh, OutgoingCall, TokenSource};
use covergen_proto::auth::v1::account_service_client::AccountServiceClient;
use covergen_proto::auth::v1::api_key_service_client::ApiKeyServiceClient;
use covergen_proto::auth::v1::auth_service_client::AuthServiceClient;
use covergen_proto::auth::v1::mfa_service_client::MfaServiceClient;
use covergen_proto::auth::v1::o_auth_service_client::OAuthServiceClient;
use covergen_proto::auth::v1::passkey_service_client::PasskeyServiceClient;
use covergen_proto::auth::v1::{AuthTokens, LoginRequest, RefreshRequest, RegisterRequest};
use covergen_proto::events::v1::Envelope;
use covergen_proto::user::v1::UserDeleted;
use covergen_testkit::Databases;
use prost::{Message as _, Name as _};
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
    log: Arc<OnceLock<Arc<dyn EventLog>>>,
}

/// A service that does nothing but hand out the event log.
fn keeping(log: Arc<OnceLock<Arc<dyn EventLog>>>) -> Service {
    Service::new("log", move |context| async move {
        drop(log.set(context.events));
        Ok(Wiring::new())
    })
}

/// Hashes that cost next to nothing: what they are worth is not tested here.
const CHEAP: &str = "argon2_memory_kib = 8\nargon2_passes = 1\n";

impl World {
    pub(crate) async fn start(engine: Engine) -> Self {
        Self::with(engine, "").await
    }

    /// Starts with more settings in the service's section.
    pub(crate) async fn with(engine: Engine, settings: &str) -> Self {
        Self::configured(engine, settings, |_| {}).await
    }

    /// Starts with more settings of the process, too.
    pub(crate) async fn configured(
        engine: Engine,
        settings: &str,
        process: impl FnOnce(&mut Config),
    ) -> Self {
        let databases = match engine {
            Engine::Sqlite => None,
            Engine::Postgres => Some(covergen_testkit::postgres_databases(&["auth", "log"]).await),
        };
        let log = Arc::new(OnceLock::new());
        let services = vec![covergen_auth::service(), keeping(Arc::clone(&log))];
        let configure = configuring(databases.as_ref(), settings);
        let harness = Harness::start_with(services, Clock::system(), |config| {
            configure(config);
            process(config);
        })
        .await;
        Self {
            harness,
            databases,
            log,
        }
    }

    /// Starts anew on the same data.
    pub(crate) async fn restart(self, settings: &str) -> Self {
        let Self {
            harness, databases, ..
        } = self;
        let log = Arc::new(OnceLock::new());
        let services = vec![covergen_auth::service(), keeping(Arc::clone(&log))];
        let configure = configuring(databases.as_ref(), settings);
        let harness = harness.restart(services, configure).await;
        Self {
            harness,
            databases,
            log,
        }
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

    /// Signs in with a session whose owner is at the keyboard.
    pub(crate) fn session(&self, tokens: &AuthTokens) -> Signed {
        Signed(self.harness.as_user(&self.principal(tokens), "auth"))
    }

    /// The services of auth as nobody calls them.
    pub(crate) fn nobody(&self) -> Signed {
        Signed(self.harness.as_anonymous("auth"))
    }

    /// The services of auth as another service calls them.
    pub(crate) fn by(&self, service: &str) -> Signed {
        Signed(self.harness.as_service(service, None, "auth"))
    }

    /// The services of auth as a person calls them.
    pub(crate) fn of(&self, principal: &Principal) -> Signed {
        Signed(self.harness.as_user(principal, "auth"))
    }

    /// Mails written so far, oldest first.
    pub(crate) fn mails(&self) -> Vec<Letter> {
        let Ok(entries) = std::fs::read_dir(self.harness.folder().join("outbox")) else {
            return Vec::new();
        };
        let mut paths: Vec<_> = entries
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|end| end == "eml"))
            .collect();
        // A name ends in the command's id, which begins with its time.
        paths.sort_by_key(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            name.split_once('-').unwrap().1.to_owned()
        });
        paths
            .iter()
            // One may have been forgotten meanwhile.
            .filter_map(|path| std::fs::read_to_string(path).ok())
            .map(|text| Letter::read(&text))
            .collect()
    }

    /// The token of the last mail to somebody that leads to a page.
    pub(crate) async fn mailed_token(&self, to: &str, page: &str, count: usize) -> String {
        let tokens = || {
            let link = format!("{page}#token=");
            let mails = self.mails().into_iter().filter(|mail| mail.to == to);
            mails
                .filter_map(|mail| {
                    let rest = mail.text.split(&link).nth(1)?.to_owned();
                    Some(rest.split_whitespace().next()?.to_owned())
                })
                .collect::<Vec<_>>()
        };
        eventually("the mail", async || tokens().len() >= count).await;
        tokens().pop().unwrap()
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

    /// Tells that a person left, as user does.
    pub(crate) async fn user_deleted(&self, who: &Principal) {
        let event = UserDeleted {
            user_id: who.user_id.to_string(),
            workspace_id: who.workspace_id.to_string(),
        };
        let id = self.harness.clock().uuid_v7();
        let envelope = Envelope {
            id: id.to_string(),
            r#type: UserDeleted::full_name(),
            aggregate: event.user_id.clone(),
            aggregate_version: 1,
            workspace_id: event.workspace_id.clone(),
            data: event.encode_to_vec().into(),
            ..Envelope::default()
        };
        let subject = Subject::new("user", "UserDeleted", &event.user_id).unwrap();
        let record = Record::new(id, subject, envelope.encode_to_vec());
        let log = self.log.get().unwrap();
        log.declare_stream("user").await.unwrap();
        log.publish(vec![record]).await.unwrap();
    }

    pub(crate) async fn store(&self) -> covergen_store::Store {
        let config = &self.harness.hosted().config().database;
        covergen_store::Store::open(config, "auth", Clock::system())
            .await
            .unwrap()
    }

    /// Changes the service's tables from outside.
    pub(crate) async fn change(&self, sql: &str) {
        use sea_orm::ConnectionTrait as _;
        let tx = self.store().await.begin().await.unwrap();
        tx.execute_unprepared(sql).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Sets everybody's last proof of being there an hour back.
    pub(crate) async fn an_hour_passes_for_sessions(&self) {
        let sql =
            "UPDATE sessions SET created_at_ms = created_at_ms - 3600000, authenticated_at_ms = 0";
        self.change(sql).await;
    }

    /// The service's tables, read from outside.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        use sea_orm::{ConnectionTrait as _, Statement};
        let store = self.store().await;
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

/// Whoever calls auth, and all its services.
pub(crate) struct Signed(Channel);

impl Signed {
    pub(crate) fn auth(&self) -> AuthServiceClient<Channel> {
        covergen_proto::auth::v1::auth_service_client(self.0.clone())
    }

    pub(crate) fn mfa(&self) -> MfaServiceClient<Channel> {
        covergen_proto::auth::v1::mfa_service_client(self.0.clone())
    }

    pub(crate) fn passkeys(&self) -> PasskeyServiceClient<Channel> {
        covergen_proto::auth::v1::passkey_service_client(self.0.clone())
    }

    pub(crate) fn oauth(&self) -> OAuthServiceClient<Channel> {
        covergen_proto::auth::v1::o_auth_service_client(self.0.clone())
    }

    pub(crate) fn keys(&self) -> ApiKeyServiceClient<Channel> {
        covergen_proto::auth::v1::api_key_service_client(self.0.clone())
    }

    pub(crate) fn accounts(&self) -> AccountServiceClient<Channel> {
        covergen_proto::auth::v1::account_service_client(self.0.clone())
    }
}

/// A mail as its reader sees it.
#[derive(Debug)]
pub(crate) struct Letter {
    pub(crate) to: String,
    pub(crate) text: String,
    pub(crate) raw: String,
}

impl Letter {
    /// Reads a mail of one part (RFC 5322, RFC 2045).
    pub(crate) fn read(raw: &str) -> Self {
        use base64::Engine as _;
        let (head, body) = raw.split_once("\r\n\r\n").unwrap();
        let header = |name: &str| {
            let lines = head.split("\r\n");
            let mut found = lines.filter_map(|line| line.split_once(": "));
            found.find_map(|(key, value)| key.eq_ignore_ascii_case(name).then_some(value))
        };
        let text = match header("Content-Transfer-Encoding").unwrap_or("7bit") {
            "base64" => {
                let packed: String = body.split_whitespace().collect();
                let bytes = base64::engine::general_purpose::STANDARD.decode(packed);
                String::from_utf8(bytes.unwrap()).unwrap()
            }
            "quoted-printable" => unquote(body),
            _ => body.to_owned(),
        };
        Self {
            to: header("To").unwrap().to_owned(),
            text,
            raw: raw.to_owned(),
        }
    }
}

fn unquote(body: &str) -> String {
    let body = body.replace("=\r\n", "");
    let mut pieces = body.split('=');
    let mut bytes = pieces.next().unwrap().as_bytes().to_vec();
    for piece in pieces {
        bytes.push(u8::from_str_radix(&piece[..2], 16).unwrap());
        bytes.extend_from_slice(&piece.as_bytes()[2..]);
    }
    String::from_utf8(bytes).unwrap()
}

/// Waits for what another task brings about, and fails if it never does.
pub(crate) async fn eventually(what: &str, holds: impl AsyncFn() -> bool) {
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(30);
    while !holds().await {
        assert!(tokio::time::Instant::now() < deadline, "never came: {what}");
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
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
        language: String::new(),
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
