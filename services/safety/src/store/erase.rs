//! What goes with a person.

use covergen_ids::UserId;
use covergen_store::{Error, Tx};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};

use super::entity::{appeal, blocked_image, rule, shadow_match, violation};

/// Removes what is a person's own, and their name from what they did for
/// everybody. Doing it again changes nothing.
pub(crate) async fn user(tx: &Tx, user: UserId) -> Result<(), Error> {
    appeal::Entity::delete_many()
        .filter(appeal::Column::UserId.eq(user))
        .exec(tx)
        .await?;
    violation::Entity::delete_many()
        .filter(violation::Column::UserId.eq(user))
        .exec(tx)
        .await?;
    shadow_match::Entity::delete_many()
        .filter(shadow_match::Column::UserId.eq(user))
        .exec(tx)
        .await?;
    let nobody = || Expr::value(None::<UserId>);
    appeal::Entity::update_many()
        .col_expr(appeal::Column::DecidedBy, nobody())
        .filter(appeal::Column::DecidedBy.eq(user))
        .exec(tx)
        .await?;
    rule::Entity::update_many()
        .col_expr(rule::Column::AuthorId, nobody())
        .filter(rule::Column::AuthorId.eq(user))
        .exec(tx)
        .await?;
    blocked_image::Entity::update_many()
        .col_expr(blocked_image::Column::AuthorId, nobody())
        .filter(blocked_image::Column::AuthorId.eq(user))
        .exec(tx)
        .await?;
    Ok(())
}
