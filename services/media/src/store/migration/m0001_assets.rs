use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, integer, string};

/// Assets and objects.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "media_0001_assets"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        assets(manager).await?;
        objects(manager).await
    }
}

async fn assets(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("assets")
                .col(string("id").primary_key())
                .col(string("workspace_id"))
                .col(string("user_id"))
                .col(string("content_type"))
                .col(string("file_name"))
                .col(integer("width"))
                .col(integer("height"))
                .col(integer("bytes"))
                .col(string("sha256"))
                .col(string("object_key"))
                .col(string("dominant_color"))
                .col(big_integer("created_at_ms"))
                .take(),
        )
        .await
}

async fn objects(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("objects")
                .col(string("object_key").primary_key())
                .col(string("workspace_id"))
                .col(string("state"))
                .col(integer("refs").check(Expr::col("refs").gte(0)))
                .col(string("epoch"))
                .col(big_integer("touched_at_ms"))
                .take(),
        )
        .await?;
    manager
        .create_index(
            Index::create()
                .name("objects_by_state")
                .table("objects")
                .col("state")
                .col("refs")
                .col("touched_at_ms")
                .take(),
        )
        .await
}
