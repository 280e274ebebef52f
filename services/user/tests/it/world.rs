//! user and the auth it calls, for one test, and who calls them.

use std::time::Duration;

use covergen_chassis::{Config, Harness, Service};
use covergen_events::{Record, Subject};
use covergen_identity::{Principal, Role};
use covergen_ids::{Clock, TaskId, UserId};
use covergen_mesh::Channel;
use covergen_proto::auth::v1::RegisterRequest;
use covergen_proto::events::v1::Envelope;
use covergen_proto::user::v1::user_service_client::UserServiceClient;
use covergen_proto::user::v1::{
    CommitQuotaRequest, ConfirmReservationRequest, ConsumeQuotaRequest, GetQuotaRequest, Quota,
    RefundQuotaRequest, ReleaseQuotaRequest, Reservation, ReserveQuotaRequest,
};
use covergen_testkit::Databases;
use prost::{Message, Name};
use sea_orm::{ConnectionTrait as _, Statement};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

/// Which database.
#[derive(Clone, Copy)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

pub(crate) type Client = UserServiceClient<Channel>;

pub(crate) struct World {
    pub(crate) harness: Harness,
    _databases: Option<Databases>,
}

impl World {
    pub(crate) async fn start(engine: Engine) -> Self {
        Self::with(engine, Clock::system(), "").await
    }

    /// Starts with a clock and more settings in the service's section.
    pub(crate) async fn with(engine: Engine, clock: Clock, settings: &str) -> Self {
        let services = vec![covergen_auth::service(), covergen_user::service()];
        Self::of(engine, clock, settings, services, |_| {}).await
    }

    /// Starts with more changes to the process's configuration.
    pub(crate) async fn configured(engine: Engine, configure: impl FnOnce(&mut Config)) -> Self {
        let services = vec![covergen_auth::service(), covergen_user::service()];
        Self::of(engine, Clock::system(), "", services, configure).await
    }

    /// Starts with the services that keep something of people and are small
    /// enough for a test.
    pub(crate) async fn with_keepers(engine: Engine) -> Self {
        let services = vec![
            covergen_auth::service(),
            covergen_media::service(),
            covergen_safety::service(),
            covergen_user::service(),
        ];
        let settings = r#"data_keepers = ["auth", "media", "safety"]"#;
        Self::of(engine, Clock::system(), settings, services, |_| {}).await
    }

    async fn of(
        engine: Engine,
        clock: Clock,
        settings: &str,
        services: Vec<Service>,
        configure: impl FnOnce(&mut Config),
    ) -> Self {
        // Quotas are by month.
        covergen_testkit::not_at_the_end_of_a_month().await;
        let names: Vec<&str> = services.iter().map(Service::name).collect();
        let databases = match engine {
            Engine::Sqlite => None,
            Engine::Postgres => Some(covergen_testkit::postgres_databases(&names).await),
        };
        let url = databases.as_ref().map(Databases::url);
        let section = settings.parse().unwrap();
        let harness = Harness::start_with(services, clock, |config: &mut Config| {
            if let Some(url) = url {
                config.database.url = url;
            }
            let cheap = "argon2_memory_kib = 8\nargon2_passes = 1";
            config
                .services
                .insert("auth".to_owned(), cheap.parse().unwrap());
            config.services.insert("user".to_owned(), section);
            configure(config);
        })
        .await;
        Self {
            harness,
            _databases: databases,
        }
    }

    /// Somebody with an account.
    pub(crate) async fn somebody(&self, email: &str) -> Principal {
        let request = RegisterRequest {
            email: email.to_owned(),
            password: "correct horse battery".to_owned(),
            display_name: "Ada".to_owned(),
            ..RegisterRequest::default()
        };
        let auth = self.harness.as_anonymous("auth");
        let answer = covergen_proto::auth::v1::auth_service_client(auth)
            .register(request)
            .await;
        let token = answer.unwrap().into_inner().access_token;
        self.harness
            .hosted()
            .identity()
            .access
            .verify(&token)
            .unwrap()
    }

    /// Somebody whose month has this many covers.
    pub(crate) async fn somebody_with(&self, covers: i32) -> Principal {
        let tiers = format!("UPDATE tiers SET covers_per_month = {covers} WHERE id = 'free'");
        self.execute(&tiers).await;
        self.somebody("ada@example.org").await
    }

    pub(crate) fn person(&self, principal: &Principal) -> Client {
        client(self.harness.as_user(principal, "user"))
    }

    pub(crate) fn operator(&self) -> Client {
        self.person(&self.harness.person(Role::Admin))
    }

    /// The service that reserves and commits.
    pub(crate) fn cover(&self) -> Client {
        client(self.harness.as_service("cover", None, "user"))
    }

    /// Stops and starts again on the same data, with other settings in the
    /// service's section.
    pub(crate) async fn restart(self, settings: &str) -> Self {
        let section: toml::Table = settings.parse().unwrap();
        let url = self._databases.as_ref().map(Databases::url);
        let services = vec![covergen_auth::service(), covergen_user::service()];
        let harness = self
            .harness
            .restart(services, |config: &mut Config| {
                if let Some(url) = url {
                    config.database.url = url;
                }
                config.services.insert("user".to_owned(), section);
            })
            .await;
        Self {
            harness,
            _databases: self._databases,
        }
    }

    /// Publishes an event as another service would.
    pub(crate) async fn tell<M: Message + Name>(&self, owner: &Principal, at: u64, event: &M) {
        let id = uuid::Uuid::now_v7();
        let (domain, name) = (M::PACKAGE.split('.').nth(1).unwrap(), M::NAME);
        let aggregate = format!("told_{at}");
        let envelope = Envelope {
            id: id.to_string(),
            r#type: M::full_name(),
            aggregate: aggregate.clone(),
            aggregate_version: 1,
            workspace_id: owner.workspace_id.to_string(),
            occurred_at: Some(covergen_chassis::timestamp(i64::try_from(at).unwrap())),
            data: event.encode_to_vec().into(),
            ..Envelope::default()
        };
        let subject = Subject::new(domain, name, &aggregate).unwrap();
        let record = Record::new(id, subject, envelope.encode_to_vec());
        let log = self.harness.hosted().events();
        eventually("the log takes events", || async {
            log.declare_stream(domain).await.is_ok()
        })
        .await;
        log.publish(vec![record]).await.unwrap();
    }

    pub(crate) fn task(&self) -> TaskId {
        TaskId::new(self.harness.clock())
    }

    pub(crate) async fn quota(&self, who: &Principal) -> Quota {
        let request = GetQuotaRequest {
            user_id: "me".to_owned(),
        };
        self.person(who)
            .get_quota(request)
            .await
            .unwrap()
            .into_inner()
    }

    /// Units used and reserved.
    pub(crate) async fn taken(&self, who: &Principal) -> (i32, i32) {
        let quota = self.quota(who).await;
        (quota.used, quota.reserved)
    }

    pub(crate) async fn reserve(
        &self,
        user: UserId,
        task: TaskId,
        units: i32,
    ) -> Result<Reservation, Status> {
        let request = reserve(user, task, units);
        Ok(self.cover().reserve_quota(request).await?.into_inner())
    }

    pub(crate) async fn confirm(
        &self,
        user: UserId,
        task: TaskId,
        units: i32,
    ) -> Result<Reservation, Status> {
        self.confirm_in(1, user, task, units).await
    }

    /// Confirms as an execution of the task.
    pub(crate) async fn confirm_in(
        &self,
        execution: i32,
        user: UserId,
        task: TaskId,
        units: i32,
    ) -> Result<Reservation, Status> {
        let request = ConfirmReservationRequest {
            user_id: user.to_string(),
            task_id: task.to_string(),
            units,
            execution,
        };
        Ok(self
            .cover()
            .confirm_reservation(request)
            .await?
            .into_inner())
    }

    pub(crate) async fn commit(
        &self,
        user: UserId,
        task: TaskId,
        units: i32,
    ) -> Result<Reservation, Status> {
        let request = CommitQuotaRequest {
            user_id: user.to_string(),
            task_id: task.to_string(),
            units,
        };
        Ok(self.cover().commit_quota(request).await?.into_inner())
    }

    pub(crate) async fn release(&self, user: UserId, task: TaskId) -> Result<Reservation, Status> {
        self.release_in(1, user, task).await
    }

    /// Releases as an execution of the task, or before any with 0.
    pub(crate) async fn release_in(
        &self,
        execution: i32,
        user: UserId,
        task: TaskId,
    ) -> Result<Reservation, Status> {
        let request = ReleaseQuotaRequest {
            user_id: user.to_string(),
            task_id: task.to_string(),
            execution,
        };
        Ok(self.cover().release_quota(request).await?.into_inner())
    }

    pub(crate) async fn refund(
        &self,
        user: UserId,
        task: TaskId,
        units: i32,
        key: &str,
    ) -> Result<Reservation, Status> {
        let request = RefundQuotaRequest {
            user_id: user.to_string(),
            task_id: task.to_string(),
            units,
            request_id: key.to_owned(),
        };
        Ok(self.cover().refund_quota(request).await?.into_inner())
    }

    /// The service's database, as another process opens it.
    pub(crate) async fn store(&self) -> covergen_store::Store {
        let config = &self.harness.hosted().config().database;
        covergen_store::Store::open(config, "user", Clock::system())
            .await
            .unwrap()
    }

    /// The service's tables, read from outside.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
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

    /// Changes them from outside.
    pub(crate) async fn execute(&self, sql: &str) {
        let tx = self.store().await.begin().await.unwrap();
        tx.execute_unprepared(sql).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Every balance equals the sum of its ledger.
    pub(crate) async fn assert_balanced(&self) {
        for (balance, delta) in [
            ("used_units", "used_delta"),
            ("reserved_units", "reserved_delta"),
        ] {
            let held =
                format!("SELECT CAST(COALESCE(sum({balance}), 0) AS BIGINT) FROM quota_periods");
            let moved =
                format!("SELECT CAST(COALESCE(sum({delta}), 0) AS BIGINT) FROM quota_ledger");
            assert_eq!(
                self.number(&held).await,
                self.number(&moved).await,
                "{balance}"
            );
        }
    }
}

pub(crate) fn client(channel: Channel) -> Client {
    covergen_proto::user::v1::user_service_client(channel)
}

/// Units wanted for a task.
pub(crate) fn reserve(user: UserId, task: TaskId, units: i32) -> ReserveQuotaRequest {
    ReserveQuotaRequest {
        user_id: user.to_string(),
        task_id: task.to_string(),
        units,
    }
}

pub(crate) fn consume(units: i32, key: &str) -> ConsumeQuotaRequest {
    ConsumeQuotaRequest {
        user_id: "me".to_owned(),
        units,
        request_id: key.to_owned(),
    }
}

pub(crate) fn reason_of(status: &Status) -> String {
    status
        .get_details_error_info()
        .map(|info| info.reason)
        .unwrap_or_default()
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

/// Polls a condition on the real service.
pub(crate) async fn eventually<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
    while !holds().await {
        assert!(tokio::time::Instant::now() < deadline, "never came: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
