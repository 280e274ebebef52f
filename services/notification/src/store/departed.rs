//! Who has left.

use covergen_ids::{UserId, WorkspaceId};
use covergen_store::{Error, Tx};
use sea_orm::sea_query::{LockType, OnConflict};
use sea_orm::{EntityTrait as _, IntoActiveModel as _, QuerySelect as _};
use sha2::{Digest as _, Sha256};

use super::entity::departed;

fn hash(user: UserId) -> String {
    let digest = Sha256::digest(user.to_string());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether somebody has left. If not, they do not until this transaction has
/// ended, so that what it writes of them is there to be erased.
pub(crate) async fn is_departed(tx: &Tx, user: UserId) -> Result<bool, Error> {
    let row = departed::Entity::find_by_id(hash(user)).lock(LockType::KeyShare);
    Ok(row.one(tx).await?.is_some())
}

/// Notes that somebody leaves, once nobody writes of anybody whom they found
/// here. First of all in its transaction.
pub(crate) async fn depart(tx: &Tx, user: UserId) -> Result<(), Error> {
    tx.close_table("departed").await?;
    let row = departed::Model {
        user_sha256: hash(user),
        workspace_id: WorkspaceId::SYSTEM,
        departed_at_ms: tx.now_ms(),
    };
    departed::Entity::insert(row.into_active_model())
        .on_conflict(
            OnConflict::column(departed::Column::UserSha256)
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    Ok(())
}
