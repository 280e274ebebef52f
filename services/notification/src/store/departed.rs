//! Who has left.

use covergen_ids::{UserId, WorkspaceId};
use covergen_store::{Error, Tx};
use sea_orm::sea_query::OnConflict;
use sea_orm::{EntityTrait as _, IntoActiveModel as _};
use sha2::{Digest as _, Sha256};

use super::entity::departed;

fn hash(user: UserId) -> String {
    let digest = Sha256::digest(user.to_string());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether somebody has left.
pub(crate) async fn is_departed(tx: &Tx, user: UserId) -> Result<bool, Error> {
    let row = departed::Entity::find_by_id(hash(user)).one(tx).await?;
    Ok(row.is_some())
}

/// Notes that somebody leaves.
pub(crate) async fn depart(tx: &Tx, user: UserId) -> Result<(), Error> {
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
