//! The task service for one test, and the services and people who call it.

use std::time::Duration;

use covergen_chassis::{Config, Harness, Service};
use covergen_identity::{Principal, Role};
use covergen_ids::{Clock, TaskId, WorkspaceId};
use covergen_mesh::Channel;
use covergen_proto::task::v1::finish_task_request::Outcome;
use covergen_proto::task::v1::task_service_client::TaskServiceClient;
use covergen_proto::task::v1::{
    FinishTaskRequest, GetTaskRequest, HeartbeatRequest, JournalEntry, LeaseTasksRequest,
    LeasedTask, RecordStepRequest, SubmitTaskRequest, Task, TaskError, journal_entry,
};
use covergen_testkit::Databases;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

/// Which database.
#[derive(Clone, Copy)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

pub(crate) type Client = TaskServiceClient<Channel>;

pub(crate) struct World {
    pub(crate) harness: Harness,
    _databases: Option<Databases>,
}

/// Polls are short and a second attempt comes at once.
const BRISK: &str = "poll_ms = 20\nbackoff_first_ms = 1\nbackoff_max_ms = 2\n";

impl World {
    pub(crate) async fn start(engine: Engine) -> Self {
        Self::with(engine, "").await
    }

    /// Starts with more settings in the service's section.
    pub(crate) async fn with(engine: Engine, settings: &str) -> Self {
        Self::build(engine, settings, Vec::new()).await
    }

    /// Starts beside other services.
    pub(crate) async fn beside(engine: Engine, others: Vec<Service>) -> Self {
        Self::build(engine, "", others).await
    }

    async fn build(engine: Engine, settings: &str, mut services: Vec<Service>) -> Self {
        services.push(covergen_task::service());
        let names: Vec<&str> = services.iter().map(Service::name).collect();
        let databases = match engine {
            Engine::Sqlite => None,
            Engine::Postgres => Some(covergen_testkit::postgres_databases(&names).await),
        };
        let url = databases.as_ref().map(Databases::url);
        let harness = Harness::start_with(services, Clock::system(), |config| {
            if let Some(url) = url {
                config.database.url = url;
            }
            configure(config, settings);
        })
        .await;
        Self {
            harness,
            _databases: databases,
        }
    }

    /// Around a service that a test started its own way.
    pub(crate) fn over(harness: Harness) -> Self {
        Self {
            harness,
            _databases: None,
        }
    }

    /// The service that owns the kinds `cover.…`.
    pub(crate) fn cover(&self) -> Client {
        self.service("cover", None)
    }

    pub(crate) fn service(&self, name: &str, principal: Option<&Principal>) -> Client {
        client(self.harness.as_service(name, principal, "task"))
    }

    pub(crate) fn person(&self, principal: &Principal) -> Client {
        client(self.harness.as_user(principal, "task"))
    }

    pub(crate) fn operator(&self) -> Client {
        self.person(&self.harness.person(Role::Admin))
    }

    pub(crate) fn workspace(&self) -> WorkspaceId {
        WorkspaceId::new(self.harness.clock())
    }

    pub(crate) fn request(&self, workspace: WorkspaceId) -> SubmitTaskRequest {
        SubmitTaskRequest {
            task_id: TaskId::new(self.harness.clock()).to_string(),
            kind: "cover.generate".to_owned(),
            payload: vec![1, 2, 3].into(),
            saga_version: 1,
            workspace_id: workspace.to_string(),
            ..SubmitTaskRequest::default()
        }
    }

    /// Submits a task of its own workspace.
    pub(crate) async fn submit(&self) -> Task {
        self.submit_for(self.workspace()).await
    }

    pub(crate) async fn submit_for(&self, workspace: WorkspaceId) -> Task {
        let request = self.request(workspace);
        self.cover()
            .submit_task(request)
            .await
            .unwrap()
            .into_inner()
    }

    pub(crate) async fn lease(&self, max_tasks: i32, wait_ms: i32) -> Vec<LeasedTask> {
        let answer = self.cover().lease_tasks(lease(max_tasks, wait_ms)).await;
        answer.unwrap().into_inner().tasks
    }

    /// Leases one task, however long the wait.
    pub(crate) async fn lease_one(&self) -> LeasedTask {
        for _ in 0..20 {
            if let Some(task) = self.lease(1, 2_000).await.pop() {
                return task;
            }
        }
        panic!("no task came");
    }

    pub(crate) async fn finish(
        &self,
        task: &LeasedTask,
        outcome: Outcome,
        burn_attempt: bool,
    ) -> Result<Task, Status> {
        let request = FinishTaskRequest {
            task_id: task.task_id.clone(),
            fencing_token: task.fencing_token,
            outcome: outcome.into(),
            error: (outcome != Outcome::Succeeded).then(|| TaskError {
                reason: "BROKEN".to_owned(),
                message: "it broke".to_owned(),
            }),
            burn_attempt,
        };
        Ok(self.cover().finish_task(request).await?.into_inner())
    }

    /// Asks the operator's way, which sees one workspace at a time.
    pub(crate) async fn get(&self, task: &Task) -> Task {
        let mut owner = self.harness.creator();
        owner.workspace_id = task.workspace_id.parse().unwrap();
        let request = GetTaskRequest {
            task_id: task.id.clone(),
        };
        self.person(&owner)
            .get_task(request)
            .await
            .unwrap()
            .into_inner()
    }

    /// The service's tables, read from outside.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        use sea_orm::{ConnectionTrait as _, Statement};
        let config = &self.harness.hosted().config().database;
        let store = covergen_store::Store::open(config, "task", Clock::system())
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
}

pub(crate) fn configure(config: &mut Config, settings: &str) {
    let section = format!("{BRISK}{settings}");
    config.services.insert("task".to_owned(), merged(&section));
}

/// Later lines win over earlier ones, which TOML itself refuses.
fn merged(text: &str) -> toml::Table {
    let mut table = toml::Table::new();
    for line in text.lines() {
        table.extend(line.parse::<toml::Table>().unwrap());
    }
    table
}

fn client(channel: Channel) -> Client {
    covergen_proto::task::v1::task_service_client(channel)
}

pub(crate) fn lease(max_tasks: i32, wait_ms: i32) -> LeaseTasksRequest {
    LeaseTasksRequest {
        kinds: vec!["cover.generate".to_owned()],
        max_tasks,
        worker: "worker-1".to_owned(),
        wait_ms,
    }
}

pub(crate) fn beat(task: &LeasedTask, progress_percent: i32) -> HeartbeatRequest {
    HeartbeatRequest {
        task_id: task.task_id.clone(),
        fencing_token: task.fencing_token,
        progress_percent,
        stage: String::new(),
    }
}

pub(crate) fn record(task: &LeasedTask, step: &str, pivot: bool) -> RecordStepRequest {
    RecordStepRequest {
        task_id: task.task_id.clone(),
        fencing_token: task.fencing_token,
        entries: vec![JournalEntry {
            step: step.to_owned(),
            state: journal_entry::State::Started.into(),
            output: Vec::new().into(),
        }],
        progress_percent: 0,
        stage: step.to_owned(),
        pivot,
    }
}

/// Checks a refusal by code and stable reason.
#[track_caller]
pub(crate) fn refused<T: std::fmt::Debug>(answer: Result<T, Status>, code: Code, reason: &str) {
    let status = answer.unwrap_err();
    let found = status
        .get_details_error_info()
        .map(|info| info.reason)
        .unwrap_or_default();
    assert_eq!(
        (status.code(), found.as_str()),
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
