//! When the platform has nothing left to do.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use sea_orm::{ConnectionTrait as _, Database, Statement};

/// Waits until everything that was set off has come to its end.
pub(crate) async fn settled(url: &str) -> Result<()> {
    for _ in 0..300 {
        let mut waiting = 0;
        for (service, sql) in [
            (
                "cover",
                "SELECT count(*) FROM outbox WHERE sent_at_ms IS NULL",
            ),
            (
                "user",
                "SELECT count(*) FROM outbox WHERE sent_at_ms IS NULL",
            ),
            (
                "notification",
                "SELECT count(*) FROM deliveries WHERE status = 'PENDING'",
            ),
            (
                "notification",
                "SELECT 1 - LEAST(count(*), 1) FROM deliveries",
            ),
            ("user", "SELECT 1 - LEAST(count(*), 1) FROM history"),
        ] {
            let database = Database::connect(url.replace("{service}", service)).await?;
            let statement = Statement::from_string(database.get_database_backend(), sql);
            let row = database
                .query_one_raw(statement)
                .await?
                .context("a count")?;
            waiting += row.try_get_by_index::<i64>(0)?;
            database.close().await?;
        }
        if waiting == 0 {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    bail!("work is left")
}
