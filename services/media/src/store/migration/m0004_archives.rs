use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{integer, integer_null, string, string_null, text, text_null};

/// Uploads that are archives of pictures, and what came of the files in them.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "media_0004_archives"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // One column a statement: SQLite takes no more.
        for mut column in [
            string("kind").default("PICTURE").take(),
            integer_null("entries"),
            integer("entries_done").default(0).take(),
            integer("entries_failed").default(0).take(),
            integer("round").default(0).take(),
        ] {
            let table = Table::alter()
                .table("uploads")
                .add_column(&mut column)
                .take();
            manager.alter_table(table).await?;
        }
        let entries = Table::create()
            .table("upload_entries")
            .col(string("upload_id"))
            .col(integer("position"))
            .col(string("workspace_id"))
            .col(text("name"))
            .col(string_null("asset_id"))
            .col(string_null("error_reason"))
            .col(text_null("error_message"))
            .primary_key(Index::create().col("upload_id").col("position"))
            .take();
        manager.create_table(entries).await
    }
}
