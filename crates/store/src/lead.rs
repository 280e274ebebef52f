//! Doing something in one process at a time, for as long as it says so.
//!
//! A lead is a row with a term. Whoever has it renews it between two steps of
//! what it does; whoever died stops renewing, and the next one takes over when
//! the term has ended, by the clock that judges leases. Nothing is open
//! meanwhile: no connection, no transaction.
//!
//! On SQLite each process has a clock of its own. A term that seems to end later
//! than two of its length from now was begun by one that is far ahead: it is
//! taken for ended, or nobody would lead for as long as the clocks are apart.
//!
//! A holder that was frozen may still believe in its lead when another one has
//! taken over. So what is done under a lead must bear being done twice, or
//! show its [`Leading::token`] where it is written.

use std::time::{Duration, Instant};

use crate::sql::binds;
use crate::{Result, Store, sql};

/// The lead in something. It ends with its term, or when it is given up.
#[derive(Debug)]
pub struct Leading {
    store: Store,
    what: String,
    token: i64,
    term: Duration,
    /// Until when it is certain, by this process's monotonic clock.
    until: Instant,
}

impl Store {
    /// Takes the lead in something among all processes of this service, for
    /// `term` from now; `None` while another one has it.
    ///
    /// # Errors
    /// The database's.
    pub async fn lead(&self, what: &str, term: Duration) -> Result<Option<Leading>> {
        // Asked first: most looks find another one leading, and write nothing.
        let now = self.now_sql(1);
        let led = format!(
            "SELECT 1 FROM leads WHERE what = $2 AND until_ms > {now}
                AND until_ms <= {now} + 2 * term_ms"
        );
        let values = binds![self.lease_now_bind(), what];
        if sql::one(self.read(), led, values).await?.is_some() {
            return Ok(None);
        }
        // The term begins when it is asked for: this one ends no later than
        // the database's.
        let asked = Instant::now();
        let take = format!(
            "INSERT INTO leads (what, token, term_ms, until_ms) VALUES ($2, 1, $3, {now} + $3)
             ON CONFLICT (what) DO UPDATE SET token = leads.token + 1,
                term_ms = excluded.term_ms, until_ms = excluded.until_ms
             WHERE leads.until_ms <= {now} OR leads.until_ms > {now} + 2 * leads.term_ms
             RETURNING token"
        );
        let values = binds![self.lease_now_bind(), what, in_ms(term)];
        let Some(row) = sql::one(&self.pools.write, take, values).await? else {
            return Ok(None);
        };
        Ok(Some(Leading {
            store: self.clone(),
            what: what.to_owned(),
            token: row.try_get("", "token")?,
            term,
            until: asked + term,
        }))
    }
}

impl Leading {
    /// Grows with every takeover: of two who believe that they lead, the one
    /// with the larger number does.
    #[must_use]
    pub fn token(&self) -> i64 {
        self.token
    }

    /// Whether its term still runs; it then is nobody else's.
    #[must_use]
    pub fn is_certain(&self) -> bool {
        Instant::now() < self.until
    }

    /// Starts its term anew; `false` when it was lost to another one. Whoever
    /// is told so, or gets no answer, stops.
    ///
    /// # Errors
    /// The database's.
    pub async fn renew(&mut self) -> Result<bool> {
        let asked = Instant::now();
        let now = self.store.now_sql(1);
        let renewed = sql::execute(
            &self.store.pools.write,
            format!("UPDATE leads SET until_ms = {now} + $2 WHERE what = $3 AND token = $4"),
            binds![
                self.store.lease_now_bind(),
                in_ms(self.term),
                self.what.clone(),
                self.token
            ],
        )
        .await?;
        let is_held = renewed.rows_affected() == 1;
        self.until = if is_held { asked + self.term } else { asked };
        Ok(is_held)
    }

    /// Lets the next one have it now, instead of when its term has ended.
    ///
    /// # Errors
    /// The database's; the term runs out.
    pub async fn give_up(self) -> Result<()> {
        sql::execute(
            &self.store.pools.write,
            "UPDATE leads SET until_ms = 0 WHERE what = $1 AND token = $2",
            binds![self.what, self.token],
        )
        .await
        .map(|_| ())
    }
}

fn in_ms(term: Duration) -> i64 {
    i64::try_from(term.as_millis()).unwrap_or(i64::MAX)
}
