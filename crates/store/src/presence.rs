//! Whether the database answers, found out by looking rather than by waiting.

use std::future::pending;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use sea_orm::sqlx::postgres::{PgConnectOptions, PgConnection};
use sea_orm::sqlx::{Connection, PgPool};
use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr, SqlxError};
use tokio::sync::{Notify, watch};
use tokio::time::{sleep, timeout};

use crate::Error;

mod look;
mod traffic;

use look::{LOOK_TIMEOUT, Seen, end, look, working};
use traffic::Found;
pub(crate) use traffic::{LONG, Traffic, UnderWay, acquired};

/// Pause between two looks, so that whatever goes on failing opens no more
/// than one connection a second.
const PAUSE: Duration = Duration::from_secs(1);

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
    /// What is under way over their connections.
    traffic: [Arc<Traffic>; 2],
    /// Answers had so far.
    heard: AtomicU64,
}

impl Presence {
    /// Watches the server of these pools for as long as this is held.
    pub(crate) fn watch(
        options: PgConnectOptions,
        service: &str,
        pools: Arc<[PgPool]>,
        traffic: [Arc<Traffic>; 2],
    ) -> Arc<Self> {
        let presence = Arc::new(Self {
            answers: watch::Sender::new(true),
            doubt: Arc::default(),
            pools,
            traffic,
            heard: AtomicU64::new(0),
        });
        let (seen, doubt) = (Arc::downgrade(&presence), Arc::clone(&presence.doubt));
        let options = options.application_name(&format!("covergen-{service}-look"));
        let from = Arc::new((options, service.to_owned()));
        let look = move |presence: Arc<Self>| {
            let from = Arc::clone(&from);
            async move { presence.look(&from.0, &from.1).await }
        };
        tokio::spawn(look_after(seen, doubt, look));
        presence
    }

    pub(crate) fn is_away(&self) -> bool {
        !*self.answers.borrow()
    }

    /// Has somebody look.
    pub(crate) fn raise_doubt(&self) {
        self.doubt.notify_one();
    }

    /// Completes once it is away, or nobody will answer a statement. That
    /// something takes long raises a doubt, too: the driver tries to connect
    /// until the wait for a connection is over, and tells nobody meanwhile.
    async fn gone_for(&self, statement: Option<&UnderWay>) {
        let mut answers = self.answers.subscribe();
        loop {
            let looked = async {
                match statement {
                    Some(statement) => statement.looked().await,
                    None => pending().await,
                }
            };
            let gone = async {
                tokio::select! {
                    // The sender is this, which whoever waits holds.
                    _ = answers.wait_for(|answers| !answers) => true,
                    () = looked => false,
                }
            };
            let gone = timeout(LONG, gone).await;
            if gone == Ok(true) || statement.is_some_and(UnderWay::is_in_vain) {
                return;
            }
            if gone.is_err() {
                self.doubt.notify_one();
            }
        }
    }

    /// Tells changes, beginning with what is known now.
    pub(crate) fn changes(&self) -> watch::Receiver<bool> {
        self.answers.subscribe()
    }

    /// Runs something against the server: at most until it is known to be
    /// away, or that nobody there works at it.
    pub(crate) async fn during<T>(
        &self,
        work: impl Future<Output = Result<T, DbErr>>,
        statement: Option<&UnderWay>,
    ) -> Result<T, DbErr> {
        if self.is_away() {
            return Err(away());
        }
        let doubt = Doubt(Some(self));
        let outcome = tokio::select! {
            biased;
            outcome = work => outcome,
            () = self.gone_for(statement) => {
                if let Some(statement) = statement {
                    statement.give_up();
                }
                Err(away())
            }
        };
        doubt.settle(&outcome);
        outcome
    }

    /// Looks once, and whether anybody works at what has no answer; whether the
    /// server is there, as far as is known then.
    async fn look(&self, options: &PgConnectOptions, service: &str) -> bool {
        let heard = self.heard();
        let found = look(options, &self.pools).await;
        let answers = self.note(&found, heard, service);
        if answers {
            // What cannot be asked now is asked with the next look.
            let asked = timeout(LOOK_TIMEOUT, self.look_at_what_waits(options, service));
            if let Ok(Err(error)) = asked.await {
                tracing::debug!(service, %error, "what the database works at cannot be seen");
            }
        }
        answers
    }

    /// Where statements have had no answer for a while, asks the server what it
    /// works at, until that is clear.
    async fn look_at_what_waits(
        &self,
        options: &PgConnectOptions,
        service: &str,
    ) -> Result<(), SqlxError> {
        let traffic = || self.traffic.iter();
        if !traffic().any(|one| one.is_suspect(Instant::now())) {
            return Ok(());
        }
        let mut connection = PgConnection::connect_with(options).await?;
        loop {
            let abandoned: Vec<i32> = traffic().flat_map(|one| one.abandoned()).collect();
            if !abandoned.is_empty() {
                end(&mut connection, abandoned, application(service)).await?;
            }
            let asked = Instant::now();
            let sessions: Vec<i32> = traffic().flat_map(|one| one.suspected(asked)).collect();
            let working = working(&mut connection, &sessions).await?;
            let now = Instant::now();
            let found: Vec<Found> = traffic()
                .map(|one| one.judge(&working, asked, now))
                .collect();
            let in_vain: usize = found.iter().map(|found| found.in_vain).sum();
            if in_vain > 0 {
                tracing::warn!(
                    service,
                    in_vain,
                    "connections to the database carry nothing"
                );
            }
            if found.iter().all(|found| *found == Found::default()) {
                break;
            }
            // Those are given up meanwhile, and those doubted may yet be heard.
            sleep(LONG).await;
        }
        // It was answered, whatever comes of taking leave.
        let _ = connection.close().await;
        Ok(())
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
async fn look_after<F: Future<Output = bool>>(
    presence: Weak<Presence>,
    doubt: Arc<Notify>,
    look: impl Fn(Arc<Presence>) -> F,
) {
    loop {
        doubt.notified().await;
        loop {
            let Some(held) = presence.upgrade() else {
                return;
            };
            if look(held).await {
                break;
            }
            sleep(PAUSE).await;
        }
        sleep(PAUSE).await;
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, ErrorKind};
    use std::sync::Mutex;

    use super::*;

    fn of(kind: ErrorKind) -> SqlxError {
        io::Error::from(kind).into()
    }

    fn nobody_looks() -> Presence {
        Presence {
            answers: watch::Sender::new(true),
            doubt: Arc::default(),
            pools: Arc::new([]),
            traffic: [Traffic::new(2, PAUSE), Traffic::new(2, PAUSE)],
            heard: AtomicU64::new(0),
        }
    }

    /// Whoever doubts all the time, and whatever is seen.
    #[tokio::test(start_paused = true)]
    async fn looks_are_a_second_apart() {
        for answers in [true, false] {
            let presence = Arc::new(nobody_looks());
            let (doubt, looks) = (Arc::clone(&presence.doubt), Arc::new(Mutex::default()));
            let noted: Arc<Mutex<Vec<tokio::time::Instant>>> = Arc::clone(&looks);
            let look = move |presence: Arc<Presence>| {
                noted.lock().unwrap().push(tokio::time::Instant::now());
                // Somebody has doubts while it looks, too.
                presence.raise_doubt();
                async move { answers }
            };
            let seen = Arc::downgrade(&presence);
            let looking = tokio::spawn(look_after(seen, doubt, look));
            sleep(PAUSE * 5).await;
            assert!(looks.lock().unwrap().is_empty(), "nobody doubted yet");
            for _ in 0..95 {
                presence.raise_doubt();
                sleep(PAUSE / 10).await;
            }
            let looks = looks.lock().unwrap().clone();
            let apart = |pair: &[tokio::time::Instant]| pair[1] - pair[0];
            assert_eq!(looks.len(), 10, "{looks:?}");
            assert!(
                looks.windows(2).all(|pair| apart(pair) == PAUSE),
                "{looks:?}"
            );
            drop(presence);
            looking.await.unwrap();
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
