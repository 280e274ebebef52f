//! The services of the main path in one process, and somebody to use them.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use covergen_chassis::{Config, Context, Harness, Service, Wiring};
use covergen_events::{EventLog, Record, Subject};
use covergen_identity::Principal;
use covergen_ids::{AssetId, Clock};
use covergen_mesh::Channel;
use covergen_proto::auth::v1::RegisterRequest;
use covergen_proto::cover::v1::cover_service_client::CoverServiceClient;
use covergen_proto::cover::v1::cover_task::Status;
use covergen_proto::cover::v1::cover_task_service_client::CoverTaskServiceClient;
use covergen_proto::cover::v1::{Cover, CoverTask, GenerateRequest, GetTaskRequest, Size};
use covergen_proto::events::v1::Envelope;
use covergen_proto::media::v1::{Asset, PutAssetHeader, PutAssetRequest, put_asset_request::Part};
use covergen_proto::task::v1::task::State;
use covergen_proto::user::v1::tier::Kind;
use covergen_proto::user::v1::{GetQuotaRequest, SetTierRequest, UserDeleted};
use covergen_testkit::Databases;
use prost::{Message as _, Name as _};

const NAMES: [&str; 8] = [
    "auth", "user", "template", "safety", "task", "media", "cover", "probe",
];

type Log = Arc<OnceLock<Arc<dyn EventLog>>>;

/// Nothing but a look at the event log, which only services are given.
fn probe(log: &Log) -> Service {
    let log = Arc::clone(log);
    Service::new("probe", move |context: Context| async move {
        drop(log.set(context.events));
        Ok(Wiring::new())
    })
}

fn services(log: &Log) -> Vec<Service> {
    vec![
        probe(log),
        covergen_auth::service(),
        covergen_user::service(),
        covergen_template::service(),
        covergen_safety::service(),
        covergen_task::service(),
        covergen_media::service(),
        covergen_cover::service(),
    ]
}

/// A running world. The databases go with it.
pub(crate) struct World {
    pub(crate) harness: Harness,
    /// The event log of the services that run now.
    log: Log,
    databases: Option<Databases>,
    settings: &'static str,
}

impl World {
    pub(crate) async fn on_sqlite() -> Self {
        Self::on(None, SETTINGS).await
    }

    pub(crate) async fn on_postgres() -> Self {
        Self::on_postgres_with(SETTINGS).await
    }

    /// With settings of cover's own section.
    pub(crate) async fn on_sqlite_with(settings: &'static str) -> Self {
        Self::on(None, settings).await
    }

    /// With settings of cover's own section.
    pub(crate) async fn on_postgres_with(settings: &'static str) -> Self {
        let databases = covergen_testkit::postgres_databases(&NAMES).await;
        Self::on(Some(databases), settings).await
    }

    async fn on(databases: Option<Databases>, settings: &'static str) -> Self {
        // Quotas are by month.
        covergen_testkit::not_at_the_end_of_a_month().await;
        let url = databases.as_ref().map(Databases::url);
        let log = Log::default();
        let harness = Harness::start_with(services(&log), Clock::system(), |config| {
            configure(config, url, settings);
        })
        .await;
        Self {
            harness,
            log,
            databases,
            settings,
        }
    }

    /// Registers somebody and returns who they are.
    pub(crate) async fn register(&self, name: &str) -> Principal {
        let channel = self.harness.as_anonymous("auth");
        let mut auth = covergen_proto::auth::v1::auth_service_client(channel);
        let tokens = auth
            .register(RegisterRequest {
                email: format!("{name}@example.org"),
                password: "correct horse battery".to_owned(),
                display_name: name.to_owned(),
                ..RegisterRequest::default()
            })
            .await
            .unwrap()
            .into_inner();
        let access = &self.harness.hosted().identity().access;
        access.verify(&tokens.access_token).unwrap()
    }

    /// Registers somebody who may make covers in bulk.
    pub(crate) async fn register_pro_plus(&self, name: &str) -> Principal {
        let who = self.register(name).await;
        let channel = self.harness.as_service("admin", None, "user");
        let mut users = covergen_proto::user::v1::user_service_client(channel);
        let request = SetTierRequest {
            user_id: who.user_id.to_string(),
            tier: Kind::ProPlus.into(),
            request_id: String::new(),
        };
        users.set_tier(request).await.unwrap();
        who
    }

    /// Stops everything and starts it again on the same data.
    pub(crate) async fn restarted(self) -> Self {
        let url = self.databases.as_ref().map(Databases::url);
        let log = Log::default();
        let harness = self
            .harness
            .restart(services(&log), |config| {
                configure(config, url, self.settings);
            })
            .await;
        Self {
            harness,
            log,
            databases: self.databases,
            settings: self.settings,
        }
    }

    /// Makes one cover and returns it.
    pub(crate) async fn cover(&self, who: &Principal, request: GenerateRequest) -> Cover {
        let made = self.covers(who).generate(request).await.unwrap();
        let task = made.into_inner().task_id;
        let mut ended = self.eventually_ended(who, &task).await;
        assert_eq!(ended.status(), Status::Succeeded, "{ended:?}");
        ended.covers.remove(0)
    }

    /// What is left of somebody's covers, as `(used, reserved)`.
    pub(crate) async fn quota(&self, who: &Principal) -> (i32, i32) {
        let channel = self.harness.as_user(who, "user");
        let mut users = covergen_proto::user::v1::user_service_client(channel);
        let request = GetQuotaRequest {
            user_id: "me".to_owned(),
        };
        let quota = users.get_quota(request).await.unwrap().into_inner();
        (quota.used, quota.reserved)
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

    /// Waits until the queue has ended a task or forgotten it.
    pub(crate) async fn eventually_task_over(&self, who: &Principal, task: &str) {
        // As workers do, without a session: leaving ends them all.
        let absent = Principal {
            session_id: None,
            ..who.clone()
        };
        let channel = self.harness.as_service("cover", Some(&absent), "task");
        let mut tasks = covergen_proto::task::v1::task_service_client(channel);
        let request = covergen_proto::task::v1::GetTaskRequest {
            task_id: task.to_owned(),
        };
        let mut last = None;
        for _ in 0..600 {
            match tasks.get_task(request.clone()).await {
                Err(status) if status.code() == tonic::Code::NotFound => return,
                Ok(found) if is_over(found.get_ref().state()) => return,
                other => last = Some(other),
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{task} is still in the queue: {last:?}");
    }

    /// Waits until media does not have an asset any more.
    pub(crate) async fn eventually_no_asset(&self, who: &Principal, asset: &str) {
        let channel = self.harness.as_user(who, "media");
        let mut media = covergen_proto::media::v1::media_service_client(channel);
        let request = covergen_proto::media::v1::GetAssetRequest {
            asset_id: asset.to_owned(),
        };
        for _ in 0..600 {
            match media.get_asset(request.clone()).await {
                Err(status) if status.code() == tonic::Code::NotFound => return,
                _ => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
        panic!("{asset} is still there");
    }

    /// Stores a picture as somebody's, as an upload would be.
    pub(crate) async fn photo(&self, who: &Principal, rgb: fn(u32, u32) -> [u8; 3]) -> String {
        let id = AssetId::new(&Clock::system());
        let stored = self.put(who, id, rgb).await.unwrap();
        assert_eq!(stored.id, id.to_string());
        stored.id
    }

    /// Stores a picture under an id.
    pub(crate) async fn put(
        &self,
        who: &Principal,
        id: AssetId,
        rgb: fn(u32, u32) -> [u8; 3],
    ) -> Result<Asset, tonic::Status> {
        let (width, height) = (640, 480);
        let mut rgba = Vec::new();
        for y in 0..height {
            for x in 0..width {
                let [r, g, b] = rgb(x, y);
                rgba.extend([r, g, b, 255]);
            }
        }
        let picture = covergen_imaging::Picture::new(width, height, rgba).unwrap();
        let encoding = covergen_imaging::Encoding::Jpeg {
            quality: 90,
            chroma: covergen_imaging::Chroma::Full,
            progressive: false,
        };
        let file = covergen_imaging::encode(&picture, encoding).unwrap();
        let header = PutAssetHeader {
            asset_id: id.to_string(),
            workspace_id: who.workspace_id.to_string(),
            user_id: who.user_id.to_string(),
            content_type: "image/jpeg".to_owned(),
            file_name: "photo.jpg".to_owned(),
        };
        let parts = [Part::Header(header), Part::Chunk(file.into())]
            .map(|part| PutAssetRequest { part: Some(part) });
        let channel = self.harness.as_service("cover", Some(who), "media");
        let mut media = covergen_proto::media::v1::media_service_client(channel);
        let stored = media.put_asset(futures::stream::iter(parts)).await?;
        Ok(stored.into_inner())
    }

    pub(crate) fn covers(&self, who: &Principal) -> CoverServiceClient<Channel> {
        covergen_proto::cover::v1::cover_service_client(self.harness.as_user(who, "cover"))
    }

    pub(crate) fn tasks(&self, who: &Principal) -> CoverTaskServiceClient<Channel> {
        covergen_proto::cover::v1::cover_task_service_client(self.harness.as_user(who, "cover"))
    }

    /// Waits until a task has ended.
    pub(crate) async fn eventually_ended(&self, who: &Principal, task: &str) -> CoverTask {
        for _ in 0..600 {
            let request = GetTaskRequest {
                task_id: task.to_owned(),
            };
            let found = self
                .covers(who)
                .get_task(request)
                .await
                .unwrap()
                .into_inner();
            let status = found.status();
            if matches!(
                status,
                Status::Succeeded | Status::Failed | Status::Cancelled
            ) {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{task} has not ended");
    }
}

/// A restart takes over at once.
const SETTINGS: &str = "bulk_lease_ms = 300";

fn configure(config: &mut Config, database: Option<String>, settings: &str) {
    if let Some(url) = database {
        config.database.url = url;
    }
    let auth = "argon2_memory_kib = 64".parse().unwrap();
    config.services.insert("auth".to_owned(), auth);
    let cover = settings.parse().unwrap();
    config.services.insert("cover".to_owned(), cover);
}

fn is_over(state: State) -> bool {
    matches!(state, State::Succeeded | State::Failed | State::Cancelled)
}

/// A small order, so that tests are quick.
pub(crate) fn order(title: &str) -> GenerateRequest {
    GenerateRequest {
        title: title.to_owned(),
        sizes: vec![Size {
            preset: "thumbnail".to_owned(),
            width: 0,
            height: 0,
        }],
        ..GenerateRequest::default()
    }
}
