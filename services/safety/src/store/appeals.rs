//! Appeals.

use covergen_ids::AppealId;
use covergen_store::{Error, Tx};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, Condition, ConnectionTrait, DbBackend,
    EntityTrait as _, IntoActiveModel as _, PaginatorTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, Select,
};

use super::Whose;
use super::entity::appeal::{self, State};

fn of(whose: Whose) -> Select<appeal::Entity> {
    let all = appeal::Entity::find();
    match whose {
        Whose::Own(user, workspace) => all
            .filter(appeal::Column::UserId.eq(user))
            .filter(appeal::Column::WorkspaceId.eq(workspace)),
        Whose::Of(user) => all.filter(appeal::Column::UserId.eq(user)),
        Whose::All => all,
    }
}

pub(crate) async fn insert(tx: &Tx, row: appeal::Model) -> Result<(), Error> {
    appeal::Entity::insert(row.into_active_model())
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

pub(crate) async fn save(tx: &Tx, row: appeal::Model) -> Result<(), Error> {
    appeal::Entity::update(row.into_active_model().reset_all())
        .exec(tx)
        .await?;
    Ok(())
}

pub(crate) async fn find(
    db: &impl ConnectionTrait,
    whose: Whose,
    id: AppealId,
) -> Result<Option<appeal::Model>, Error> {
    Ok(of(whose).filter(appeal::Column::Id.eq(id)).one(db).await?)
}

/// An appeal, held until the transaction ends.
pub(crate) async fn hold(
    tx: &Tx,
    whose: Whose,
    id: AppealId,
) -> Result<Option<appeal::Model>, Error> {
    let query = of(whose).filter(appeal::Column::Id.eq(id));
    let query = match tx.get_database_backend() {
        DbBackend::Postgres => query.lock_exclusive(),
        _ => query,
    };
    Ok(query.one(tx).await?)
}

/// Where a list goes on.
#[derive(Clone, Copy)]
pub(crate) enum From {
    /// From the top.
    Start,
    /// Before an appeal, newest first.
    Before(AppealId),
    /// After when an appeal was due, and that appeal.
    Due(i64, AppealId),
}

/// Open appeals are listed by when they are due, others newest first.
pub(crate) async fn list(
    db: &impl ConnectionTrait,
    whose: Whose,
    state: Option<State>,
    from: From,
    limit: u64,
) -> Result<Vec<appeal::Model>, Error> {
    let mut query = of(whose);
    if let Some(state) = state {
        query = query.filter(appeal::Column::State.eq(state));
    }
    query = if state == Some(State::Open) {
        query
            .order_by_asc(appeal::Column::DueAtMs)
            .order_by_asc(appeal::Column::Id)
    } else {
        query.order_by_desc(appeal::Column::Id)
    };
    query = match from {
        From::Start => query,
        From::Before(id) => query.filter(appeal::Column::Id.lt(id)),
        From::Due(at_ms, id) => query.filter(
            Condition::any().add(appeal::Column::DueAtMs.gt(at_ms)).add(
                Condition::all()
                    .add(appeal::Column::DueAtMs.eq(at_ms))
                    .add(appeal::Column::Id.gt(id)),
            ),
        ),
    };
    Ok(query.limit(limit).all(db).await?)
}

/// How many open appeals are past their time.
pub(crate) async fn overdue(db: &impl ConnectionTrait, now_ms: i64) -> Result<u64, Error> {
    Ok(appeal::Entity::find()
        .filter(appeal::Column::State.eq(State::Open))
        .filter(appeal::Column::DueAtMs.lt(now_ms))
        .count(db)
        .await?)
}
