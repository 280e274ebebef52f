//! Queries. What belongs to a user is only found with that user's id.

pub(crate) mod accounts;
pub(crate) mod entity;
pub(crate) mod erase;
pub(crate) mod history;
mod migration;
pub(crate) mod quota;

use covergen_ids::{UserId, WorkspaceId};
use covergen_store::Error;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use entity::{member, profile, tier, workspace};
pub(crate) use migration::migrations;

pub(crate) async fn profile(
    db: &impl ConnectionTrait,
    user: UserId,
) -> Result<Option<profile::Model>, Error> {
    Ok(profile::Entity::find_by_id(user).one(db).await?)
}

/// Inserts a profile with its personal workspace, unless it is there.
pub(crate) async fn insert_profile(
    db: &impl ConnectionTrait,
    row: profile::Model,
) -> Result<(), Error> {
    let (user, space, at) = (row.user_id, row.workspace_id, row.created_at_ms);
    let home = workspace::Model {
        workspace_id: space,
        name: row.display_name.clone(),
        personal: true,
        owner_id: user,
        created_at_ms: at,
    };
    let owner = member::Model {
        workspace_id: space,
        user_id: user,
        role: "creator".to_owned(),
        created_at_ms: at,
    };
    profile::Entity::insert(row.into_active_model())
        .on_conflict(
            OnConflict::column(profile::Column::UserId)
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(db)
        .await?;
    workspace::Entity::insert(home.into_active_model())
        .on_conflict(
            OnConflict::column(workspace::Column::WorkspaceId)
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(db)
        .await?;
    member::Entity::insert(owner.into_active_model())
        .on_conflict(
            OnConflict::columns([member::Column::WorkspaceId, member::Column::UserId])
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(db)
        .await?;
    Ok(())
}

pub(crate) async fn save_profile(
    db: &impl ConnectionTrait,
    row: profile::Model,
) -> Result<(), Error> {
    profile::Entity::update(row.into_active_model().reset_all())
        .exec(db)
        .await?;
    Ok(())
}

pub(crate) async fn tier(
    db: &impl ConnectionTrait,
    id: &str,
) -> Result<Option<tier::Model>, Error> {
    Ok(tier::Entity::find_by_id(id).one(db).await?)
}

/// All tiers, the one that allows least first.
pub(crate) async fn tiers(db: &impl ConnectionTrait) -> Result<Vec<tier::Model>, Error> {
    Ok(tier::Entity::find()
        .order_by_asc(tier::Column::CoversPerMonth)
        .all(db)
        .await?)
}

/// The workspaces a user belongs to, the personal one first, from after
/// `(shared, id)`.
pub(crate) async fn workspaces(
    db: &impl ConnectionTrait,
    user: UserId,
    after: Option<(bool, WorkspaceId)>,
    limit: u64,
) -> Result<Vec<(workspace::Model, String)>, Error> {
    let memberships = member::Entity::find()
        .filter(member::Column::UserId.eq(user))
        .order_by_asc(member::Column::WorkspaceId)
        // A person belongs to few workspaces; this bounds a mistake.
        .limit(1_000)
        .all(db)
        .await?;
    let spaces = workspace::Entity::find()
        .filter(
            workspace::Column::WorkspaceId
                .is_in(memberships.iter().map(|membership| membership.workspace_id)),
        )
        .all(db)
        .await?;
    let mut rows: Vec<(workspace::Model, String)> = spaces
        .into_iter()
        .filter_map(|space| {
            let role = memberships
                .iter()
                .find(|membership| membership.workspace_id == space.workspace_id)?
                .role
                .clone();
            Some((space, role))
        })
        .filter(|(space, _)| {
            after.is_none_or(|after| (!space.personal, space.workspace_id) > after)
        })
        .collect();
    rows.sort_by_key(|(space, _)| (!space.personal, space.workspace_id));
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(rows)
}
