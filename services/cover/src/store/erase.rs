//! Everything of one user: to hand out, and to erase.

use covergen_ids::{BulkId, CoverId, TaskId, UserId, WorkspaceId};
use covergen_store::{Error, Tx};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
};

use super::entity::{bulk, bulk_row, change, change_head, cover, generation_event, image, request};

/// Erases a user's rows, and those of the workspace that goes with them;
/// answers the tasks that were still at work.
pub(crate) async fn erase(
    tx: &Tx,
    user: UserId,
    workspace: Option<WorkspaceId>,
) -> Result<Vec<(TaskId, WorkspaceId)>, Error> {
    macro_rules! theirs {
        ($table:ident) => {
            Condition::any()
                .add($table::Column::UserId.eq(user))
                .add_option(workspace.map(|id| $table::Column::WorkspaceId.eq(id)))
        };
    }
    let open: Vec<(TaskId, WorkspaceId)> = request::Entity::find()
        .select_only()
        .column(request::Column::TaskId)
        .column(request::Column::WorkspaceId)
        .filter(theirs!(request))
        .filter(request::Column::Status.eq(request::Status::Open))
        .into_tuple()
        .all(tx)
        .await?;
    let covers = cover::Entity::find()
        .select_only()
        .column(cover::Column::Id)
        .filter(theirs!(cover));
    image::Entity::delete_many()
        .filter(image::Column::CoverId.in_subquery(sea_orm::QueryTrait::into_query(covers)))
        .exec(tx)
        .await?;
    cover::Entity::delete_many()
        .filter(theirs!(cover))
        .exec(tx)
        .await?;
    generation_event::Entity::delete_many()
        .filter(theirs!(generation_event))
        .exec(tx)
        .await?;
    // Bulks before rows, as everybody locks them.
    bulk::Entity::delete_many()
        .filter(theirs!(bulk))
        .exec(tx)
        .await?;
    bulk_row::Entity::delete_many()
        .filter(theirs!(bulk_row))
        .exec(tx)
        .await?;
    request::Entity::delete_many()
        .filter(theirs!(request))
        .exec(tx)
        .await?;
    change_head::Entity::delete_many()
        .filter(theirs!(change_head))
        .exec(tx)
        .await?;
    change::Entity::delete_many()
        .filter(theirs!(change))
        .exec(tx)
        .await?;
    Ok(open)
}

/// A user's covers in any workspace, from after an id.
pub(crate) async fn covers(
    db: &impl ConnectionTrait,
    user: UserId,
    after: Option<CoverId>,
    limit: u64,
) -> Result<Vec<cover::Model>, Error> {
    let mut query = cover::Entity::find().filter(cover::Column::UserId.eq(user));
    if let Some(after) = after {
        query = query.filter(cover::Column::Id.gt(after));
    }
    Ok(query
        .order_by_asc(cover::Column::Id)
        .limit(limit)
        .all(db)
        .await?)
}

/// A user's requests in any workspace, from after a task.
pub(crate) async fn requests(
    db: &impl ConnectionTrait,
    user: UserId,
    after: Option<TaskId>,
    limit: u64,
) -> Result<Vec<request::Model>, Error> {
    let mut query = request::Entity::find().filter(request::Column::UserId.eq(user));
    if let Some(after) = after {
        query = query.filter(request::Column::TaskId.gt(after));
    }
    Ok(query
        .order_by_asc(request::Column::TaskId)
        .limit(limit)
        .all(db)
        .await?)
}

/// What happened to a user's generations, from after `(task, sequence)`.
pub(crate) async fn events(
    db: &impl ConnectionTrait,
    user: UserId,
    after: Option<(TaskId, i32)>,
    limit: u64,
) -> Result<Vec<generation_event::Model>, Error> {
    use generation_event::Column;
    let mut query = generation_event::Entity::find().filter(Column::UserId.eq(user));
    if let Some((task, sequence)) = after {
        query = query.filter(
            Condition::any().add(Column::TaskId.gt(task)).add(
                Condition::all()
                    .add(Column::TaskId.eq(task))
                    .add(Column::Sequence.gt(sequence)),
            ),
        );
    }
    Ok(query
        .order_by_asc(Column::TaskId)
        .order_by_asc(Column::Sequence)
        .limit(limit)
        .all(db)
        .await?)
}

/// The rows of a user's bulks, from after `(bulk, number)`.
pub(crate) async fn bulk_rows(
    db: &impl ConnectionTrait,
    user: UserId,
    after: Option<(BulkId, i32)>,
    limit: u64,
) -> Result<Vec<bulk_row::Model>, Error> {
    use bulk_row::Column;
    let mut query = bulk_row::Entity::find().filter(Column::UserId.eq(user));
    if let Some((bulk, row)) = after {
        query = query.filter(
            Condition::any().add(Column::BulkId.gt(bulk)).add(
                Condition::all()
                    .add(Column::BulkId.eq(bulk))
                    .add(Column::RowNumber.gt(row)),
            ),
        );
    }
    Ok(query
        .order_by_asc(Column::BulkId)
        .order_by_asc(Column::RowNumber)
        .limit(limit)
        .all(db)
        .await?)
}
