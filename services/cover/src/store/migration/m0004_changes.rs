use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, boolean, string};

/// What changed in whose library, so that devices keep up.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "cover_0004_changes"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(changes()).await?;
        manager.create_table(heads()).await?;
        let by_owner = Index::create()
            .name("cover_changes_by_owner")
            .table("cover_changes")
            .col("workspace_id")
            .col("user_id")
            .col("sequence")
            .unique()
            .take();
        manager.create_index(by_owner).await?;
        // Covers that are there already have changed once: they were made.
        let db = manager.get_connection();
        db.execute_unprepared(
            "INSERT INTO cover_changes \
             (cover_id, workspace_id, user_id, sequence, deleted, changed_at_ms) \
             SELECT id, workspace_id, user_id, ROW_NUMBER() OVER \
             (PARTITION BY workspace_id, user_id ORDER BY created_at_ms, id), \
             FALSE, created_at_ms FROM covers",
        )
        .await?;
        db.execute_unprepared(
            "INSERT INTO cover_change_heads (workspace_id, user_id, head, forgotten) \
             SELECT workspace_id, user_id, COUNT(*), 0 FROM covers \
             GROUP BY workspace_id, user_id",
        )
        .await?;
        Ok(())
    }
}

fn changes() -> TableCreateStatement {
    Table::create()
        .table("cover_changes")
        .col(string("cover_id").primary_key())
        .col(string("workspace_id"))
        .col(string("user_id"))
        .col(big_integer("sequence"))
        .col(boolean("deleted"))
        .col(big_integer("changed_at_ms"))
        .take()
}

fn heads() -> TableCreateStatement {
    Table::create()
        .table("cover_change_heads")
        .col(string("workspace_id"))
        .col(string("user_id"))
        .col(big_integer("head"))
        .col(big_integer("forgotten"))
        .primary_key(Index::create().col("workspace_id").col("user_id"))
        .take()
}
