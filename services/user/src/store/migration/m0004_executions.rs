use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::integer;

/// Which execution of its task a reservation was last confirmed or given back
/// by.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "user_0004_executions"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // The default is for what is there, and for replicas that do not know
        // of it yet: what they give back may be confirmed again, as before.
        let mut column = integer("execution").default(0).take();
        let table = Table::alter()
            .table("reservations")
            .add_column(&mut column)
            .take();
        manager.alter_table(table).await
    }
}
