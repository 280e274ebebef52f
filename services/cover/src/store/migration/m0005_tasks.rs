use sea_orm_migration::prelude::*;

/// A person looks at what they have asked for, and most often at what of it is
/// still under way. The rows of bulks, which are read apart, stand apart.
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
                &[
                    "workspace_id",
                    "user_id",
                    "bulk_id",
                    "created_at_ms",
                    "task_id",
                ][..],
            ),
            (
                "requests_by_status",
                &[
                    "workspace_id",
                    "user_id",
                    "bulk_id",
                    "status",
                    "created_at_ms",
                    "task_id",
                ],
            ),
        ] {
            let mut index = Index::create();
            index.name(name).table("requests");
            for column in columns {
                index.col(*column);
            }
            manager.create_index(index.take()).await?;
        }
        Ok(())
    }
}
