use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, boolean, integer, json, string};

/// Templates and their categories.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "template_0001_templates"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(categories()).await?;
        manager.create_table(templates()).await?;
        manager
            .create_index(
                Index::create()
                    .name("templates_gallery")
                    .table("templates")
                    .col("workspace_id")
                    .col("is_shown")
                    .col("position")
                    .col("id")
                    .take(),
            )
            .await
    }
}

fn categories() -> TableCreateStatement {
    Table::create()
        .table("categories")
        .col(string("id").primary_key())
        .col(string("workspace_id"))
        .col(string("name"))
        .col(integer("position"))
        .take()
}

fn templates() -> TableCreateStatement {
    Table::create()
        .table("templates")
        .col(string("id"))
        .col(integer("version"))
        .col(string("workspace_id"))
        .col(string("category"))
        .col(string("name"))
        .col(string("description"))
        .col(boolean("is_premium"))
        .col(integer("position"))
        .col(json("palettes"))
        .col(boolean("is_shown"))
        .col(big_integer("created_at_ms"))
        .primary_key(Index::create().col("id").col("version"))
        .check(("template_version_positive", Expr::col("version").gt(0)))
        .take()
}
