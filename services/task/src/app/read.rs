//! The RPCs that only look.

use std::collections::{BTreeMap, HashMap};

use covergen_ids::{TaskId, WorkspaceId};
use covergen_proto::task::v1::task::State as WireState;
use covergen_proto::task::v1::{KindStats, ListDeadLettersRequest, ListTasksRequest, QueueStats};
use covergen_store::{Cursor, Page, page_size};

use super::App;
use crate::error::Error;
use crate::store::entity::journal;
use crate::store::entity::task::{self, State};
use crate::store::{self, Wanted};

const DEAD: &str = "task.dead";
const LATEST: &str = "task.latest";

impl App {
    /// A task of a workspace.
    pub(crate) async fn get_task(
        &self,
        workspace: WorkspaceId,
        id: TaskId,
    ) -> Result<task::Model, Error> {
        store::task(self.store.read(), workspace, id)
            .await?
            .ok_or(Error::TaskNotFound)
    }

    /// Those of some tasks that are of a workspace.
    pub(crate) async fn batch_get_tasks(
        &self,
        workspace: WorkspaceId,
        ids: &[TaskId],
    ) -> Result<Vec<task::Model>, Error> {
        Ok(store::tasks(self.store.read(), workspace, ids).await?)
    }

    /// By kind: how many tasks wait, and for how long the oldest has, in
    /// milliseconds.
    pub(crate) async fn waiting(&self) -> Result<HashMap<String, (i64, i64)>, Error> {
        let now = self.clock.now_ms();
        let rows = store::waiting(self.store.read()).await?;
        let judge =
            |(kind, tasks, oldest): (String, i64, i64)| (kind, (tasks, (now - oldest).max(0)));
        Ok(rows.into_iter().map(judge).collect())
    }

    /// Counts by kind and state, from the rows themselves.
    pub(crate) async fn get_queue_stats(&self) -> Result<QueueStats, Error> {
        let mut kinds: BTreeMap<String, KindStats> = BTreeMap::new();
        for (kind, state, needs_operator, count) in store::counts(self.store.read()).await? {
            let count = i32::try_from(count).unwrap_or(i32::MAX);
            let stats = kinds.entry(kind.clone()).or_insert_with(|| KindStats {
                kind,
                ..KindStats::default()
            });
            *match state {
                State::Pending => &mut stats.pending,
                State::Running => &mut stats.running,
                State::Succeeded => &mut stats.succeeded,
                State::Failed => &mut stats.failed,
                State::Cancelled => &mut stats.cancelled,
            } += count;
            if needs_operator {
                stats.needs_operator += count;
            }
        }
        let now = self.clock.now_ms();
        for (kind, oldest) in store::oldest_pending(self.store.read()).await? {
            if let Some(stats) = kinds.get_mut(&kind) {
                stats.oldest_pending_ms = (now - oldest).max(0);
            }
        }
        Ok(QueueStats {
            kinds: kinds.into_values().collect(),
        })
    }

    /// Tasks that wait for an operator, newest first.
    pub(crate) async fn list_dead_letters(
        &self,
        request: &ListDeadLettersRequest,
    ) -> Result<Page<task::Model>, Error> {
        let wanted = Wanted {
            needs_operator: true,
            ..Wanted::default()
        };
        self.latest(DEAD, &wanted, request.page_size, &request.page_token)
            .await
    }

    /// Tasks of every workspace, the latest changed first.
    pub(crate) async fn list_tasks(
        &self,
        request: &ListTasksRequest,
    ) -> Result<Page<task::Model>, Error> {
        let wanted = Wanted {
            needs_operator: false,
            state: wanted_state(request.state()),
            kind: Some(request.kind.clone()).filter(|kind| !kind.is_empty()),
        };
        self.latest(LATEST, &wanted, request.page_size, &request.page_token)
            .await
    }

    async fn latest(
        &self,
        list: &'static str,
        wanted: &Wanted,
        asked: i32,
        token: &str,
    ) -> Result<Page<task::Model>, Error> {
        let size = page_size(asked);
        let after = Cursor::decode::<(i64, TaskId)>(list, token)?;
        let rows = store::latest(self.store.read(), wanted, after, size + 1).await?;
        Ok(Page::cut(rows, size, list, |row: &task::Model| {
            (row.updated_at_ms, row.id)
        }))
    }

    /// A task of any workspace with the journal of its current execution.
    pub(crate) async fn get_saga(
        &self,
        id: TaskId,
    ) -> Result<(task::Model, Vec<journal::Model>), Error> {
        let db = self.store.read();
        let task = store::any_task(db, id).await?.ok_or(Error::TaskNotFound)?;
        let journal = store::journal(db, id, task.execution).await?;
        Ok((task, journal))
    }
}

fn wanted_state(state: WireState) -> Option<State> {
    match state {
        WireState::Unspecified => None,
        WireState::Pending => Some(State::Pending),
        WireState::Running => Some(State::Running),
        WireState::Succeeded => Some(State::Succeeded),
        WireState::Failed => Some(State::Failed),
        WireState::Cancelled => Some(State::Cancelled),
    }
}
