use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, binary, boolean, string, string_null,
};

/// Proved addresses, mailed tokens, second factors, passkeys, providers, API
/// keys.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "auth_0002_credentials"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        columns(manager).await?;
        tokens(manager).await?;
        second_factors(manager).await?;
        passkeys(manager).await?;
        providers(manager).await?;
        api_keys(manager).await
    }
}

/// SQLite adds one column per statement.
async fn columns(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let added = [
        ("accounts", big_integer_null("email_verified_at_ms").take()),
        ("accounts", string("status").default("active").take()),
        ("accounts", string("language").default("").take()),
        ("accounts", big_integer_null("last_sign_in_ms").take()),
        ("accounts", string_null("sandbox_workspace_id").take()),
        ("sessions", string("method").default("password").take()),
        (
            "sessions",
            big_integer("authenticated_at_ms").default(0).take(),
        ),
    ];
    for (table, column) in added {
        manager
            .alter_table(Table::alter().table(table).add_column(column).take())
            .await?;
    }
    manager
        .create_index(
            Index::create()
                .name("accounts_by_age")
                .table("accounts")
                .col("created_at_ms")
                .col("id")
                .take(),
        )
        .await?;
    manager
        .create_index(
            Index::create()
                .name("refresh_tokens_by_session")
                .table("refresh_tokens")
                .col("session_id")
                .take(),
        )
        .await
}

async fn tokens(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("one_time_tokens")
                .col(binary("hash").primary_key())
                .col(string("purpose"))
                .col(string("user_id"))
                .col(string("workspace_id"))
                .col(big_integer("created_at_ms"))
                .col(big_integer("expires_at_ms"))
                .col(big_integer_null("used_at_ms"))
                .col(big_integer("attempts"))
                .col(string("method"))
                .take(),
        )
        .await?;
    manager
        .create_index(
            Index::create()
                .name("one_time_tokens_by_user")
                .table("one_time_tokens")
                .col("user_id")
                .col("purpose")
                .col("created_at_ms")
                .take(),
        )
        .await?;
    manager
        .create_index(
            Index::create()
                .name("one_time_tokens_by_end")
                .table("one_time_tokens")
                .col("expires_at_ms")
                .take(),
        )
        .await?;
    manager
        .create_table(
            Table::create()
                .table("failed_guesses")
                .col(string("subject").primary_key())
                .col(big_integer("failures"))
                .col(big_integer("locked_until_ms"))
                .col(big_integer("updated_at_ms"))
                .take(),
        )
        .await?;
    Ok(())
}

async fn second_factors(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("totp_secrets")
                .col(string("user_id").primary_key())
                .col(string("workspace_id"))
                .col(binary("secret"))
                .col(big_integer("created_at_ms"))
                .col(big_integer_null("confirmed_at_ms"))
                .col(big_integer("last_step"))
                .take(),
        )
        .await?;
    manager
        .create_table(
            Table::create()
                .table("recovery_codes")
                .col(binary("hash").primary_key())
                .col(string("user_id"))
                .col(string("workspace_id"))
                .col(big_integer("created_at_ms"))
                .col(big_integer_null("used_at_ms"))
                .take(),
        )
        .await?;
    manager
        .create_index(
            Index::create()
                .name("recovery_codes_by_user")
                .table("recovery_codes")
                .col("user_id")
                .take(),
        )
        .await?;
    Ok(())
}

async fn passkeys(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("passkeys")
                .col(string("id").primary_key())
                .col(string("user_id"))
                .col(string("workspace_id"))
                .col(binary("credential_id"))
                .col(binary("public_key"))
                .col(big_integer("sign_count"))
                .col(string("name"))
                .col(string("transports"))
                .col(boolean("backup_eligible"))
                .col(boolean("backed_up"))
                .col(big_integer("created_at_ms"))
                .col(big_integer_null("last_used_ms"))
                .take(),
        )
        .await?;
    manager
        .create_index(
            Index::create()
                .name("passkeys_by_credential")
                .table("passkeys")
                .col("credential_id")
                .unique()
                .take(),
        )
        .await?;
    manager
        .create_index(
            Index::create()
                .name("passkeys_by_user")
                .table("passkeys")
                .col("user_id")
                .col("created_at_ms")
                .col("id")
                .take(),
        )
        .await?;
    manager
        .create_table(
            Table::create()
                .table("passkey_challenges")
                .col(binary("hash").primary_key())
                .col(string_null("user_id"))
                .col(big_integer("created_at_ms"))
                .col(big_integer("expires_at_ms"))
                .take(),
        )
        .await?;
    manager
        .create_index(
            Index::create()
                .name("passkey_challenges_by_end")
                .table("passkey_challenges")
                .col("expires_at_ms")
                .take(),
        )
        .await?;
    Ok(())
}

async fn providers(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("provider_links")
                .col(string("provider"))
                .col(string("subject"))
                .col(string("user_id"))
                .col(string("workspace_id"))
                .col(string("email"))
                .col(big_integer("created_at_ms"))
                .col(big_integer_null("last_used_ms"))
                .primary_key(Index::create().col("provider").col("subject"))
                .take(),
        )
        .await?;
    manager
        .create_index(
            Index::create()
                .name("provider_links_by_user")
                .table("provider_links")
                .col("user_id")
                .col("provider")
                .unique()
                .take(),
        )
        .await?;
    manager
        .create_table(
            Table::create()
                .table("oauth_flows")
                .col(binary("state_hash").primary_key())
                .col(string("provider"))
                .col(binary("browser_hash"))
                .col(string("return_to"))
                .col(string("language"))
                .col(string_null("link_user_id"))
                .col(big_integer("created_at_ms"))
                .col(big_integer("expires_at_ms"))
                .take(),
        )
        .await?;
    manager
        .create_index(
            Index::create()
                .name("oauth_flows_by_end")
                .table("oauth_flows")
                .col("expires_at_ms")
                .take(),
        )
        .await?;
    Ok(())
}

async fn api_keys(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("api_keys")
                .col(string("id").primary_key())
                .col(string("user_id"))
                .col(string("workspace_id"))
                .col(string("name"))
                .col(string("hint"))
                .col(binary("secret_hash"))
                .col(boolean("test"))
                .col(string("scopes"))
                .col(big_integer("created_at_ms"))
                .col(big_integer_null("expires_at_ms"))
                .col(big_integer_null("last_used_ms"))
                .col(big_integer_null("revoked_at_ms"))
                .col(string_null("replaced_by"))
                .take(),
        )
        .await?;
    manager
        .create_index(
            Index::create()
                .name("api_keys_by_secret")
                .table("api_keys")
                .col("secret_hash")
                .unique()
                .take(),
        )
        .await?;
    manager
        .create_index(
            Index::create()
                .name("api_keys_by_user")
                .table("api_keys")
                .col("user_id")
                .col("created_at_ms")
                .col("id")
                .take(),
        )
        .await?;
    Ok(())
}
