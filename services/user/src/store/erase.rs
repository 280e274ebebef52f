//! What goes with a person.

use covergen_ids::{UserId, WorkspaceId};
use covergen_store::{Error, Tx};
use sea_orm::sea_query::{LockType, OnConflict};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _, QueryFilter as _,
    QuerySelect as _,
};
use sha2::{Digest as _, Sha256};

use super::entity::{
    data_export, departed, history, ledger, member, period, preference, profile, reservation,
    workspace,
};

fn hash(user: UserId) -> String {
    let digest = Sha256::digest(user.to_string());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether somebody has left.
pub(crate) async fn is_departed(db: &impl ConnectionTrait, user: UserId) -> Result<bool, Error> {
    let row = departed::Entity::find_by_id(hash(user)).one(db).await?;
    Ok(row.is_some())
}

/// As [`is_departed`]. If not, they do not until this transaction has ended, so
/// that what it writes of them is there to be erased.
pub(crate) async fn is_departed_by_now(tx: &Tx, user: UserId) -> Result<bool, Error> {
    let row = departed::Entity::find_by_id(hash(user)).lock(LockType::KeyShare);
    Ok(row.one(tx).await?.is_some())
}

/// Notes that somebody leaves, once nobody writes of anybody whom they found
/// here; `false` when they have left. First of all in its transaction.
pub(crate) async fn depart(tx: &Tx, user: UserId) -> Result<bool, Error> {
    tx.close_table("departed").await?;
    let row = departed::Model {
        user_sha256: hash(user),
        workspace_id: WorkspaceId::SYSTEM,
        departed_at_ms: tx.now_ms(),
    };
    let inserted = departed::Entity::insert(row.into_active_model())
        .on_conflict(
            OnConflict::column(departed::Column::UserSha256)
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    Ok(inserted == 1)
}

/// Removes every row that is a person's.
pub(crate) async fn user(tx: &Tx, user: UserId, workspace: WorkspaceId) -> Result<(), Error> {
    macro_rules! delete {
        ($($entity:ident by $column:ident of $owner:expr;)*) => {$(
            $entity::Entity::delete_many()
                .filter($entity::Column::$column.eq($owner))
                .exec(tx)
                .await?;
        )*};
    }
    delete! {
        reservation by UserId of user;
        ledger by UserId of user;
        period by UserId of user;
        history by UserId of user;
        preference by UserId of user;
        data_export by UserId of user;
        member by UserId of user;
        member by WorkspaceId of workspace;
        workspace by WorkspaceId of workspace;
        profile by UserId of user;
    }
    Ok(())
}
