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
    /// What the checker must say of it.
    pub named: &'static str,
}

/// One for everything that the checker looks at. None of them brings about what
/// a later one is named for, so they are planted in this order.
pub const ROWS: &[Planted] = &[
    Planted {
        service: "cover",
        sql: "DELETE FROM outbox WHERE name LIKE '%CoverGenerated'",
        named: "event and row disagree",
    },
    Planted {
        service: "cover",
        sql: "UPDATE requests SET status = 'OPEN' WHERE task_id =
            (SELECT MIN(task_id) FROM requests)",
        named: "the queue says",
    },
    Planted {
        service: "user",
        sql: "UPDATE quota_periods SET used_units = used_units + 1",
        named: "differs from its ledger",
    },
    Planted {
        service: "media",
        sql: "DELETE FROM assets WHERE id = (SELECT MIN(id) FROM assets)",
        named: "shown and not stored",
    },
    Planted {
        service: "notification",
        sql: "DELETE FROM notifications",
        named: "was noticed 0 times",
    },
    Planted {
        service: "template",
        sql: "DELETE FROM template_popularity",
        named: "were counted as 0",
    },
    Planted {
        service: "task",
        sql: "DELETE FROM tasks",
        named: "never reached the queue",
    },
    Planted {
        service: "cover",
        sql: "DELETE FROM requests",
        named: "acknowledged and lost",
    },
];

/// For a checker that also knows what was asked and answered.
pub const LOGGED_ROWS: &[Planted] = &[Planted {
    service: "user",
    sql: "DELETE FROM profiles",
    named: "registered and lost",
}];

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
        problems.iter().any(|problem| problem.contains(self.named))
    }
}
