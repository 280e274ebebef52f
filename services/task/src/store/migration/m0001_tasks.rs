use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, binary, boolean, integer, string, string_null,
};

/// Tasks and their journals.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "task_0001_tasks"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(tasks()).await?;
        for (name, columns) in [
            ("tasks_queue", &["state", "kind", "rank_ms"][..]),
            ("tasks_leases", &["state", "lease_until_ms"]),
            ("tasks_by_workspace", &["workspace_id", "state"]),
            ("tasks_dead", &["needs_operator", "updated_at_ms", "id"]),
        ] {
            let mut index = Index::create();
            index.name(name).table("tasks");
            for column in columns {
                index.col(*column);
            }
            manager.create_index(index.take()).await?;
        }
        manager.create_table(journal()).await
    }
}

fn tasks() -> TableCreateStatement {
    Table::create()
        .table("tasks")
        .col(string("id").primary_key())
        .col(string("workspace_id"))
        .col(string("kind"))
        .col(binary("payload"))
        .col(integer("priority"))
        .col(integer("max_attempts"))
        .col(integer("saga_version"))
        .col(string("on_behalf_of"))
        .col(string("traceparent"))
        .col(string("state"))
        .col(string("stage"))
        .col(integer("progress_percent"))
        .col(integer("execution"))
        .col(integer("attempt"))
        .col(boolean("cancel_requested"))
        .col(boolean("pivoted"))
        .col(boolean("needs_operator"))
        .col(string_null("error_reason"))
        .col(string_null("error_message"))
        .col(big_integer("fencing_token"))
        .col(string("worker"))
        .col(big_integer_null("lease_until_ms"))
        .col(big_integer("available_at_ms"))
        .col(big_integer("rank_ms"))
        .col(big_integer("created_at_ms"))
        .col(big_integer("updated_at_ms"))
        .col(big_integer("version"))
        .take()
}

fn journal() -> TableCreateStatement {
    Table::create()
        .table("journal")
        .col(string("task_id"))
        .col(integer("execution"))
        .col(string("step"))
        .col(string("workspace_id"))
        .col(integer("state"))
        .col(binary("output"))
        .col(big_integer("started_at_ms"))
        .col(big_integer("updated_at_ms"))
        .primary_key(Index::create().col("task_id").col("execution").col("step"))
        .take()
}
