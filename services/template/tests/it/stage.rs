//! The service on both engines, and what tests say to it.

use std::sync::Arc;
use std::time::Duration;

use covergen_chassis::{Config, Harness, Service};
use covergen_events::{Record, Subject};
use covergen_identity::Principal;
use covergen_ids::{Clock, EventId, WorkspaceId};
use covergen_mesh::Channel;
use covergen_proto::events::v1::Envelope;
use covergen_proto::template::v1::template_service_client::TemplateServiceClient;
use covergen_proto::template::v1::{
    CreateCustomTemplateRequest, ListTemplatesRequest, Template, TemplateDesign, TemplateDraft,
    template_service_client as client,
};
use covergen_store::Store;
use prost::{Message as _, Name};
use sea_orm::{ConnectionTrait as _, QueryResult, Statement};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::doubles::{Known, Tier};

pub(crate) fn services() -> Vec<Service> {
    vec![covergen_template::service()]
}

/// Runs a test on SQLite and on PostgreSQL.
pub(crate) async fn on_both_stores(test: impl AsyncFn(&Harness)) {
    let harness = Harness::start(services()).await;
    test(&harness).await;
    harness.stop().await;
    let database = covergen_testkit::postgres_database().await;
    let harness = Harness::start_on(&database.url(), services()).await;
    test(&harness).await;
    harness.stop().await;
}

pub(crate) type Client = TemplateServiceClient<Channel>;

/// The service among those it calls.
pub(crate) struct World {
    pub(crate) harness: Harness,
    pub(crate) known: Known,
    configure: Configure,
}

/// Changes the configuration, at each start.
type Configure = Arc<dyn Fn(&mut Config) + Send + Sync>;

/// Runs a test on SQLite with the embedded log, and on PostgreSQL with NATS.
pub(crate) async fn among_peers(test: impl AsyncFn(&World)) {
    among_peers_with("", test).await;
}

/// As [`among_peers`], with settings in the service's section.
pub(crate) async fn among_peers_with(settings: &str, test: impl AsyncFn(&World)) {
    let settings = settings.to_owned();
    let configure = move |config: &mut Config| {
        let section = settings.parse().unwrap();
        config.services.insert("template".to_owned(), section);
    };
    among_peers_configured(configure, async |world| {
        test(&world).await;
        world
    })
    .await;
}

/// As [`among_peers`], with more changes to the configuration; the test may
/// start everything anew, and hands back what runs in the end.
pub(crate) async fn among_peers_configured(
    configure: impl Fn(&mut Config) + Send + Sync + 'static,
    test: impl AsyncFn(World) -> World,
) {
    let configure: Configure = Arc::new(configure);
    let world = World::start(Arc::clone(&configure)).await;
    Box::pin(test(world)).await.harness.stop().await;

    let names = ["template", "user", "safety", "media"];
    let databases = covergen_testkit::postgres_databases(&names).await;
    let nats = covergen_testkit::nats().await;
    let (url, server) = (databases.url(), nats.url().to_owned());
    let namespace = nats.namespace().to_owned();
    let on_servers = move |config: &mut Config| {
        config.database.url.clone_from(&url);
        config.events.url.clone_from(&server);
        config.events.namespace.clone_from(&namespace);
        config.events.max_stream_bytes = 16 * 1024 * 1024;
        configure(config);
    };
    let world = World::start(Arc::new(on_servers)).await;
    Box::pin(test(world)).await.harness.stop().await;
}

impl World {
    async fn start(configure: Configure) -> Self {
        let known = Known::default();
        let mut services = known.services();
        services.extend(self::services());
        let set = Arc::clone(&configure);
        let harness = Harness::start_with(services, Clock::system(), |config| set(config)).await;
        Self {
            harness,
            known,
            configure,
        }
    }

    /// Stops everything, and starts the peers and these services on the same
    /// data.
    pub(crate) async fn restart(self, own: Vec<Service>) -> Self {
        let mut services = self.known.services();
        services.extend(own);
        let set = Arc::clone(&self.configure);
        let harness = self.harness.restart(services, |config| set(config)).await;
        Self { harness, ..self }
    }

    /// Somebody with a tier, in a workspace of their own.
    pub(crate) fn somebody(&self, tier: Tier) -> Principal {
        let who = self.harness.creator();
        self.known.set_tier(&who.user_id, tier);
        who
    }

    /// The service as a person reaches it.
    pub(crate) fn person(&self, who: &Principal) -> Client {
        client(self.harness.as_user(who, "template"))
    }

    /// The service as cover reaches it for somebody.
    pub(crate) fn cover_for(&self, who: &Principal) -> Client {
        client(self.harness.as_service("cover", Some(who), "template"))
    }

    /// A custom template of somebody's.
    pub(crate) async fn custom(&self, who: &Principal, name: &str) -> Template {
        let made = self
            .person(who)
            .create_custom_template(creating(name))
            .await;
        made.unwrap().into_inner()
    }

    /// Says that something happened, in an event with this id. Each time it is
    /// a record of its own, so the log hands it out each time.
    pub(crate) async fn publish<M: Name>(
        &self,
        (id, aggregate, workspace): (EventId, &str, WorkspaceId),
        message: &M,
    ) {
        let full_name = M::full_name();
        let (domain, event) = (full_name.split('.').nth(1), full_name.rsplit('.').next());
        let (domain, event) = (domain.unwrap(), event.unwrap());
        let now_ms = self.harness.clock().now_ms();
        let envelope = Envelope {
            id: id.to_string(),
            r#type: full_name.clone(),
            aggregate: aggregate.to_owned(),
            aggregate_version: 1,
            workspace_id: workspace.to_string(),
            occurred_at: Some(covergen_chassis::timestamp(now_ms)),
            data: message.encode_to_vec().into(),
            ..Envelope::default()
        };
        let subject = Subject::new(domain, event, aggregate).unwrap();
        let record_id = EventId::new(self.harness.clock()).uuid();
        let record = Record::new(record_id, subject, envelope.encode_to_vec());
        let events = self.known.events();
        events.declare_stream(domain).await.unwrap();
        events.publish(vec![record]).await.unwrap();
    }
}

impl World {
    /// The service's database, as another process opens it.
    pub(crate) async fn store(&self) -> Store {
        let config = &self.harness.hosted().config().database;
        let store = Store::open(config, "template", Clock::system()).await;
        store.unwrap()
    }

    /// The service's tables, read from outside.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        let rows = self.rows(sql).await;
        rows[0].try_get_by_index(0).unwrap()
    }

    /// As [`World::number`], every row.
    pub(crate) async fn rows(&self, sql: &str) -> Vec<QueryResult> {
        let store = self.store().await;
        let statement = Statement::from_string(store.backend(), sql);
        let rows = store.read().query_all_raw(statement).await;
        store.close().await;
        rows.unwrap()
    }

    /// Changes them from outside.
    pub(crate) async fn execute(&self, sql: &str) {
        let store = self.store().await;
        let tx = store.begin().await.unwrap();
        tx.execute_unprepared(sql).await.unwrap();
        tx.commit().await.unwrap();
        store.close().await;
    }
}

/// Polls a condition on the real service.
pub(crate) async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
    while !holds().await {
        assert!(tokio::time::Instant::now() < deadline, "never came: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A draft in two colours over the aurora.
pub(crate) fn draft(name: &str) -> TemplateDraft {
    TemplateDraft {
        name: name.to_owned(),
        description: "For the blog".to_owned(),
        design: Some(TemplateDesign {
            base: "aurora".to_owned(),
            colors: vec!["#101020".to_owned(), "#ff5533".to_owned()],
            font: "anton".to_owned(),
            ..TemplateDesign::default()
        }),
        ..TemplateDraft::default()
    }
}

pub(crate) fn creating(name: &str) -> CreateCustomTemplateRequest {
    CreateCustomTemplateRequest {
        template: Some(draft(name)),
        request_id: String::new(),
    }
}

/// Fields at fault.
pub(crate) fn faults(status: &Status) -> Vec<String> {
    let found = status.get_details_bad_request().unwrap().field_violations;
    found.into_iter().map(|fault| fault.field).collect()
}

/// Anybody at the web edge.
pub(crate) fn web(harness: &Harness) -> TemplateServiceClient<Channel> {
    client(harness.as_anonymous("template"))
}

/// The cover service.
pub(crate) fn cover(harness: &Harness) -> TemplateServiceClient<Channel> {
    client(harness.as_service("cover", None, "template"))
}

/// The whole gallery, or one category of it.
pub(crate) async fn listed(harness: &Harness, category: &str) -> Vec<Template> {
    let request = ListTemplatesRequest {
        page_size: 100,
        category: category.to_owned(),
        ..Default::default()
    };
    let page = web(harness).list_templates(request).await.unwrap();
    page.into_inner().templates
}

/// A refusal has a code and a stable reason.
pub(crate) fn assert_refused<T: std::fmt::Debug>(
    answer: Result<T, Status>,
    code: Code,
    reason: &str,
) -> Status {
    let status = answer.unwrap_err();
    assert_eq!(status.code(), code, "{status:?}");
    let info = status.get_details_error_info().unwrap();
    assert_eq!(info.reason, reason, "{status:?}");
    status
}
