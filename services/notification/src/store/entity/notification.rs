use covergen_ids::{NotificationId, UserId, WorkspaceId};
use sea_orm::FromJsonQueryResult;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::domain::told;

/// What a person is told within the product. Its words are made when it is
/// read, in the reader's language.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "notifications")]
pub(crate) struct Model {
    /// Follows from the event.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: NotificationId,
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) user_id: UserId,
    pub(crate) kind: String,
    pub(crate) resource_id: String,
    pub(crate) facts: Facts,
    pub(crate) read_at_ms: Option<i64>,
    pub(crate) created_at_ms: i64,
}

/// What the words are made of, as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub(crate) struct Facts(pub(crate) told::Facts);

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
