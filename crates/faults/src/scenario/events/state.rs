//! What all services keep, and what of it they have from events.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};

use super::World;
use crate::fleet::SERVICES;

/// What is kept about the handling itself, and differs.
const BOOKS: [&str; 7] = [
    "outbox",
    "inbox",
    "inbox_positions",
    "inbox_attempts",
    "leads",
    "idempotency_claims",
    "seaql_migrations",
];

/// What a service has heard.
const HEARD: [&str; 3] = ["inbox", "inbox_positions", "inbox_attempts"];

/// Rows that a service has from events alone.
pub(super) struct Derived {
    service: &'static str,
    table: &'static str,
    /// Which of the table's, as a condition.
    only: &'static str,
    /// What of a row the events determine, as a list of SQL expressions.
    told: &'static str,
}

/// All that are derived. What else handlers write is what an event made them
/// ask for or erase: a profile is made where there is none, and is what auth
/// says then; what was erased cannot be made anew to be erased again.
pub(super) const DERIVED: [Derived; 6] = [
    // Ids are the events', times are when it happened: all of it.
    Derived {
        service: "user",
        table: "history",
        only: "TRUE",
        told: "history.*",
    },
    Derived {
        service: "notification",
        table: "notifications",
        only: "TRUE",
        told: "notifications.*",
    },
    // Without the id, which is made with the row, and the times at which it was
    // made and at which it expires. The webhook is switched off, so that no
    // attempt has changed the rest.
    Derived {
        service: "notification",
        table: "deliveries",
        only: "TRUE",
        told: "workspace_id, user_id, channel, target_id, message_id, event_type, body, status,
            attempts, last_response_status, last_error, created_at_ms",
    },
    // Without the time at which it was heard.
    Derived {
        service: "notification",
        table: "departed",
        only: "TRUE",
        told: "user_sha256, workspace_id",
    },
    // A sum of powers, whose last digits depend on the order.
    Derived {
        service: "template",
        table: "template_popularity",
        only: "TRUE",
        told: "template_id, workspace_id, use_count, round(heat::numeric, 6), last_used_at_ms",
    },
    // What it tells of uses in turn: as often, and with the same places among a
    // template's events. Which use has which place depends on the order, and so
    // does the count that is told with it: as many as were counted by then.
    Derived {
        service: "template",
        table: "outbox",
        only: USED,
        told: "grouping_key, aggregate_version, workspace_id",
    },
];

const USED: &str = "name = 'covergen.template.v1.TemplateUsed'";

/// Makes every service forget what it has heard, and what it has from that.
pub(super) async fn forget(world: &World) -> Result<()> {
    let databases = world.engines.databases();
    // What is told anew takes the places of what was told.
    let places = format!(
        "UPDATE aggregate_versions AS known SET version = known.version - used.times
         FROM (SELECT grouping_key, count(*) AS times FROM outbox WHERE {USED}
             GROUP BY grouping_key) AS used
         WHERE known.aggregate = used.grouping_key"
    );
    databases.change("template", &places).await?;
    for derived in &DERIVED {
        let Derived {
            service,
            table,
            only,
            ..
        } = derived;
        let there = format!("SELECT 1 AS one FROM {table} WHERE {only}");
        let there = databases.rows(service, &there).await?.len();
        // Else nothing would be shown.
        ensure!(there > 0, "{service} has nothing in {table} to forget");
        let forget = format!("DELETE FROM {table} WHERE {only}");
        databases.change(service, &forget).await?;
    }
    for service in SERVICES {
        for table in HEARD {
            let forget = format!("DELETE FROM {table}");
            databases.change(service, &forget).await?;
        }
    }
    Ok(())
}

/// A digest of every table, apart from the books about handling; of those that
/// are `derived`, of what events determine.
pub(super) async fn digests(
    world: &World,
    derived: &[Derived],
) -> Result<BTreeMap<String, String>> {
    let databases = world.engines.databases();
    let mut digests = BTreeMap::new();
    for service in SERVICES {
        let tables = "SELECT table_name::text AS name FROM information_schema.tables
            WHERE table_schema = 'public'";
        for row in databases.rows(service, tables).await? {
            let table: String = row.try_get("", "name")?;
            let derived = derived
                .iter()
                .find(|derived| (derived.service, derived.table) == (service, &*table));
            let rows = match derived {
                Some(Derived { told, only, .. }) => {
                    format!("SELECT ROW({told})::text AS told FROM \"{table}\" WHERE {only}")
                }
                None if BOOKS.contains(&&*table) => continue,
                None => format!("SELECT t::text AS told FROM \"{table}\" AS t"),
            };
            let digest = format!(
                "SELECT COALESCE(md5(string_agg(told, '|' ORDER BY told)), '') AS digest
                 FROM ({rows}) AS rows"
            );
            let digest = databases.rows(service, &digest).await?;
            let digest = digest.first().context("no digest")?;
            digests.insert(format!("{service}.{table}"), digest.try_get("", "digest")?);
        }
    }
    Ok(digests)
}

/// Tables whose digests differ.
pub(super) fn differing(
    one: &BTreeMap<String, String>,
    other: &BTreeMap<String, String>,
) -> Result<Vec<String>> {
    ensure!(one.keys().eq(other.keys()), "tables came or went");
    let differ = one
        .iter()
        .filter(|(table, digest)| other.get(*table) != Some(digest));
    Ok(differ.map(|(table, _)| table.clone()).collect())
}
