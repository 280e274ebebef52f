use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, double, integer, json, string, string_null, text, text_null,
};

/// Custom templates, search, popularity, brand kits.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "template_0002_custom_templates"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // One column a statement: SQLite takes no more.
        for mut column in [
            string_null("owner_id"),
            text_null("document"),
            text_null("prompt_template"),
            string("sort_name").default("").take(),
            text("search_text").default("").take(),
            big_integer_null("deleted_at_ms"),
        ] {
            let mut table = Table::alter();
            table.table("templates").add_column(&mut column);
            manager.alter_table(table).await?;
        }
        manager
            .create_index(
                Index::create()
                    .name("templates_by_owner")
                    .table("templates")
                    .col("owner_id")
                    .take(),
            )
            .await?;
        manager.create_table(popularity()).await?;
        manager.create_table(brand_kits()).await?;
        manager
            .create_index(
                Index::create()
                    .name("brand_kits_by_workspace")
                    .table("brand_kits")
                    .col("workspace_id")
                    .col("id")
                    .take(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("brand_kits_by_owner")
                    .table("brand_kits")
                    .col("owner_id")
                    .take(),
            )
            .await
    }
}

fn popularity() -> TableCreateStatement {
    Table::create()
        .table("template_popularity")
        .col(string("template_id").primary_key())
        .col(string("workspace_id"))
        .col(integer("use_count"))
        .col(double("heat"))
        .col(big_integer("last_used_at_ms"))
        .take()
}

fn brand_kits() -> TableCreateStatement {
    Table::create()
        .table("brand_kits")
        .col(string("id").primary_key())
        .col(string("workspace_id"))
        .col(string("owner_id"))
        .col(string("name"))
        .col(json("colors"))
        .col(string("heading_font"))
        .col(string_null("logo_asset_id"))
        .col(integer("revision"))
        .col(big_integer("created_at_ms"))
        .col(big_integer("updated_at_ms"))
        .take()
}
