use std::cmp::Reverse;
use std::collections::HashMap;

use covergen_identity::Principal;
use covergen_ids::TaskId;
use covergen_proto::cover::v1::ListTasksRequest;
use covergen_proto::cover::v1::list_tasks_request::State as Asked;
use covergen_proto::task::v1::Task;
use covergen_proto::task::v1::task::State;
use covergen_store::{Cursor, Page, page_size};

use super::{App, TaskView};
use crate::error::Error;
use crate::store;
use crate::store::entity::request::{self, Status};

const LIST: &str = "cover.tasks";

impl App {
    /// The caller's requests, newest first, without their covers. Those that
    /// are open are as far as the queue says; where it does not have one yet,
    /// cover's own row answers.
    pub(crate) async fn list_tasks(
        &self,
        who: &Principal,
        request: &ListTasksRequest,
    ) -> Result<(Vec<TaskView>, String), Error> {
        let status = match request.state() {
            Asked::Unspecified => None,
            Asked::Open => Some(Status::Open),
            Asked::Succeeded => Some(Status::Succeeded),
            Asked::Failed => Some(Status::Failed),
            Asked::Cancelled => Some(Status::Cancelled),
        };
        // A token of one state is none of another's.
        let list = format!("{LIST}/{status:?}");
        let size = page_size(request.page_size);
        let after = Cursor::decode::<(i64, TaskId)>(&list, &request.page_token)?;
        let rows = self.rows(who, status, after, size + 1).await?;
        let page = Page::cut(rows, size, &list, |row: &request::Model| {
            (row.created_at_ms, row.task_id)
        });
        let open = page.items.iter().filter(|row| row.status == Status::Open);
        let open: Vec<TaskId> = open.map(|row| row.task_id).collect();
        let mut queued = self.queued(&open).await?;
        let views = page.items.into_iter().map(|request| TaskView {
            task: queued.remove(&request.task_id.to_string()),
            request,
            covers: Vec::new(),
        });
        // The queue may have ended what was open a moment ago, or what only an
        // operator can bring to its end.
        let is_wanted = |view: &TaskView| {
            let queued = view.task.as_ref();
            match status {
                Some(Status::Open) => !queued.is_some_and(is_over),
                Some(Status::Failed) if view.request.status == Status::Open => {
                    queued.is_some_and(|task| task.state() == State::Failed)
                }
                _ => true,
            }
        };
        Ok((views.filter(is_wanted).collect(), page.next_page_token))
    }

    /// At least `limit` rows, if there are. With those that failed come open
    /// ones: of what only an operator can bring to its end, the queue alone says
    /// that it failed.
    async fn rows(
        &self,
        who: &Principal,
        status: Option<Status>,
        after: Option<(i64, TaskId)>,
        limit: u64,
    ) -> Result<Vec<request::Model>, Error> {
        let read = |status| store::requests(self.store.read(), who, status, after, limit);
        if status != Some(Status::Failed) {
            return Ok(read(status).await?);
        }
        // In this order, what fails meanwhile is found twice rather than never.
        let open = read(Some(Status::Open)).await?;
        let mut rows = read(status).await?;
        rows.extend(open);
        rows.sort_by_key(|row| Reverse((row.created_at_ms, row.task_id)));
        rows.dedup_by_key(|row| row.task_id);
        Ok(rows)
    }

    /// The queue's word on tasks, by their ids, in one call.
    async fn queued(&self, ids: &[TaskId]) -> Result<HashMap<String, Task>, Error> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let tasks = self.peers.tasks(ids).await?.into_iter();
        Ok(tasks.map(|task| (task.id.clone(), task)).collect())
    }
}

fn is_over(task: &Task) -> bool {
    matches!(
        task.state(),
        State::Succeeded | State::Failed | State::Cancelled
    )
}
