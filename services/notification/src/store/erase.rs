//! What goes with a person.

use covergen_ids::{UserId, WorkspaceId};
use covergen_store::{Error, Tx};
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, QueryFilter as _, QuerySelect as _,
    QueryTrait as _,
};

use super::entity::{delivery, notification, push_subscription, webhook};

/// Erases what is a person's or about them, and what is in the workspace that
/// goes with them.
pub(crate) async fn erase(tx: &Tx, user: UserId, home: Option<WorkspaceId>) -> Result<(), Error> {
    macro_rules! theirs {
        ($entity:ident, $owner:ident) => {
            Condition::any()
                .add($entity::Column::$owner.eq(user))
                .add_option(home.map(|home| $entity::Column::WorkspaceId.eq(home)))
        };
    }
    let webhooks = webhook::Entity::find()
        .select_only()
        .column(webhook::Column::Id)
        .filter(theirs!(webhook, OwnerId))
        .into_query();
    delivery::Entity::delete_many()
        .filter(theirs!(delivery, UserId).add(delivery::Column::TargetId.in_subquery(webhooks)))
        .exec(tx)
        .await?;
    webhook::Entity::delete_many()
        .filter(theirs!(webhook, OwnerId))
        .exec(tx)
        .await?;
    push_subscription::Entity::delete_many()
        .filter(theirs!(push_subscription, UserId))
        .exec(tx)
        .await?;
    notification::Entity::delete_many()
        .filter(theirs!(notification, UserId))
        .exec(tx)
        .await?;
    Ok(())
}
