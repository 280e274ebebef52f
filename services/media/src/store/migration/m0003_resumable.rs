use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, boolean, integer, string, string_null, text, text_null,
};

/// Uploads that come in part by part.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "media_0003_resumable"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let uploads =
            Table::create()
                .table("uploads")
                .col(string("id").primary_key())
                .col(string("workspace_id"))
                .col(string("user_id"))
                .col(string("state"))
                .col(big_integer("total_bytes"))
                .col(big_integer("stored_bytes").check(
                    Expr::col("stored_bytes").between(Expr::value(0), Expr::col("total_bytes")),
                ))
                .col(integer("parts"))
                .col(text("metadata"))
                .col(text("file_name"))
                .col(boolean("keep_metadata"))
                .col(boolean("keep_location"))
                .col(string("writer"))
                .col(string_null("asset_id"))
                .col(string_null("error_reason"))
                .col(text_null("error_message"))
                .col(big_integer("created_at_ms"))
                .col(big_integer("expires_at_ms"))
                .take();
        manager.create_table(uploads).await?;
        let parts = Table::create()
            .table("upload_parts")
            .col(string("object_key").primary_key())
            .col(string("upload_id"))
            .col(string("workspace_id"))
            .col(string("state"))
            .col(big_integer("begin_bytes"))
            .col(integer("bytes"))
            .col(big_integer("touched_at_ms"))
            .take();
        manager.create_table(parts).await?;
        for (name, table, columns) in [
            ("uploads_by_user", "uploads", &["user_id", "state"][..]),
            ("uploads_by_workspace", "uploads", &["workspace_id"]),
            ("uploads_by_expiry", "uploads", &["expires_at_ms"]),
            (
                "upload_parts_by_upload",
                "upload_parts",
                &["upload_id", "begin_bytes"],
            ),
            (
                "upload_parts_by_state",
                "upload_parts",
                &["state", "touched_at_ms"],
            ),
        ] {
            let mut index = Index::create();
            index.name(name).table(table);
            for column in columns {
                index.col(*column);
            }
            manager.create_index(index.take()).await?;
        }
        Ok(())
    }
}
