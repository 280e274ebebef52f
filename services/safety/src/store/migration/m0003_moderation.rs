use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, boolean, double, integer, integer_null, string, string_null,
};

/// Rules that people write, rules in shadow, blocked pictures.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "safety_0003_moderation"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = [
            boolean("is_shadow").default(false).take(),
            boolean("is_law").default(false).take(),
            string("ground_reference").default("").take(),
            string("origin").default("BUNDLE").take(),
            string_null("author_id"),
            string("note").default("").take(),
            integer_null("restored_from"),
        ];
        // SQLite adds one column at a time.
        for column in columns {
            let mut alter = Table::alter();
            manager
                .alter_table(alter.table("rules").add_column(column).take())
                .await?;
        }
        manager.create_table(blocked_images()).await?;
        manager.create_table(shadow_matches()).await?;
        for (name, columns, is_unique) in [
            (
                "shadow_matches_once",
                ["workspace_id", "subject", "rule_id", "rule_version"].as_slice(),
                true,
            ),
            ("shadow_matches_by_rule", &["rule_id", "id"], false),
            ("shadow_matches_by_author", &["user_id"], false),
        ] {
            let mut index = Index::create();
            index.name(name).table("shadow_matches");
            for column in columns {
                index.col(*column);
            }
            if is_unique {
                index.unique();
            }
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

fn blocked_images() -> TableCreateStatement {
    Table::create()
        .table("blocked_images")
        .col(string("id").primary_key())
        .col(string("workspace_id"))
        .col(string("pdq"))
        .col(integer("quality"))
        .col(string("category"))
        .col(string("description"))
        .col(string("region"))
        .col(double("score"))
        .col(boolean("is_law"))
        .col(string("ground_reference"))
        .col(string_null("author_id"))
        .col(big_integer("created_at_ms"))
        .col(big_integer_null("removed_at_ms"))
        .take()
}

fn shadow_matches() -> TableCreateStatement {
    Table::create()
        .table("shadow_matches")
        .col(string("id").primary_key())
        .col(string("workspace_id"))
        .col(string("user_id"))
        .col(string("subject"))
        .col(string("rule_id"))
        .col(integer("rule_version"))
        .col(integer("match_start"))
        .col(integer("match_end"))
        .col(boolean("flagged_anyway"))
        .col(big_integer("created_at_ms"))
        .take()
}
