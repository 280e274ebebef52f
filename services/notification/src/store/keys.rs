//! Keys that are made once.

use covergen_ids::WorkspaceId;
use covergen_store::{Error, Store};
use sea_orm::sea_query::OnConflict;
use sea_orm::{EntityTrait as _, IntoActiveModel as _};

use super::entity::sealed_key;

/// The key of a name, if it was made.
pub(crate) async fn find(store: &Store, name: &str) -> Result<Option<Vec<u8>>, Error> {
    let row = sealed_key::Entity::find_by_id(name)
        .one(store.read())
        .await?;
    Ok(row.map(|row| row.sealed))
}

/// Keeps a key unless there is one; the one that is kept. Of processes that
/// start together one makes the key of all.
pub(crate) async fn keep(store: &Store, name: &str, sealed: Vec<u8>) -> Result<Vec<u8>, Error> {
    let tx = store.begin().await?;
    let row = sealed_key::Model {
        name: name.to_owned(),
        workspace_id: WorkspaceId::SYSTEM,
        sealed: sealed.clone(),
        created_at_ms: tx.now_ms(),
    };
    sealed_key::Entity::insert(row.into_active_model())
        .on_conflict(
            OnConflict::column(sealed_key::Column::Name)
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(&tx)
        .await?;
    let kept = sealed_key::Entity::find_by_id(name).one(&tx).await?;
    tx.commit().await?;
    Ok(kept.map_or(sealed, |row| row.sealed))
}
