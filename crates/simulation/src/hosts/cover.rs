//! Cover: takes requests on, hands them to the queue by way of the outbox, and
//! works on its tasks. Two replicas over one database.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use covergen_ids::{EventId, OutboxId, TaskId, WorkspaceId};
use covergen_mesh::Channel;
use covergen_proto::cover::v1::{
    CoverGenerated, CoverGenerationFailed, CoverGenerationRequested, GenerateRequest,
    GenerateResponse,
};
use covergen_proto::task::v1::{SubmitTaskRequest, task_service_client};
use covergen_proto::user::v1::{ReserveQuotaRequest, user_service_client};
use covergen_saga::{RemoteJournal, Worker, WorkerOptions};
use covergen_store::{
    DispatchFailure, Dispatcher, Hub, Outbox as _, OutboxCommand, OutboxEvent, Relay, RelayOptions,
    Taker,
};
use prost::{Message, Name};
use tokio_util::sync::CancellationToken;
use tonic::{Code, Status};

use super::saga::{Generate, KIND};
use crate::Bug;
use crate::disk::Disk;
use crate::outbox::{MemoryOutbox, Rows};
use crate::plan::Wish;
use crate::rpc::{APPEND, Append, Done, Ended, Node, Router, background};
use crate::world::{World, now_ms};

/// How long a request in flight keeps others of its key away.
const CLAIM_MS: i64 = 2_000;

/// Cover's database.
#[derive(Debug, Default)]
pub(crate) struct Covers {
    claims: BTreeMap<String, Claim>,
    pub(crate) requests: BTreeMap<String, Request>,
    /// Tasks whose files there are.
    pub(crate) files: BTreeSet<String>,
    versions: BTreeMap<String, i64>,
    pub(crate) outbox: Rows,
}

#[derive(Debug, Clone)]
struct Claim {
    task: TaskId,
    holder: u64,
    until_ms: i64,
    answered: bool,
}

/// A request that was taken on.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) user: String,
    pub(crate) key: String,
    pub(crate) state: Stage,
    /// How often covers were stored for it.
    pub(crate) covers: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    Pending,
    Completed,
    Failed,
}

/// What somebody finds who wants to take a request on.
enum Claimed {
    Answered(TaskId),
    InFlight,
    Ours(Claim),
}

impl Covers {
    /// Takes the claim on a key. An abandoned one is taken over with its task,
    /// so that what was set aside for it is found again.
    fn claim(&mut self, key: &str, fresh: TaskId, holder: u64) -> Claimed {
        let now = now_ms();
        let task = match self.claims.get(key) {
            Some(known) if known.answered => return Claimed::Answered(known.task),
            Some(known) if known.until_ms > now => return Claimed::InFlight,
            Some(known) => known.task,
            None => fresh,
        };
        let claim = Claim {
            task,
            holder,
            until_ms: now + CLAIM_MS,
            answered: false,
        };
        self.claims.insert(key.to_owned(), claim.clone());
        Claimed::Ours(claim)
    }

    fn holds(&self, key: &str, claim: &Claim) -> bool {
        let held = self.claims.get(key);
        held.is_some_and(|held| held.holder == claim.holder)
    }

    /// Ends a request, once, whoever asks how often.
    pub(crate) fn end(&mut self, task: &TaskId, state: Stage, origin: &Origin, reason: &str) {
        let id = task.to_string();
        let Some(request) = self.requests.get_mut(&id) else {
            return;
        };
        if request.state != Stage::Pending {
            return;
        }
        request.state = state;
        let user_id = request.user.clone();
        if state == Stage::Completed {
            request.covers += 1;
            let event = CoverGenerated {
                task_id: id,
                user_id,
                ..CoverGenerated::default()
            };
            self.emit(task, &event, origin);
        } else {
            let event = CoverGenerationFailed {
                task_id: id,
                user_id,
                reason: reason.to_owned(),
                ..CoverGenerationFailed::default()
            };
            self.emit(task, &event, origin);
        }
    }

    fn emit<M: Name>(&mut self, task: &TaskId, event: &M, origin: &Origin) {
        let aggregate = task.to_string();
        let version = self.versions.entry(aggregate.clone()).or_default();
        *version += 1;
        self.outbox.append_event(OutboxEvent {
            id: origin.event,
            type_name: M::full_name(),
            aggregate,
            aggregate_version: *version,
            workspace_id: WorkspaceId::SYSTEM,
            occurred_at_ms: origin.wall_ms,
            traceparent: String::new(),
            causation_id: String::new(),
            correlation_id: String::new(),
            data: event.encode_to_vec(),
        });
    }
}

/// Where a change is made: its ids come from that host's wall clock.
pub(crate) struct Origin {
    event: EventId,
    command: OutboxId,
    wall_ms: i64,
}

/// One replica in one life.
#[derive(Clone)]
pub(crate) struct Replica {
    pub(crate) node: Node,
    pub(crate) covers: Disk<Covers>,
    outbox: Arc<MemoryOutbox>,
}

impl Replica {
    pub(crate) fn origin(&self) -> Origin {
        let clock = self.node.world.clock(self.node.name);
        Origin {
            event: EventId::new(&clock),
            command: OutboxId::new(&clock),
            wall_ms: clock.now_ms(),
        }
    }

    pub(crate) fn user(&self) -> user_service_client::UserServiceClient<Channel> {
        covergen_proto::user::v1::user_service_client(self.node.channel("user"))
    }

    fn hub(&self) -> &Hub {
        self.outbox.hub()
    }

    /// Commits, and hands the change's rows to this process's relay.
    pub(crate) async fn commit<R>(&self, change: impl FnOnce(&mut Covers) -> R) -> R {
        let result = self.covers.commit(change).await;
        self.hub().wake_events();
        result
    }

    async fn generate(self, request: GenerateRequest) -> Result<GenerateResponse, Status> {
        let wish: Wish = request.title.parse().map_err(Status::invalid_argument)?;
        let fresh = TaskId::new(&self.node.world.clock(self.node.name));
        let key = request.request_id.clone();
        let key = if self.node.world.has(Bug::ClaimsOff) {
            format!("{key} {fresh}")
        } else {
            key
        };
        let holder = rand::random();
        let claimed = self
            .covers
            .commit(|covers| covers.claim(&key, fresh, holder));
        let claim = match claimed.await {
            Claimed::Answered(task) => return Ok(answer(task)),
            Claimed::InFlight => return Err(Status::aborted("a request of this key is in flight")),
            Claimed::Ours(claim) => claim,
        };
        let reserve = ReserveQuotaRequest {
            user_id: wish.user_id(),
            task_id: claim.task.to_string(),
            units: 1,
        };
        if let Err(status) = self.user().reserve_quota(reserve).await {
            if status.code() != Code::ResourceExhausted || status.message() != "no units left" {
                return Err(Status::unavailable(status.message()));
            }
            let let_go = |covers: &mut Covers| {
                if covers.holds(&key, &claim) {
                    covers.claims.remove(&key);
                }
            };
            self.covers.commit(let_go).await;
            return Err(Status::failed_precondition(status.message()));
        }
        self.take_on(&key, &claim, wish, request).await
    }

    /// One commit for the request, what it causes, and the answer to repeats.
    async fn take_on(
        &self,
        key: &str,
        claim: &Claim,
        wish: Wish,
        request: GenerateRequest,
    ) -> Result<GenerateResponse, Status> {
        let origin = self.origin();
        let submission = self.submission(&origin, claim.task, &request);
        let taker = self.hub().taker();
        let too_early = self.node.world.has(Bug::SentBeforeDispatch);
        let change = |covers: &mut Covers| {
            if !covers.holds(key, claim) {
                return None;
            }
            covers.claims.get_mut(key)?.answered = true;
            let row = Request {
                user: wish.user_id(),
                key: request.request_id.clone(),
                state: Stage::Pending,
                covers: 0,
            };
            covers.requests.insert(claim.task.to_string(), row);
            let event = CoverGenerationRequested {
                task_id: claim.task.to_string(),
                user_id: wish.user_id(),
                ..CoverGenerationRequested::default()
            };
            covers.emit(&claim.task, &event, &origin);
            let seq = covers
                .outbox
                .append_command(submission.clone(), taker.clone());
            if too_early {
                covers.outbox.mark_too_early(seq);
            }
            Some(seq)
        };
        let Some(seq) = self.commit(change).await else {
            return Err(Status::aborted("the request was taken over"));
        };
        if !self.dispatch(taker.as_ref(), seq, submission) {
            self.hub().wake_commands();
        }
        Ok(answer(claim.task))
    }

    /// Hands a command over in memory, if its row was leased for that.
    fn dispatch(&self, taker: Option<&Taker>, seq: i64, command: OutboxCommand) -> bool {
        taker.is_some() && self.hub().dispatch(vec![(seq, command)])
    }

    fn submission(
        &self,
        origin: &Origin,
        task: TaskId,
        request: &GenerateRequest,
    ) -> OutboxCommand {
        let submit = SubmitTaskRequest {
            task_id: task.to_string(),
            kind: KIND.to_owned(),
            payload: Bytes::from(request.encode_to_vec()),
            saga_version: 1,
            workspace_id: WorkspaceId::SYSTEM.to_string(),
            ..SubmitTaskRequest::default()
        };
        OutboxCommand {
            id: origin.command,
            name: "task.submit".to_owned(),
            key: task.to_string(),
            payload: submit.encode_to_vec(),
            principal: None,
            workspace_id: WorkspaceId::SYSTEM,
            occurred_at_ms: origin.wall_ms,
            traceparent: String::new(),
            causation_id: String::new(),
            correlation_id: String::new(),
            attempt: 1,
        }
    }
}

fn answer(task: TaskId) -> GenerateResponse {
    GenerateResponse {
        task_id: task.to_string(),
        ..GenerateResponse::default()
    }
}

/// Where the relay sends to.
struct Outlet {
    node: Node,
    tasks: task_service_client::TaskServiceClient<Channel>,
}

#[async_trait]
impl Dispatcher for Outlet {
    async fn publish(&self, events: Vec<OutboxEvent>) -> Vec<Result<(), DispatchFailure>> {
        let count = events.len();
        let append = Append {
            events: events.iter().map(OutboxEvent::envelope).collect(),
        };
        let publishing = self.node.call::<_, Done>("log", APPEND, append);
        let published = background().scope(publishing).await;
        let failed = |status: &Status| DispatchFailure::Retry(status.message().to_owned());
        let answer = published.as_ref().map(|_| ()).map_err(failed);
        vec![answer; count]
    }

    async fn command(&self, command: OutboxCommand) -> Result<(), DispatchFailure> {
        let request = SubmitTaskRequest::decode(command.payload.as_slice())
            .map_err(|error| DispatchFailure::Refused(error.to_string()))?;
        let mut tasks = self.tasks.clone();
        let submitted = background().scope(tasks.submit_task(request)).await;
        match submitted {
            Ok(_) => Ok(()),
            Err(status) => Err(DispatchFailure::Retry(status.message().to_owned())),
        }
    }
}

/// One replica until its host dies: server, relay and worker.
pub(crate) async fn run(name: &'static str, world: World) -> Ended {
    let node = Node::new(name, &world)?;
    let covers = world.disks().covers.clone();
    let outbox = Arc::new(MemoryOutbox {
        world: world.clone(),
        covers: covers.clone(),
        hub: Hub::default(),
    });
    let tasks = covergen_proto::task::v1::task_service_client(node.channel("task"));
    let outlet = Outlet {
        node: node.clone(),
        tasks,
    };
    let never = CancellationToken::new();
    // What a relay has by default is made for days; a run has seconds.
    let options = RelayOptions {
        poll_ms: 300,
        // Small, so that one is taken while another is on its way.
        event_batch: 2,
        max_event_batch: 4,
        lease_ms: 2_500,
        dispatch_timeout_ms: 2_000,
        backoff_max_ms: 1_000,
        ..RelayOptions::default()
    };
    let relay = Relay::over(outbox.clone(), Arc::new(outlet)).options(options);
    // It ends with the host.
    let _relay = relay.spawn(never.clone());
    let replica = Replica {
        node: node.clone(),
        covers,
        outbox,
    };
    let journal = RemoteJournal::new(node.channel("task"));
    let worker = WorkerOptions {
        name: name.to_owned(),
        concurrency: 4,
    };
    let worker = Worker::new(journal, worker, |_| background()).saga(Generate(replica.clone()));
    tokio::spawn(worker.run(never));
    let router = Router::new(&node).on(
        "/covergen.cover.v1.CoverService/Generate",
        move |request: GenerateRequest| replica.clone().generate(request),
    );
    node.serve(router).await
}
