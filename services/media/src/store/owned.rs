//! Queries by owner: what somebody lists, takes along, or leaves behind.

use covergen_identity::Principal;
use covergen_ids::{AssetId, UserId, WorkspaceId};
use covergen_store::Error;
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
};

use super::entity::asset::{self, Column, Kind};

/// A person's assets in their workspace, newest first, after one.
pub(crate) async fn assets(
    db: &impl ConnectionTrait,
    who: &Principal,
    kind: Kind,
    after: Option<(i64, AssetId)>,
    limit: u64,
) -> Result<Vec<asset::Model>, Error> {
    let mut query = asset::Entity::find()
        .filter(Column::WorkspaceId.eq(who.workspace_id))
        .filter(Column::UserId.eq(who.user_id))
        .filter(Column::Kind.eq(kind));
    if let Some((created, id)) = after {
        let same_moment = Condition::all()
            .add(Column::CreatedAtMs.eq(created))
            .add(Column::Id.lt(id));
        query = query.filter(
            Condition::any()
                .add(Column::CreatedAtMs.lt(created))
                .add(same_moment),
        );
    }
    Ok(query
        .order_by_desc(Column::CreatedAtMs)
        .order_by_desc(Column::Id)
        .limit(limit)
        .all(db)
        .await?)
}

/// Everything a person stored, in any workspace, by id, after one.
pub(crate) async fn of_user(
    db: &impl ConnectionTrait,
    user: UserId,
    after: Option<AssetId>,
    limit: u64,
) -> Result<Vec<asset::Model>, Error> {
    let mut query = asset::Entity::find().filter(Column::UserId.eq(user));
    if let Some(after) = after {
        query = query.filter(Column::Id.gt(after));
    }
    Ok(query.order_by_asc(Column::Id).limit(limit).all(db).await?)
}

/// Deletes some of what a person who left has stored anywhere, and of what
/// stands in the workspace that goes with them; none means that all is gone.
pub(crate) async fn delete_some(
    db: &impl ConnectionTrait,
    user: UserId,
    workspace: Option<WorkspaceId>,
    limit: u64,
) -> Result<Vec<asset::Model>, Error> {
    let mut theirs = Condition::any().add(Column::UserId.eq(user));
    if let Some(workspace) = workspace {
        theirs = theirs.add(Column::WorkspaceId.eq(workspace));
    }
    let found = asset::Entity::find()
        .filter(theirs)
        .order_by_asc(Column::Id)
        .limit(limit)
        .all(db)
        .await?;
    if found.is_empty() {
        return Ok(found);
    }
    Ok(asset::Entity::delete_many()
        .filter(Column::Id.is_in(found.iter().map(|asset| asset.id)))
        .exec_with_returning(db)
        .await?)
}
