use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use covergen_ids::Clock;
use sea_orm::DbBackend;
use sea_orm::sea_query::Expr;
use tokio::sync::watch;

use crate::config::Place;
use crate::gate::Gate;
use crate::pool::{self, Pools};
use crate::relay::Hub;
use crate::standby::Standby;
use crate::time::LeaseClock;
use crate::{CallContext, Error, Reader, Result, Sealer, StoreConfig, Tx, sql};

/// One service's database. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct Store {
    pub(crate) pools: Pools,
    pub(crate) backend: DbBackend,
    pub(crate) service: Arc<str>,
    pub(crate) file: Option<Arc<PathBuf>>,
    pub(crate) clock: Clock,
    pub(crate) lease_clock: LeaseClock,
    pub(crate) sealer: Option<Sealer>,
    pub(crate) hub: Arc<Hub>,
    pub(crate) acquire_timeout: Duration,
    standby: Option<Arc<Standby>>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store")
            .field("service", &self.service)
            .field("backend", &self.backend)
            .finish_non_exhaustive()
    }
}

impl Store {
    /// Opens the database of `service`, creating folder or database where
    /// absent. Tables are made by [`Store::migrate`].
    ///
    /// # Errors
    /// [`Error::Config`] for an address or name that makes no sense,
    /// [`Error::Unavailable`] when PostgreSQL does not answer.
    pub async fn open(config: &StoreConfig, service: &str, clock: Clock) -> Result<Self> {
        let place = config.place(service)?;
        let bounds = config.bounds(&place);
        let (pools, backend, file) = match place {
            Place::Sqlite(path) => {
                let pools = pool::sqlite::open(&path, config, bounds).await?;
                (pools, DbBackend::Sqlite, Some(Arc::new(path)))
            }
            Place::Postgres(url) => {
                let pools = pool::postgres::open(&url, service, config, bounds).await?;
                (pools, DbBackend::Postgres, None)
            }
        };
        let standby = config
            .replica(service, backend)?
            .map(|url| Standby::follow(&url, service, config, pools.read.primary()))
            .transpose()?;
        Ok(Self {
            pools,
            backend,
            service: service.into(),
            file,
            lease_clock: LeaseClock::anchored(&clock),
            clock,
            sealer: None,
            hub: Arc::default(),
            acquire_timeout: bounds.acquire,
            standby,
        })
    }

    /// The key that seals replies of claims marked so, and opens them again.
    #[must_use]
    pub fn with_sealer(mut self, sealer: Sealer) -> Self {
        self.sealer = Some(sealer);
        self
    }

    /// Has callers queue before the connections, in a room for those who write
    /// and one for those who read: many who wait for one row of a table do not
    /// keep others from looking at it.
    #[must_use]
    pub fn behind(mut self, writes: Arc<dyn Gate>, reads: Arc<dyn Gate>) -> Self {
        self.pools.write = self.pools.write.behind(writes, self.acquire_timeout);
        self.pools.read = self.pools.read.gated(reads, self.acquire_timeout);
        self
    }

    /// Lets a clock drive leases on SQLite in place of monotonic time, for
    /// tests. On PostgreSQL the database's clock judges them regardless.
    #[must_use]
    pub fn with_lease_clock(mut self, clock: Clock) -> Self {
        self.lease_clock = LeaseClock::Driven(clock);
        self
    }

    /// The connection for finders. Read-only: writes need [`Store::begin`].
    #[must_use]
    pub fn read(&self) -> &Reader {
        &self.pools.read
    }

    /// A connection for a finder whose answer may lag: the standby's, where one
    /// is configured, answers, and lags by less than
    /// [`StoreConfig::replica_max_lag_ms`]; otherwise the primary's. Take one
    /// for each call, and make all its queries on that one.
    ///
    /// Nothing here knows who wrote a moment ago: a caller that must see its
    /// own change uses [`Store::read`] (ADR 31).
    #[must_use]
    pub fn stale_reads(&self) -> Reader {
        let Some(standby) = &self.standby else {
            return self.pools.read.clone();
        };
        match standby.judge() {
            Ok(()) => self.pools.read.behind(Arc::clone(standby)),
            Err(why) => {
                standby.count("primary", why);
                self.pools.read.clone()
            }
        }
    }

    /// As [`Store::read`], for what would come from the standby but for a
    /// reason of the caller's, which is counted.
    #[must_use]
    pub fn fresh_reads(&self, why: &'static str) -> Reader {
        if let Some(standby) = &self.standby {
            standby.count("primary", why);
        }
        self.pools.read.clone()
    }

    /// Whether a standby is configured at all.
    #[must_use]
    pub fn has_standby(&self) -> bool {
        self.standby.is_some()
    }

    /// Begins a transaction; on SQLite it holds the write lock from the start.
    /// Make no remote call while one is open.
    ///
    /// # Errors
    /// [`Error::Overloaded`] when the writer did not come free in time (SQLite),
    /// [`Error::Unavailable`] when the database cannot be reached.
    pub async fn begin(&self) -> Result<Tx> {
        Tx::begin(self).await
    }

    /// The time source given at opening.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Now, as SQL: by the clock that [`Tx::now_ms`] tells, for a look outside
    /// of a transaction at what was written in one. The service's own clock may
    /// be another than the database's.
    #[must_use]
    pub fn now_expr(&self) -> Expr {
        match self.backend {
            DbBackend::Postgres => {
                Expr::cust("(extract(epoch from clock_timestamp()) * 1000)::bigint")
            }
            _ => Expr::value(self.clock.now_ms()),
        }
    }

    /// Which engine this is.
    #[must_use]
    pub fn backend(&self) -> DbBackend {
        self.backend
    }

    /// The service this database belongs to.
    #[must_use]
    pub fn service(&self) -> &str {
        &self.service
    }

    /// Answers when the database can be used now; for readiness.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when it cannot.
    pub async fn ping(&self) -> Result<()> {
        // Not in the queue of those who call.
        CallContext::default().scope(self.answer()).await
    }

    async fn answer(&self) -> Result<()> {
        self.record_pools();
        let mut pools = vec![self.pools.read.primary()];
        // SQLite's one writer may be busy for good reasons.
        if self.backend == DbBackend::Postgres {
            pools.push(&self.pools.write);
        }
        for pool in pools {
            let asked = sql::one(pool, "SELECT 1", vec![]);
            match tokio::time::timeout(self.acquire_timeout * 2, asked).await {
                // Busy is not broken: taking this process out would only make
                // the others busier.
                Ok(Ok(_) | Err(Error::Overloaded)) => {}
                Ok(Err(error)) => return Err(error),
                Err(_) => return Err(Error::Unavailable("no answer in time".to_owned())),
            }
        }
        Ok(())
    }

    /// Whether the database answers, as far as is known: a receiver that tells
    /// changes, false while no connection to it can be had. On SQLite, which is
    /// in this process, it never is.
    #[must_use]
    pub fn answers(&self) -> watch::Receiver<bool> {
        match self.pools.write.presence() {
            Some(presence) => presence.changes(),
            None => watch::Sender::new(true).subscribe(),
        }
    }

    /// Closes all connections, after those in use have come back.
    pub async fn close(&self) {
        for pool in [self.pools.read.primary(), &self.pools.write] {
            pool.close().await;
        }
        if let Some(standby) = &self.standby {
            standby.pool.close().await;
        }
    }

    /// The file, on SQLite.
    pub(crate) fn file(&self) -> Option<&Path> {
        self.file.as_ref().map(|path| path.as_path())
    }

    /// `now()` of the service as an SQL expression over placeholder `$n`.
    pub(crate) fn now_sql(&self, n: usize) -> String {
        sql::now(self.backend, n)
    }

    pub(crate) fn now_bind(&self) -> sea_orm::Value {
        sql::now_value(self.backend, self.clock.now_ms())
    }

    /// The value for [`Store::now_sql`] where a lease is judged.
    pub(crate) fn lease_now_bind(&self) -> sea_orm::Value {
        sql::now_value(self.backend, self.lease_clock.now_ms())
    }

    /// Gauges of the pools: open connections and idle ones among them.
    pub(crate) fn record_pools(&self) {
        let pools = [
            (self.pools.read.primary(), "read"),
            (&self.pools.write, "write"),
        ];
        for (pool, name) in pools {
            let (open, idle) = pool.counts();
            for (state, count) in [("open", f64::from(open)), ("idle", idle as f64)] {
                metrics::gauge!("covergen_store_connections",
                    "service" => self.service.to_string(), "pool" => name, "state" => state)
                .set(count);
            }
        }
    }
}
