//! Accounts as administrators see them, preferences, copies of one's data.

use covergen_ids::{DataExportId, UserId};
use covergen_store::{Error, Tx};
use sea_orm::sea_query::{Expr, ExprTrait as _, LikeExpr, OnConflict};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, DbBackend, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use super::entity::{data_export, preference, profile};

/// What a list of accounts is narrowed to.
#[derive(Default)]
pub(crate) struct Narrowed {
    /// How the address, user name or id begins; empty means anything.
    pub(crate) begins: String,
    pub(crate) status: Option<profile::Status>,
    pub(crate) tier: Option<&'static str>,
}

/// Profiles before one, newest first.
pub(crate) async fn list(
    db: &impl ConnectionTrait,
    to: &Narrowed,
    before: Option<UserId>,
    limit: u64,
) -> Result<Vec<profile::Model>, Error> {
    let mut query = profile::Entity::find().order_by_desc(profile::Column::UserId);
    if !to.begins.is_empty() {
        let begins = beginning(&to.begins.to_lowercase());
        let columns = [
            profile::Column::Email,
            profile::Column::Username,
            profile::Column::UserId,
        ];
        let any = columns.into_iter().fold(Condition::any(), |any, column| {
            any.add(Expr::col(column).like(begins.clone()))
        });
        query = query.filter(any);
    }
    if let Some(status) = to.status {
        query = query.filter(profile::Column::Status.eq(status));
    }
    if let Some(tier) = to.tier {
        query = query.filter(profile::Column::Tier.eq(tier));
    }
    if let Some(before) = before {
        query = query.filter(profile::Column::UserId.lt(before));
    }
    Ok(query.limit(limit).all(db).await?)
}

/// A pattern for what begins so, taken literally.
fn beginning(text: &str) -> LikeExpr {
    let mut pattern = String::with_capacity(text.len() + 1);
    for ch in text.chars() {
        if matches!(ch, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(ch);
    }
    pattern.push('%');
    LikeExpr::new(pattern).escape('\\')
}

/// A profile, held until the transaction ends.
pub(crate) async fn hold(tx: &Tx, user: UserId) -> Result<Option<profile::Model>, Error> {
    let query = profile::Entity::find_by_id(user);
    let query = match tx.get_database_backend() {
        DbBackend::Postgres => query.lock_exclusive(),
        _ => query,
    };
    Ok(query.one(tx).await?)
}

pub(crate) async fn preferences(
    db: &impl ConnectionTrait,
    user: UserId,
) -> Result<Option<preference::Model>, Error> {
    Ok(preference::Entity::find_by_id(user).one(db).await?)
}

/// Puts preferences in the place of those that are there.
pub(crate) async fn put_preferences(tx: &Tx, row: preference::Model) -> Result<(), Error> {
    preference::Entity::insert(row.into_active_model())
        .on_conflict(
            OnConflict::column(preference::Column::UserId)
                .update_columns([
                    preference::Column::WorkspaceId,
                    preference::Column::Chosen,
                    preference::Column::UpdatedAtMs,
                ])
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

pub(crate) async fn insert_data_export(tx: &Tx, row: data_export::Model) -> Result<(), Error> {
    // What nobody can download any more need not be kept.
    data_export::Entity::delete_many()
        .filter(data_export::Column::UserId.eq(row.user_id))
        .filter(data_export::Column::ExpiresAtMs.lt(row.created_at_ms))
        .exec(tx)
        .await?;
    data_export::Entity::insert(row.into_active_model())
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// A user's own copy.
pub(crate) async fn data_export(
    db: &impl ConnectionTrait,
    user: UserId,
    id: DataExportId,
) -> Result<Option<data_export::Model>, Error> {
    Ok(data_export::Entity::find_by_id(id)
        .filter(data_export::Column::UserId.eq(user))
        .one(db)
        .await?)
}
