use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, string};

/// Ids that were deleted.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "media_0005_tombstones"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("tombstones")
            .col(string("workspace_id"))
            .col(string("asset_id"))
            .col(big_integer("deleted_at_ms"))
            .primary_key(Index::create().col("workspace_id").col("asset_id"))
            .take();
        manager.create_table(table).await?;
        let index = Index::create()
            .name("tombstones_by_age")
            .table("tombstones")
            .col("deleted_at_ms")
            .take();
        manager.create_index(index).await
    }
}
