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
        let rows = store::requests(self.store.read(), who, status, after, size + 1).await?;
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
            status != Some(Status::Open) || !view.task.as_ref().is_some_and(is_over)
        };
        Ok((views.filter(is_wanted).collect(), page.next_page_token))
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
