//! The RPCs that only look.

use std::collections::HashMap;

use covergen_identity::Principal;
use covergen_ids::{CoverId, ParseIdError, TaskId};
use covergen_proto::cover::v1::ListCoversRequest;
use covergen_proto::task::v1::Task;
use covergen_store::{Cursor, Page, page_size};

use super::App;
use crate::error::Error;
use crate::store::{self, entity::cover, entity::image, entity::request};
use crate::store::{Filter, Order, Place};

const LIST: &str = "cover.covers";

/// A cover with its images.
pub(crate) struct CoverView {
    pub(crate) cover: cover::Model,
    pub(crate) images: Vec<image::Model>,
}

/// A request, what became of it, and where the queue stands with it.
pub(crate) struct TaskView {
    pub(crate) request: request::Model,
    pub(crate) covers: Vec<CoverView>,
    /// The queue's word; none before it has the task, and after the end.
    pub(crate) task: Option<Task>,
}

impl App {
    /// A request of the caller's.
    pub(crate) async fn get_task(&self, who: &Principal, id: TaskId) -> Result<TaskView, Error> {
        let mut view = self.own_view(who, id).await?;
        if view.request.status == request::Status::Open {
            // Where the queue does not have it yet, cover's own row answers.
            view.task = self.peers.task(id).await?;
        }
        Ok(view)
    }

    /// What cover knows by itself.
    pub(super) async fn own_view(&self, who: &Principal, id: TaskId) -> Result<TaskView, Error> {
        let request = store::request(self.store.read(), who, id)
            .await?
            .ok_or(Error::TaskNotFound)?;
        let covers = if request.status == request::Status::Succeeded {
            let covers = store::covers_of_task(self.store.read(), who, id).await?;
            self.with_images(covers).await?
        } else {
            Vec::new()
        };
        Ok(TaskView {
            request,
            covers,
            task: None,
        })
    }

    /// The caller's covers, by filter and in the order asked for.
    pub(crate) async fn list_covers(
        &self,
        who: &Principal,
        request: &ListCoversRequest,
    ) -> Result<(Vec<CoverView>, String), Error> {
        let filter = read_filter(request)?;
        let order = read_order(&request.order_by);
        // What decides which rows there are stands in the list's name, so that
        // a token is good for its own list only.
        let list = format!("{LIST}/{order:?}/{filter:?}");
        let size = page_size(request.page_size);
        let after = Cursor::decode::<Place>(&list, &request.page_token)?;
        let db = self.stale.of(who.user_id).await;
        let rows = store::covers(&db, who, &filter, order, after, size + 1).await?;
        let page = Page::cut(rows, size, &list, |row: &cover::Model| match order {
            Order::NewestFirst | Order::OldestFirst => Place::Created(row.created_at_ms, row.id),
            Order::ByTitle | Order::ByTitleBackwards => Place::Title(row.sort_text.clone(), row.id),
        });
        let images = store::images(&db, &page.items).await?;
        Ok((viewed(page.items, images), page.next_page_token))
    }

    /// One of the caller's covers.
    pub(crate) async fn get_cover(&self, who: &Principal, id: CoverId) -> Result<CoverView, Error> {
        let cover = store::cover(self.store.read(), who, id)
            .await?
            .ok_or(Error::CoverNotFound)?;
        self.with_images(vec![cover])
            .await?
            .pop()
            .ok_or(Error::CoverNotFound)
    }

    pub(super) async fn with_images(
        &self,
        covers: Vec<cover::Model>,
    ) -> Result<Vec<CoverView>, Error> {
        let images = store::images(self.store.read(), &covers).await?;
        Ok(viewed(covers, images))
    }
}

/// Covers with those of the images that are theirs.
fn viewed(
    covers: Vec<cover::Model>,
    mut images: HashMap<CoverId, Vec<image::Model>>,
) -> Vec<CoverView> {
    let view = |cover: cover::Model| CoverView {
        images: images.remove(&cover.id).unwrap_or_default(),
        cover,
    };
    covers.into_iter().map(view).collect()
}

fn read_filter(request: &ListCoversRequest) -> Result<Filter, Error> {
    let text = request.query.trim().to_lowercase();
    Ok(Filter {
        favorite: request.favorite,
        template_id: Some(request.template_id.clone()).filter(|id| !id.is_empty()),
        task: read_id("taskId", &request.task_id)?,
        bulk: read_id("bulkId", &request.bulk_id)?,
        text: Some(text).filter(|text| !text.is_empty()),
    })
}

fn read_id<T: std::str::FromStr<Err = ParseIdError>>(
    field: &str,
    text: &str,
) -> Result<Option<T>, Error> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse()
        .map(Some)
        .map_err(|error| Error::invalid(field, &error))
}

/// The contract lets no other texts in.
fn read_order(text: &str) -> Order {
    match text {
        "createTime" | "createTime asc" => Order::OldestFirst,
        "title" | "title asc" => Order::ByTitle,
        "title desc" => Order::ByTitleBackwards,
        _ => Order::NewestFirst,
    }
}
