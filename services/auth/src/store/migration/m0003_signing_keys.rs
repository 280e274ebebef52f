use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::binary_null;

/// Keys that requests are signed with.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "auth_0003_signing_keys"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .alter_table(
                Table::alter()
                    .table("api_keys")
                    .add_column(binary_null("signing_key").take())
                    .take(),
            )
            .await
    }
}
