use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, boolean, integer, string, string_null, text,
};

/// Requests, covers, images.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "cover_0001_covers"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(requests()).await?;
        manager.create_table(covers()).await?;
        for (name, columns) in [
            (
                "covers_by_owner",
                &["workspace_id", "user_id", "created_at_ms", "id"][..],
            ),
            ("covers_by_task", &["task_id", "variant"]),
        ] {
            let mut index = Index::create();
            index.name(name).table("covers");
            for column in columns {
                index.col(*column);
            }
            manager.create_index(index.take()).await?;
        }
        manager.create_table(images()).await
    }
}

fn requests() -> TableCreateStatement {
    Table::create()
        .table("requests")
        .col(string("task_id").primary_key())
        .col(string("workspace_id"))
        .col(string("user_id"))
        .col(string("status"))
        .col(text("order_json"))
        .col(string_null("error_reason"))
        .col(string_null("error_message"))
        .col(big_integer("created_at_ms"))
        .col(big_integer_null("ended_at_ms"))
        .take()
}

fn covers() -> TableCreateStatement {
    Table::create()
        .table("covers")
        .col(string("id").primary_key())
        .col(string("workspace_id"))
        .col(string("user_id"))
        .col(string("task_id"))
        .col(integer("variant"))
        .col(text("title"))
        .col(text("subtitle"))
        .col(string("template_id"))
        .col(integer("template_version"))
        .col(string("palette_id"))
        .col(big_integer("seed"))
        .col(boolean("watermarked"))
        .col(text("design_json"))
        .col(big_integer("created_at_ms"))
        .take()
}

fn images() -> TableCreateStatement {
    Table::create()
        .table("images")
        .col(string("cover_id"))
        .col(integer("position"))
        .col(string("workspace_id"))
        .col(string("asset_id"))
        .col(text("url"))
        .col(integer("width"))
        .col(integer("height"))
        .col(string("format"))
        .col(integer("bytes"))
        .col(string("preset"))
        .primary_key(Index::create().col("cover_id").col("position"))
        .take()
}
