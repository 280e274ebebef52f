use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, boolean, integer, integer_null, string, string_null, text,
    text_null,
};

/// What happened to each generation, and what covers can be found by.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "cover_0002_history"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(events()).await?;
        // One column a statement: SQLite takes no more.
        for column in [
            integer("retry_count").default(0).take(),
            string("provider").default("").take(),
            integer("units").default(0).take(),
            string_null("source_cover_id"),
            string_null("bulk_id"),
            integer_null("bulk_row"),
        ] {
            add(manager, "requests", column).await?;
        }
        for column in [
            boolean("favorite").default(false).take(),
            text("search_text").default("").take(),
            string("sort_text").default("").take(),
            text("look_json").default("{}").take(),
            string("provider").default("local").take(),
            integer("units").default(1).take(),
            string_null("source_cover_id"),
            string_null("bulk_id"),
        ] {
            add(manager, "covers", column).await?;
        }
        for (name, table, columns) in [
            (
                "generation_events_by_owner",
                "generation_events",
                &["workspace_id", "user_id", "occurred_at_ms"][..],
            ),
            (
                "generation_events_by_cover",
                "generation_events",
                &["cover_id"],
            ),
            ("requests_by_user", "requests", &["user_id"]),
        ] {
            let mut index = Index::create();
            index.name(name).table(table);
            for column in columns {
                index.col(*column);
            }
            manager.create_index(index.take()).await?;
        }
        for statement in BACKFILL {
            manager
                .get_connection()
                .execute_unprepared(statement)
                .await?;
        }
        Ok(())
    }
}

/// What is known of generations that ended before their history was kept, and
/// the words that their covers are found by.
const BACKFILL: &[&str] = &[
    "UPDATE covers SET search_text = LOWER(title || ' ' || subtitle),
        sort_text = LOWER(SUBSTR(title, 1, 64))",
    "UPDATE requests SET provider = 'local', units = (
        SELECT COUNT(*) FROM covers WHERE covers.task_id = requests.task_id)
     WHERE status = 'SUCCEEDED'",
    "INSERT INTO generation_events (task_id, sequence, workspace_id, user_id, kind, occurred_at_ms)
     SELECT task_id, 1, workspace_id, user_id, 'REQUESTED', created_at_ms FROM requests",
    "INSERT INTO generation_events (task_id, sequence, workspace_id, user_id, kind, provider,
        occurred_at_ms)
     SELECT task_id, 2, workspace_id, user_id, 'PAINTED', 'local', ended_at_ms
     FROM requests WHERE status = 'SUCCEEDED'",
    "INSERT INTO generation_events (task_id, sequence, workspace_id, user_id, kind, units,
        occurred_at_ms)
     SELECT task_id, 3, workspace_id, user_id, 'CHARGED', units, ended_at_ms
     FROM requests WHERE status = 'SUCCEEDED'",
    "INSERT INTO generation_events (task_id, sequence, workspace_id, user_id, kind, duration_ms,
        occurred_at_ms)
     SELECT task_id, 4, workspace_id, user_id, 'FINISHED', ended_at_ms - created_at_ms, ended_at_ms
     FROM requests WHERE status = 'SUCCEEDED'",
    "INSERT INTO generation_events (task_id, sequence, workspace_id, user_id, kind, reason,
        message, duration_ms, occurred_at_ms)
     SELECT task_id, 2, workspace_id, user_id, status, error_reason, error_message,
        ended_at_ms - created_at_ms, ended_at_ms
     FROM requests WHERE status IN ('FAILED', 'CANCELLED')",
];

async fn add(
    manager: &SchemaManager<'_>,
    table: &'static str,
    column: ColumnDef,
) -> Result<(), DbErr> {
    let mut alter = Table::alter();
    alter.table(table).add_column(column);
    manager.alter_table(alter.take()).await
}

fn events() -> TableCreateStatement {
    Table::create()
        .table("generation_events")
        .col(string("task_id"))
        .col(integer("sequence"))
        .col(string("workspace_id"))
        .col(string("user_id"))
        .col(string("kind"))
        .col(string_null("cover_id"))
        .col(string_null("template_id"))
        .col(big_integer_null("seed"))
        .col(string_null("provider"))
        .col(integer_null("units"))
        .col(integer_null("attempt"))
        .col(integer_null("pictures"))
        .col(string_null("reason"))
        .col(text_null("message"))
        .col(big_integer_null("duration_ms"))
        .col(big_integer("occurred_at_ms"))
        .primary_key(Index::create().col("task_id").col("sequence"))
        .take()
}
