//! Queries. A person finds only what is theirs, in the workspace they act in.

pub(crate) mod bulks;
pub(crate) mod changes;
mod covers;
pub(crate) mod entity;
pub(crate) mod erase;
pub(crate) mod history;
mod migration;

use covergen_identity::Principal;
use covergen_ids::TaskId;
use covergen_store::Error;
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _};

pub(crate) use covers::{
    Filter, Order, Place, cover, covers, covers_by_id, covers_of_task, covers_of_tasks,
    delete_cover, images, insert_cover, set_favorite,
};
use entity::request;
pub(crate) use migration::migrations;

pub(crate) async fn request(
    db: &impl ConnectionTrait,
    who: &Principal,
    task: TaskId,
) -> Result<Option<request::Model>, Error> {
    Ok(request::Entity::find_by_id(task)
        .filter(request::Column::WorkspaceId.eq(who.workspace_id))
        .filter(request::Column::UserId.eq(who.user_id))
        .one(db)
        .await?)
}
