use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, binary, string};

/// Nonces of signed requests that were used.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "auth_0004_signature_nonces"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("signature_nonces")
                    .col(binary("hash").primary_key())
                    .col(string("claim_id"))
                    .col(big_integer("expires_at_ms"))
                    .take(),
            )
            .await?;
        // Rows come with every signed request, and leave by their age.
        manager
            .create_index(
                Index::create()
                    .name("signature_nonces_by_age")
                    .table("signature_nonces")
                    .col("expires_at_ms")
                    .take(),
            )
            .await
    }
}
