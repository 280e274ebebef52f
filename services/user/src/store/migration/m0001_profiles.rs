use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, boolean, string, string_null};

/// Profiles, workspaces, members.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "user_0001_profiles"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(profiles()).await?;
        manager
            .create_index(
                Index::create()
                    .name("profiles_username")
                    .table("profiles")
                    .col("username")
                    .unique()
                    .take(),
            )
            .await?;
        manager.create_table(workspaces()).await?;
        manager.create_table(members()).await?;
        manager
            .create_index(
                Index::create()
                    .name("members_by_user")
                    .table("members")
                    .col("user_id")
                    .col("workspace_id")
                    .take(),
            )
            .await
    }
}

fn profiles() -> TableCreateStatement {
    Table::create()
        .table("profiles")
        .col(string("user_id").primary_key())
        .col(string("workspace_id"))
        .col(string_null("username"))
        .col(string("display_name"))
        .col(string("email"))
        .col(string("avatar_url"))
        .col(string("language"))
        .col(string("time_zone"))
        .col(string("tier"))
        .col(big_integer("created_at_ms"))
        .col(big_integer("updated_at_ms"))
        .take()
}

fn workspaces() -> TableCreateStatement {
    Table::create()
        .table("workspaces")
        .col(string("workspace_id").primary_key())
        .col(string("name"))
        .col(boolean("personal"))
        .col(string("owner_id"))
        .col(big_integer("created_at_ms"))
        .take()
}

fn members() -> TableCreateStatement {
    Table::create()
        .table("members")
        .col(string("workspace_id"))
        .col(string("user_id"))
        .col(string("role"))
        .col(big_integer("created_at_ms"))
        .primary_key(Index::create().col("workspace_id").col("user_id"))
        .take()
}
