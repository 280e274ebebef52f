use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr,
    SqliteTransactionMode, Statement, TransactionOptions,
};

use crate::backup::FREEZE_LOCK;
use crate::outbox::Appended;
use crate::{CallContext, Error, Result, Store, sql};

/// One transaction. Pass `&tx` where sea-orm asks for a connection. Dropping
/// it rolls back.
///
/// A failed statement poisons the transaction on both engines: PostgreSQL
/// would answer a later COMMIT with a silent rollback, so [`Tx::commit`]
/// refuses instead. To insert what may be there already, use ON CONFLICT.
pub struct Tx {
    txn: DatabaseTransaction,
    /// The server's process at the other end, where there is a server.
    session: Option<i32>,
    pub(crate) store: Store,
    pub(crate) context: CallContext,
    pub(crate) appended: Mutex<Appended>,
    now_ms: i64,
    lease_now_ms: i64,
    poisoned: AtomicBool,
    /// Longest wait for an answer to one statement.
    patience: Duration,
}

/// That of a patient transaction, a little longer than the server's own.
const PATIENCE: Duration = Duration::from_secs(605);

/// Stale connections are tried one after another; a pool holds a few.
const BEGIN_ATTEMPTS: u32 = 5;

impl std::fmt::Debug for Tx {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tx")
            .field("service", &self.store.service)
            .field("now_ms", &self.now_ms)
            .finish_non_exhaustive()
    }
}

impl Tx {
    pub(crate) async fn begin(store: &Store) -> Result<Self> {
        let asked = Instant::now();
        let mut attempt = 1;
        let Started {
            txn,
            session,
            now_ms,
            lease_now_ms,
        } = loop {
            match sql::bounded(start(store)).await {
                // After a restart of the server, pooled connections turn out
                // to be dead one by one. Nothing has happened yet, so another
                // one may be tried; a dead pool answers by its own timeout.
                Err(Error::Unavailable(_))
                    if attempt < BEGIN_ATTEMPTS
                        && asked.elapsed() < store.acquire_timeout
                        && !is_away(store) =>
                {
                    attempt += 1;
                }
                started => break started?,
            }
        };
        Ok(Self {
            txn,
            session,
            store: store.clone(),
            context: CallContext::current(),
            appended: Mutex::default(),
            now_ms,
            lease_now_ms,
            poisoned: AtomicBool::new(false),
            patience: sql::ANSWER_TIMEOUT,
        })
    }

    /// When this transaction began, in Unix milliseconds: by the database's
    /// clock on PostgreSQL, by the service's clock on SQLite.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        self.now_ms
    }

    /// The time that judges leases kept in rows: the database's clock on
    /// PostgreSQL, monotonic time on SQLite.
    #[must_use]
    pub fn lease_now_ms(&self) -> i64 {
        self.lease_now_ms
    }

    /// What is appended from here on comes from there: for several pieces of
    /// work in one transaction.
    pub fn come_from(&mut self, context: CallContext) {
        self.context = context;
    }

    /// For statements that rewrite whole tables, which take longer than a
    /// request may: up to ten minutes each.
    ///
    /// # Errors
    /// The database's.
    pub async fn patient(mut self) -> Result<Self> {
        if self.store.backend == DbBackend::Postgres {
            self.execute_unprepared("SET LOCAL statement_timeout = '10min'")
                .await?;
        }
        self.patience = PATIENCE;
        Ok(self)
    }

    /// Waits until every transaction has ended that writes to a table, or reads
    /// rows of it to hold them (`FOR KEY SHARE` and the like), whether or not it
    /// found any, and keeps others out until this one ends. First of all in a transaction: one
    /// that held something already might be waited for in turn. On SQLite
    /// writers come one after another anyway.
    ///
    /// # Errors
    /// The database's.
    pub async fn close_table(&self, table: &'static str) -> Result<()> {
        if self.store.backend == DbBackend::Postgres {
            let lock = format!("LOCK TABLE \"{table}\" IN EXCLUSIVE MODE");
            self.execute_unprepared(&lock).await?;
        }
        Ok(())
    }

    /// Writes the events that were emitted, commits, and wakes the relay if
    /// events or commands were appended.
    ///
    /// # Errors
    /// [`Error::Poisoned`] when a statement failed earlier; nothing is kept.
    /// [`Error::Unavailable`] when the database went away: whether the commit
    /// happened is unknown. [`Error::DiskFull`]: nothing is kept. Any other of
    /// the database's for an event that cannot be written: nothing is kept.
    pub async fn commit(self) -> Result<()> {
        if self.poisoned.load(Ordering::SeqCst) {
            // Dropping would roll back as well; the error is what matters.
            let _ = self.rollback().await;
            return Err(Error::Poisoned);
        }
        // Last of all, so that what the versions of aggregates are locked for
        // is the commit alone.
        if let Err(error) = self.write_events().await {
            let _ = self.rollback().await;
            return Err(error);
        }
        let Self {
            txn,
            session,
            store,
            appended,
            ..
        } = self;
        let appended = appended.into_inner().unwrap_or_default();
        // Should the caller give up while the commit is under way, the relay
        // looks for what may have been committed.
        let wake = appended.wake_on_drop(&store.hub);
        covergen_failpoint::pass("commit", "before");
        sql::bounded(store.pools.write.sent(session, txn.commit())).await?;
        covergen_failpoint::pass("commit", "after");
        wake.committed(appended);
        Ok(())
    }

    /// Rolls back at once instead of on drop.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the database went away, which rolls back too.
    pub async fn rollback(self) -> Result<()> {
        let Self {
            txn,
            session,
            store,
            ..
        } = self;
        sql::bounded(store.pools.write.sent(session, txn.rollback())).await
    }

    /// Makes sure that this transaction is never committed.
    pub(crate) fn poison(&self) {
        self.poisoned.store(true, Ordering::SeqCst);
    }

    async fn guarded<T>(
        &self,
        run: impl Future<Output = Result<T, DbErr>> + Send,
    ) -> Result<T, DbErr> {
        // Poisoned until the statement is known to have succeeded: a caller
        // that stops waiting half-way does not learn how it ended.
        let was_poisoned = self.poisoned.swap(true, Ordering::SeqCst);
        let run = self.store.pools.write.sent(self.session, run);
        let outcome = match tokio::time::timeout(self.patience, run).await {
            Ok(outcome) => outcome,
            Err(_) => Err(DbErr::Conn(RuntimeErr::Internal(
                "no answer in time".to_owned(),
            ))),
        };
        if outcome.is_ok() && !was_poisoned {
            self.poisoned.store(false, Ordering::SeqCst);
        }
        outcome
    }
}

fn is_away(store: &Store) -> bool {
    let presence = store.pools.write.presence();
    presence.is_some_and(|presence| presence.is_away())
}

/// A transaction that has begun.
struct Started {
    txn: DatabaseTransaction,
    session: Option<i32>,
    now_ms: i64,
    lease_now_ms: i64,
}

async fn start(store: &Store) -> Result<Started> {
    let options = TransactionOptions {
        // A deferred transaction that turns into a writer may find its
        // snapshot out of date; one that begins as a writer cannot.
        sqlite_transaction_mode: (store.backend == DbBackend::Sqlite)
            .then_some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let txn = store.pools.write.begin(options).await?;
    if store.backend == DbBackend::Sqlite {
        return Ok(Started {
            txn,
            session: None,
            now_ms: store.clock.now_ms(),
            lease_now_ms: store.lease_clock.now_ms(),
        });
    }
    // Held with others, unless a backup takes its moment.
    let select = format!(
        "SELECT {} AS now_ms, pg_backend_pid() AS session
         FROM (SELECT pg_advisory_xact_lock_shared({FREEZE_LOCK})) AS held",
        store.now_sql(1)
    );
    let select = Statement::from_sql_and_values(store.backend, select, [store.now_bind()]);
    let asked = store.pools.write.sent(None, txn.query_one_raw(select));
    let row = asked
        .await?
        .ok_or_else(|| Error::Unavailable("the server told no time".to_owned()))?;
    let now_ms = row.try_get("", "now_ms")?;
    let session = Some(row.try_get("", "session")?);
    Ok(Started {
        txn,
        session,
        now_ms,
        lease_now_ms: now_ms,
    })
}

#[async_trait]
impl ConnectionTrait for Tx {
    fn get_database_backend(&self) -> DbBackend {
        self.store.backend
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.guarded(self.txn.execute_raw(statement)).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.guarded(self.txn.execute_unprepared(sql)).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.guarded(self.txn.query_one_raw(statement)).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.guarded(self.txn.query_all_raw(statement)).await
    }
}
