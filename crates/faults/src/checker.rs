//! The checker: what was acknowledged, compared with what every service keeps.

mod answers;
mod databases;
mod quota;
mod told;
mod work;

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Result;
use covergen_objects::ObjectStore;
use tokio::time::Instant;

use crate::log::{Entry, Log};
pub use databases::Databases;
use databases::{number, text};
use told::Ends;

/// A request for covers, by cover's account.
struct Request {
    status: String,
    units: i64,
}

impl Request {
    fn succeeded(&self) -> bool {
        self.status == "SUCCEEDED"
    }

    fn gave_up(&self) -> bool {
        matches!(self.status.as_str(), "FAILED" | "CANCELLED")
    }
}

/// Everything that does not fit together; empty when all is well.
///
/// # Errors
/// A database cannot be read.
pub async fn problems(databases: &Databases, acknowledged: &[String]) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let requests = requests(databases).await?;
    let exports = work::exports(databases).await?;
    work::tasks(databases, acknowledged, &requests, &exports, &mut found).await?;
    quota::quota(databases, &requests, &mut found).await?;
    work::covers(databases, &requests, &mut found).await?;
    work::rows_of_bulks(databases, &requests, &mut found).await?;
    work::images(databases, &exports, &mut found).await?;
    let ends = Ends {
        requests: &requests,
        exports: &exports,
    };
    told::events(databases, &ends, &mut found).await?;
    told::news(databases, &ends, &mut found).await?;
    told::uses(databases, &mut found).await?;
    told::dead_letters(databases, &mut found).await?;
    Ok(found)
}

/// The same, and what the log of a workload and the stored objects add.
///
/// # Errors
/// A database, the log or the objects cannot be read.
pub async fn problems_of(
    databases: &Databases,
    log: &Log,
    objects: &dyn ObjectStore,
) -> Result<Vec<String>> {
    let mut found = problems(databases, &log.tasks()?).await?;
    let exports = work::exports(databases).await?;
    let entries: Vec<Entry> = log.entries()?;
    answers::answers(databases, &entries, &exports, &mut found).await?;
    work::files(databases, objects, &mut found).await?;
    Ok(found)
}

/// What is still wrong once everything had time to settle.
///
/// # Errors
/// As [`problems_of`].
pub async fn problems_in_the_end(
    databases: &Databases,
    log: &Log,
    objects: &dyn ObjectStore,
    within: Duration,
) -> Result<Vec<String>> {
    settled(within, || problems_of(databases, log, objects)).await
}

/// The same of [`problems`], where no workload kept a log.
///
/// # Errors
/// A database cannot be read.
pub async fn problems_at_last(
    databases: &Databases,
    acknowledged: &[String],
    within: Duration,
) -> Result<Vec<String>> {
    settled(within, || problems(databases, acknowledged)).await
}

/// Looks until there is nothing to find, or the time is over.
async fn settled<F>(within: Duration, look: impl Fn() -> F) -> Result<Vec<String>>
where
    F: Future<Output = Result<Vec<String>>>,
{
    let deadline = Instant::now() + within;
    loop {
        let found = look().await?;
        if found.is_empty() || Instant::now() > deadline {
            return Ok(found);
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

/// Rows that wait in the outboxes of all services.
///
/// # Errors
/// A database cannot be read.
pub async fn waiting(databases: &Databases) -> Result<usize> {
    let mut rows = 0;
    for service in crate::fleet::SERVICES {
        let unsent = "SELECT id FROM outbox WHERE sent_at_ms IS NULL";
        rows += databases.rows(service, unsent).await?.len();
    }
    Ok(rows)
}

/// The requests of cover by their task.
async fn requests(databases: &Databases) -> Result<BTreeMap<String, Request>> {
    let rows = "SELECT task_id, status, units FROM requests";
    let rows = databases.rows("cover", rows).await?;
    rows.iter()
        .map(|row| {
            let request = Request {
                status: text(row, "status")?,
                units: number(row, "units")?,
            };
            Ok((text(row, "task_id")?, request))
        })
        .collect()
}
