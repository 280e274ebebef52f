//! The checker: what was acknowledged, compared with what every service keeps.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use covergen_objects::{Key, ObjectStore};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, QueryResult, Statement};
use serde_json::Value;
use tokio::time::Instant;

use crate::log::{Entry, Log};

/// How to reach a service's database.
#[derive(Debug, Clone)]
pub struct Databases {
    url: String,
}

impl Databases {
    /// The files of the embedded shape.
    #[must_use]
    pub fn in_folder(folder: &Path) -> Self {
        let folder = folder.display();
        Self::at(&format!("sqlite://{folder}/db/{{service}}.sqlite?mode=rw"))
    }

    /// A PostgreSQL server; the URL holds `{service}`.
    #[must_use]
    pub fn at(url: &str) -> Self {
        Self {
            url: url.to_owned(),
        }
    }

    /// What a query finds in the database of a service.
    ///
    /// # Errors
    /// The database's.
    pub async fn rows(&self, service: &str, sql: &str) -> Result<Vec<QueryResult>> {
        let database = self.open(service).await?;
        let statement = Statement::from_string(database.get_database_backend(), sql);
        let rows = database.query_all_raw(statement).await;
        let rows = rows.with_context(|| format!("{service}: {sql}"))?;
        database.close().await?;
        Ok(rows)
    }

    /// Changes something behind a service's back.
    ///
    /// # Errors
    /// The database's.
    pub async fn change(&self, service: &str, sql: &str) -> Result<()> {
        let database = self.open(service).await?;
        database
            .execute_unprepared(sql)
            .await
            .with_context(|| format!("{service}: {sql}"))?;
        Ok(database.close().await?)
    }

    async fn open(&self, service: &str) -> Result<DatabaseConnection> {
        Ok(Database::connect(self.url.replace("{service}", service)).await?)
    }

    async fn texts(&self, service: &str, column: &str, from: &str) -> Result<Vec<String>> {
        let sql = format!("SELECT {column} FROM {from}");
        let rows = self.rows(service, &sql).await?;
        rows.iter().map(|row| text(row, column)).collect()
    }
}

fn text(row: &QueryResult, column: &str) -> Result<String> {
    Ok(row.try_get("", column)?)
}

fn number(row: &QueryResult, column: &str) -> Result<i64> {
    let wide = row.try_get::<i64>("", column);
    Ok(wide.or_else(|_| row.try_get::<i32>("", column).map(i64::from))?)
}

/// Everything that does not fit together; empty when all is well.
///
/// # Errors
/// A database cannot be read.
pub async fn problems(databases: &Databases, acknowledged: &[String]) -> Result<Vec<String>> {
    let mut found = Vec::new();
    tasks(databases, acknowledged, &mut found).await?;
    quota(databases, &mut found).await?;
    covers(databases, &mut found).await?;
    images(databases, &mut found).await?;
    events(databases, &mut found).await?;
    effects(databases, &mut found).await?;
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
    answers(databases, &log.entries()?, &mut found).await?;
    files(databases, objects, &mut found).await?;
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
async fn requests(databases: &Databases) -> Result<BTreeMap<String, String>> {
    let rows = databases
        .rows("cover", "SELECT task_id, status FROM requests")
        .await?;
    rows.iter()
        .map(|row| Ok((text(row, "task_id")?, text(row, "status")?)))
        .collect()
}

/// Every acknowledged task has ended, in cover's eyes and the queue's alike.
async fn tasks(
    databases: &Databases,
    acknowledged: &[String],
    found: &mut Vec<String>,
) -> Result<()> {
    let requests = requests(databases).await?;
    let rows = databases
        .rows(
            "task",
            "SELECT id, state, needs_operator, coalesce(error_message, '') AS why FROM tasks",
        )
        .await?;
    let mut queue = BTreeMap::new();
    for row in &rows {
        let task = text(row, "id")?;
        if row.try_get::<bool>("", "needs_operator")? {
            let why = text(row, "why")?;
            found.push(format!("{task}: left to an operator: {why}"));
        }
        queue.insert(task, text(row, "state")?);
    }
    for task in acknowledged {
        match (requests.get(task), queue.get(task)) {
            (Some(status), Some(state)) => {
                if status != state || status == "OPEN" {
                    found.push(format!(
                        "{task}: cover says {status}, the queue says {state}"
                    ));
                }
            }
            (None, _) => found.push(format!("{task}: acknowledged and lost")),
            (_, None) => found.push(format!("{task}: never reached the queue")),
        }
    }
    Ok(())
}

/// Quota was charged for what succeeded and for nothing else, and every
/// balance equals its ledger.
async fn quota(databases: &Databases, found: &mut Vec<String>) -> Result<()> {
    let requests = requests(databases).await?;
    let reservations = databases
        .rows("user", "SELECT task_id, state, units FROM reservations")
        .await?;
    for row in &reservations {
        let (task, state) = (text(row, "task_id")?, text(row, "state")?);
        let status = requests.get(&task).map_or("NONE", String::as_str);
        let fits = match state.as_str() {
            "COMMITTED" => status == "SUCCEEDED",
            "RELEASED" => status != "SUCCEEDED",
            // A reservation whose request was never written lapses by itself.
            "HELD" => status == "NONE",
            _ => false,
        };
        if !fits {
            found.push(format!("{task}: quota is {state}, the request {status}"));
        }
    }
    let balances = "SELECT user_id, period, used_units, reserved_units FROM quota_periods";
    let balances = databases.rows("user", balances).await?;
    let ledger = "SELECT user_id, period, used_delta, reserved_delta FROM quota_ledger";
    let mut sums: BTreeMap<(String, String), (i64, i64)> = BTreeMap::new();
    for row in &databases.rows("user", ledger).await? {
        let sum = sums
            .entry((text(row, "user_id")?, text(row, "period")?))
            .or_default();
        sum.0 += number(row, "used_delta")?;
        sum.1 += number(row, "reserved_delta")?;
    }
    for row in &balances {
        let key = (text(row, "user_id")?, text(row, "period")?);
        let told = (number(row, "used_units")?, number(row, "reserved_units")?);
        if sums.get(&key).copied().unwrap_or_default() != told {
            let (user, period) = key;
            found.push(format!(
                "{user} {period}: the balance differs from its ledger"
            ));
        }
    }
    Ok(())
}

/// What succeeded has each of its covers once; what did not has none.
async fn covers(databases: &Databases, found: &mut Vec<String>) -> Result<()> {
    let rows = "SELECT task_id, status, units FROM requests";
    let rows = databases.rows("cover", rows).await?;
    let made = "SELECT task_id, COUNT(*) AS made FROM covers GROUP BY task_id";
    let mut counts = BTreeMap::new();
    for row in &databases.rows("cover", made).await? {
        counts.insert(text(row, "task_id")?, number(row, "made")?);
    }
    let mut known = BTreeSet::new();
    for row in &rows {
        let (task, status) = (text(row, "task_id")?, text(row, "status")?);
        let made = counts.get(&task).copied().unwrap_or_default();
        let due = match status.as_str() {
            "SUCCEEDED" => number(row, "units")?,
            _ => 0,
        };
        // Its owner may have deleted some since.
        if made > due {
            found.push(format!("{task}: {status} with {made} covers for {due}"));
        }
        known.insert(task);
    }
    let orphans = counts.keys().filter(|task| !known.contains(*task));
    found.extend(orphans.map(|task| format!("{task}: covers without a request")));
    Ok(())
}

/// Images of covers are stored, and nothing is stored that no cover shows.
async fn images(databases: &Databases, found: &mut Vec<String>) -> Result<()> {
    let shown = databases.texts("cover", "asset_id", "images").await?;
    let stored = databases.texts("media", "id", "assets").await?;
    let shown: BTreeSet<String> = shown.into_iter().collect();
    let stored: BTreeSet<String> = stored.into_iter().collect();
    let differ = |these: &BTreeSet<String>, those: &BTreeSet<String>, why: &str| {
        let missing = these.difference(those);
        missing.map(|id| format!("{id}: {why}")).collect::<Vec<_>>()
    };
    found.extend(differ(&shown, &stored, "shown and not stored"));
    found.extend(differ(&stored, &shown, "stored and never shown"));
    Ok(())
}

/// Every succeeded request told so exactly once, and no outbox is stuck.
async fn events(databases: &Databases, found: &mut Vec<String>) -> Result<()> {
    let succeeded = "requests WHERE status = 'SUCCEEDED'";
    let succeeded = databases.texts("cover", "task_id", succeeded).await?;
    let succeeded: BTreeSet<String> = succeeded.into_iter().collect();
    let told = "outbox WHERE name = 'covergen.cover.v1.CoverGenerated'";
    let told = databases.texts("cover", "grouping_key", told).await?;
    let once: BTreeSet<String> = told.iter().cloned().collect();
    if once.len() != told.len() {
        found.push("a cover was told to be generated twice".to_owned());
    }
    let differ = succeeded.symmetric_difference(&once);
    found.extend(differ.map(|id| format!("{id}: event and row disagree")));
    for service in ["cover", "task", "user", "media"] {
        let stuck = databases
            .texts(service, "id", "outbox WHERE sent_at_ms IS NULL")
            .await?;
        if !stuck.is_empty() {
            found.push(format!("{service}: {} outbox rows are stuck", stuck.len()));
        }
    }
    Ok(())
}

/// What other services made of the events, which each may have got many times:
/// one notice for each success, and each cover counted once as a use.
async fn effects(databases: &Databases, found: &mut Vec<String>) -> Result<()> {
    let mut told: BTreeMap<String, i64> = BTreeMap::new();
    let notices = "notifications WHERE kind = 'cover.generated'";
    for task in databases
        .texts("notification", "resource_id", notices)
        .await?
    {
        *told.entry(task).or_default() += 1;
    }
    for (task, status) in requests(databases).await? {
        let notices = told.get(&task).copied().unwrap_or_default();
        let due = i64::from(status == "SUCCEEDED");
        if notices != due {
            found.push(format!("{task}: {status} was noticed {notices} times"));
        }
    }
    let uses = "SELECT template_id, use_count FROM template_popularity";
    let mut counted = BTreeMap::new();
    for row in &databases.rows("template", uses).await? {
        counted.insert(text(row, "template_id")?, number(row, "use_count")?);
    }
    let made = "SELECT template_id, COUNT(*) AS made FROM covers GROUP BY template_id";
    for row in &databases.rows("cover", made).await? {
        let (template, made) = (text(row, "template_id")?, number(row, "made")?);
        let counted = counted.get(&template).copied().unwrap_or_default();
        if counted != made {
            found.push(format!(
                "{template}: {made} covers were counted as {counted}"
            ));
        }
    }
    Ok(())
}

/// Whoever was registered is there, every key led to one task at most, and to
/// the one that was answered.
async fn answers(databases: &Databases, entries: &[Entry], found: &mut Vec<String>) -> Result<()> {
    let users = databases.texts("user", "user_id", "profiles").await?;
    let users: BTreeSet<String> = users.into_iter().collect();
    let mut by_title: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let rows = "SELECT task_id, order_json FROM requests";
    for row in &databases.rows("cover", rows).await? {
        let order: Value = serde_json::from_str(&text(row, "order_json")?)?;
        let title = order["title"].as_str().unwrap_or_default().to_owned();
        let tasks = by_title.entry(title).or_default();
        tasks.insert(text(row, "task_id")?);
    }
    let mut titles: BTreeMap<&str, &str> = BTreeMap::new();
    for entry in entries {
        match entry {
            Entry::Registered { user } => {
                if !users.contains(user) {
                    found.push(format!("{user}: registered and lost"));
                }
            }
            Entry::Asked { key, title, .. } => {
                titles.insert(key, title);
                let tasks = by_title.get(title).map_or(0, BTreeSet::len);
                if tasks > 1 {
                    found.push(format!("{key}: became {tasks} tasks"));
                }
            }
            Entry::Acknowledged { key, task } => {
                let title = titles.get(key.as_str()).copied().unwrap_or_default();
                let tasks = by_title.get(title);
                if !tasks.is_some_and(|tasks| tasks.contains(task)) {
                    found.push(format!("{key}: is not the task that was answered"));
                }
            }
            Entry::Failed { .. } => {}
        }
    }
    Ok(())
}

/// Every stored asset has its object, of its size.
async fn files(
    databases: &Databases,
    objects: &dyn ObjectStore,
    found: &mut Vec<String>,
) -> Result<()> {
    let assets = "SELECT id, object_key, bytes FROM assets";
    for row in &databases.rows("media", assets).await? {
        let (asset, bytes) = (text(row, "id")?, number(row, "bytes")?);
        let key = Key::parse(&text(row, "object_key")?)?;
        match objects.head(&key).await {
            Ok(meta) if i64::try_from(meta.size_bytes) == Ok(bytes) => {}
            Ok(meta) => found.push(format!("{asset}: {} bytes of {bytes}", meta.size_bytes)),
            Err(error) => found.push(format!("{asset}: {error}")),
        }
    }
    Ok(())
}
