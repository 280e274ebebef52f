//! Whether the database answers, found out by looking rather than by waiting.

use std::io::{self, ErrorKind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, Weak};
use std::time::{Duration, Instant};

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use sea_orm::sqlx::postgres::{PgConnectOptions, PgConnection};
use sea_orm::sqlx::{Connection, PgPool, query_scalar};
use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr, SqlxError};
use tokio::sync::{Notify, watch};
use tokio::time::{sleep, timeout};

use crate::Error;
use crate::pool::Pool;
use crate::pool::postgres::bounded_ping;

mod traffic;

pub(crate) use traffic::Traffic;
use traffic::UnderWay;

/// Pause between two looks, so that whatever goes on failing opens no more
/// than one connection a second.
const PAUSE: Duration = Duration::from_secs(1);
/// What takes longer has somebody look.
const LONG: Duration = Duration::from_millis(300);
/// Statements of a service that its server is at, for longer than any is on its
/// way.
const WORKED_AT: &str = "SELECT count(*) FROM pg_stat_activity
    WHERE application_name = $1 AND state = 'active'
      AND clock_timestamp() - query_start > interval '300 milliseconds'";
/// Longest wait for one: as long as a connection that is in use is given.
const LOOK_TIMEOUT: Duration = Duration::from_secs(3);
/// Idle connections of each pool that are asked in one look.
const MOST_ASKED: usize = 2;

/// What is known of a PostgreSQL server, shared by the pools to it.
///
/// Anything that fails as it would if the server were away raises a doubt, and
/// a doubt has somebody look: at the connections that are idle, and with one of
/// its own where those say nothing. Only that decides: one broken connection
/// tells nothing of the server, and neither does one that cannot be had as long
/// as others are answered. While it is away nobody waits for a connection, so
/// that whoever is called says so at once instead of letting a caller's
/// deadline pass; and it is looked for, so that nobody has to come and see
/// either.
#[derive(Debug)]
pub(crate) struct Presence {
    answers: watch::Sender<bool>,
    doubt: Arc<Notify>,
    pools: Arc<[PgPool]>,
    /// Answers had so far.
    heard: AtomicU64,
    readers: OnceLock<Readers>,
}

/// The connections that finders share: a few that hang are all there are, for
/// as long as the callers of what hangs on them have patience.
#[derive(Debug)]
struct Readers {
    connections: PgPool,
    traffic: Arc<Traffic>,
    application: String,
}

/// What a look found.
#[derive(Debug)]
enum Seen {
    There,
    /// Its end says so: nobody listens there, or nobody answers.
    Away(SqlxError),
    /// What failed is on the way there, or here: it tells nothing of the server.
    Unknown(SqlxError),
}

impl Presence {
    /// Watches the server of these pools for as long as this is held.
    pub(crate) fn watch(
        options: PgConnectOptions,
        service: &str,
        pools: Arc<[PgPool]>,
    ) -> Arc<Self> {
        let presence = Arc::new(Self {
            answers: watch::Sender::new(true),
            doubt: Arc::default(),
            pools,
            heard: AtomicU64::new(0),
            readers: OnceLock::new(),
        });
        let (seen, doubt) = (Arc::downgrade(&presence), Arc::clone(&presence.doubt));
        let options = options.application_name(&format!("covergen-{service}-look"));
        tokio::spawn(look_after(seen, doubt, options, service.to_owned()));
        presence
    }

    /// Looks after the connections of finders, too.
    pub(crate) fn with_readers(&self, pool: &Pool, service: &str) {
        // Once, where both are made.
        let _ = self.readers.set(Readers {
            connections: pool.connections.get_postgres_connection_pool().clone(),
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
            if timeout(LONG, gone).await.is_ok() {
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

    fn heard(&self) -> u64 {
        self.heard.load(Ordering::Relaxed)
    }

    /// Takes in what a look found that began when so many answers had been
    /// had; answers whether the server is there, as far as is known then.
    fn note(&self, found: &Seen, heard: u64, service: &str) -> bool {
        let answers = match found {
            Seen::There => true,
            // Who answered somebody else meanwhile is there.
            Seen::Away(_) => self.heard() != heard,
            Seen::Unknown(error) => {
                tracing::debug!(service, %error, "whether the database answers cannot be seen");
                !self.is_away()
            }
        };
        let changed = self
            .answers
            .send_if_modified(|known| std::mem::replace(known, answers) != answers);
        metrics::gauge!("covergen_store_answers", "service" => service.to_owned())
            .set(f64::from(u8::from(answers)));
        match found {
            Seen::Away(error) if changed && !answers => {
                tracing::warn!(service, %error, "the database does not answer");
            }
            _ if changed => tracing::info!(service, "the database answers again"),
            _ => {}
        }
        answers
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
            Ok(_) => {
                if let Some(presence) = self.0 {
                    presence.heard.fetch_add(1, Ordering::Relaxed);
                }
                false
            }
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
            let Some(held) = presence.upgrade() else {
                return;
            };
            let (pools, heard) = (Arc::clone(&held.pools), held.heard());
            drop(held);
            let found = look(&options, &pools).await;
            drop(pools);
            let Some(held) = presence.upgrade() else {
                return;
            };
            let answers = held.note(&found, heard, &service);
            if let (true, Some(readers)) = (answers, held.readers.get()) {
                readers.check(&options).await;
            }
            drop(held);
            if answers {
                break;
            }
            sleep(PAUSE).await;
        }
        sleep(PAUSE).await;
    }
}

/// Whether the server answers: on a connection there is, or on a new one.
async fn look(options: &PgConnectOptions, pools: &[PgPool]) -> Seen {
    let mut asked = std::pin::pin!(any_answers(pools));
    let soon = timeout(LONG, &mut asked).await;
    if matches!(soon, Ok(true)) {
        return Seen::There;
    }
    let later = async {
        match soon {
            Ok(answered) => answered,
            Err(_) => asked.await,
        }
    };
    match tokio::join!(later, knock(options)) {
        (true, _) => Seen::There,
        (false, opened) => judge(opened),
    }
}

impl Readers {
    /// Where nothing is answered any more, asks the server whether it works at
    /// as much as is waited for: whatever it does not work at waits in vain.
    async fn check(&self, options: &PgConnectOptions) {
        if !self.traffic.stands_still(Instant::now()) {
            return;
        }
        let in_use = self.connections.size() as usize;
        let in_use = in_use - self.connections.num_idle().min(in_use);
        let asked = async {
            let mut connection = PgConnection::connect_with(options).await?;
            let worked_at = query_scalar::<_, i64>(WORKED_AT).bind(&self.application);
            let worked_at = worked_at.fetch_one(&mut connection).await?;
            // It was answered, whatever comes of taking leave.
            let _ = connection.close().await;
            Ok::<_, SqlxError>(worked_at)
        };
        let Ok(Ok(worked_at)) = timeout(LOOK_TIMEOUT, asked).await else {
            return;
        };
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

/// Whether any of the idle connections is answered. Those in use tell by
/// themselves what becomes of them.
async fn any_answers(pools: &[PgPool]) -> bool {
    let idle = pools
        .iter()
        .flat_map(|pool| std::iter::from_fn(|| pool.try_acquire()).take(MOST_ASKED));
    let mut asked: FuturesUnordered<_> = idle
        .map(|mut connection| async move { bounded_ping(&mut connection).await.is_ok() })
        .collect();
    while let Some(answered) = asked.next().await {
        if answered {
            return true;
        }
    }
    false
}

/// Opens a connection, and closes it.
async fn knock(options: &PgConnectOptions) -> Result<(), SqlxError> {
    let opened = timeout(LOOK_TIMEOUT, PgConnection::connect_with(options)).await;
    let connection = opened.unwrap_or_else(|_| Err(io::Error::from(ErrorKind::TimedOut).into()))?;
    // It was answered, whatever comes of taking leave.
    let _ = timeout(LOOK_TIMEOUT, connection.close()).await;
    Ok(())
}

/// What it tells of the server that a connection could be had, or not. A server
/// that refuses one for reasons of its own, as when it has no more to give, is
/// there. A name that is not found, no file descriptor left in this process or a
/// certificate that does not hold tell nothing.
fn judge(opened: Result<(), SqlxError>) -> Seen {
    match opened {
        Ok(()) => Seen::There,
        Err(SqlxError::Database(said)) if is_going(said.code().as_deref()) => {
            Seen::Away(SqlxError::Database(said))
        }
        Err(SqlxError::Database(_)) => Seen::There,
        Err(SqlxError::Io(error)) if is_of_the_other_end(&error) => {
            Seen::Away(SqlxError::Io(error))
        }
        Err(error) => Seen::Unknown(error),
    }
}

/// Shutting down, or still starting (PostgreSQL manual, appendix A).
fn is_going(code: Option<&str>) -> bool {
    matches!(code, Some("57P01" | "57P02" | "57P03"))
}

/// Whether it is the other end that is missing.
fn is_of_the_other_end(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionRefused
            | ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::BrokenPipe
            | ErrorKind::UnexpectedEof
            | ErrorKind::HostUnreachable
            | ErrorKind::TimedOut
            // A server takes the file of its socket along.
            | ErrorKind::NotFound
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: ErrorKind) -> SqlxError {
        io::Error::from(kind).into()
    }

    #[test]
    fn only_what_comes_of_the_server_says_that_it_is_away() {
        for kind in [
            ErrorKind::ConnectionRefused,
            ErrorKind::ConnectionReset,
            ErrorKind::UnexpectedEof,
            ErrorKind::TimedOut,
        ] {
            let seen = judge(Err(of(kind)));
            assert!(matches!(seen, Seen::Away(_)), "{seen:?}");
        }
        const EMFILE: i32 = 24;
        for error in [
            io::Error::from_raw_os_error(EMFILE).into(),
            io::Error::other("failed to lookup address information").into(),
            SqlxError::Tls("certificate has expired".into()),
            SqlxError::Protocol("what is this".to_owned()),
        ] {
            let seen = judge(Err(error));
            assert!(matches!(seen, Seen::Unknown(_)), "{seen:?}");
        }
        assert!(matches!(judge(Ok(())), Seen::There));
    }

    fn nobody_looks() -> Presence {
        Presence {
            answers: watch::Sender::new(true),
            doubt: Arc::default(),
            pools: Arc::new([]),
            heard: AtomicU64::new(0),
            readers: OnceLock::new(),
        }
    }

    #[test]
    fn what_cannot_be_seen_changes_nothing() {
        let presence = nobody_looks();
        let unknown = Seen::Unknown(SqlxError::Tls("no".into()));
        assert!(presence.note(&unknown, 0, "cover"));
        assert!(!presence.note(&Seen::Away(of(ErrorKind::TimedOut)), 0, "cover"));
        assert!(!presence.note(&unknown, 0, "cover"));
        assert!(presence.is_away());
        assert!(presence.note(&Seen::There, 0, "cover"));
        assert!(!presence.is_away());
    }

    #[tokio::test]
    async fn an_answer_had_meanwhile_says_more_than_a_look_in_vain() {
        let presence = nobody_looks();
        let before = presence.heard();
        presence.during(async { Ok(()) }, None).await.unwrap();
        let in_vain = Seen::Away(of(ErrorKind::TimedOut));
        assert!(presence.note(&in_vain, before, "cover"));
        assert!(!presence.note(&in_vain, presence.heard(), "cover"));
    }
}
