//! Everything of one user: to hand out, and to erase.

use covergen_ids::{ExportId, UserId, WorkspaceId};
use covergen_store::{Error, Tx};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, QueryTrait as _,
};

use super::entity::{design, export, file};

/// Erases a user's exports, and those of the workspace that goes with them.
pub(crate) async fn erase(
    tx: &Tx,
    user: UserId,
    workspace: Option<WorkspaceId>,
) -> Result<(), Error> {
    let theirs = || {
        Condition::any()
            .add(export::Column::UserId.eq(user))
            .add_option(workspace.map(|id| export::Column::WorkspaceId.eq(id)))
    };
    let ids = || {
        export::Entity::find()
            .select_only()
            .column(export::Column::Id)
            .filter(theirs())
            .into_query()
    };
    file::Entity::delete_many()
        .filter(file::Column::ExportId.in_subquery(ids()))
        .exec(tx)
        .await?;
    design::Entity::delete_many()
        .filter(design::Column::ExportId.in_subquery(ids()))
        .exec(tx)
        .await?;
    export::Entity::delete_many()
        .filter(theirs())
        .exec(tx)
        .await?;
    Ok(())
}

/// A user's exports in any workspace, from after an id.
pub(crate) async fn exports(
    db: &impl ConnectionTrait,
    user: UserId,
    after: Option<ExportId>,
    limit: u64,
) -> Result<Vec<export::Model>, Error> {
    let mut query = export::Entity::find().filter(export::Column::UserId.eq(user));
    if let Some(after) = after {
        query = query.filter(export::Column::Id.gt(after));
    }
    Ok(query
        .order_by_asc(export::Column::Id)
        .limit(limit)
        .all(db)
        .await?)
}
