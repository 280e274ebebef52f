//! Faults planted into what services keep. A checker that does not find every
//! one of them shows nothing.

use anyhow::Result;

use crate::checker::Databases;

/// A change behind a service's back.
#[derive(Debug, Clone, Copy)]
pub struct Planted {
    /// Whose database is changed.
    pub service: &'static str,
    /// How.
    pub sql: &'static str,
    /// What the checker must say of it, all of it.
    pub named: &'static [&'static str],
}

/// One for everything that the checker looks at. None of them brings about what
/// a later one is named for, so they are planted in this order.
pub const ROWS: &[Planted] = &[
    Planted {
        service: "cover",
        sql: "DELETE FROM outbox WHERE name LIKE '%CoverGenerated'",
        named: &["was told to be made 0 times"],
    },
    Planted {
        service: "auth",
        sql: "UPDATE outbox SET sent_at_ms = NULL, parked_at_ms = 1 WHERE id =
            (SELECT MIN(id) FROM outbox)",
        named: &["auth: 1 outbox rows are stuck"],
    },
    Planted {
        service: "cover",
        sql: "DELETE FROM covers WHERE id = (SELECT MIN(id) FROM covers)",
        named: &["with 0 covers for 1"],
    },
    Planted {
        service: "user",
        sql: "DELETE FROM history WHERE id =
            (SELECT MIN(id) FROM history WHERE kind = 'COVERS_MADE')",
        named: &["is in the history 0 times"],
    },
    Planted {
        service: "user",
        sql: "INSERT INTO history (id, user_id, workspace_id, kind, subject_id, cover_ids,
                template_id, outcome, created_at_ms)
            SELECT 'planted', user_id, workspace_id, kind, subject_id, cover_ids,
                template_id, outcome, created_at_ms
            FROM history WHERE id = (SELECT MAX(id) FROM history WHERE kind = 'COVERS_MADE')",
        named: &["is in the history 2 times"],
    },
    // Charged twice, and the books agree.
    Planted {
        service: "user",
        sql: "INSERT INTO quota_ledger (id, user_id, period, workspace_id, task_id, movement,
                used_delta, reserved_delta, at_ms)
            SELECT 'planted', user_id, period, workspace_id, task_id, movement,
                used_delta, 0, at_ms
            FROM quota_ledger
            WHERE id = (SELECT MIN(id) FROM quota_ledger WHERE movement = 'commit');
            UPDATE quota_periods SET used_units = used_units +
                (SELECT used_delta FROM quota_ledger WHERE id = 'planted')
            WHERE user_id = (SELECT user_id FROM quota_ledger WHERE id = 'planted')
                AND period = (SELECT period FROM quota_ledger WHERE id = 'planted')",
        named: &[
            "the ledger charges it 2 times",
            "units are used and set aside, by reservations",
        ],
    },
    Planted {
        service: "user",
        sql: "UPDATE quota_periods SET used_units = used_units + 1",
        named: &["differs from its ledger"],
    },
    Planted {
        service: "user",
        sql: "DELETE FROM reservations WHERE task_id =
            (SELECT MIN(task_id) FROM reservations WHERE state = 'COMMITTED')",
        named: &["SUCCEEDED and was charged nothing"],
    },
    Planted {
        service: "user",
        sql: "UPDATE reservations SET units = units + 1 WHERE task_id =
            (SELECT MAX(task_id) FROM reservations WHERE state = 'COMMITTED')",
        named: &["2 units were charged for 1"],
    },
    // As a confirmation leaves it that came after the release.
    Planted {
        service: "user",
        sql: "UPDATE reservations SET state = 'CONFIRMED' WHERE task_id =
            (SELECT MIN(task_id) FROM reservations WHERE state = 'COMMITTED')",
        named: &["quota is CONFIRMED"],
    },
    Planted {
        service: "user",
        sql: "DELETE FROM quota_periods",
        named: &["a ledger without a balance"],
    },
    Planted {
        service: "media",
        sql: "DELETE FROM assets WHERE id = (SELECT MIN(id) FROM assets)",
        named: &["shown and not stored"],
    },
    // As a file is left that came after its deletion.
    Planted {
        service: "cover",
        sql: "DELETE FROM images WHERE asset_id = (SELECT MAX(asset_id) FROM images)",
        named: &["stored and never shown"],
    },
    Planted {
        service: "cover",
        sql: "UPDATE requests SET status = 'OPEN' WHERE task_id =
            (SELECT MIN(task_id) FROM requests WHERE bulk_id IS NULL)",
        named: &["the queue says"],
    },
    Planted {
        service: "cover",
        sql: "UPDATE requests SET status = 'FAILED' WHERE task_id =
            (SELECT MAX(task_id) FROM requests WHERE status = 'SUCCEEDED')",
        named: &["was told to have failed 0 times"],
    },
    Planted {
        service: "notification",
        sql: "DELETE FROM notifications",
        named: &["was noticed 0 times"],
    },
    Planted {
        service: "template",
        sql: "DELETE FROM template_popularity",
        named: &["were counted as 0"],
    },
    Planted {
        service: "task",
        sql: "DELETE FROM tasks",
        named: &["never reached the queue"],
    },
    Planted {
        service: "cover",
        sql: "DELETE FROM requests",
        named: &["acknowledged and lost"],
    },
];

/// For a platform that has made files and bulks as well; before [`ROWS`].
pub const MORE_WORK: &[Planted] = &[
    Planted {
        service: "task",
        sql: "UPDATE tasks SET state = 'FAILED' WHERE id =
            (SELECT MIN(id) FROM tasks WHERE kind = 'export.render')",
        named: &["the queue has it FAILED"],
    },
    Planted {
        service: "export",
        sql: "DELETE FROM outbox WHERE name LIKE '%ExportReady'",
        named: &["was told to be ready 0 times"],
    },
    Planted {
        service: "cover",
        sql: "UPDATE bulk_rows SET state = 'RUNNING' WHERE task_id =
            (SELECT MIN(task_id) FROM bulk_rows)",
        named: &["is RUNNING, its request"],
    },
];

/// For a checker that also knows what was asked and answered; after [`ROWS`].
pub const LOGGED_ROWS: &[Planted] = &[
    Planted {
        service: "cover",
        sql: "DELETE FROM bulk_rows WHERE task_id = (SELECT MAX(task_id) FROM bulk_rows)",
        named: &["has 1 rows of 2"],
    },
    Planted {
        service: "export",
        sql: "DELETE FROM exports WHERE id = (SELECT MAX(id) FROM exports)",
        named: &["an export that was promised is lost"],
    },
    Planted {
        service: "user",
        sql: "DELETE FROM profiles",
        named: &["registered and lost"],
    },
];

/// For the event log of the embedded shape, which is a file.
pub const EMBEDDED_ROW: Planted = Planted {
    service: "events",
    sql: "INSERT INTO dead_letters (stream, durable, message_sequence, id, subject, payload,
            headers, delivery_count, reason, parked_at)
        VALUES ('cover', 'notification', 1, 'planted', 'cover.Planted.planted', x'', '', 5,
            'planted', 0)",
    named: &["1 dead letters"],
};

impl Planted {
    /// Plants it.
    ///
    /// # Errors
    /// The database's.
    pub async fn plant(&self, databases: &Databases) -> Result<()> {
        databases.change(self.service, self.sql).await
    }

    /// Whether a checker that said this has found it.
    #[must_use]
    pub fn is_in(&self, problems: &[String]) -> bool {
        are_in(self.named, problems)
    }
}

/// Whether a checker that said this has named all of these.
#[must_use]
pub fn are_in(named: &[&str], problems: &[String]) -> bool {
    let is_named = |name: &&str| problems.iter().any(|problem| problem.contains(*name));
    named.iter().all(is_named)
}
