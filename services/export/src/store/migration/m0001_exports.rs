use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, boolean, integer, integer_null, string, string_null, text, text_null,
};

/// Exports.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "export_0001_exports"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("exports")
                    .col(string("id").primary_key())
                    .col(string("workspace_id"))
                    .col(string("user_id"))
                    .col(string("cover_id"))
                    .col(string("task_id"))
                    .col(string("preset"))
                    .col(integer("width"))
                    .col(integer("height"))
                    .col(string("format"))
                    .col(integer("quality"))
                    .col(integer_null("max_bytes"))
                    .col(boolean("watermark"))
                    .col(text("document"))
                    .col(string("status"))
                    .col(big_integer("fencing_token"))
                    .col(string_null("asset_id"))
                    .col(integer_null("bytes"))
                    .col(string_null("error_reason"))
                    .col(text_null("error_message"))
                    .col(big_integer("created_at_ms"))
                    .col(big_integer("updated_at_ms"))
                    .take(),
            )
            .await
    }
}
