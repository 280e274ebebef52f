//! Connection pools of the two engines.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use sea_orm::{
    ConnAcquireErr, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    ExecResult, QueryResult, RuntimeErr, Statement, TransactionOptions, TransactionTrait,
};
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio::time::{sleep, timeout};

use crate::gate::{Gate, Permit};
use crate::presence::{Presence, Traffic, UnderWay};
use crate::{CallContext, Reader};

pub(crate) mod postgres;
pub(crate) mod sqlite;

/// Longest look whether a server is there at all.
const KNOCK_TIMEOUT: Duration = Duration::from_millis(250);

/// How long a look may take while somebody waits for what it comes to: there
/// may be two, and then it has to be told.
fn look() -> Duration {
    CallContext::left().map_or(KNOCK_TIMEOUT, |left| KNOCK_TIMEOUT.min(left / 3))
}

/// What is left of a deadline to answer that there is no connection.
const TIME_TO_TELL: Duration = Duration::from_millis(200);

/// What a store writes and reads through.
#[derive(Clone)]
pub(crate) struct Pools {
    pub(crate) write: Pool,
    pub(crate) read: Reader,
}

/// Where callers queue for a connection.
#[derive(Debug)]
struct Queue {
    gate: Arc<dyn Gate>,
    /// Longest wait in it.
    patience: Duration,
}

/// A bounded number of connections.
///
/// The driver has one error for two causes: all connections are in use, and no
/// connection can be opened. Callers are told apart: come again later
/// ([`crate::Error::Overloaded`]), or the database is away
/// ([`crate::Error::Unavailable`]).
#[derive(Clone, Debug)]
pub(crate) struct Pool {
    pub(crate) connections: DatabaseConnection,
    /// Host and port of the server; none where there is no server.
    server: Option<Arc<(String, u16)>>,
    max: u32,
    /// Whether that server answers, where somebody looks.
    presence: Option<Arc<Presence>>,
    traffic: Arc<Traffic>,
    /// Where callers queue for it; none where they do so without bound.
    queue: Option<Arc<Queue>>,
    /// When somebody last looked whether the server is there, and whether it was.
    knocked: Arc<Mutex<Option<(Instant, bool)>>>,
}

impl Pool {
    /// Connections of which any one finished is the next caller's, and what is
    /// under way over them.
    pub(crate) fn new(
        connections: DatabaseConnection,
        max: u32,
        server: Option<(String, u16)>,
        traffic: Arc<Traffic>,
    ) -> Self {
        Self {
            connections,
            server: server.map(Arc::new),
            max,
            presence: None,
            traffic,
            queue: None,
            knocked: Arc::default(),
        }
    }

    /// The same connections, to a server that is watched.
    pub(crate) fn watched(mut self, presence: &Arc<Presence>) -> Self {
        self.presence = Some(Arc::clone(presence));
        self
    }

    /// The same connections, with a bounded queue of callers before them, in
    /// which nobody waits for longer than `patience`.
    pub(crate) fn behind(mut self, gate: Arc<dyn Gate>, patience: Duration) -> Self {
        self.queue = Some(Arc::new(Queue { gate, patience }));
        self
    }

    /// Whether the server answers, where somebody looks.
    pub(crate) fn presence(&self) -> Option<&Arc<Presence>> {
        self.presence.as_ref()
    }

    /// Begins a transaction. Whoever stops waiting half-way leaves a connection
    /// that is found to be within one, and closed.
    pub(crate) async fn begin(
        &self,
        options: TransactionOptions,
    ) -> Result<DatabaseTransaction, DbErr> {
        let beginning = self.connections.begin_with_options(options);
        self.asked(beginning).await
    }

    /// Asks, as long as there is somebody to ask and time to be told.
    async fn asked<T>(&self, answer: impl Future<Output = Result<T, DbErr>>) -> Result<T, DbErr> {
        let room = self.room().await?;
        let asking = self.traffic.asking(room);
        let answer = self.in_time(asking.clone().during(answer), &asking);
        let outcome = match &self.presence {
            Some(presence) => presence.during(answer, Some(&asking)).await,
            None => answer.await,
        };
        self.told(outcome).await
    }

    /// Leave to ask, where a caller waits for the answer. What is done without
    /// one has its own bounds, and is not to be refused because many call.
    async fn room(&self) -> Result<Option<Permit>, DbErr> {
        let (Some(queue), Some(left)) = (&self.queue, CallContext::left()) else {
            return Ok(None);
        };
        // Apart, since every query's future would carry its size.
        Box::pin(self.queued(queue, left)).await.map(Some)
    }

    async fn queued(&self, queue: &Queue, left: Duration) -> Result<Permit, DbErr> {
        let patience = left.saturating_sub(TIME_TO_TELL.min(left / 4));
        match timeout(queue.patience.min(patience), queue.gate.enter()).await {
            Ok(Some(permit)) => Ok(permit),
            Ok(None) | Err(_) => Err(self.full().await),
        }
    }

    /// What is told to whom there is no room for. How many connections are open
    /// says nothing here, and there may be many to tell: nobody has a look made
    /// for their sake.
    async fn full(&self) -> DbErr {
        let is_away = self.presence().is_some_and(|one| one.is_away());
        let answers = match &self.server {
            _ if is_away || self.traffic.hangs(Instant::now()) => false,
            Some(server) => timeout(look(), self.knock(server)).await.unwrap_or(false),
            None => true,
        };
        if answers {
            DbErr::ConnectionAcquire(ConnAcquireErr::Timeout)
        } else {
            no_connection()
        }
    }

    /// Waits for the answer to what was sent on a connection of these, to a
    /// session of the server if that is known.
    pub(crate) async fn sent<T>(
        &self,
        session: Option<i32>,
        answer: impl Future<Output = Result<T, DbErr>>,
    ) -> Result<T, DbErr> {
        let Some(presence) = &self.presence else {
            return answer.await;
        };
        let statement = self.traffic.sent(session, Instant::now());
        presence.during(answer, Some(&statement)).await
    }

    /// Ends the wait for a connection while the caller of the call at hand still
    /// waits for its answer.
    async fn in_time<T>(
        &self,
        answer: impl Future<Output = Result<T, DbErr>>,
        asking: &UnderWay,
    ) -> Result<T, DbErr> {
        let Some(left) = CallContext::left() else {
            return answer.await;
        };
        let mut answer = std::pin::pin!(answer);
        tokio::select! {
            biased;
            outcome = &mut answer => return outcome,
            () = sleep(left.saturating_sub(TIME_TO_TELL.min(left / 4))) => {}
        }
        let (open, _) = self.counts();
        // A connection that is being opened or has been had may do yet.
        if open >= self.max && asking.is_waiting() {
            return Err(DbErr::ConnectionAcquire(ConnAcquireErr::Timeout));
        }
        answer.await
    }

    pub(crate) fn traffic(&self) -> &Arc<Traffic> {
        &self.traffic
    }

    pub(crate) async fn close(&self) {
        // Closing a pool reports no errors on either engine.
        let _ = self.connections.close_by_ref().await;
    }

    pub(crate) fn is_closed(&self) -> bool {
        match self.connections.get_database_backend() {
            DbBackend::Postgres => self.connections.get_postgres_connection_pool().is_closed(),
            _ => self.connections.get_sqlite_connection_pool().is_closed(),
        }
    }

    /// Open connections, and idle ones among them.
    pub(crate) fn counts(&self) -> (u32, usize) {
        match self.connections.get_database_backend() {
            DbBackend::Postgres => {
                let pool = self.connections.get_postgres_connection_pool();
                (pool.size(), pool.num_idle())
            }
            _ => {
                let pool = self.connections.get_sqlite_connection_pool();
                (pool.size(), pool.num_idle())
            }
        }
    }

    async fn told<T>(&self, outcome: Result<T, DbErr>) -> Result<T, DbErr> {
        match outcome {
            Err(DbErr::ConnectionAcquire(ConnAcquireErr::Timeout)) if !self.is_busy().await => {
                Err(no_connection())
            }
            outcome => outcome,
        }
    }

    /// Whether it is for other callers that there was no connection.
    async fn is_busy(&self) -> bool {
        let Some(server) = &self.server else {
            return true;
        };
        let (open, _) = self.counts();
        if open < self.max || self.hangs().await {
            return false;
        }
        // All of them may be on the way to a server that is gone.
        timeout(look(), self.knock(server)).await.unwrap_or(false)
    }

    /// Whether the server takes connections, or did a moment ago: it has work to
    /// do for each, and many may ask at once, most of all when it is busy.
    async fn knock(&self, server: &(String, u16)) -> bool {
        let mut last = self.knocked.lock().await;
        if let Some((at, answered)) = *last
            && at.elapsed() < KNOCK_TIMEOUT
        {
            return answered;
        }
        let knock = TcpStream::connect((server.0.as_str(), server.1));
        let answered = matches!(timeout(KNOCK_TIMEOUT, knock).await, Ok(Ok(_)));
        *last = Some((Instant::now(), answered));
        answered
    }

    /// Whether those that have a connection wait in vain.
    async fn hangs(&self) -> bool {
        if let Some(presence) = &self.presence {
            let looked = self.traffic.looked();
            if self.traffic.is_unclear(Instant::now()) {
                presence.raise_doubt();
                let _ = timeout(look(), looked).await;
            }
        }
        self.traffic.hangs(Instant::now())
    }
}

fn no_connection() -> DbErr {
    DbErr::Conn(RuntimeErr::Internal(
        "no connection can be opened".to_owned(),
    ))
}

#[async_trait]
impl ConnectionTrait for Pool {
    fn get_database_backend(&self) -> DbBackend {
        self.connections.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.asked(self.connections.execute_raw(statement)).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.asked(self.connections.execute_unprepared(sql)).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        // To the end of it: the row that a write answers with comes before its
        // commit, and whether that failed is said last.
        let rows = self.connections.query_all_raw(statement);
        Ok(self.asked(rows).await?.into_iter().next())
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.asked(self.connections.query_all_raw(statement)).await
    }
}
