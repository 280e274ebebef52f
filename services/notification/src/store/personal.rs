//! Everything of one person, in any workspace, page by page.

use covergen_ids::{DeliveryId, NotificationId, UserId, WebhookId};
use covergen_store::Error;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};

use super::entity::{delivery, notification, webhook};

macro_rules! pages {
    ($(#[$doc:meta])* $name:ident, $entity:ident, $id:ty, $owner:ident) => {
        $(#[$doc])*
        pub(crate) async fn $name(
            db: &impl ConnectionTrait,
            user: UserId,
            after: Option<$id>,
            limit: u64,
        ) -> Result<Vec<$entity::Model>, Error> {
            let mut query =
                $entity::Entity::find().filter($entity::Column::$owner.eq(user));
            if let Some(after) = after {
                query = query.filter($entity::Column::Id.gt(after));
            }
            Ok(query
                .order_by_asc($entity::Column::Id)
                .limit(limit)
                .all(db)
                .await?)
        }
    };
}

pages! {
    /// What they were told, from after an id.
    notifications, notification, NotificationId, UserId
}
pages! {
    /// Webhooks they made, from after an id.
    webhooks, webhook, WebhookId, OwnerId
}
pages! {
    /// Messages about them, from after an id.
    deliveries, delivery, DeliveryId, UserId
}
