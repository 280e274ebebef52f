use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, boolean, integer, string, string_null,
};

/// Tiers with their first figures, balances, reservations, the ledger.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "user_0002_quota"
    }
}

/// Tier, covers a month, watermark, premium templates.
const TIERS: [(&str, i32, bool, bool); 3] = [
    ("free", 50, true, false),
    ("pro", 1_000, false, true),
    ("pro_plus", 10_000, false, true),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(tiers()).await?;
        let mut seed = Query::insert();
        seed.into_table("tiers").columns([
            "id",
            "workspace_id",
            "covers_per_month",
            "watermark",
            "premium_templates",
        ]);
        for (id, covers, watermark, premium) in TIERS {
            seed.values_panic([
                id.into(),
                "wks_system".into(),
                covers.into(),
                watermark.into(),
                premium.into(),
            ]);
        }
        manager.execute(seed).await?;
        manager.create_table(periods()).await?;
        manager.create_table(reservations()).await?;
        manager
            .create_index(
                Index::create()
                    .name("reservations_lapsing")
                    .table("reservations")
                    .col("state")
                    .col("expires_at_ms")
                    .take(),
            )
            .await?;
        manager.create_table(ledger()).await?;
        manager
            .create_index(
                Index::create()
                    .name("quota_ledger_by_period")
                    .table("quota_ledger")
                    .col("user_id")
                    .col("period")
                    .take(),
            )
            .await
    }
}

fn tiers() -> TableCreateStatement {
    Table::create()
        .table("tiers")
        .col(string("id").primary_key())
        .col(string("workspace_id"))
        .col(integer("covers_per_month"))
        .col(boolean("watermark"))
        .col(boolean("premium_templates"))
        .take()
}

fn periods() -> TableCreateStatement {
    let column = |name: &'static str| Expr::col(name);
    Table::create()
        .table("quota_periods")
        .col(string("user_id"))
        .col(string("period"))
        .col(string("workspace_id"))
        .col(integer("limit_units"))
        .col(integer("ceiling_units"))
        .col(integer("used_units"))
        .col(integer("reserved_units"))
        .col(boolean("exhausted_told"))
        .primary_key(Index::create().col("user_id").col("period"))
        // The statement that takes units checks; this is the backstop.
        .check((
            "quota_not_negative",
            column("used_units")
                .gte(0)
                .and(column("reserved_units").gte(0)),
        ))
        .check((
            "quota_within_ceiling",
            column("used_units")
                .add(column("reserved_units"))
                .lte(column("ceiling_units")),
        ))
        .take()
}

fn reservations() -> TableCreateStatement {
    Table::create()
        .table("reservations")
        .col(string("task_id").primary_key())
        .col(string("user_id"))
        .col(string("workspace_id"))
        .col(string("period"))
        .col(string("state"))
        .col(integer("units"))
        .col(integer("refunded_units"))
        .col(big_integer_null("expires_at_ms"))
        .col(big_integer("created_at_ms"))
        .col(big_integer("updated_at_ms"))
        .take()
}

fn ledger() -> TableCreateStatement {
    Table::create()
        .table("quota_ledger")
        .col(string("id").primary_key())
        .col(string("user_id"))
        .col(string("period"))
        .col(string("workspace_id"))
        .col(string_null("task_id"))
        .col(string("movement"))
        .col(integer("used_delta"))
        .col(integer("reserved_delta"))
        .col(big_integer("at_ms"))
        .take()
}
