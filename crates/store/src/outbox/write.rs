//! Events on their way into the outbox: kept until their transaction commits,
//! and then written together.

use std::collections::BTreeMap;

use sea_orm::{DbBackend, Value};

use super::Row;
use crate::sql::{binds, placeholders};
use crate::{Error, Result, Tx, sql};

/// Events of one statement: each number of them is a statement of its own to
/// prepare.
const WRITTEN_AT_ONCE: usize = 16;

/// Events that a transaction keeps in memory; what comes on top of them is
/// written as it comes.
pub(super) const KEPT: usize = 64;

/// The columns of a new event, in the order of [`values`]; its version comes
/// after them.
const GIVEN: &str = "grouping_key, id, kind, name, workspace_id, occurred_at_ms, traceparent, \
     causation_id, correlation_id, payload";
const GIVEN_COUNT: usize = 10;

/// Raises an aggregate's version by the number of its new events. The row lock
/// this takes lasts until the commit, so the versions after it are allocated
/// once these are certain: no gaps, and the order of versions is the order of
/// commits.
const RAISE: &str = "ON CONFLICT (aggregate) DO UPDATE SET version = known.version + \
     excluded.version RETURNING aggregate, version";

impl Tx {
    /// Writes the events that were emitted and not written yet.
    pub(crate) async fn write_events(&self) -> Result<()> {
        let mut rows = self.with_appended(super::Appended::take_events);
        if rows.len() > WRITTEN_AT_ONCE {
            // Locks last until the commit, so their order goes beyond one
            // statement; within an aggregate the order stays.
            rows.sort_by(|one, other| one.grouping_key.cmp(&other.grouping_key));
        }
        for some in rows.chunks(WRITTEN_AT_ONCE) {
            // Boxed, since it is part of every commit, with events or without.
            if self.store.backend == DbBackend::Postgres {
                Box::pin(self.write_at_once(some)).await?;
            } else {
                Box::pin(self.write_in_two(some)).await?;
            }
        }
        Ok(())
    }

    /// Versions and rows in one round trip to the server. The numbers of the
    /// rows are drawn once the versions are certain, so that within an
    /// aggregate both have the same order.
    async fn write_at_once(&self, rows: &[Row]) -> Result<()> {
        let behind = behind(rows);
        let given: Vec<String> = (0..rows.len()).map(typed_row).collect();
        // Aggregates in the order of their names, by bytes as above: two
        // transactions with the same ones wait for each other one way only, as
        // long as neither has more than is kept.
        let sql = format!(
            "WITH given (place, behind, {GIVEN}) AS (VALUES {}),
             raised AS (
                INSERT INTO aggregate_versions AS known (aggregate, version)
                SELECT grouping_key, count(*) FROM given GROUP BY grouping_key
                ORDER BY grouping_key COLLATE \"C\" {RAISE})
             INSERT INTO outbox ({GIVEN}, aggregate_version)
             SELECT {GIVEN}, raised.version - behind
             FROM given JOIN raised ON raised.aggregate = grouping_key ORDER BY place",
            given.join(", ")
        );
        let mut bound = Vec::with_capacity(rows.len() * (GIVEN_COUNT + 2));
        for ((place, row), behind) in (0_i64..).zip(rows).zip(behind) {
            bound.extend(binds![place, behind]);
            bound.extend(values(row));
        }
        sql::execute(self, sql, bound).await?;
        Ok(())
    }

    /// For an engine in the process, which knows no statement that writes two
    /// tables.
    async fn write_in_two(&self, rows: &[Row]) -> Result<()> {
        let mut counts: BTreeMap<&str, i64> = BTreeMap::new();
        for row in rows {
            *counts.entry(&row.grouping_key).or_default() += 1;
        }
        let pairs: Vec<String> = (0..counts.len())
            .map(|at| format!("({})", placeholders(2 * at + 1, 2)))
            .collect();
        let sql = format!(
            "INSERT INTO aggregate_versions AS known (aggregate, version) VALUES {} {RAISE}",
            pairs.join(", ")
        );
        let bound = counts.iter().flat_map(|(key, count)| binds![*key, *count]);
        let mut versions: BTreeMap<String, i64> = BTreeMap::new();
        for raised in sql::all(self, sql, bound.collect()).await? {
            versions.insert(
                raised.try_get("", "aggregate")?,
                raised.try_get("", "version")?,
            );
        }
        let width = GIVEN_COUNT + 1;
        let lines: Vec<String> = (0..rows.len())
            .map(|at| format!("({})", placeholders(width * at + 1, width)))
            .collect();
        let sql = format!(
            "INSERT INTO outbox ({GIVEN}, aggregate_version) VALUES {}",
            lines.join(", ")
        );
        let mut bound = Vec::with_capacity(rows.len() * width);
        for (row, behind) in rows.iter().zip(behind(rows)) {
            let Some(version) = versions.get(&row.grouping_key) else {
                self.poison();
                return Err(Error::Poisoned);
            };
            bound.extend(values(row));
            bound.push(Value::from(version - behind));
        }
        sql::execute(self, sql, bound).await?;
        Ok(())
    }
}

/// How many events of the same aggregate come after each one.
fn behind(rows: &[Row]) -> Vec<i64> {
    let mut later: BTreeMap<&str, i64> = BTreeMap::new();
    let mut behind: Vec<i64> = rows
        .iter()
        .rev()
        .map(|row| {
            let count = later.entry(&row.grouping_key).or_default();
            *count += 1;
            *count - 1
        })
        .collect();
    behind.reverse();
    behind
}

/// The placeholders of the row at place `at` in a list of values; the first
/// one's types are those of all.
fn typed_row(at: usize) -> String {
    const TYPES: [&str; GIVEN_COUNT + 2] = [
        "bigint", "bigint", "text", "text", "text", "text", "text", "bigint", "text", "text",
        "text", "bytea",
    ];
    let from = at * TYPES.len() + 1;
    let typed: Vec<String> = TYPES
        .iter()
        .zip(from..)
        .map(|(kind, n)| format!("${n}::{kind}"))
        .collect();
    format!("({})", typed.join(", "))
}

/// What [`GIVEN`] names.
fn values(row: &Row) -> [Value; GIVEN_COUNT] {
    [
        row.grouping_key.clone().into(),
        row.id.clone().into(),
        row.kind.into(),
        row.name.clone().into(),
        row.workspace_id.clone().into(),
        row.occurred_at_ms.into(),
        row.traceparent.clone().into(),
        row.causation_id.clone().into(),
        row.correlation_id.clone().into(),
        row.payload.clone().into(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(aggregate: &str) -> Row {
        Row {
            seq: 0,
            id: String::new(),
            kind: "event",
            name: String::new(),
            grouping_key: aggregate.to_owned(),
            aggregate_version: 0,
            workspace_id: String::new(),
            occurred_at_ms: 0,
            traceparent: String::new(),
            causation_id: String::new(),
            correlation_id: String::new(),
            payload: vec![],
            principal: None,
            attempts: 0,
        }
    }

    #[test]
    fn the_last_of_an_aggregate_has_nothing_behind_it() {
        let rows = ["a", "b", "a", "a", "c"].map(row);
        assert_eq!(behind(&rows), [2, 0, 1, 0, 0]);
    }

    #[test]
    fn a_row_has_a_placeholder_for_each_of_its_columns() {
        let columns = GIVEN.split(',').count();
        assert_eq!(columns, GIVEN_COUNT);
        assert!(typed_row(0).starts_with("($1::bigint, $2::bigint, $3::text"));
        assert!(typed_row(1).starts_with("($13::bigint, "));
        assert!(typed_row(1).ends_with("$24::bytea)"));
    }
}
