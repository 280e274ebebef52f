use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// What was told of when it was counted is not told of again, now that a
/// consumer of its own tells, and begins with the oldest event.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "template_0003_uses_told"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // As of now: on a machine that was off for weeks the rows are old, and
        // would be cleared away before that consumer has come past them.
        let now_ms = match manager.get_database_backend() {
            DbBackend::Postgres => "CAST(EXTRACT(EPOCH FROM now()) * 1000 AS BIGINT)",
            _ => "CAST(strftime('%s', 'now') AS INTEGER) * 1000",
        };
        let copy = format!(
            "INSERT INTO inbox (consumer, event_id, received_at_ms)
             SELECT 'template-uses', event_id, {now_ms} FROM inbox WHERE consumer = 'template'
             ON CONFLICT (consumer, event_id) DO NOTHING"
        );
        manager.get_connection().execute_unprepared(&copy).await?;
        Ok(())
    }
}
