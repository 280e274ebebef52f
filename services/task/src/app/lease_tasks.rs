use std::time::Duration;

use covergen_ids::WorkspaceId;
use covergen_proto::task::v1::LeaseTasksRequest;
use covergen_store::Tx;
use tokio::time::Instant;

use super::App;
use crate::domain::take_turns;
use crate::error::Error;
use crate::events;
use crate::store;
use crate::store::entity::{journal, task, task::State};

/// Candidates looked at for one lease: enough for turns to be fair, few enough
/// to stay cheap however long the queue is.
const CANDIDATES: u64 = 128;
/// Looks for one lease, each past the workspaces that filled the one before.
const LOOKS: usize = 4;

/// A task in a worker's hands, with its journal.
pub(crate) struct Leased {
    pub(crate) task: task::Model,
    pub(crate) journal: Vec<journal::Model>,
}

/// What one look at the queue brought.
enum Look {
    /// Nothing may be leased now.
    Nothing,
    /// Others took what was picked.
    Lost,
    /// These.
    Leased(Vec<Leased>),
}

impl App {
    /// Hands tasks to a worker, waiting for the first.
    pub(crate) async fn lease_tasks(
        &self,
        request: &LeaseTasksRequest,
    ) -> Result<Vec<Leased>, Error> {
        let wait = Duration::from_millis(u64::try_from(request.wait_ms).unwrap_or(0));
        let until = Instant::now() + wait;
        let mut work = self.live.waiting();
        loop {
            // Seen before looking, so that a task submitted while looking is
            // not slept through.
            work.mark_unchanged();
            let leased = match self.lease_now(request).await? {
                Look::Leased(leased) => leased,
                Look::Nothing => Vec::new(),
                // Others were faster at these; there may be more behind them.
                Look::Lost if Instant::now() < until && !self.shutdown.is_cancelled() => continue,
                Look::Lost => Vec::new(),
            };
            if !leased.is_empty() || Instant::now() >= until || self.shutdown.is_cancelled() {
                return Ok(leased);
            }
            let net = Instant::now() + Duration::from_millis(self.config.poll_ms);
            tokio::select! {
                changed = work.changed() => if changed.is_err() { return Ok(leased) },
                () = tokio::time::sleep_until(until.min(net)) => {}
                () = self.shutdown.cancelled() => {}
            }
        }
    }

    async fn lease_now(&self, request: &LeaseTasksRequest) -> Result<Look, Error> {
        // A look without a write first: waiting workers must not queue up at
        // the one writer that everybody else needs.
        if !store::may_have_work(&self.store, &request.kinds).await? {
            return Ok(Look::Nothing);
        }
        let tx = self.store.begin().await?;
        let (now, lease_now) = (tx.now_ms(), tx.lease_now_ms());
        let candidates = fair_candidates(&tx, &request.kinds, now, lease_now).await?;
        if candidates.is_empty() {
            return Ok(Look::Nothing);
        }
        let running = store::running(&tx, lease_now).await?;
        let max = usize::try_from(request.max_tasks).unwrap_or(1);
        let mut leased = Vec::new();
        let mut picked = take_turns(candidates, |task| task.workspace_id, &running, max);
        // Rows are locked in one order by everybody, so that two workers who
        // picked the same never wait for each other.
        picked.sort_by_key(|task| task.id);
        for before in picked {
            let mut after = before.clone();
            after.state = State::Running;
            after.attempt += 1;
            after.fencing_token += 1;
            after.worker.clone_from(&request.worker);
            after.lease_until_ms = Some(lease_now + i64::from(self.config.lease_ms));
            after.version += 1;
            after.updated_at_ms = now;
            if !store::save(&tx, &before, after.clone()).await? {
                continue;
            }
            if before.state != State::Running {
                events::state_changed(&tx, &after).await?;
            }
            let journal = store::journal(&tx, after.id, after.execution).await?;
            leased.push(Leased {
                task: after,
                journal,
            });
        }
        if leased.is_empty() {
            return Ok(Look::Lost);
        }
        tx.commit().await?;
        leased.sort_by_key(|leased: &Leased| (leased.task.rank_ms, leased.task.id));
        for leased in &leased {
            self.live.changed(&leased.task.id.to_string()).await;
        }
        Ok(Look::Leased(leased))
    }
}

/// The tasks that may be leased now, best rank first. Where a few workspaces
/// fill the whole look, the others are looked at behind them, so that a flood
/// does not hide whoever has one task.
async fn fair_candidates(
    tx: &Tx,
    kinds: &[String],
    now_ms: i64,
    lease_now_ms: i64,
) -> Result<Vec<task::Model>, Error> {
    let limit = usize::try_from(CANDIDATES).unwrap_or(usize::MAX);
    let mut found: Vec<task::Model> = Vec::new();
    let mut seen: Vec<WorkspaceId> = Vec::new();
    for _ in 0..LOOKS {
        let more = store::candidates(tx, kinds, now_ms, lease_now_ms, &seen, CANDIDATES).await?;
        let full = more.len() >= limit;
        for task in more {
            if !seen.contains(&task.workspace_id) {
                seen.push(task.workspace_id);
            }
            found.push(task);
        }
        if !full || seen.len() >= limit {
            break;
        }
    }
    found.sort_by_key(|task| (task.rank_ms, task.id));
    Ok(found)
}
