//! Brand kits, always within a workspace.

use covergen_ids::{BrandKitId, WorkspaceId};
use covergen_store::{Error, Tx};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _, PaginatorTrait as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, Select,
};

use super::entity::brand_kit;

fn of(workspace: WorkspaceId) -> Select<brand_kit::Entity> {
    brand_kit::Entity::find().filter(brand_kit::Column::WorkspaceId.eq(workspace))
}

/// How many a workspace has.
pub(crate) async fn count(db: &impl ConnectionTrait, workspace: WorkspaceId) -> Result<u64, Error> {
    Ok(of(workspace).count(db).await?)
}

/// One of a workspace's.
pub(crate) async fn find(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    id: BrandKitId,
) -> Result<Option<brand_kit::Model>, Error> {
    Ok(of(workspace)
        .filter(brand_kit::Column::Id.eq(id))
        .one(db)
        .await?)
}

/// A workspace's, newest first (ids sort by time), from before an id.
pub(crate) async fn list(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    before: Option<BrandKitId>,
    limit: u64,
) -> Result<Vec<brand_kit::Model>, Error> {
    let mut query = of(workspace);
    if let Some(before) = before {
        query = query.filter(brand_kit::Column::Id.lt(before));
    }
    Ok(query
        .order_by_desc(brand_kit::Column::Id)
        .limit(limit)
        .all(db)
        .await?)
}

/// Adds one.
pub(crate) async fn insert(tx: &Tx, row: brand_kit::Model) -> Result<(), Error> {
    brand_kit::Entity::insert(row.into_active_model())
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Writes one whose stored revision is the one before; `false` when it is not.
pub(crate) async fn save(tx: &Tx, row: &brand_kit::Model) -> Result<bool, Error> {
    let saved = brand_kit::Entity::update_many()
        .col_expr(brand_kit::Column::Name, Expr::value(row.name.as_str()))
        .col_expr(brand_kit::Column::Colors, Expr::value(row.colors.clone()))
        .col_expr(
            brand_kit::Column::HeadingFont,
            Expr::value(row.heading_font.as_str()),
        )
        .col_expr(
            brand_kit::Column::LogoAssetId,
            Expr::value(row.logo_asset_id.map(|id| id.to_string())),
        )
        .col_expr(brand_kit::Column::Revision, Expr::value(row.revision))
        .col_expr(
            brand_kit::Column::UpdatedAtMs,
            Expr::value(row.updated_at_ms),
        )
        .filter(brand_kit::Column::WorkspaceId.eq(row.workspace_id))
        .filter(brand_kit::Column::Id.eq(row.id))
        .filter(brand_kit::Column::Revision.eq(row.revision - 1))
        .exec(tx)
        .await?;
    Ok(saved.rows_affected == 1)
}

/// Deletes one in this revision; `false` when it has moved on or is gone.
pub(crate) async fn delete(
    tx: &Tx,
    workspace: WorkspaceId,
    id: BrandKitId,
    revision: i32,
) -> Result<bool, Error> {
    let deleted = brand_kit::Entity::delete_many()
        .filter(brand_kit::Column::WorkspaceId.eq(workspace))
        .filter(brand_kit::Column::Id.eq(id))
        .filter(brand_kit::Column::Revision.eq(revision))
        .exec(tx)
        .await?;
    Ok(deleted.rows_affected == 1)
}
