//! This crate's own tables.

use async_trait::async_trait;
use sea_orm::{ConnectionTrait, DbBackend, DbErr};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};

use crate::{Result, Store, sql};

/// The steps, oldest first. A step that was released is never changed.
pub(crate) fn steps() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(Step {
            name: "store_0001_outbox_inbox_claims",
            statements: STORE_0001,
            only: None,
        }),
        Box::new(Step {
            name: "store_0002_event_jobs",
            statements: STORE_0002,
            only: None,
        }),
        Box::new(Step {
            name: "store_0003_leads_and_attempts",
            statements: STORE_0003,
            only: None,
        }),
        Box::new(Step {
            name: "store_0004_room_in_the_outbox",
            statements: STORE_0004,
            only: Some(DbBackend::Postgres),
        }),
        Box::new(Step {
            name: "store_0005_departed",
            statements: STORE_0005,
            only: None,
        }),
    ]
}

/// The names of the steps that every service's database begins with.
pub fn own_migrations() -> impl Iterator<Item = String> {
    steps().into_iter().map(|step| step.name().to_owned())
}

struct Step {
    name: &'static str,
    /// `{bytes}` and `{sequence}` stand for the engine's column types.
    statements: &'static [&'static str],
    /// The engine that it is about, if not both.
    only: Option<DbBackend>,
}

impl MigrationName for Step {
    fn name(&self) -> &str {
        self.name
    }
}

#[async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let backend = manager.get_database_backend();
        if self.only.is_some_and(|only| only != backend) {
            return Ok(());
        }
        let (bytes, sequence) = match backend {
            DbBackend::Postgres => ("BYTEA", "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"),
            // AUTOINCREMENT: a sequence number is not reused after a purge.
            _ => ("BLOB", "INTEGER PRIMARY KEY AUTOINCREMENT"),
        };
        for statement in self.statements {
            let statement = statement
                .replace("{bytes}", bytes)
                .replace("{sequence}", sequence);
            manager
                .get_connection()
                .execute_unprepared(&statement)
                .await?;
        }
        Ok(())
    }
}

const STORE_0001: &[&str] = &[
    // One row per event or command. `grouping` is what order holds within: an
    // event's aggregate, a command's key (empty: no order).
    "CREATE TABLE outbox (
        seq {sequence},
        id TEXT NOT NULL UNIQUE,
        kind TEXT NOT NULL CONSTRAINT outbox_kind CHECK (kind IN ('event', 'command')),
        name TEXT NOT NULL,
        grouping_key TEXT NOT NULL,
        aggregate_version BIGINT NOT NULL,
        workspace_id TEXT NOT NULL,
        occurred_at_ms BIGINT NOT NULL,
        traceparent TEXT NOT NULL,
        causation_id TEXT NOT NULL,
        correlation_id TEXT NOT NULL,
        payload {bytes} NOT NULL,
        principal {bytes},
        sent_at_ms BIGINT,
        parked_at_ms BIGINT,
        attempts BIGINT NOT NULL DEFAULT 0,
        next_attempt_ms BIGINT NOT NULL DEFAULT 0,
        lease_owner TEXT NOT NULL DEFAULT '',
        lease_until_ms BIGINT NOT NULL DEFAULT 0,
        last_error TEXT NOT NULL DEFAULT ''
    )",
    // The relay's reads touch unsent rows only, however long sent ones stay.
    "CREATE INDEX outbox_unsent ON outbox (kind, seq) WHERE sent_at_ms IS NULL",
    "CREATE INDEX outbox_unsent_group ON outbox (grouping_key, seq) WHERE sent_at_ms IS NULL",
    "CREATE INDEX outbox_sent ON outbox (sent_at_ms) WHERE sent_at_ms IS NOT NULL",
    "CREATE TABLE aggregate_versions (
        aggregate TEXT PRIMARY KEY,
        version BIGINT NOT NULL
    )",
    "CREATE TABLE inbox (
        consumer TEXT NOT NULL,
        event_id TEXT NOT NULL,
        received_at_ms BIGINT NOT NULL,
        PRIMARY KEY (consumer, event_id)
    )",
    "CREATE INDEX inbox_received ON inbox (received_at_ms)",
    "CREATE TABLE inbox_positions (
        consumer TEXT NOT NULL,
        aggregate TEXT NOT NULL,
        version BIGINT NOT NULL,
        PRIMARY KEY (consumer, aggregate)
    )",
    "CREATE TABLE idempotency_claims (
        principal TEXT NOT NULL,
        method TEXT NOT NULL,
        claim_key TEXT NOT NULL,
        digest {bytes} NOT NULL,
        operation_id TEXT NOT NULL,
        token TEXT NOT NULL,
        lease_ms BIGINT NOT NULL,
        lease_until_ms BIGINT NOT NULL,
        reply {bytes},
        sealed BOOLEAN NOT NULL,
        expires_at_ms BIGINT NOT NULL,
        PRIMARY KEY (principal, method, claim_key)
    )",
    "CREATE INDEX idempotency_claims_expiry ON idempotency_claims (expires_at_ms)",
];

const STORE_0002: &[&str] = &[
    // What operators ask of the processes that run a service. Few rows, ever.
    "CREATE TABLE event_jobs (
        id TEXT PRIMARY KEY,
        kind TEXT NOT NULL,
        subject TEXT NOT NULL,
        arguments TEXT NOT NULL,
        state TEXT NOT NULL
            CONSTRAINT event_jobs_state CHECK (state IN ('waiting', 'done', 'failed')),
        detail TEXT NOT NULL DEFAULT '',
        lease_owner TEXT NOT NULL DEFAULT '',
        lease_until_ms BIGINT NOT NULL DEFAULT 0,
        created_at_ms BIGINT NOT NULL,
        updated_at_ms BIGINT NOT NULL
    )",
    "CREATE INDEX event_jobs_waiting ON event_jobs (kind, subject) WHERE state = 'waiting'",
];

const STORE_0003: &[&str] = &[
    // Who does something that one process at a time does; a row each.
    "CREATE TABLE leads (
        what TEXT PRIMARY KEY,
        token BIGINT NOT NULL,
        term_ms BIGINT NOT NULL,
        until_ms BIGINT NOT NULL
    )",
    // Attempts at events that came again, written before they begin.
    "CREATE TABLE inbox_attempts (
        consumer TEXT NOT NULL,
        event_id TEXT NOT NULL,
        attempts BIGINT NOT NULL,
        begun_at_ms BIGINT NOT NULL,
        PRIMARY KEY (consumer, event_id)
    )",
    "CREATE INDEX inbox_attempts_begun ON inbox_attempts (begun_at_ms)",
];

const STORE_0004: &[&str] = &[
    // A row is written three times: as it is appended, leased and sent. With
    // room beside it the lease stays on its page, touches no index, and costs a
    // third of the log; the table is no larger for it, since old versions make
    // room for others' new ones.
    "ALTER TABLE outbox SET (fillfactor = 50)",
];

const STORE_0005: &[&str] = &[
    // Some services had it before all did.
    "CREATE TABLE IF NOT EXISTS departed (
        user_sha256 TEXT PRIMARY KEY,
        workspace_id TEXT NOT NULL,
        departed_at_ms BIGINT NOT NULL
    )",
];

/// Starts every running term anew, on SQLite: terms are measured in monotonic
/// time, which means nothing across a restart.
pub(crate) async fn renew_terms(store: &Store) -> Result<()> {
    sql::execute(
        &store.pools.write,
        "UPDATE idempotency_claims SET lease_until_ms = $1 + lease_ms
         WHERE reply IS NULL AND lease_until_ms > 0",
        vec![store.lease_now_bind()],
    )
    .await?;
    sql::execute(
        &store.pools.write,
        "UPDATE event_jobs SET lease_owner = '', lease_until_ms = 0
         WHERE state = 'waiting' AND lease_until_ms > 0",
        vec![],
    )
    .await?;
    // A command beside the platform may lead just now: its term ends at the
    // latest when it would if it began now.
    sql::execute(
        &store.pools.write,
        "UPDATE leads SET until_ms = $1 + term_ms WHERE until_ms > $1 + term_ms",
        vec![store.lease_now_bind()],
    )
    .await?;
    sql::execute(
        &store.pools.write,
        "UPDATE outbox SET next_attempt_ms = 0 WHERE sent_at_ms IS NULL AND next_attempt_ms > 0",
        vec![],
    )
    .await?;
    Ok(())
}
