//! The task service: queue, leases with fencing tokens, journals.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use covergen_proto::task::v1::finish_task_request::Outcome;
use covergen_proto::task::v1::task::State;
use covergen_proto::task::v1::{
    CancelTaskRequest, FinishTaskRequest, HeartbeatRequest, HeartbeatResponse, JournalEntry,
    LeaseTasksRequest, LeaseTasksResponse, LeasedTask, RecordStepRequest, RecordStepResponse,
    SubmitTaskRequest, Task,
};
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};
use tonic::Status;

use crate::Bug;
use crate::rpc::{Ended, Node, Router};
use crate::world::{World, now_ms};

/// How long a worker has a task between two beats.
const LEASE_MS: i32 = 3_000;
/// Attempts of a task that are counted.
const MAX_ATTEMPTS: i32 = 4;
/// How often whoever waits for work looks again, woken or not.
const LOOK: Duration = Duration::from_millis(200);

/// The queue's database.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    pub(crate) tasks: BTreeMap<String, Row>,
}

#[derive(Debug)]
pub(crate) struct Row {
    kind: String,
    payload: Bytes,
    saga_version: i32,
    pub(crate) state: State,
    attempt: i32,
    fencing: u64,
    lease_until_ms: i64,
    available_at_ms: i64,
    cancel_requested: bool,
    pivoted: bool,
    pub(crate) needs_operator: bool,
    pub(crate) journal: Vec<JournalEntry>,
    pub(crate) reason: String,
}

impl Queue {
    fn submit(&mut self, request: SubmitTaskRequest) -> Task {
        let id = request.task_id.clone();
        let row = self.tasks.entry(id.clone()).or_insert_with(|| Row {
            kind: request.kind,
            payload: request.payload,
            saga_version: request.saga_version,
            state: State::Pending,
            attempt: 0,
            fencing: 0,
            lease_until_ms: 0,
            available_at_ms: 0,
            cancel_requested: false,
            pivoted: false,
            needs_operator: false,
            journal: Vec::new(),
            reason: String::new(),
        });
        row.answer(&id)
    }

    fn lease(&mut self, request: &LeaseTasksRequest, now: i64, lease_now: i64) -> Vec<LeasedTask> {
        let most = usize::try_from(request.max_tasks).unwrap_or(1);
        let due = |row: &Row| match row.state {
            State::Pending => row.available_at_ms <= now,
            State::Running => row.lease_until_ms <= lease_now,
            _ => false,
        };
        let free = self.tasks.iter_mut().filter(|(_, row)| due(row));
        free.take(most)
            .map(|(id, row)| {
                row.state = State::Running;
                row.attempt += 1;
                row.fencing += 1;
                row.lease_until_ms = lease_now + i64::from(LEASE_MS);
                row.leased(id)
            })
            .collect()
    }

    /// The task, if this token holds its lease.
    fn held(&mut self, id: &str, token: u64) -> Result<&mut Row, Status> {
        let held = |row: &&mut Row| row.fencing == token && row.state == State::Running;
        let row = self.tasks.get_mut(id).filter(held);
        row.ok_or_else(|| Status::failed_precondition("the lease is lost"))
    }

    fn record(&mut self, request: RecordStepRequest) -> Result<RecordStepResponse, Status> {
        let row = self.held(&request.task_id, request.fencing_token)?;
        let cancel_requested = row.cancel_requested && !row.pivoted;
        if !(request.pivot && cancel_requested) {
            for entry in request.entries {
                row.journal.retain(|known| known.step != entry.step);
                row.journal.push(entry);
            }
            row.pivoted |= request.pivot;
        }
        Ok(RecordStepResponse { cancel_requested })
    }

    fn finish(&mut self, request: FinishTaskRequest, now: i64) -> Result<Task, Status> {
        let outcome = request.outcome();
        let state = match outcome {
            Outcome::Succeeded => State::Succeeded,
            Outcome::Transient => State::Pending,
            Outcome::Cancelled => State::Cancelled,
            _ => State::Failed,
        };
        let token = request.fencing_token;
        let known = self.tasks.get_mut(&request.task_id);
        let known = known.filter(|row| row.fencing == token);
        let known = known.filter(|row| row.state == State::Running || row.state == state);
        let row = known.ok_or_else(|| Status::failed_precondition("the lease is lost"))?;
        if row.state == State::Running {
            row.state = state;
            row.needs_operator = outcome == Outcome::NeedsOperator;
            row.reason = request.error.map(|error| error.reason).unwrap_or_default();
            if outcome == Outcome::Transient {
                row.attempt -= i32::from(!request.burn_attempt);
                row.available_at_ms = now + rand::random_range(1..=400);
            }
        }
        Ok(row.answer(&request.task_id))
    }
}

impl Row {
    pub(crate) fn has_ended(&self) -> bool {
        !matches!(self.state, State::Pending | State::Running)
    }

    fn answer(&self, id: &str) -> Task {
        Task {
            id: id.to_owned(),
            kind: self.kind.clone(),
            state: self.state.into(),
            attempt: self.attempt,
            cancel_requested: self.cancel_requested,
            ..Task::default()
        }
    }

    fn leased(&self, id: &str) -> LeasedTask {
        LeasedTask {
            task_id: id.to_owned(),
            kind: self.kind.clone(),
            payload: self.payload.clone(),
            execution: 1,
            attempt: self.attempt,
            fencing_token: self.fencing,
            lease_ms: LEASE_MS,
            saga_version: self.saga_version,
            journal: self.journal.clone(),
            cancel_requested: self.cancel_requested && !self.pivoted,
            max_attempts: MAX_ATTEMPTS,
            ..LeasedTask::default()
        }
    }
}

/// The queue in one life of its host.
#[derive(Clone)]
struct Desk {
    node: Node,
    work: Arc<Notify>,
}

impl Desk {
    /// The clock that judges leases.
    fn lease_now(&self) -> i64 {
        if self.node.world.has(Bug::LeasesByWallClock) {
            return self.node.world.wall_ms(self.node.name);
        }
        now_ms()
    }

    async fn commit<R>(&self, change: impl FnOnce(&mut Queue) -> R) -> R {
        self.node.world.disks().queue.commit(change).await
    }

    async fn submit(self, request: SubmitTaskRequest) -> Result<Task, Status> {
        let task = self.commit(|queue| queue.submit(request)).await;
        self.work.notify_waiters();
        Ok(task)
    }

    async fn lease(self, request: LeaseTasksRequest) -> Result<LeaseTasksResponse, Status> {
        let wait = Duration::from_millis(u64::try_from(request.wait_ms).unwrap_or(0));
        let until = Instant::now() + wait;
        loop {
            let (now, lease_now) = (now_ms(), self.lease_now());
            let tasks = self
                .commit(|queue| queue.lease(&request, now, lease_now))
                .await;
            for task in &tasks {
                let (id, token) = (&task.task_id, task.fencing_token);
                self.node
                    .note(format_args!("leases {id} to {} as {token}", request.worker));
            }
            if !tasks.is_empty() || Instant::now() >= until {
                return Ok(LeaseTasksResponse { tasks });
            }
            let look = until.min(Instant::now() + LOOK);
            // Woken or not, it looks again.
            let _ = timeout_at(look, self.work.notified()).await;
        }
    }

    async fn beat(self, request: HeartbeatRequest) -> Result<HeartbeatResponse, Status> {
        let lease_now = self.lease_now();
        self.commit(|queue| {
            let row = queue.held(&request.task_id, request.fencing_token)?;
            row.lease_until_ms = lease_now + i64::from(LEASE_MS);
            Ok(HeartbeatResponse {
                cancel_requested: row.cancel_requested && !row.pivoted,
                lease_ms: LEASE_MS,
            })
        })
        .await
    }

    async fn finish(self, request: FinishTaskRequest) -> Result<Task, Status> {
        let (id, outcome) = (request.task_id.clone(), request.outcome());
        let task = self.commit(|queue| queue.finish(request, now_ms())).await?;
        self.node.note(format_args!("{id} ended: {outcome:?}"));
        self.work.notify_waiters();
        Ok(task)
    }

    async fn cancel(self, request: CancelTaskRequest) -> Result<Task, Status> {
        self.commit(|queue| {
            let id = &request.task_id;
            let row = queue.tasks.get_mut(id);
            let row = row.ok_or_else(|| Status::not_found("no such task"))?;
            row.cancel_requested |= !row.pivoted && !row.has_ended();
            Ok(row.answer(id))
        })
        .await
    }
}

/// Keeps the queue until the host dies.
pub(crate) async fn run(name: &'static str, world: World) -> Ended {
    let node = Node::new(name, &world)?;
    let desk = Desk {
        node: node.clone(),
        work: Arc::default(),
    };
    let at = || desk.clone();
    let (submitting, leasing, beating) = (at(), at(), at());
    let (recording, finishing, cancelling) = (at(), at(), at());
    let router = Router::new(&node)
        .on("/covergen.task.v1.TaskService/SubmitTask", move |request| {
            submitting.clone().submit(request)
        })
        .on("/covergen.task.v1.TaskService/LeaseTasks", move |request| {
            leasing.clone().lease(request)
        })
        .on("/covergen.task.v1.TaskService/Heartbeat", move |request| {
            beating.clone().beat(request)
        })
        .on("/covergen.task.v1.TaskService/RecordStep", move |request| {
            let desk = recording.clone();
            async move { desk.commit(|queue| queue.record(request)).await }
        })
        .on("/covergen.task.v1.TaskService/FinishTask", move |request| {
            finishing.clone().finish(request)
        })
        .on("/covergen.task.v1.TaskService/CancelTask", move |request| {
            cancelling.clone().cancel(request)
        });
    node.serve(router).await
}
