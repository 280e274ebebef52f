use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use covergen_events::EventLog;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, QueryResult, Statement};

use crate::fleet::SERVICES;

/// How to reach a service's database, and the event log between the services.
#[derive(Debug, Clone)]
pub struct Databases {
    url: String,
    log: Log,
}

/// Where events are kept.
#[derive(Debug, Clone)]
enum Log {
    Unknown,
    /// A file of the embedded shape, by its URL.
    File(String),
    Engine(Arc<dyn EventLog>),
}

impl Databases {
    /// The files of the embedded shape.
    #[must_use]
    pub fn in_folder(folder: &Path) -> Self {
        let folder = folder.display();
        let url = format!("sqlite://{folder}/db/{{service}}.sqlite?mode=rw");
        let log = Log::File(format!("sqlite://{folder}/events.sqlite?mode=rw"));
        Self { url, log }
    }

    /// A PostgreSQL server; the URL holds `{service}`.
    #[must_use]
    pub fn at(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            log: Log::Unknown,
        }
    }

    /// With the event log that the services speak through.
    #[must_use]
    pub fn with_events(mut self, log: Arc<dyn EventLog>) -> Self {
        self.log = Log::Engine(log);
        self
    }

    /// What a query finds in the database of a service.
    ///
    /// # Errors
    /// The database's.
    pub async fn rows(&self, service: &str, sql: &str) -> Result<Vec<QueryResult>> {
        let rows = rows(&self.url_of(service), sql).await;
        rows.with_context(|| service.to_owned())
    }

    /// Changes something behind a service's back.
    ///
    /// # Errors
    /// The database's.
    pub async fn change(&self, service: &str, sql: &str) -> Result<()> {
        let database = Database::connect(self.url_of(service)).await?;
        database
            .execute_unprepared(sql)
            .await
            .with_context(|| format!("{service}: {sql}"))?;
        Ok(database.close().await?)
    }

    /// Events that some consumer gave up, by its stream.
    pub(super) async fn dead_letters(&self) -> Result<BTreeMap<String, u64>> {
        let mut dead = BTreeMap::new();
        match &self.log {
            Log::Unknown => {}
            Log::File(url) => {
                for row in rows(url, "SELECT stream FROM dead_letters").await? {
                    *dead.entry(row.try_get("", "stream")?).or_default() += 1;
                }
            }
            Log::Engine(log) => {
                for service in SERVICES {
                    let letters = log.stream_info(service).await?.dead_letters;
                    dead.insert(service.to_owned(), letters);
                }
            }
        }
        Ok(dead)
    }

    pub(super) async fn texts(
        &self,
        service: &str,
        column: &str,
        from: &str,
    ) -> Result<Vec<String>> {
        let sql = format!("SELECT {column} FROM {from}");
        let rows = self.rows(service, &sql).await?;
        rows.iter().map(|row| text(row, column)).collect()
    }

    /// How often each text stands in a column.
    pub(super) async fn counts(
        &self,
        service: &str,
        column: &str,
        from: &str,
    ) -> Result<BTreeMap<String, i64>> {
        let mut counts = BTreeMap::new();
        for text in self.texts(service, column, from).await? {
            *counts.entry(text).or_default() += 1;
        }
        Ok(counts)
    }

    /// The database of a service; `events` is the log where that is a file.
    fn url_of(&self, service: &str) -> String {
        match &self.log {
            Log::File(url) if service == "events" => url.clone(),
            _ => self.url.replace("{service}", service),
        }
    }
}

async fn rows(url: &str, sql: &str) -> Result<Vec<QueryResult>> {
    let database: DatabaseConnection = Database::connect(url).await?;
    let statement = Statement::from_string(database.get_database_backend(), sql);
    let rows = database.query_all_raw(statement).await;
    let rows = rows.with_context(|| sql.to_owned())?;
    database.close().await?;
    Ok(rows)
}

pub(super) fn text(row: &QueryResult, column: &str) -> Result<String> {
    Ok(row.try_get("", column)?)
}

pub(super) fn number(row: &QueryResult, column: &str) -> Result<i64> {
    let wide = row.try_get::<i64>("", column);
    Ok(wide.or_else(|_| row.try_get::<i32>("", column).map(i64::from))?)
}
