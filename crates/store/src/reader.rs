use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement};

use crate::gate::Gate;
use crate::pool::Pool;
use crate::standby::{self, Standby};

/// The connection of finders. Read-only: writes need [`crate::Store::begin`].
///
/// One from [`crate::Store::stale_reads`] asks the standby. What the standby
/// does not answer is asked of the primary, and so is everything after it: a
/// caller that reads rows and then what belongs to them never gets the second
/// from an earlier state than the first.
#[derive(Debug, Clone)]
pub struct Reader {
    primary: Pool,
    standby: Option<Follower>,
}

#[derive(Debug, Clone)]
struct Follower {
    standby: Arc<Standby>,
    left: Arc<AtomicBool>,
}

impl Reader {
    /// One that asks the primary.
    pub(crate) fn of(primary: Pool) -> Self {
        Self {
            primary,
            standby: None,
        }
    }

    /// The same, asking a standby first.
    pub(crate) fn behind(&self, standby: Arc<Standby>) -> Self {
        Self {
            primary: self.primary.clone(),
            standby: Some(Follower {
                standby,
                left: Arc::default(),
            }),
        }
    }

    /// The same, with a bounded queue of callers before the primary.
    pub(crate) fn gated(mut self, gate: Arc<dyn Gate>, patience: Duration) -> Self {
        self.primary = self.primary.behind(gate, patience);
        self
    }

    /// Whether the next query goes to the standby.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        self.follows().is_some()
    }

    pub(crate) fn primary(&self) -> &Pool {
        &self.primary
    }

    fn follows(&self) -> Option<&Follower> {
        self.standby
            .as_ref()
            .filter(|follower| !follower.left.load(Ordering::Relaxed))
    }

    async fn ask<T, F: Future<Output = Result<T, DbErr>>>(
        &self,
        statement: Statement,
        query: impl Fn(Pool, Statement) -> F,
    ) -> Result<T, DbErr> {
        let Some(follower) = self.follows() else {
            return query(self.primary.clone(), statement).await;
        };
        let Follower { standby, left } = follower;
        let asked = query(standby.pool.clone(), statement.clone());
        match tokio::time::timeout(standby::ANSWER_TIMEOUT, asked).await {
            Ok(Ok(found)) => {
                standby.count("standby", "");
                return Ok(found);
            }
            Ok(Err(error)) => {
                tracing::debug!(%error, "the standby did not answer; the primary is asked");
            }
            Err(_) => tracing::debug!("the standby was silent; the primary is asked"),
        }
        left.store(true, Ordering::Relaxed);
        standby.count("primary", "failed");
        query(self.primary.clone(), statement).await
    }
}

#[async_trait]
impl ConnectionTrait for Reader {
    fn get_database_backend(&self) -> DbBackend {
        self.primary.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.primary.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.primary.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.ask(statement, |pool, statement| async move {
            pool.query_one_raw(statement).await
        })
        .await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.ask(statement, |pool, statement| async move {
            pool.query_all_raw(statement).await
        })
        .await
    }
}
