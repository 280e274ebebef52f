use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_integer_null, binary, string, string_null};

/// Accounts, roles, sessions, refresh tokens.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "auth_0001_accounts"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        accounts(manager).await?;
        sessions(manager).await
    }
}

async fn accounts(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("accounts")
                .col(string("id").primary_key())
                .col(string("workspace_id"))
                .col(string("email"))
                .col(string("email_canonical"))
                .col(string("display_name"))
                .col(string("password_hash"))
                .col(big_integer("created_at_ms"))
                .take(),
        )
        .await?;
    manager
        .create_index(
            Index::create()
                .name("accounts_email")
                .table("accounts")
                .col("email_canonical")
                .unique()
                .take(),
        )
        .await?;
    manager
        .create_table(
            Table::create()
                .table("role_bindings")
                .col(string("user_id"))
                .col(string("workspace_id"))
                .col(string("role"))
                .col(big_integer("created_at_ms"))
                .primary_key(
                    Index::create()
                        .col("user_id")
                        .col("workspace_id")
                        .col("role"),
                )
                .take(),
        )
        .await
}

async fn sessions(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("sessions")
                .col(string("id").primary_key())
                .col(string("user_id"))
                .col(string("workspace_id"))
                .col(big_integer("created_at_ms"))
                .col(big_integer("last_seen_ms"))
                .col(big_integer("idle_until_ms"))
                .col(big_integer("expires_at_ms"))
                .col(big_integer_null("ended_at_ms"))
                .col(string_null("end_reason"))
                .col(string("ip_address"))
                .col(string("user_agent"))
                .take(),
        )
        .await?;
    manager
        .create_index(
            Index::create()
                .name("sessions_by_user")
                .table("sessions")
                .col("user_id")
                .col("created_at_ms")
                .col("id")
                .take(),
        )
        .await?;
    manager
        .create_table(
            Table::create()
                .table("refresh_tokens")
                .col(binary("hash").primary_key())
                .col(string("session_id"))
                .col(string("workspace_id"))
                .col(big_integer("created_at_ms"))
                .col(big_integer_null("used_at_ms"))
                .take(),
        )
        .await
}
