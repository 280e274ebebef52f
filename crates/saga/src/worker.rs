use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use covergen_mesh::{CallContext, TraceParent};
use covergen_proto::task::v1::LeasedTask;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::trace::traced;
use crate::{Ended, Finish, Journal, JournalError, Saga, execute};

/// How a worker works.
#[derive(Debug, Clone)]
pub struct WorkerOptions {
    /// Name in the queue, for operators.
    pub name: String,
    /// Tasks at hand at once.
    pub concurrency: usize,
}

/// Makes the context that a task's calls are made in: whose work it is.
type ContextOf = Arc<dyn Fn(&LeasedTask) -> CallContext + Send + Sync>;

/// Leases tasks and runs their sagas, until shutdown.
pub struct Worker<J> {
    journal: Arc<J>,
    sagas: HashMap<String, Arc<dyn Saga>>,
    context_of: ContextOf,
    options: WorkerOptions,
}

impl<J: Journal> Worker<J> {
    /// A worker without sagas. `context_of` says on whose behalf a task runs.
    pub fn new(
        journal: J,
        options: WorkerOptions,
        context_of: impl Fn(&LeasedTask) -> CallContext + Send + Sync + 'static,
    ) -> Self {
        Self {
            journal: Arc::new(journal),
            sagas: HashMap::new(),
            context_of: Arc::new(context_of),
            options,
        }
    }

    /// Works on the tasks of a saga too.
    #[must_use]
    pub fn saga(mut self, saga: impl Saga) -> Self {
        self.sagas.insert(saga.kind().to_owned(), Arc::new(saga));
        self
    }

    /// Works until shutdown, then gives back what is not finished.
    pub async fn run(self, shutdown: CancellationToken) {
        let kinds: Vec<String> = self.sagas.keys().cloned().collect();
        let free = Arc::new(Semaphore::new(self.options.concurrency));
        let mut running = JoinSet::new();
        let mut pause = Duration::from_millis(50);
        loop {
            while running.try_join_next().is_some() {}
            let slots = tokio::select! {
                biased;
                () = shutdown.cancelled() => break,
                permit = Arc::clone(&free).acquire_owned() => permit,
            };
            // The semaphore is never closed.
            let Ok(first) = slots else { break };
            let more = free.available_permits();
            // Leasing is dropped at shutdown. A task that was leased in that
            // very moment comes back when its lease ends.
            let leased = tokio::select! {
                biased;
                () = shutdown.cancelled() => break,
                leased = self.lease(&kinds, more + 1) => leased,
            };
            let tasks = match leased {
                Ok(tasks) => {
                    pause = Duration::from_millis(50);
                    tasks
                }
                Err(error) => {
                    tracing::warn!(%error, "cannot lease tasks");
                    tokio::select! {
                        biased;
                        () = shutdown.cancelled() => break,
                        () = tokio::time::sleep(pause) => {}
                    }
                    pause = (pause * 2).min(Duration::from_secs(2));
                    continue;
                }
            };
            let mut permits = vec![first];
            while permits.len() < tasks.len() {
                match Arc::clone(&free).try_acquire_owned() {
                    Ok(permit) => permits.push(permit),
                    Err(_) => break,
                }
            }
            // No more were asked for than there are permits.
            for (task, permit) in tasks.into_iter().zip(permits) {
                let work = self.attempt(task, &shutdown);
                running.spawn(async move {
                    work.await;
                    drop(permit);
                });
            }
        }
        while running.join_next().await.is_some() {}
    }

    async fn lease(&self, kinds: &[String], max: usize) -> Result<Vec<LeasedTask>, JournalError> {
        CallContext::background()
            .scope(self.journal.lease(kinds, max, &self.options.name))
            .await
    }

    fn attempt(
        &self,
        task: LeasedTask,
        shutdown: &CancellationToken,
    ) -> impl Future<Output = ()> + Send + 'static {
        let saga = self.sagas.get(&task.kind).cloned();
        let journal = Arc::clone(&self.journal);
        let mut context = (self.context_of)(&task);
        // The trace of whoever submitted it, through everything it is asked for.
        if let Some(submitted) = TraceParent::parse(&task.traceparent) {
            context = context.with_trace_parent(submitted);
        }
        let span = tracing::info_span!(
            parent: None,
            "saga",
            otel.kind = "consumer",
            otel.name = format!("saga {}", task.kind),
            kind = task.kind,
            taskId = task.task_id,
            attempt = task.attempt,
        );
        let shutdown = shutdown.clone();
        let work = async move {
            // The queue only hands out kinds that were asked for.
            let Some(saga) = saga else { return };
            let kind = task.kind.clone();
            let stop = CancellationToken::new();
            let beating = beat(Arc::clone(&journal), task.clone(), stop.clone());
            // Boxed: a saga's futures are large, and one per task is cheap.
            let work = Box::pin(execute(&*saga, &*journal, task, stop, &shutdown));
            let ended = tokio::select! {
                biased;
                ended = work => ended,
                () = beating => Ended::Abandoned,
            };
            metrics::counter!("saga_attempts_total", "kind" => kind, "outcome" => name(&ended))
                .increment(1);
        };
        context.scope(traced(span, work))
    }
}

/// Renews the lease until the work is over. When somebody asked for the task
/// to stop, or the lease is lost, `stop` is cancelled; a lost lease also ends
/// this, and with it the attempt.
async fn beat<J: Journal>(journal: Arc<J>, task: LeasedTask, stop: CancellationToken) {
    let lease = Duration::from_millis(u64::try_from(task.lease_ms).unwrap_or(1).max(300));
    let mut renewed = tokio::time::Instant::now();
    loop {
        tokio::time::sleep(lease / 3).await;
        match journal.beat(&task, 0, "").await {
            Ok(beat) => {
                renewed = tokio::time::Instant::now();
                if beat.cancel_requested {
                    stop.cancel();
                }
            }
            Err(JournalError::LeaseLost) => {
                stop.cancel();
                return;
            }
            // While the queue does not answer the lease may still be ours; past
            // its term it must be taken for lost.
            Err(JournalError::Unavailable(_)) if renewed.elapsed() > lease => {
                stop.cancel();
                return;
            }
            Err(JournalError::Unavailable(_)) => {}
        }
    }
}

fn name(ended: &Ended) -> &'static str {
    match ended {
        Ended::Finished(Finish::Succeeded) => "succeeded",
        Ended::Finished(Finish::Transient { .. }) => "transient",
        Ended::Finished(Finish::Fatal(_)) => "failed",
        Ended::Finished(Finish::Cancelled(_)) => "cancelled",
        Ended::Finished(Finish::NeedsOperator(_)) => "needs_operator",
        Ended::Abandoned => "abandoned",
    }
}
