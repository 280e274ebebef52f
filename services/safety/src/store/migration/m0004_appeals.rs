use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, boolean, string, string_null, text,
};

/// What becomes of a violation: appeals, and where it stands.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "safety_0004_appeals"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = [
            boolean("is_image").default(false).take(),
            string("state").default("STANDING").take(),
            string_null("appeal_id"),
        ];
        for column in columns {
            let mut alter = Table::alter();
            manager
                .alter_table(alter.table("violations").add_column(column).take())
                .await?;
        }
        manager.create_table(appeals()).await?;
        for (name, table, columns) in [
            ("violations_of_user", "violations", ["user_id", "id"]),
            ("appeals_of_user", "appeals", ["user_id", "id"]),
            ("appeals_due", "appeals", ["state", "due_at_ms"]),
        ] {
            let mut index = Index::create();
            index
                .name(name)
                .table(table)
                .col(columns[0])
                .col(columns[1]);
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

fn appeals() -> TableCreateStatement {
    Table::create()
        .table("appeals")
        .col(string("id").primary_key())
        .col(string("workspace_id"))
        .col(string("user_id"))
        .col(string("violation_id").unique_key())
        .col(string("rule_id"))
        .col(string("category"))
        .col(text("reason"))
        .col(string("state"))
        .col(big_integer("due_at_ms"))
        .col(text("decision_reason"))
        .col(string_null("decided_by"))
        .col(big_integer_null("resolved_at_ms"))
        .col(big_integer("created_at_ms"))
        .take()
}
