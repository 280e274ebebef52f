use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, boolean, double, integer, json, string};

/// Rules with their versions, and the row that tells of changes.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "safety_0001_rules"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(rules()).await?;
        manager
            .create_index(
                Index::create()
                    .name("rules_in_force")
                    .table("rules")
                    .col("workspace_id")
                    .col("in_force")
                    .col("id")
                    .take(),
            )
            .await?;
        manager.create_table(state()).await
    }
}

fn rules() -> TableCreateStatement {
    let score = || Expr::col("score");
    Table::create()
        .table("rules")
        .col(string("id"))
        .col(integer("version"))
        .col(string("workspace_id"))
        .col(string("category"))
        .col(string("description"))
        .col(string("region"))
        .col(double("score"))
        .col(json("patterns"))
        .col(json("exceptions"))
        .col(boolean("is_retired"))
        .col(boolean("in_force"))
        .col(big_integer("created_at_ms"))
        .primary_key(Index::create().col("id").col("version"))
        .check(("rule_version_positive", Expr::col("version").gt(0)))
        .check(("rule_score_range", score().gte(0).and(score().lte(1))))
        .take()
}

fn state() -> TableCreateStatement {
    Table::create()
        .table("rule_state")
        .col(string("id").primary_key())
        .col(string("workspace_id"))
        .col(big_integer("revision"))
        .take()
}
