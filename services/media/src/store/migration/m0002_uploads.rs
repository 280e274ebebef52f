use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, boolean, integer, string, text_null};

/// Uploads of people, and the room that a workspace takes.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "media_0002_uploads"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // One column a statement: SQLite takes no more.
        for mut column in [
            string("kind").default("GENERATED").take(),
            string("placeholder").default("").take(),
            boolean("has_alpha").default(false).take(),
            text_null("source_json"),
            text_null("metadata_json"),
        ] {
            let table = Table::alter()
                .table("assets")
                .add_column(&mut column)
                .take();
            manager.alter_table(table).await?;
        }
        storage(manager).await?;
        for (name, columns) in [
            (
                "assets_by_owner",
                &["workspace_id", "user_id", "kind", "created_at_ms", "id"][..],
            ),
            ("assets_by_user", &["user_id"]),
        ] {
            let mut index = Index::create();
            index.name(name).table("assets");
            for column in columns {
                index.col(*column);
            }
            manager.create_index(index.take()).await?;
        }
        // Everything so far was made by services.
        manager
            .get_connection()
            .execute_unprepared(
                "INSERT INTO storage
                    (workspace_id, upload_bytes, uploads, generated_bytes, generated, closed)
                 SELECT workspace_id, 0, 0, SUM(bytes), COUNT(*), FALSE
                 FROM assets GROUP BY workspace_id",
            )
            .await?;
        Ok(())
    }
}

async fn storage(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("storage")
                .col(string("workspace_id").primary_key())
                .col(big_integer("upload_bytes"))
                .col(integer("uploads"))
                .col(big_integer("generated_bytes"))
                .col(integer("generated"))
                .col(boolean("closed"))
                .take(),
        )
        .await
}
