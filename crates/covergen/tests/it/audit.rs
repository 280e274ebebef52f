//! The checker: what was acknowledged, compared with what every service keeps.

use std::collections::BTreeSet;
use std::path::Path;

use sea_orm::{ConnectionTrait, Database, DatabaseConnection, QueryResult, Statement};

/// How to reach a service's database.
pub(crate) struct Databases {
    url: String,
}

impl Databases {
    /// The files of the embedded shape.
    pub(crate) fn in_folder(folder: &Path) -> Self {
        Self {
            url: format!(
                "sqlite://{}/db/{{service}}.sqlite?mode=rw",
                folder.display()
            ),
        }
    }

    /// A PostgreSQL server; the URL holds `{service}`.
    pub(crate) fn at(url: &str) -> Self {
        Self {
            url: url.to_owned(),
        }
    }

    pub(crate) async fn open(&self, service: &str) -> DatabaseConnection {
        Database::connect(self.url.replace("{service}", service))
            .await
            .expect("the database opens")
    }

    pub(crate) async fn rows(&self, service: &str, sql: &str) -> Vec<QueryResult> {
        let database = self.open(service).await;
        let statement = Statement::from_string(database.get_database_backend(), sql);
        let rows = database
            .query_all_raw(statement)
            .await
            .expect("the query runs");
        database.close().await.expect("the database closes");
        rows
    }

    pub(crate) async fn change(&self, service: &str, sql: &str) {
        let database = self.open(service).await;
        database
            .execute_unprepared(sql)
            .await
            .expect("the statement runs");
        database.close().await.expect("the database closes");
    }
}

fn text(row: &QueryResult, column: &str) -> String {
    row.try_get("", column).expect("a text")
}

fn number(row: &QueryResult, column: &str) -> i64 {
    row.try_get::<i64>("", column)
        .or_else(|_| row.try_get::<i32>("", column).map(i64::from))
        .expect("a number")
}

/// Everything that does not fit together; empty when all is well.
pub(crate) async fn problems(databases: &Databases, acknowledged: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    tasks(databases, acknowledged, &mut found).await;
    quota(databases, &mut found).await;
    images(databases, &mut found).await;
    events(databases, &mut found).await;
    found
}

/// Every acknowledged task has ended, in cover's eyes and the queue's alike.
async fn tasks(databases: &Databases, acknowledged: &[String], found: &mut Vec<String>) {
    let requests = databases
        .rows("cover", "SELECT task_id, status FROM requests")
        .await;
    let queue = databases
        .rows("task", "SELECT id, state, needs_operator FROM tasks")
        .await;
    for task in acknowledged {
        let request = requests.iter().find(|row| text(row, "task_id") == *task);
        let queued = queue.iter().find(|row| text(row, "id") == *task);
        match (request, queued) {
            (Some(request), Some(queued)) => {
                let (status, state) = (text(request, "status"), text(queued, "state"));
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
}

/// Quota was charged for what succeeded and for nothing else, and every
/// balance equals its ledger.
async fn quota(databases: &Databases, found: &mut Vec<String>) {
    let requests = databases
        .rows("cover", "SELECT task_id, status FROM requests")
        .await;
    let reservations = databases
        .rows("user", "SELECT task_id, state, units FROM reservations")
        .await;
    for row in &reservations {
        let (task, state) = (text(row, "task_id"), text(row, "state"));
        let status = requests
            .iter()
            .find(|request| text(request, "task_id") == task)
            .map_or("NONE".to_owned(), |request| text(request, "status"));
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
    let balances = databases
        .rows(
            "user",
            "SELECT user_id, period, used_units, reserved_units FROM quota_periods",
        )
        .await;
    let ledger = databases
        .rows(
            "user",
            "SELECT user_id, period, used_delta, reserved_delta FROM quota_ledger",
        )
        .await;
    for balance in &balances {
        let (user, period) = (text(balance, "user_id"), text(balance, "period"));
        let sum = |column: &str| -> i64 {
            ledger
                .iter()
                .filter(|row| text(row, "user_id") == user && text(row, "period") == period)
                .map(|row| number(row, column))
                .sum()
        };
        if sum("used_delta") != number(balance, "used_units")
            || sum("reserved_delta") != number(balance, "reserved_units")
        {
            found.push(format!(
                "{user} {period}: the balance differs from its ledger"
            ));
        }
    }
}

/// Images of covers are stored, and nothing is stored that no cover shows.
async fn images(databases: &Databases, found: &mut Vec<String>) {
    let shown: BTreeSet<String> = databases
        .rows("cover", "SELECT asset_id FROM images")
        .await
        .iter()
        .map(|row| text(row, "asset_id"))
        .collect();
    let stored: BTreeSet<String> = databases
        .rows("media", "SELECT id FROM assets")
        .await
        .iter()
        .map(|row| text(row, "id"))
        .collect();
    found.extend(
        shown
            .difference(&stored)
            .map(|id| format!("{id}: shown and not stored")),
    );
    found.extend(
        stored
            .difference(&shown)
            .map(|id| format!("{id}: stored and never shown")),
    );
}

/// Every succeeded request told so exactly once, and no outbox is stuck.
async fn events(databases: &Databases, found: &mut Vec<String>) {
    let succeeded: BTreeSet<String> = databases
        .rows(
            "cover",
            "SELECT task_id FROM requests WHERE status = 'SUCCEEDED'",
        )
        .await
        .iter()
        .map(|row| text(row, "task_id"))
        .collect();
    let told: Vec<String> = databases
        .rows(
            "cover",
            "SELECT grouping_key FROM outbox WHERE name = 'covergen.cover.v1.CoverGenerated'",
        )
        .await
        .iter()
        .map(|row| text(row, "grouping_key"))
        .collect();
    let once: BTreeSet<String> = told.iter().cloned().collect();
    if once.len() != told.len() {
        found.push("a cover was told to be generated twice".to_owned());
    }
    found.extend(
        succeeded
            .symmetric_difference(&once)
            .map(|id| format!("{id}: event and row disagree")),
    );
    for service in ["cover", "task", "user", "media"] {
        let waiting = databases
            .rows(service, "SELECT id FROM outbox WHERE sent_at_ms IS NULL")
            .await;
        if !waiting.is_empty() {
            found.push(format!(
                "{service}: {} outbox rows are stuck",
                waiting.len()
            ));
        }
    }
}
