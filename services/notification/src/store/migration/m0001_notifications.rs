use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, binary, binary_null, boolean, integer, json, string,
    string_null, string_uniq, text,
};

/// Webhooks, devices, deliveries, notifications.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "notification_0001_notifications"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [
            webhooks(),
            push_subscriptions(),
            deliveries(),
            notifications(),
            sealed_keys(),
        ] {
            manager.create_table(table).await?;
        }
        for (name, table, columns) in [
            (
                "webhooks_by_workspace",
                "webhooks",
                &["workspace_id", "id"][..],
            ),
            (
                "push_subscriptions_by_user",
                "push_subscriptions",
                &["user_id"],
            ),
            (
                "deliveries_due",
                "deliveries",
                &["status", "available_at_ms"],
            ),
            ("deliveries_by_target", "deliveries", &["target_id", "id"]),
            ("deliveries_by_user", "deliveries", &["user_id"]),
            ("deliveries_by_age", "deliveries", &["created_at_ms"]),
            ("notifications_by_user", "notifications", &["user_id", "id"]),
            ("notifications_by_age", "notifications", &["created_at_ms"]),
        ] {
            let mut index = Index::create();
            index.name(name).table(table);
            for column in columns {
                index.col(*column);
            }
            manager.create_index(index.take()).await?;
        }
        let once = Index::create()
            .name("deliveries_once")
            .table("deliveries")
            .col("target_id")
            .col("message_id")
            .unique()
            .take();
        manager.create_index(once).await
    }
}

fn webhooks() -> TableCreateStatement {
    Table::create()
        .table("webhooks")
        .col(string("id").primary_key())
        .col(string("workspace_id"))
        .col(string("owner_id"))
        .col(text("url"))
        .col(json("event_types"))
        .col(text("description"))
        .col(boolean("enabled"))
        .col(string_null("problem"))
        .col(string_null("problem_message"))
        .col(big_integer_null("problem_at_ms"))
        .col(binary("secret"))
        .col(binary_null("previous_secret"))
        .col(big_integer_null("previous_until_ms"))
        .col(integer("failed_attempts"))
        .col(big_integer_null("failing_since_ms"))
        .col(big_integer_null("last_success_at_ms"))
        .col(integer("revision"))
        .col(big_integer("created_at_ms"))
        .col(big_integer("updated_at_ms"))
        .take()
}

fn push_subscriptions() -> TableCreateStatement {
    Table::create()
        .table("push_subscriptions")
        .col(string("id").primary_key())
        .col(string("workspace_id"))
        .col(string("user_id"))
        .col(binary("endpoint"))
        .col(string_uniq("endpoint_sha256"))
        .col(string("push_service"))
        .col(binary("p256dh"))
        .col(binary("auth"))
        .col(string("language"))
        .col(text("device_name"))
        .col(big_integer_null("expires_at_ms"))
        .col(big_integer("created_at_ms"))
        .col(big_integer_null("last_success_at_ms"))
        .take()
}

fn deliveries() -> TableCreateStatement {
    Table::create()
        .table("deliveries")
        .col(string("id").primary_key())
        .col(string("workspace_id"))
        .col(string("user_id"))
        .col(string("channel"))
        .col(string("target_id"))
        .col(string("message_id"))
        .col(string("event_type"))
        .col(text("body"))
        .col(string("status"))
        .col(integer("attempts"))
        .col(big_integer("available_at_ms"))
        .col(big_integer("expires_at_ms"))
        .col(big_integer("fencing_token"))
        .col(big_integer_null("lease_until_ms"))
        .col(integer("last_response_status"))
        .col(text("last_error"))
        .col(big_integer_null("last_attempt_at_ms"))
        .col(big_integer("created_at_ms"))
        .col(big_integer("updated_at_ms"))
        .take()
}

fn notifications() -> TableCreateStatement {
    Table::create()
        .table("notifications")
        .col(string("id").primary_key())
        .col(string("workspace_id"))
        .col(string("user_id"))
        .col(string("kind"))
        .col(string("resource_id"))
        .col(json("facts"))
        .col(big_integer_null("read_at_ms"))
        .col(big_integer("created_at_ms"))
        .take()
}

fn sealed_keys() -> TableCreateStatement {
    Table::create()
        .table("sealed_keys")
        .col(string("name").primary_key())
        .col(string("workspace_id"))
        .col(binary("sealed"))
        .col(big_integer("created_at_ms"))
        .take()
}
