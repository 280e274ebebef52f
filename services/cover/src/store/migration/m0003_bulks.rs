use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, boolean, integer, string, string_null, text, text_null,
};

/// Bulks and their rows.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "cover_0003_bulks"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(bulks()).await?;
        manager.create_table(rows()).await?;
        for (name, table, columns) in [
            (
                "bulks_by_owner",
                "bulks",
                &["workspace_id", "user_id", "created_at_ms", "id"][..],
            ),
            ("bulks_open", "bulks", &["is_open", "created_at_ms"]),
            (
                "bulk_rows_by_state",
                "bulk_rows",
                &["bulk_id", "state", "row_number"],
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

fn bulks() -> TableCreateStatement {
    Table::create()
        .table("bulks")
        .col(string("id").primary_key())
        .col(string("workspace_id"))
        .col(string("user_id"))
        .col(string("name"))
        .col(integer("total_rows"))
        .col(text("settings_json"))
        .col(boolean("is_open"))
        .col(boolean("is_cancelled"))
        .col(big_integer("version"))
        .col(string("lease_owner"))
        .col(big_integer("lease_until_ms"))
        .col(big_integer("created_at_ms"))
        .col(big_integer_null("ended_at_ms"))
        .take()
}

fn rows() -> TableCreateStatement {
    Table::create()
        .table("bulk_rows")
        .col(string("bulk_id"))
        .col(integer("row_number"))
        .col(string("workspace_id"))
        .col(string("user_id"))
        .col(string("state"))
        .col(integer("attempt"))
        .col(integer("delays"))
        .col(text("row_json"))
        .col(string_null("task_id"))
        .col(string_null("error_reason"))
        .col(text_null("error_message"))
        .primary_key(Index::create().col("bulk_id").col("row_number"))
        .take()
}
