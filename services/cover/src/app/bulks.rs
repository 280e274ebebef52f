//! Bulks as their owner sees them: how far they are, their rows, stopping and
//! trying again.

use std::collections::HashMap;

use covergen_identity::Principal;
use covergen_ids::{BulkId, TaskId};
use covergen_proto::cover::v1::bulk_row_result::State as Asked;
use covergen_proto::cover::v1::{ListBulkRowsRequest, ListBulksRequest, RetryBulkRequest};
use covergen_store::{Cursor, Page, page_size};

use super::{App, CoverView, commands};
use crate::bulk::Row;
use crate::error::Error;
use crate::store;
use crate::store::bulks::{self, Counts, Which};
use crate::store::entity::bulk;
use crate::store::entity::bulk_row::{self, State};

const LIST: &str = "cover.bulks";
const ROWS: &str = "cover.bulk_rows";

/// A bulk and how many of its rows stand where.
pub(crate) struct BulkView {
    pub(crate) bulk: bulk::Model,
    pub(crate) counts: Counts,
}

/// A row, and its covers where it has any.
pub(crate) struct RowView {
    pub(crate) row: bulk_row::Model,
    pub(crate) asked: Row,
    pub(crate) covers: Vec<CoverView>,
}

impl App {
    /// One of the caller's bulks.
    pub(crate) async fn get_bulk(&self, who: &Principal, id: BulkId) -> Result<BulkView, Error> {
        let bulk = bulks::bulk(self.store.read(), who, id)
            .await?
            .ok_or(Error::BulkNotFound)?;
        let counts = bulks::counts(self.store.read(), &[id]).await?;
        Ok(BulkView {
            counts: counts.get(&id).copied().unwrap_or_default(),
            bulk,
        })
    }

    /// The caller's bulks, newest first.
    pub(crate) async fn list_bulks(
        &self,
        who: &Principal,
        request: &ListBulksRequest,
    ) -> Result<(Vec<BulkView>, String), Error> {
        let size = page_size(request.page_size);
        let after = Cursor::decode::<(i64, BulkId)>(LIST, &request.page_token)?;
        let rows = bulks::bulks(self.store.read(), who, after, size + 1).await?;
        let page = Page::cut(rows, size, LIST, |row: &bulk::Model| {
            (row.created_at_ms, row.id)
        });
        let ids: Vec<BulkId> = page.items.iter().map(|bulk| bulk.id).collect();
        let counts = bulks::counts(self.store.read(), &ids).await?;
        let views = page
            .items
            .into_iter()
            .map(|bulk| BulkView {
                counts: counts.get(&bulk.id).copied().unwrap_or_default(),
                bulk,
            })
            .collect();
        Ok((views, page.next_page_token))
    }

    /// The rows of one of the caller's bulks, by number.
    pub(crate) async fn list_bulk_rows(
        &self,
        who: &Principal,
        id: BulkId,
        request: &ListBulkRowsRequest,
    ) -> Result<(Vec<RowView>, String), Error> {
        bulks::bulk(self.store.read(), who, id)
            .await?
            .ok_or(Error::BulkNotFound)?;
        let state = match request.state() {
            Asked::Unspecified => None,
            Asked::Pending => Some(State::Pending),
            Asked::Running => Some(State::Running),
            Asked::Succeeded => Some(State::Succeeded),
            Asked::Failed => Some(State::Failed),
            Asked::Cancelled => Some(State::Cancelled),
        };
        let list = format!("{ROWS}/{id}/{state:?}");
        let size = page_size(request.page_size);
        let after = Cursor::decode::<i32>(&list, &request.page_token)?.unwrap_or(0);
        let rows = bulks::rows(self.store.read(), id, state, after, size + 1).await?;
        let page = Page::cut(rows, size, &list, |row: &bulk_row::Model| row.row_number);
        let views = self.with_covers(who, page.items).await?;
        Ok((views, page.next_page_token))
    }

    async fn with_covers(
        &self,
        who: &Principal,
        rows: Vec<bulk_row::Model>,
    ) -> Result<Vec<RowView>, Error> {
        let tasks: Vec<TaskId> = rows
            .iter()
            .filter(|row| row.state == State::Succeeded)
            .filter_map(|row| row.task_id)
            .collect();
        let covers = store::covers_of_tasks(self.store.read(), who, &tasks).await?;
        let mut by_task: HashMap<TaskId, Vec<CoverView>> = HashMap::new();
        for view in self.with_images(covers).await? {
            by_task.entry(view.cover.task_id).or_default().push(view);
        }
        rows.into_iter()
            .map(|row| {
                Ok(RowView {
                    covers: row
                        .task_id
                        .and_then(|task| by_task.remove(&task))
                        .unwrap_or_default(),
                    asked: serde_json::from_str(&row.row_json)
                        .map_err(|error| Error::Corrupt(error.to_string()))?,
                    row,
                })
            })
            .collect()
    }

    /// Stops a bulk: what waits is cancelled, what is at work is asked to stop.
    /// One that is over stays as it is.
    pub(crate) async fn cancel_bulk(&self, who: &Principal, id: BulkId) -> Result<BulkView, Error> {
        let view = self.get_bulk(who, id).await?;
        if !view.bulk.is_open || view.bulk.is_cancelled {
            return Ok(view);
        }
        let tx = self.store.begin().await?;
        if !bulks::cancel(&tx, id).await? {
            return self.get_bulk(who, id).await;
        }
        let why = Some(("CANCELLED", "the bulk was cancelled"));
        bulks::end_rows(&tx, id, Which::AllWaiting, State::Cancelled, why).await?;
        let most = u64::try_from(view.bulk.total_rows).unwrap_or(u64::MAX);
        for row in bulks::rows(&tx, id, Some(State::Running), 0, most).await? {
            if let Some(task) = row.task_id {
                commands::cancel_task(&tx, task, row.user_id, row.workspace_id).await?;
            }
        }
        tx.commit().await?;
        self.live.changed(id).await;
        self.get_bulk(who, id).await
    }

    /// Lets the failed rows of a bulk be made again, each as a new task.
    pub(crate) async fn retry_bulk(
        &self,
        who: &Principal,
        id: BulkId,
        request: &RetryBulkRequest,
    ) -> Result<BulkView, Error> {
        let scope = covergen_store::ClaimScope::new(
            who.user_id.to_string(),
            "covergen.cover.v1.CoverService/RetryBulk",
            &request.request_id,
        );
        self.get_bulk(who, id).await?;
        self.check_bulk_allowed(who).await?;
        // The reply is how the bulk stands when the caller reads it.
        self.store
            .idempotent(&scope, request, |claim| async {
                let tx = self.store.begin().await?;
                bulks::touch(&tx, id).await?;
                if bulks::retry_failed(&tx, id).await? > 0 {
                    bulks::set_open(&tx, id, true, Some(false)).await?;
                }
                Ok::<_, Error>(tx.commit_with(claim, ()).await?)
            })
            .await?;
        self.live.changed(id).await;
        self.get_bulk(who, id).await
    }
}
