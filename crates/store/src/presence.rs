//! Whether the database answers, found out by looking rather than by waiting.

use std::sync::{Arc, OnceLock, Weak};
use std::time::{Duration, Instant};

use sea_orm::sqlx::postgres::{PgConnectOptions, PgConnection};
use sea_orm::sqlx::{Connection, query_scalar};
use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr, SqlxError};
use tokio::sync::{Notify, watch};

use crate::Error;
use crate::pool::Pool;

mod traffic;

pub(crate) use traffic::Traffic;
use traffic::UnderWay;

/// Pause between two looks at a server that is away.
const AWAY_PAUSE: Duration = Duration::from_millis(200);
/// Pause after a look that found it there, whatever goes on failing.
const THERE_PAUSE: Duration = Duration::from_millis(500);
/// What takes longer has somebody look.
const LONG: Duration = Duration::from_millis(300);
/// Statements of a service that its server is at, for longer than any is on its
/// way.
const WORKED_AT: &str = "SELECT count(*) FROM pg_stat_activity
    WHERE application_name = $1 AND state = 'active'
      AND clock_timestamp() - query_start > interval '300 milliseconds'";
/// Longest wait for one: as long as a connection that is in use is given.
const LOOK_TIMEOUT: Duration = Duration::from_secs(3);

/// What is known of a PostgreSQL server, shared by the pools to it.
///
/// Anything that fails as it would if the server were away raises a doubt, and
/// a doubt has a connection of its own made to see. Only that decides: one
/// broken connection tells nothing of the server. While it is away nobody waits
/// for a connection, so that whoever is called says so at once instead of
/// letting a caller's deadline pass; and it is looked for, so that nobody has to
/// come and see either.
#[derive(Debug)]
pub(crate) struct Presence {
    answers: watch::Sender<bool>,
    doubt: Arc<Notify>,
    readers: OnceLock<Readers>,
}

/// The connections that finders share: a few that hang are all there are, for
/// as long as the callers of what hangs on them have patience.
#[derive(Debug)]
struct Readers {
    connections: sea_orm::DatabaseConnection,
    traffic: Arc<Traffic>,
    application: String,
}

impl Presence {
    /// Watches the server for as long as this is held.
    pub(crate) fn watch(options: PgConnectOptions, service: &str) -> Arc<Self> {
        let presence = Arc::new(Self::default());
        let (seen, doubt) = (Arc::downgrade(&presence), Arc::clone(&presence.doubt));
        let options = options.application_name(&format!("covergen-{service}-look"));
        tokio::spawn(look_after(seen, doubt, options, service.to_owned()));
        presence
    }

    /// Looks after the connections of finders, too.
    pub(crate) fn with_readers(&self, pool: &Pool, service: &str) {
        // Once, where both are made.
        let _ = self.readers.set(Readers {
            connections: pool.connections.clone(),
            traffic: Arc::clone(pool.traffic()),
            application: application(service),
        });
    }

    pub(crate) fn is_away(&self) -> bool {
        !*self.answers.borrow()
    }

    /// Completes once it is away. That something takes long raises a doubt, too:
    /// the driver tries to connect until the wait for a connection is over, and
    /// tells nobody meanwhile.
    pub(crate) async fn gone(&self) {
        self.gone_for(None).await;
    }

    /// The same, for a statement; also once nobody will answer that one.
    async fn gone_for(&self, statement: Option<&UnderWay<'_>>) {
        let mut answers = self.answers.subscribe();
        loop {
            let gone = answers.wait_for(|answers| !answers);
            // The sender is this, which whoever waits holds.
            if tokio::time::timeout(LONG, gone).await.is_ok() {
                return;
            }
            if statement.is_some_and(UnderWay::is_in_vain) {
                return;
            }
            self.doubt.notify_one();
        }
    }

    /// Tells changes, beginning with what is known now.
    pub(crate) fn changes(&self) -> watch::Receiver<bool> {
        self.answers.subscribe()
    }

    /// Runs something against the server: at most until it is known to be away.
    pub(crate) async fn during<T>(
        &self,
        work: impl Future<Output = Result<T, DbErr>>,
        traffic: Option<&Traffic>,
    ) -> Result<T, DbErr> {
        if self.is_away() {
            return Err(away());
        }
        let doubt = Doubt(Some(self));
        let statement = traffic.map(|traffic| traffic.begin(Instant::now()));
        let outcome = tokio::select! {
            biased;
            outcome = work => outcome,
            () = self.gone_for(statement.as_ref()) => Err(away()),
        };
        doubt.settle(&outcome);
        if let (Some(statement), Ok(_)) = (statement, &outcome) {
            statement.answered(Instant::now());
        }
        outcome
    }

    /// As [`Presence::during`], for what must be waited for to its end.
    pub(crate) async fn throughout<T>(
        &self,
        work: impl Future<Output = Result<T, DbErr>>,
    ) -> Result<T, DbErr> {
        if self.is_away() {
            return Err(away());
        }
        let doubt = Doubt(Some(self));
        let outcome = work.await;
        doubt.settle(&outcome);
        outcome
    }
}

impl Default for Presence {
    fn default() -> Self {
        Self {
            answers: watch::Sender::new(true),
            doubt: Arc::default(),
            readers: OnceLock::new(),
        }
    }
}

// Whoever looks after it ends.
impl Drop for Presence {
    fn drop(&mut self) {
        self.doubt.notify_one();
    }
}

/// What the sessions of a service are called at the server.
pub(crate) fn application(service: &str) -> String {
    format!("covergen-{service}")
}

/// What a caller gets of a server that is away.
pub(crate) fn away() -> DbErr {
    DbErr::Conn(RuntimeErr::Internal(
        "no connection can be opened".to_owned(),
    ))
}

/// Raised unless something ends well: whoever gives up waiting for an answer
/// has not had one either.
struct Doubt<'a>(Option<&'a Presence>);

impl Doubt<'_> {
    fn settle<T>(mut self, outcome: &Result<T, DbErr>) {
        let suspicious = match outcome {
            Ok(_) => false,
            Err(DbErr::ConnectionAcquire(ConnAcquireErr::Timeout)) => true,
            Err(error) => matches!(Error::from(error.clone()), Error::Unavailable(_)),
        };
        if !suspicious {
            self.0 = None;
        }
    }
}

impl Drop for Doubt<'_> {
    fn drop(&mut self) {
        if let Some(presence) = self.0 {
            presence.doubt.notify_one();
        }
    }
}

/// Looks whenever there is doubt, and again and again while it is away; until
/// nobody holds it any more.
async fn look_after(
    presence: Weak<Presence>,
    doubt: Arc<Notify>,
    options: PgConnectOptions,
    service: String,
) {
    loop {
        doubt.notified().await;
        loop {
            let mut found = look(&options).await;
            let Some(presence) = presence.upgrade() else {
                return;
            };
            let answers = found.is_ok();
            if let (Ok(Some(connection)), Some(readers)) = (&mut found, presence.readers.get()) {
                readers.check(connection).await;
            }
            let changed = presence
                .answers
                .send_if_modified(|known| std::mem::replace(known, answers) != answers);
            drop(presence);
            metrics::gauge!("covergen_store_answers", "service" => service.clone())
                .set(f64::from(u8::from(answers)));
            match found {
                Ok(_) if changed => tracing::info!(service, "the database answers again"),
                Err(error) if changed => {
                    tracing::warn!(service, %error, "the database does not answer");
                }
                _ => {}
            }
            if answers {
                break;
            }
            tokio::time::sleep(AWAY_PAUSE).await;
        }
        tokio::time::sleep(THERE_PAUSE).await;
    }
}

/// Whether a connection can be had. A server that refuses one for reasons of
/// its own, as when it has no more to give, is there.
async fn look(options: &PgConnectOptions) -> Result<Option<PgConnection>, Error> {
    let asked = PgConnection::connect_with(options);
    let answer = tokio::time::timeout(LOOK_TIMEOUT, asked).await;
    let answer =
        answer.unwrap_or_else(|_| Err(std::io::Error::from(std::io::ErrorKind::TimedOut).into()));
    match answer {
        Err(SqlxError::Database(said)) if !is_going(&*said) => Ok(None),
        answer => Ok(Some(answer?)),
    }
}

impl Readers {
    /// Where nothing is answered any more, asks the server whether it works at
    /// as much as is waited for: whatever it does not work at waits in vain.
    async fn check(&self, connection: &mut PgConnection) {
        if !self.traffic.stands_still(Instant::now()) {
            return;
        }
        let pool = self.connections.get_postgres_connection_pool();
        let in_use = pool.size() as usize - pool.num_idle().min(pool.size() as usize);
        let asked = query_scalar::<_, i64>(WORKED_AT)
            .bind(&self.application)
            .fetch_one(connection);
        let answer = tokio::time::timeout(LOOK_TIMEOUT, asked).await;
        let Ok(Ok(worked_at)) = answer else { return };
        // Still so: what was answered meanwhile need not be worked at.
        let now = Instant::now();
        if usize::try_from(worked_at).is_ok_and(|at| at < in_use) && self.traffic.stands_still(now)
        {
            tracing::warn!(
                in_use,
                worked_at,
                "connections to the database carry nothing"
            );
            self.traffic.cut(now);
        }
    }
}

/// Shutting down, or still starting (PostgreSQL manual, appendix A).
fn is_going(said: &dyn sea_orm::sqlx::error::DatabaseError) -> bool {
    let code = said.code();
    matches!(code.as_deref(), Some("57P01" | "57P02" | "57P03"))
}
