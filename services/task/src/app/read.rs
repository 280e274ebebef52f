//! The RPCs that only look.

use std::collections::BTreeMap;

use covergen_ids::{TaskId, WorkspaceId};
use covergen_proto::task::v1::{KindStats, ListDeadLettersRequest, QueueStats};
use covergen_store::{Cursor, Page, page_size};

use super::App;
use crate::error::Error;
use crate::store;
use crate::store::entity::task::{self, State};

const DEAD: &str = "task.dead";

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
        let size = page_size(request.page_size);
        let after = Cursor::decode::<(i64, TaskId)>(DEAD, &request.page_token)?;
        let rows = store::dead_letters(self.store.read(), after, size + 1).await?;
        Ok(Page::cut(rows, size, DEAD, |row: &task::Model| {
            (row.updated_at_ms, row.id)
        }))
    }
}
