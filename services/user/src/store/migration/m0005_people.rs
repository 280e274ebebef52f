use sea_orm_migration::prelude::*;

/// The reservations of a person, who may leave.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "user_0005_people"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let by_person = Index::create()
            .name("reservations_by_person")
            .table("reservations")
            .col("user_id")
            .take();
        manager.create_index(by_person).await
    }
}
