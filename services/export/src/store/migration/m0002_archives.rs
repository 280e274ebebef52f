use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer_null, integer, integer_null, string, string_null, text, text_null,
};

/// Archives, their files and the designs of those; pictures of designs.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "export_0002_archives"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // One column a statement: SQLite takes no more.
        for column in [
            string("kind").default("FILE").take(),
            string("file_name").default("").take(),
            string("compression").default("").take(),
            text("pictures").default("[]").take(),
            big_integer_null("total_bytes"),
            integer_null("used_quality"),
        ] {
            let change = Table::alter().table("exports").add_column(column).take();
            manager.alter_table(change).await?;
        }
        manager
            .get_connection()
            .execute_unprepared("UPDATE exports SET total_bytes = bytes")
            .await?;
        manager.create_table(files()).await?;
        manager.create_table(designs()).await?;
        for (name, column) in [
            ("exports_by_user", "user_id"),
            ("exports_by_workspace", "workspace_id"),
        ] {
            let index = Index::create()
                .name(name)
                .table("exports")
                .col(column)
                .take();
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

fn files() -> TableCreateStatement {
    Table::create()
        .table("export_files")
        .col(string("export_id"))
        .col(integer("position"))
        .col(string("cover_id"))
        .col(text("name"))
        .col(string("preset"))
        .col(integer("width"))
        .col(integer("height"))
        .col(string("format"))
        .col(integer("quality"))
        .col(integer_null("max_bytes"))
        .col(string("compression"))
        .col(string("status"))
        .col(string_null("asset_id"))
        .col(integer_null("bytes"))
        .col(big_integer_null("crc32"))
        .col(string_null("error_reason"))
        .col(text_null("error_message"))
        .primary_key(Index::create().col("export_id").col("position"))
        .take()
}

fn designs() -> TableCreateStatement {
    Table::create()
        .table("export_designs")
        .col(string("export_id"))
        .col(string("cover_id"))
        .col(text("document"))
        .col(text("pictures"))
        .primary_key(Index::create().col("export_id").col("cover_id"))
        .take()
}
