//! What changed in somebody's library, in an order that everybody can rely on.
//!
//! An owner's changes are numbered by a row of their own, which the transaction
//! that makes a change holds locked until it commits. So numbers become visible
//! in their order: whoever has read up to one has missed none below it.

use covergen_identity::Principal;
use covergen_ids::{CoverId, UserId, WorkspaceId};
use covergen_store::{Error, Tx};
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
};

use super::entity::{change, change_head};

/// Deletions that one change forgets at most.
const FORGET_AT_ONCE: u64 = 100;

/// Whose library.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Owner {
    pub(crate) workspace: WorkspaceId,
    pub(crate) user: UserId,
}

impl From<&Principal> for Owner {
    fn from(who: &Principal) -> Self {
        Self {
            workspace: who.workspace_id,
            user: who.user_id,
        }
    }
}

/// Notes that covers are new, changed or gone. It takes the owner's lock, so
/// it comes last in its transaction: nothing that anybody waits for is locked
/// behind it.
pub(crate) async fn note(
    tx: &Tx,
    owner: Owner,
    covers: &[CoverId],
    deleted: bool,
) -> Result<(), Error> {
    let count = i64::try_from(covers.len()).unwrap_or(i64::MAX);
    if count == 0 {
        return Ok(());
    }
    let head = advance(tx, owner, count).await?;
    let rows = covers.iter().zip(head - count + 1..).map(|(id, sequence)| {
        change::Model {
            cover_id: *id,
            workspace_id: owner.workspace,
            user_id: owner.user,
            sequence,
            deleted,
            changed_at_ms: tx.now_ms(),
        }
        .into_active_model()
    });
    change::Entity::insert_many(rows)
        .on_conflict(
            OnConflict::column(change::Column::CoverId)
                .update_columns([
                    change::Column::Sequence,
                    change::Column::Deleted,
                    change::Column::ChangedAtMs,
                ])
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Gives out the next numbers and answers the last of them.
async fn advance(tx: &Tx, owner: Owner, count: i64) -> Result<i64, Error> {
    let first = change_head::Model {
        workspace_id: owner.workspace,
        user_id: owner.user,
        head: count,
        forgotten: 0,
    };
    let known = Expr::col((change_head::Entity, change_head::Column::Head));
    let row = change_head::Entity::insert(first.into_active_model())
        .on_conflict(
            OnConflict::columns([
                change_head::Column::WorkspaceId,
                change_head::Column::UserId,
            ])
            .value(change_head::Column::Head, known.add(count))
            .to_owned(),
        )
        .exec_with_returning(tx)
        .await?;
    Ok(row.head)
}

/// Forgets an owner's deletions from before a moment, the oldest first, and
/// how far that goes. The caller has noted a change, and so holds the lock.
pub(crate) async fn forget(tx: &Tx, owner: Owner, before_ms: i64) -> Result<(), Error> {
    let old = of(owner)
        .filter(change::Column::Deleted.eq(true))
        .filter(change::Column::ChangedAtMs.lt(before_ms))
        .order_by_asc(change::Column::Sequence)
        .limit(FORGET_AT_ONCE)
        .all(tx)
        .await?;
    let Some(last) = old.last().map(|row| row.sequence) else {
        return Ok(());
    };
    change::Entity::delete_many()
        .filter(change::Column::CoverId.is_in(old.iter().map(|row| row.cover_id)))
        .exec(tx)
        .await?;
    change_head::Entity::update_many()
        .col_expr(change_head::Column::Forgotten, Expr::value(last))
        .filter(change_head::Column::WorkspaceId.eq(owner.workspace))
        .filter(change_head::Column::UserId.eq(owner.user))
        .filter(change_head::Column::Forgotten.lt(last))
        .exec(tx)
        .await?;
    Ok(())
}

/// An owner's changes after a number, in order. From the very beginning,
/// deletions are left out: there is nothing to delete yet.
pub(crate) async fn after(
    db: &impl ConnectionTrait,
    owner: Owner,
    sequence: i64,
    limit: u64,
) -> Result<Vec<change::Model>, Error> {
    let mut query = of(owner).filter(change::Column::Sequence.gt(sequence));
    if sequence == 0 {
        query = query.filter(change::Column::Deleted.eq(false));
    }
    Ok(query
        .order_by_asc(change::Column::Sequence)
        .limit(limit)
        .all(db)
        .await?)
}

/// How far an owner's changes are counted, and forgotten.
pub(crate) async fn head(
    db: &impl ConnectionTrait,
    owner: Owner,
) -> Result<Option<change_head::Model>, Error> {
    Ok(
        change_head::Entity::find_by_id((owner.workspace, owner.user))
            .one(db)
            .await?,
    )
}

fn of(owner: Owner) -> sea_orm::Select<change::Entity> {
    change::Entity::find()
        .filter(change::Column::WorkspaceId.eq(owner.workspace))
        .filter(change::Column::UserId.eq(owner.user))
}
