//! The running service, what happens elsewhere, and a look at what was sent.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use covergen_chassis::{Config, Harness, Service, Wiring};
use covergen_events::{EventLog, Record, Subject};
use covergen_identity::Principal;
use covergen_ids::{Clock, CoverId, EventId, TaskId};
use covergen_mesh::Channel;
use covergen_proto::cover::v1::{CoverGenerated, CoverGenerationFailed};
use covergen_proto::events::v1::Envelope;
use covergen_proto::notification::v1::notification_service_client::NotificationServiceClient;
use covergen_proto::notification::v1::push_service_client::PushServiceClient;
use covergen_proto::notification::v1::webhook_delivery::Status as Delivered;
use covergen_proto::notification::v1::webhook_service_client::WebhookServiceClient;
use covergen_proto::notification::v1::{
    CreateWebhookRequest, GetWebhookRequest, ListWebhookDeliveriesRequest, NewWebhook, Webhook,
    WebhookDelivery, WebhookDraft, notification_service_client, push_service_client,
    webhook_service_client,
};
use covergen_proto::user::v1::UserDeleted;
use covergen_testkit::{Databases, NatsScope};
use prost::{Message as _, Name};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

type Log = Arc<OnceLock<Arc<dyn EventLog>>>;

/// Retries follow at once, and messages may go to this machine.
const QUICK: &str = "allow_loopback = true\nfirst_retry_ms = 5\nmax_retry_ms = 20\npoll_ms = 20\n";

/// The service under test.
pub(crate) struct World {
    pub(crate) harness: Harness,
    log: Log,
    settings: String,
    engines: Option<Arc<(Databases, NatsScope)>>,
}

/// Runs a test on SQLite with the embedded log, and on PostgreSQL with NATS.
pub(crate) async fn on_both(test: impl AsyncFn(World)) {
    on_both_with("", test).await;
}

/// As [`on_both`], with settings in the service's section besides [`QUICK`].
pub(crate) async fn on_both_with(settings: &str, test: impl AsyncFn(World)) {
    let settings = format!("{QUICK}{settings}");
    test(World::start(&settings, None).await).await;
    let databases = covergen_testkit::postgres_databases(&["notification", "probe"]).await;
    let engines = Arc::new((databases, covergen_testkit::nats().await));
    test(World::start(&settings, Some(engines)).await).await;
}

impl World {
    /// The service as it comes, on SQLite alone.
    pub(crate) async fn as_it_comes() -> Self {
        Self::start("", None).await
    }

    async fn start(settings: &str, engines: Option<Arc<(Databases, NatsScope)>>) -> Self {
        let log = Log::default();
        let configure = |config: &mut Config| configure(config, settings, engines.as_deref());
        let harness = Harness::start_with(services(&log), Clock::system(), configure).await;
        Self {
            harness,
            log,
            settings: settings.to_owned(),
            engines,
        }
    }

    /// Stops the process and starts it on the same data.
    pub(crate) async fn restart(self) -> Self {
        let (log, settings, engines) = (Log::default(), self.settings, self.engines);
        let configure = |config: &mut Config| configure(config, &settings, engines.as_deref());
        let harness = self.harness.restart(services(&log), configure).await;
        Self {
            harness,
            log,
            settings,
            engines,
        }
    }

    pub(crate) fn webhooks(&self, who: &Principal) -> WebhookServiceClient<Channel> {
        webhook_service_client(self.harness.as_user(who, "notification"))
    }

    pub(crate) fn push(&self, who: &Principal) -> PushServiceClient<Channel> {
        push_service_client(self.harness.as_user(who, "notification"))
    }

    pub(crate) fn list(&self, who: &Principal) -> NotificationServiceClient<Channel> {
        notification_service_client(self.harness.as_user(who, "notification"))
    }

    /// A webhook of somebody's for all events.
    pub(crate) async fn webhook(&self, who: &Principal, url: &str) -> NewWebhook {
        self.webhook_for(who, url, &[]).await
    }

    /// And for some.
    pub(crate) async fn webhook_for(
        &self,
        who: &Principal,
        url: &str,
        event_types: &[&str],
    ) -> NewWebhook {
        let request = creating(url, event_types);
        let made = self.webhooks(who).create_webhook(request).await;
        made.unwrap().into_inner()
    }

    pub(crate) async fn look_at(&self, who: &Principal, id: &str) -> Webhook {
        let request = GetWebhookRequest {
            webhook_id: id.to_owned(),
        };
        let found = self.webhooks(who).get_webhook(request).await;
        found.unwrap().into_inner()
    }

    /// What was and will be sent to a webhook, newest first.
    pub(crate) async fn deliveries(&self, who: &Principal, id: &str) -> Vec<WebhookDelivery> {
        let request = ListWebhookDeliveriesRequest {
            webhook_id: id.to_owned(),
            ..ListWebhookDeliveriesRequest::default()
        };
        let listed = self.webhooks(who).list_webhook_deliveries(request).await;
        listed.unwrap().into_inner().deliveries
    }

    /// Waits until the only delivery of a webhook has a status.
    pub(crate) async fn eventually_delivered(
        &self,
        who: &Principal,
        id: &str,
        status: Delivered,
    ) -> WebhookDelivery {
        eventually(&format!("a delivery is {status:?}"), async || {
            let deliveries = self.deliveries(who, id).await;
            deliveries.len() == 1 && deliveries[0].status() == status
        })
        .await;
        self.deliveries(who, id).await.remove(0)
    }

    /// Says that something happened, in an event with this id. Each time it is
    /// a record of its own, so the log hands it out each time.
    pub(crate) async fn publish<M: Name>(
        &self,
        (id, aggregate, version): (EventId, &str, u64),
        who: &Principal,
        message: &M,
    ) {
        let full_name = M::full_name();
        let (domain, event) = (full_name.split('.').nth(1), full_name.rsplit('.').next());
        let (domain, event) = (domain.unwrap(), event.unwrap());
        let clock = self.harness.clock();
        let envelope = Envelope {
            id: id.to_string(),
            r#type: full_name.clone(),
            aggregate: aggregate.to_owned(),
            aggregate_version: version,
            workspace_id: who.workspace_id.to_string(),
            occurred_at: Some(covergen_chassis::timestamp(clock.now_ms())),
            data: message.encode_to_vec().into(),
            ..Envelope::default()
        };
        let subject = Subject::new(domain, event, aggregate).unwrap();
        let record = Record::new(
            EventId::new(clock).uuid(),
            subject,
            envelope.encode_to_vec(),
        );
        let log = self.log.get().expect("the probe has started");
        log.declare_stream(domain).await.unwrap();
        log.publish(vec![record]).await.unwrap();
    }

    /// As [`World::publish`], with an event of its own, twice.
    pub(crate) async fn tell<M: Name>(
        &self,
        (aggregate, version): (&str, u64),
        who: &Principal,
        message: &M,
    ) {
        let id = EventId::new(self.harness.clock());
        for _ in 0..2 {
            self.publish((id, aggregate, version), who, message).await;
        }
    }

    /// A cover of somebody's is finished; the task and the cover.
    pub(crate) async fn generated(&self, who: &Principal) -> (String, String) {
        let clock = self.harness.clock();
        let (task, cover) = (TaskId::new(clock), CoverId::new(clock));
        let message = generated(who, &task.to_string(), &[cover.to_string()]);
        let id = EventId::new(clock);
        self.publish((id, &task.to_string(), 2), who, &message)
            .await;
        (task.to_string(), cover.to_string())
    }

    /// Covers of somebody's could not be made.
    pub(crate) async fn failed(&self, who: &Principal, reason: &str) -> String {
        let clock = self.harness.clock();
        let task = TaskId::new(clock).to_string();
        let message = CoverGenerationFailed {
            task_id: task.clone(),
            user_id: who.user_id.to_string(),
            reason: reason.to_owned(),
            duration_ms: 5,
        };
        self.publish((EventId::new(clock), &task, 2), who, &message)
            .await;
        task
    }

    /// Somebody leaves.
    pub(crate) async fn left(&self, who: &Principal) {
        let user = who.user_id.to_string();
        let message = UserDeleted {
            user_id: user.clone(),
            workspace_id: who.workspace_id.to_string(),
        };
        let id = EventId::new(self.harness.clock());
        self.publish((id, &user, 1), who, &message).await;
    }
}

pub(crate) fn generated(who: &Principal, task: &str, covers: &[String]) -> CoverGenerated {
    CoverGenerated {
        task_id: task.to_owned(),
        user_id: who.user_id.to_string(),
        cover_ids: covers.to_vec(),
        asset_ids: vec!["ast_secretly".to_owned()],
        provider: "local".to_owned(),
        seed: 7,
        duration_ms: 900,
        template_id: "aurora".to_owned(),
        template_version: 3,
    }
}

pub(crate) fn creating(url: &str, event_types: &[&str]) -> CreateWebhookRequest {
    CreateWebhookRequest {
        webhook: Some(WebhookDraft {
            url: url.to_owned(),
            event_types: event_types.iter().map(ToString::to_string).collect(),
            ..WebhookDraft::default()
        }),
        request_id: String::new(),
    }
}

fn services(log: &Log) -> Vec<Service> {
    let log = Arc::clone(log);
    let probe = Service::new("probe", move |context| async move {
        log.set(context.events).ok();
        Ok(Wiring::new())
    });
    vec![covergen_notification::service(), probe]
}

fn configure(config: &mut Config, settings: &str, engines: Option<&(Databases, NatsScope)>) {
    let section = settings.parse().unwrap();
    config.services.insert("notification".to_owned(), section);
    if let Some((databases, nats)) = engines {
        config.database.url = databases.url();
        nats.url().clone_into(&mut config.events.url);
        nats.namespace().clone_into(&mut config.events.namespace);
        config.events.max_stream_bytes = 16 * 1024 * 1024;
    }
}

/// Asserts how a call was refused; the fields that were wrong.
#[track_caller]
pub(crate) fn assert_refused<T: std::fmt::Debug>(
    answer: Result<T, Status>,
    code: Code,
    reason: &str,
) -> Vec<String> {
    let status = answer.expect_err("the call is refused");
    let found = status.get_details_error_info();
    let found = found.map(|info| info.reason).unwrap_or_default();
    assert_eq!((status.code(), &*found), (code, reason), "{status}");
    let bad = status.get_details_bad_request();
    let bad = bad.map(|bad| bad.field_violations).unwrap_or_default();
    bad.into_iter().map(|violation| violation.field).collect()
}

/// Polls, for a bounded time, until something is so.
pub(crate) async fn eventually(what: &str, check: impl AsyncFn() -> bool) {
    for _ in 0..1200 {
        if check().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("it never came about: {what}");
}
