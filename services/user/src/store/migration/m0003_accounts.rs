use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, boolean, json, string};

/// The rest of a profile, what tiers open, preferences, history, copies of
/// one's data, and who has left.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "user_0003_accounts"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let profile = [
            string("given_name").default("").take(),
            string("family_name").default("").take(),
            string("avatar_asset_id").default("").take(),
            string("avatar_asset_url").default("").take(),
            string("status").default("ACTIVE").take(),
            string("tier_source").default("DEFAULT").take(),
            big_integer("tier_since_ms").default(0).take(),
        ];
        for column in profile {
            add(manager, "profiles", column).await?;
        }
        for feature in ["brand_kits", "custom_templates", "bulk", "api"] {
            add(manager, "tiers", boolean(feature).default(false).take()).await?;
        }
        for (tier, features) in [
            ("pro", ["brand_kits"].as_slice()),
            (
                "pro_plus",
                &["brand_kits", "custom_templates", "bulk", "api"],
            ),
        ] {
            let mut update = Query::update();
            update.table("tiers").and_where(Expr::col("id").eq(tier));
            for feature in features {
                update.value(*feature, true);
            }
            manager.execute(update).await?;
        }
        for table in [preferences(), history(), data_exports()] {
            manager.create_table(table).await?;
        }
        for (name, table, columns) in [
            (
                "history_of_user",
                "history",
                ["user_id", "created_at_ms", "id"].as_slice(),
            ),
            ("data_exports_of_user", "data_exports", &["user_id"]),
        ] {
            let mut index = Index::create();
            index.name(name).table(table);
            for column in columns {
                index.col(*column);
            }
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

/// SQLite adds one column at a time.
async fn add(
    manager: &SchemaManager<'_>,
    table: &'static str,
    column: ColumnDef,
) -> Result<(), DbErr> {
    let mut alter = Table::alter();
    alter.table(table).add_column(column);
    manager.alter_table(alter).await
}

fn preferences() -> TableCreateStatement {
    Table::create()
        .table("preferences")
        .col(string("user_id").primary_key())
        .col(string("workspace_id"))
        .col(json("chosen"))
        .col(big_integer("updated_at_ms"))
        .take()
}

fn history() -> TableCreateStatement {
    Table::create()
        .table("history")
        .col(string("id").primary_key())
        .col(string("user_id"))
        .col(string("workspace_id"))
        .col(string("kind"))
        .col(string("subject_id"))
        .col(json("cover_ids"))
        .col(string("template_id"))
        .col(string("outcome"))
        .col(big_integer("created_at_ms"))
        .take()
}

fn data_exports() -> TableCreateStatement {
    Table::create()
        .table("data_exports")
        .col(string("id").primary_key())
        .col(string("user_id"))
        .col(string("workspace_id"))
        .col(big_integer("created_at_ms"))
        .col(big_integer("expires_at_ms"))
        .take()
}
