use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, double, integer, string};

/// The violation log.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "safety_0002_violations"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(violations()).await?;
        manager
            .create_index(
                Index::create()
                    .name("violations_once")
                    .table("violations")
                    .col("workspace_id")
                    .col("subject")
                    .col("rule_id")
                    .unique()
                    .take(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("violations_by_author")
                    .table("violations")
                    .col("workspace_id")
                    .col("user_id")
                    .col("created_at_ms")
                    .take(),
            )
            .await
    }
}

fn violations() -> TableCreateStatement {
    Table::create()
        .table("violations")
        .col(string("id").primary_key())
        .col(string("workspace_id"))
        .col(string("user_id"))
        .col(string("subject"))
        .col(string("rule_id"))
        .col(integer("rule_version"))
        .col(string("category"))
        .col(string("region"))
        .col(double("score"))
        .col(integer("text_index"))
        .col(integer("match_start"))
        .col(integer("match_end"))
        .col(string("text_sha256"))
        .col(big_integer("created_at_ms"))
        .take()
}
