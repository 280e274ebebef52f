//! What the databases keep of somebody.

use std::collections::BTreeMap;
use std::time::Duration;

use covergen_faults::checker::Databases;

use super::things::Things;

/// Services with a database.
const SERVICES: [&str; 9] = [
    "auth",
    "cover",
    "export",
    "media",
    "notification",
    "safety",
    "task",
    "template",
    "user",
];

/// Rows by service and table, in SQL's own words.
pub(super) type Rows = BTreeMap<String, Vec<String>>;

/// Every row in which an id of theirs stands, once nothing moves any more.
pub(super) async fn eventually_still(databases: &Databases, whose: &Things) -> Rows {
    let mut before = of(databases, whose).await;
    for _ in 0..600 {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let now = of(databases, whose).await;
        if now == before && !waiting(databases).await {
            return now;
        }
        before = now;
    }
    panic!("something goes on changing what is theirs");
}

/// Whether events are still on their way.
async fn waiting(databases: &Databases) -> bool {
    for service in SERVICES {
        let sql = "SELECT id FROM outbox WHERE sent_at_ms IS NULL";
        if !databases.rows(service, sql).await.expect("rows").is_empty() {
            return true;
        }
    }
    false
}

/// Every row in which an id of theirs stands.
pub(super) async fn of(databases: &Databases, whose: &Things) -> Rows {
    let ids: Vec<String> = whose.all().map(|id| format!("'{id}'")).collect();
    let ids = ids.join(", ");
    let mut found = Rows::new();
    for service in SERVICES {
        for (table, columns) in tables(databases, service).await {
            let quoted: Vec<String> = columns.iter().map(|name| format!("\"{name}\"")).collect();
            let theirs: Vec<String> = quoted.iter().map(|it| format!("{it} IN ({ids})")).collect();
            let whole: Vec<String> = quoted.iter().map(|it| format!("quote({it})")).collect();
            let sql = format!(
                "SELECT {} AS whole FROM \"{table}\" WHERE {} ORDER BY whole",
                whole.join(" || ',' || "),
                theirs.join(" OR ")
            );
            let rows = databases.rows(service, &sql).await.expect("rows");
            let rows = rows
                .iter()
                .map(|row| row.try_get("", "whole").expect("text"));
            found.insert(format!("{service}.{table}"), rows.collect());
        }
    }
    found.retain(|_, rows: &mut Vec<String>| !rows.is_empty());
    found
}

async fn tables(databases: &Databases, service: &str) -> BTreeMap<String, Vec<String>> {
    let sql = "SELECT m.name AS t, p.name AS c FROM sqlite_master m, pragma_table_info(m.name) p
               WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'";
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in databases.rows(service, sql).await.expect("the schema") {
        let table: String = row.try_get("", "t").expect("a name");
        let column = row.try_get("", "c").expect("a name");
        found.entry(table).or_default().push(column);
    }
    found
}
