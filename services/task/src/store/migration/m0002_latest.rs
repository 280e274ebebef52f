use sea_orm_migration::prelude::*;

/// Operators look at the tasks that changed last, and a person who leaves takes
/// theirs along.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "task_0002_latest"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, columns) in [
            ("tasks_latest", &["updated_at_ms", "id"][..]),
            ("tasks_by_owner", &["on_behalf_of"]),
        ] {
            let mut index = Index::create();
            index.name(name).table("tasks");
            for column in columns {
                index.col(*column);
            }
            manager.create_index(index.take()).await?;
        }
        Ok(())
    }
}
