//! What people are told, always within a workspace and of one person.

use covergen_ids::{NotificationId, UserId, WorkspaceId};
use covergen_store::{Error, Tx};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, IntoActiveModel as _,
    PaginatorTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use super::entity::notification::{Column, Entity, Model};

/// Whose notifications, and where.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader {
    pub(crate) workspace: WorkspaceId,
    pub(crate) user: UserId,
}

impl Reader {
    fn all(self) -> Condition {
        Condition::all()
            .add(Column::WorkspaceId.eq(self.workspace))
            .add(Column::UserId.eq(self.user))
    }
}

/// Adds one, unless it is there.
pub(crate) async fn insert(tx: &Tx, row: Model) -> Result<(), Error> {
    Entity::insert(row.into_active_model())
        .on_conflict(OnConflict::column(Column::Id).do_nothing().to_owned())
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// A person's, newest first, from before an id.
pub(crate) async fn list(
    db: &impl ConnectionTrait,
    reader: Reader,
    unread_only: bool,
    before: Option<NotificationId>,
    limit: u64,
) -> Result<Vec<Model>, Error> {
    let mut query = Entity::find().filter(reader.all());
    if unread_only {
        query = query.filter(Column::ReadAtMs.is_null());
    }
    if let Some(before) = before {
        query = query.filter(Column::Id.lt(before));
    }
    Ok(query.order_by_desc(Column::Id).limit(limit).all(db).await?)
}

/// How many a person has not read.
pub(crate) async fn count_unread(db: &impl ConnectionTrait, reader: Reader) -> Result<u64, Error> {
    Ok(Entity::find()
        .filter(reader.all())
        .filter(Column::ReadAtMs.is_null())
        .count(db)
        .await?)
}

/// Marks one as read at a time, or as not read; the first reading counts. The
/// row then, if it is the person's.
pub(crate) async fn mark(
    tx: &Tx,
    reader: Reader,
    id: NotificationId,
    read_at_ms: Option<i64>,
) -> Result<Option<Model>, Error> {
    let mut update = Entity::update_many()
        .col_expr(Column::ReadAtMs, Expr::value(read_at_ms))
        .filter(reader.all())
        .filter(Column::Id.eq(id));
    if read_at_ms.is_some() {
        update = update.filter(Column::ReadAtMs.is_null());
    }
    update.exec(tx).await?;
    let row = Entity::find().filter(reader.all());
    Ok(row.filter(Column::Id.eq(id)).one(tx).await?)
}

/// Marks all of a person's as read.
pub(crate) async fn mark_all(tx: &Tx, reader: Reader) -> Result<(), Error> {
    Entity::update_many()
        .col_expr(Column::ReadAtMs, Expr::value(tx.now_ms()))
        .filter(reader.all())
        .filter(Column::ReadAtMs.is_null())
        .exec(tx)
        .await?;
    Ok(())
}

/// Deletes what is older than a time.
pub(crate) async fn sweep(tx: &Tx, before_ms: i64) -> Result<u64, Error> {
    let swept = Entity::delete_many()
        .filter(Column::CreatedAtMs.lt(before_ms))
        .exec(tx)
        .await?;
    Ok(swept.rows_affected)
}
