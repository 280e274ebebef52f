use covergen_identity::Principal;
use covergen_ids::{CoverId, TaskId};
use covergen_proto::cover::v1::ListHistoryRequest;
use covergen_store::{Cursor, Page, Reader, page_size};

use super::App;
use crate::error::Error;
use crate::store;
use crate::store::entity::generation_event;
use crate::store::history::{self, Part, Place};

const LIST: &str = "cover.history";

impl App {
    /// What happened to the caller's generations, newest first.
    pub(crate) async fn list_history(
        &self,
        who: &Principal,
        request: &ListHistoryRequest,
    ) -> Result<(Vec<generation_event::Model>, String), Error> {
        let db = self.stale.of(who.user_id).await;
        let part = part(&db, who, request).await?;
        // A token of one list is none of another's.
        let list = format!("{LIST}/{}/{}", request.task_id, request.cover_id);
        let size = page_size(request.page_size);
        let after = Cursor::decode::<Place>(&list, &request.page_token)?;
        let rows = history::events(&db, who, part, after, size + 1).await?;
        let page = Page::cut(rows, size, &list, |row: &generation_event::Model| {
            (row.occurred_at_ms, row.task_id, row.sequence)
        });
        Ok((page.items, page.next_page_token))
    }
}

/// Which events are asked for.
async fn part(db: &Reader, who: &Principal, request: &ListHistoryRequest) -> Result<Part, Error> {
    if !request.cover_id.is_empty() {
        let id: CoverId = request
            .cover_id
            .parse()
            .map_err(|error| Error::invalid("coverId", &error))?;
        let task = match store::cover(db, who, id).await? {
            Some(cover) => Some(cover.task_id),
            None => history::task_of_deleted(db, who, id).await?,
        };
        return task
            .map(|task| Part::Cover(task, id))
            .ok_or(Error::CoverNotFound);
    }
    if request.task_id.is_empty() {
        return Ok(Part::All);
    }
    let task: TaskId = request
        .task_id
        .parse()
        .map_err(|error| Error::invalid("taskId", &error))?;
    store::request(db, who, task)
        .await?
        .map(|_| Part::Task(task))
        .ok_or(Error::TaskNotFound)
}
