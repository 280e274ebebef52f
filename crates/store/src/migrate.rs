use std::collections::HashSet;
use std::time::Duration;

use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, SqliteTransactionMode, TransactionOptions,
};
use sea_orm_migration::{MigrationTrait, SchemaManager};

use crate::sql::binds;
use crate::{Error, Result, Store, schema, sql};

/// Serialises migrations of one database; any constant does, as each service
/// has a database of its own.
const MIGRATION_LOCK: i64 = 0x636f_7665_7267_656e;

/// How often a step asks for tables that others use, for half an hour: so long
/// may a copy of a large database take.
const TABLE_ATTEMPTS: u32 = 360;
const TABLE_PAUSE: Duration = Duration::from_secs(3);

impl Store {
    /// Brings the tables up to date: this crate's own first, then the
    /// service's, each step in a transaction of its own, each once. Several
    /// processes may call it at the same time.
    ///
    /// On SQLite this also renews every lease, since whoever held one is gone.
    ///
    /// # Errors
    /// The failed step's error; earlier steps stay done. [`Error::Config`] for
    /// what a restore that did not end has left.
    pub async fn migrate(&self, service_steps: Vec<Box<dyn MigrationTrait>>) -> Result<()> {
        let steps: Vec<Box<dyn MigrationTrait>> =
            schema::steps().into_iter().chain(service_steps).collect();
        let mut names = HashSet::new();
        if let Some(twice) = steps.iter().find(|step| !names.insert(step.name())) {
            return Err(Error::Config(format!(
                "two migrations are named {}",
                twice.name()
            )));
        }
        let done = self.applied().await?;
        for step in steps.iter().filter(|step| !done.contains(step.name())) {
            self.apply(step.as_ref()).await?;
        }
        for unknown in done.iter().filter(|name| !names.contains(name.as_str())) {
            // A newer version ran here; during a rolling deploy that is fine.
            tracing::warn!(service = %self.service, migration = %unknown, "unknown migration");
        }
        if self.backend == DbBackend::Sqlite {
            schema::renew_terms(self).await?;
        }
        Ok(())
    }

    async fn applied(&self) -> Result<HashSet<String>> {
        let txn = self.locked().await?;
        self.check_whole(&txn).await?;
        txn.execute_unprepared(
            "CREATE TABLE IF NOT EXISTS schema_migrations \
             (name TEXT PRIMARY KEY, applied_at_ms BIGINT NOT NULL)",
        )
        .await?;
        let rows = sql::all(&txn, "SELECT name FROM schema_migrations", vec![]).await?;
        txn.commit().await?;
        let names: Result<_, _> = rows.iter().map(|row| row.try_get("", "name")).collect();
        Ok(names?)
    }

    /// Whoever wants a table to themselves makes all wait that come after them,
    /// so a step waits for little, and comes again where it was not its turn.
    async fn apply(&self, step: &dyn MigrationTrait) -> Result<()> {
        let mut attempt = 1;
        loop {
            match self.apply_once(step).await {
                Err(Error::Conflict(why)) if attempt < TABLE_ATTEMPTS => {
                    tracing::info!(service = %self.service, migration = step.name(), %why,
                        "a table is in use; the migration waits");
                    attempt += 1;
                    tokio::time::sleep(TABLE_PAUSE).await;
                }
                applied => return applied,
            }
        }
    }

    async fn apply_once(&self, step: &dyn MigrationTrait) -> Result<()> {
        let txn = self.locked().await?;
        if self.backend == DbBackend::Postgres {
            txn.execute_unprepared("SET LOCAL lock_timeout = '2s'")
                .await?;
        }
        let known = sql::one(
            &txn,
            "SELECT name FROM schema_migrations WHERE name = $1",
            binds![step.name()],
        )
        .await?;
        if known.is_none() {
            step.up(&SchemaManager::new(&txn)).await?;
            sql::execute(
                &txn,
                "INSERT INTO schema_migrations (name, applied_at_ms) VALUES ($1, $2)",
                binds![step.name(), self.clock.now_ms()],
            )
            .await?;
            tracing::info!(service = %self.service, migration = step.name(), "migrated");
        }
        Ok(txn.commit().await?)
    }

    /// A transaction that no other migration runs beside.
    async fn locked(&self) -> Result<DatabaseTransaction> {
        if self.backend == DbBackend::Sqlite {
            let options = TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..TransactionOptions::default()
            };
            return Ok(self.pools.write.begin(options).await?);
        }
        let txn = self
            .pools
            .write
            .begin(TransactionOptions::default())
            .await?;
        // A large table takes longer than a request may.
        txn.execute_unprepared(
            "SET LOCAL statement_timeout = '10min'; SET LOCAL lock_timeout = '5min'",
        )
        .await?;
        // Waits for as long as the other process migrates.
        txn.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
            .await?;
        Ok(txn)
    }
}
