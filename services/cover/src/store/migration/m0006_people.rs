use sea_orm_migration::prelude::*;

/// What is a person's, in whatever workspace, and what is a workspace's, whoever
/// made it: who leaves is erased without a look at everybody else's rows.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "cover_0006_people"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, table, columns) in [
            ("covers_by_person", "covers", &["user_id", "id"][..]),
            (
                "generation_events_by_person",
                "generation_events",
                &["user_id", "task_id", "sequence"],
            ),
            ("bulks_by_person", "bulks", &["user_id"]),
            (
                "bulk_rows_by_person",
                "bulk_rows",
                &["user_id", "bulk_id", "row_number"],
            ),
            ("bulk_rows_by_workspace", "bulk_rows", &["workspace_id"]),
            ("cover_changes_by_person", "cover_changes", &["user_id"]),
            (
                "cover_change_heads_by_person",
                "cover_change_heads",
                &["user_id"],
            ),
        ] {
            let mut index = Index::create();
            index.name(name).table(table);
            for column in columns {
                index.col(*column);
            }
            manager.create_index(index.take()).await?;
        }
        // The others of a workspace are in an index already.
        let of_bulks = Index::create()
            .name("requests_of_bulks")
            .table("requests")
            .col("workspace_id")
            .and_where(Expr::col("bulk_id").is_not_null())
            .take();
        manager.create_index(of_bulks).await
    }
}
