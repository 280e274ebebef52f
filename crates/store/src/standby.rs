//! A read replica, and whether it may be read from now.
//!
//! How far a standby is behind is found out by positions in the log, not by
//! clocks: the primary is asked for its position at a moment noted here, and
//! once the standby has replayed up to that position it holds everything that
//! was committed at that moment. A primary that writes nothing therefore makes
//! no lag, and clocks of machines need not agree.

use std::collections::VecDeque;
use std::str::FromStr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use sea_orm::sqlx::postgres::PgConnectOptions;

use crate::pool::{Pool, postgres};
use crate::{Error, Result, StoreConfig, sql};

/// Longest wait for an answer of the standby; the primary has time left then.
pub(crate) const ANSWER_TIMEOUT: Duration = Duration::from_secs(1);

/// Longest wait for a connection to it.
const ACQUIRE_TIMEOUT: Duration = Duration::from_millis(500);

/// Connections to it.
const MAX_CONNECTIONS: u32 = 2;

/// Positions of the primary that are remembered. What is older than all of
/// them is past every sensible bound.
const MAX_SAMPLES: usize = 64;

/// How long it is read from while the primary cannot be reached: longer, and
/// it may be cut off from a primary that others write to.
const MAX_ALONE: Duration = Duration::from_secs(300);

const PRIMARY_POSITION: &str =
    "SELECT pg_wal_lsn_diff(pg_current_wal_flush_lsn(), '0/0')::bigint AS position";

const STANDBY_POSITION: &str = "SELECT pg_is_in_recovery() AS follows,
    pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::bigint AS position";

/// A standby server, and what was last seen of it.
pub(crate) struct Standby {
    pub(crate) pool: Pool,
    service: Arc<str>,
    max_lag: Duration,
    seen: Mutex<Seen>,
}

/// What was last seen.
#[derive(Debug, Default)]
struct Seen {
    /// It answered, and it is a standby.
    answers: bool,
    /// It holds everything that was committed at this moment.
    covers: Option<Instant>,
    /// The primary cannot be reached since then, so nothing can be compared.
    alone: Option<Instant>,
    /// It was near enough when it was last compared.
    was_near: bool,
}

impl Seen {
    /// Whether it may be read from at a moment, or why not.
    fn judge(&self, now: Instant, max_lag: Duration) -> Result<(), &'static str> {
        let since = |at: Instant| now.saturating_duration_since(at);
        match (self.alone, self.covers) {
            _ if !self.answers => Err("away"),
            (Some(at), _) if self.was_near && since(at) <= MAX_ALONE => Ok(()),
            (None, Some(at)) if since(at) <= max_lag => Ok(()),
            _ => Err("behind"),
        }
    }

    /// Notes a comparison at a moment.
    fn compared(&mut self, now: Instant, max_lag: Duration) {
        self.alone = None;
        let lag = self.covers.map(|at| now.saturating_duration_since(at));
        self.was_near = lag.is_some_and(|lag| lag <= max_lag);
    }

    /// Notes that the primary could not be reached at a moment.
    fn left(&mut self, now: Instant) {
        self.alone.get_or_insert(now);
    }
}

impl std::fmt::Debug for Standby {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Standby")
            .field("service", &self.service)
            .field("seen", &*self.seen())
            .finish_non_exhaustive()
    }
}

impl Standby {
    /// The standby at an address; it is watched for as long as it is held.
    pub(crate) fn follow(
        url: &str,
        service: &str,
        config: &StoreConfig,
        primary: &Pool,
    ) -> Result<Arc<Self>> {
        let options = PgConnectOptions::from_str(url)
            .map_err(|error| Error::Config(format!("database.replica_url: {error}")))?;
        let options = postgres::reading(postgres::session(options, service, config));
        let standby = Arc::new(Self {
            pool: postgres::pool(options, MAX_CONNECTIONS, ACQUIRE_TIMEOUT),
            service: service.into(),
            max_lag: Duration::from_millis(u64::from(config.replica_max_lag_ms)),
            seen: Mutex::default(),
        });
        tokio::spawn(watch(Arc::downgrade(&standby), primary.clone()));
        Ok(standby)
    }

    /// Whether it may be read from now, or why not.
    ///
    /// Where the primary cannot be reached, a standby that was near enough when
    /// they were last compared is as good as it gets, for a while: nothing is
    /// known to have been written since.
    pub(crate) fn judge(&self) -> Result<(), &'static str> {
        self.seen().judge(Instant::now(), self.max_lag)
    }

    /// Counts a read that may be stale by who answers it, and why.
    pub(crate) fn count(&self, from: &'static str, why: &'static str) {
        metrics::counter!("covergen_store_stale_reads_total",
            "service" => self.service.to_string(), "from" => from, "why" => why)
        .increment(1);
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Compares it with the primary once.
    async fn look(&self, primary: &Pool, samples: &mut VecDeque<(Instant, i64)>) {
        let at = Instant::now();
        let there = position(primary, PRIMARY_POSITION).await;
        if let Ok((_, Some(position))) = there {
            if samples.len() == MAX_SAMPLES {
                samples.pop_front();
            }
            samples.push_back((at, position));
        }
        let here = position(&self.pool, STANDBY_POSITION).await;
        let mut seen = self.seen();
        let answered = seen.answers;
        seen.answers = matches!(here, Ok((true, _)));
        if let Ok((true, Some(position))) = here {
            let held = samples.iter().rposition(|(_, past)| *past <= position);
            if let Some(held) = held {
                samples.drain(..held);
                seen.covers = samples.front().map(|(at, _)| *at);
            }
        }
        match there {
            Ok(_) => seen.compared(Instant::now(), self.max_lag),
            Err(Error::Unavailable(_)) => seen.left(Instant::now()),
            // It is there, and has no answer now.
            Err(_) => seen.alone = None,
        }
        if answered != seen.answers {
            let (service, answers) = (&self.service, seen.answers);
            match here {
                Err(error) => tracing::warn!(%service, %error, "the standby does not answer"),
                Ok((false, _)) => tracing::warn!(%service, "database.replica_url is no standby"),
                Ok(_) => tracing::info!(%service, answers, "the standby answers"),
            }
        }
        let lag_ms = seen.covers.map(|at| at.elapsed().as_secs_f64() * 1_000.0);
        drop(seen);
        let usable = f64::from(u8::from(self.judge().is_ok()));
        metrics::gauge!("covergen_store_standby_usable", "service" => self.service.to_string())
            .set(usable);
        if let Some(lag_ms) = lag_ms {
            metrics::gauge!("covergen_store_standby_lag_ms", "service" => self.service.to_string())
                .set(lag_ms);
        }
    }
}

/// Looks again and again, until nobody holds the standby any more.
async fn watch(standby: Weak<Standby>, primary: Pool) {
    let mut samples = VecDeque::new();
    loop {
        let Some(held) = standby.upgrade() else {
            return;
        };
        if primary.is_closed() {
            return;
        }
        held.look(&primary, &mut samples).await;
        let pause = (held.max_lag / 4).clamp(Duration::from_millis(50), Duration::from_secs(1));
        drop(held);
        tokio::time::sleep(pause).await;
    }
}

/// Whether a server follows another, and how far its log goes.
async fn position(pool: &Pool, sql: &str) -> Result<(bool, Option<i64>)> {
    let asked = sql::one(pool, sql, vec![]);
    let row = tokio::time::timeout(ANSWER_TIMEOUT * 2, asked)
        .await
        .map_err(|_| Error::Unavailable("no answer in time".to_owned()))??
        .ok_or_else(|| Error::Unavailable("the server told no position".to_owned()))?;
    let follows = row.try_get::<bool>("", "follows").unwrap_or_default();
    Ok((follows, row.try_get("", "position")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAG: Duration = Duration::from_secs(2);

    fn seen(behind: Duration, now: Instant) -> Seen {
        let mut seen = Seen {
            answers: true,
            covers: now.checked_sub(behind),
            ..Seen::default()
        };
        seen.compared(now, LAG);
        seen
    }

    #[test]
    fn alone_only_one_that_was_near_is_read_from_and_not_for_ever() {
        let now = Instant::now() + MAX_ALONE;
        let mut near = seen(LAG / 2, now);
        let mut far = seen(LAG * 2, now);
        let mut unknown = Seen {
            answers: true,
            ..Seen::default()
        };
        assert_eq!(near.judge(now, LAG), Ok(()));
        assert_eq!(far.judge(now, LAG), Err("behind"));
        for one in [&mut near, &mut far, &mut unknown] {
            one.left(now);
        }
        let later = now + LAG * 10;
        near.left(later);
        assert_eq!(near.judge(later, LAG), Ok(()));
        assert_eq!(far.judge(later, LAG), Err("behind"));
        assert_eq!(unknown.judge(later, LAG), Err("behind"));
        let too_late = now + MAX_ALONE + LAG;
        assert_eq!(near.judge(too_late, LAG), Err("behind"));
    }
}
