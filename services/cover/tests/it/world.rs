//! The services of the main path in one process, and somebody to use them.

use std::time::Duration;

use covergen_chassis::{Harness, Service};
use covergen_identity::Principal;
use covergen_ids::Clock;
use covergen_mesh::Channel;
use covergen_proto::auth::v1::RegisterRequest;
use covergen_proto::cover::v1::cover_service_client::CoverServiceClient;
use covergen_proto::cover::v1::cover_task::Status;
use covergen_proto::cover::v1::{CoverTask, GenerateRequest, GetTaskRequest, Size};
use covergen_testkit::Databases;

const NAMES: [&str; 7] = [
    "auth", "user", "template", "safety", "task", "media", "cover",
];

pub(crate) fn services() -> Vec<Service> {
    vec![
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
    _databases: Option<Databases>,
}

impl World {
    pub(crate) async fn on_sqlite() -> Self {
        Self {
            harness: start(None).await,
            _databases: None,
        }
    }

    pub(crate) async fn on_postgres() -> Self {
        let databases = covergen_testkit::postgres_databases(&NAMES).await;
        Self {
            harness: start(Some(databases.url())).await,
            _databases: Some(databases),
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
                request_id: String::new(),
            })
            .await
            .unwrap()
            .into_inner();
        let access = &self.harness.hosted().identity().access;
        access.verify(&tokens.access_token).unwrap()
    }

    pub(crate) fn covers(&self, who: &Principal) -> CoverServiceClient<Channel> {
        covergen_proto::cover::v1::cover_service_client(self.harness.as_user(who, "cover"))
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

async fn start(database: Option<String>) -> Harness {
    Harness::start_with(services(), Clock::system(), |config| {
        config.database.max_read_connections = 2;
        config.database.max_write_connections = 2;
        if let Some(url) = database {
            config.database.url = url;
        }
        let auth = "argon2_memory_kib = 64".parse().unwrap();
        config.services.insert("auth".to_owned(), auth);
    })
    .await
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
