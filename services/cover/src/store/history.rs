//! What happened to generations: only ever added to.

use covergen_identity::Principal;
use covergen_ids::{CoverId, TaskId};
use covergen_store::{Error, Tx};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, DbBackend, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, Set,
};

use super::entity::{generation_event, request};
use crate::domain::history::{Happening, Standing, blank, event};

/// What writing happenings down has changed.
pub(crate) struct Appended {
    /// The request as it stands now.
    pub(crate) request: request::Model,
    /// Whether it ended by this.
    pub(crate) ended: bool,
    /// Whether anything was news at all.
    pub(crate) changed: bool,
}

/// Writes down what happened to a generation, and what that makes of its
/// request. What is no news is left out. `None`: the request was erased.
pub(crate) async fn append(
    tx: &Tx,
    task: TaskId,
    happenings: Vec<Happening>,
) -> Result<Option<Appended>, Error> {
    let Some(request) = locked_request(tx, task).await? else {
        return Ok(None);
    };
    let known = generation_event::Entity::find()
        .filter(generation_event::Column::TaskId.eq(task))
        .order_by_asc(generation_event::Column::Sequence)
        .all(tx)
        .await?;
    let mut standing = Standing::fold(&known);
    let before = standing.clone();
    let new = told(&request, &mut standing, happenings, tx.now_ms());
    if new.is_empty() {
        return Ok(Some(Appended {
            request,
            ended: false,
            changed: false,
        }));
    }
    insert(tx, new).await?;
    let request = project(tx, request, &standing).await?;
    Ok(Some(Appended {
        request,
        ended: standing.status != before.status,
        changed: true,
    }))
}

/// Writes a new request down together with what set it off.
pub(crate) async fn begin(
    tx: &Tx,
    mut request: request::Model,
    happening: Happening,
) -> Result<request::Model, Error> {
    let mut standing = Standing::default();
    let new = told(&request, &mut standing, vec![happening], tx.now_ms());
    request.units = standing.units;
    request::Entity::insert(request.clone().into_active_model())
        .exec_without_returning(tx)
        .await?;
    insert(tx, new).await?;
    Ok(request)
}

/// The events of those happenings that are news.
fn told(
    request: &request::Model,
    standing: &mut Standing,
    happenings: Vec<Happening>,
    now_ms: i64,
) -> Vec<generation_event::Model> {
    let base = blank(request);
    let mut new = Vec::new();
    for happening in happenings {
        if standing.is_news(&happening) {
            let event = event(&base, standing, happening, now_ms);
            standing.apply(&event);
            new.push(event);
        }
    }
    new
}

async fn insert(tx: &Tx, events: Vec<generation_event::Model>) -> Result<(), Error> {
    let rows = events
        .into_iter()
        .map(sea_orm::IntoActiveModel::into_active_model);
    generation_event::Entity::insert_many(rows)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Brings a request's columns to where its events say it stands.
async fn project(
    tx: &Tx,
    before: request::Model,
    standing: &Standing,
) -> Result<request::Model, Error> {
    let (reason, message) = standing.error.clone().unzip();
    let after = request::Model {
        status: standing.status,
        error_reason: reason,
        error_message: message,
        ended_at_ms: standing.ended_at_ms,
        retry_count: standing.retry_count,
        provider: standing.provider.clone(),
        units: standing.units,
        ..before.clone()
    };
    if after != before {
        let mut change = request::ActiveModel {
            task_id: sea_orm::Unchanged(after.task_id),
            ..Default::default()
        };
        change.status = Set(after.status);
        change.error_reason = Set(after.error_reason.clone());
        change.error_message = Set(after.error_message.clone());
        change.ended_at_ms = Set(after.ended_at_ms);
        change.retry_count = Set(after.retry_count);
        change.provider = Set(after.provider.clone());
        change.units = Set(after.units);
        request::Entity::update_many()
            .set(change)
            .filter(request::Column::TaskId.eq(after.task_id))
            .exec(tx)
            .await?;
    }
    Ok(after)
}

/// A request, locked until the transaction ends. SQLite has one writer at a
/// time anyway.
async fn locked_request(tx: &Tx, task: TaskId) -> Result<Option<request::Model>, Error> {
    let query = request::Entity::find_by_id(task);
    let query = match tx.get_database_backend() {
        DbBackend::Postgres => query.lock_exclusive(),
        _ => query,
    };
    Ok(query.one(tx).await?)
}

/// Which part of somebody's history is wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Part {
    /// All of it.
    All,
    /// What happened to one task.
    Task(TaskId),
    /// What happened to one cover: to its task, but not to its siblings.
    Cover(TaskId, CoverId),
}

/// Where a page of history ended.
pub(crate) type Place = (i64, TaskId, i32);

/// The caller's events, newest first, from after a place.
pub(crate) async fn events(
    db: &impl ConnectionTrait,
    who: &Principal,
    part: Part,
    after: Option<Place>,
    limit: u64,
) -> Result<Vec<generation_event::Model>, Error> {
    use generation_event::Column;
    let mut query = generation_event::Entity::find()
        .filter(Column::WorkspaceId.eq(who.workspace_id))
        .filter(Column::UserId.eq(who.user_id));
    match part {
        Part::All => {}
        Part::Task(task) => query = query.filter(Column::TaskId.eq(task)),
        Part::Cover(task, cover) => {
            query = query.filter(Column::TaskId.eq(task)).filter(
                Condition::any()
                    .add(Column::CoverId.is_null())
                    .add(Column::CoverId.eq(cover))
                    // Names the cover that it makes again, which is another.
                    .add(Column::Kind.eq(generation_event::Kind::Regenerated)),
            );
        }
    }
    if let Some((at, task, sequence)) = after {
        query = query.filter(
            Condition::any().add(Column::OccurredAtMs.lt(at)).add(
                Condition::all().add(Column::OccurredAtMs.eq(at)).add(
                    Condition::any().add(Column::TaskId.lt(task)).add(
                        Condition::all()
                            .add(Column::TaskId.eq(task))
                            .add(Column::Sequence.lt(sequence)),
                    ),
                ),
            ),
        );
    }
    Ok(query
        .order_by_desc(Column::OccurredAtMs)
        .order_by_desc(Column::TaskId)
        .order_by_desc(Column::Sequence)
        .limit(limit)
        .all(db)
        .await?)
}

/// The task that made a cover of the caller's which is gone; `None` where
/// nothing of theirs was ever deleted under that id.
pub(crate) async fn task_of_deleted(
    db: &impl ConnectionTrait,
    who: &Principal,
    cover: CoverId,
) -> Result<Option<TaskId>, Error> {
    use generation_event::Column;
    let event = generation_event::Entity::find()
        .filter(Column::CoverId.eq(cover))
        .filter(Column::Kind.eq(generation_event::Kind::Deleted))
        .filter(Column::WorkspaceId.eq(who.workspace_id))
        .filter(Column::UserId.eq(who.user_id))
        .one(db)
        .await?;
    Ok(event.map(|event| event.task_id))
}
