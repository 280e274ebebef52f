use sea_orm_migration::prelude::*;

/// A person looks at what they have asked for, and most often at what of it is
/// still under way. The rows of bulks are read apart, so they are in neither
/// index; as a column, `bulk_id` would be in the way of the order, since
/// PostgreSQL does not take `IS NULL` for one value.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "cover_0005_tasks"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, columns) in [
            (
                "requests_by_owner",
                &["workspace_id", "user_id", "created_at_ms", "task_id"][..],
            ),
            (
                "requests_by_status",
                &[
                    "workspace_id",
                    "user_id",
                    "status",
                    "created_at_ms",
                    "task_id",
                ],
            ),
        ] {
            let mut index = Index::create();
            index
                .name(name)
                .table("requests")
                .and_where(Expr::col("bulk_id").is_null());
            for column in columns {
                index.col(*column);
            }
            manager.create_index(index.take()).await?;
        }
        Ok(())
    }
}
