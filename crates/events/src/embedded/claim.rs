use std::time::Duration;

use sea_orm::sqlx;
use tokio::time::Instant;

use super::failure;
use super::rows::{stored, to_i64};
use super::state::{Flight, Key};
use super::writer::Writer;
use crate::{Result, Settled, Stored};

/// The answer to a claim.
pub(super) enum Claim {
    /// Messages with their delivery counts.
    Messages(Vec<(Stored, u32)>),
    /// Nothing now; look again when woken, or at this time.
    Nothing(Option<Instant>),
}

impl Writer {
    /// Hands out what is due: first one message that comes again, else new
    /// ones. A message that comes again is handed out alone, so that one that
    /// kills its process does not use up the deliveries of its neighbours.
    pub(super) async fn claim(&mut self, key: &Key) -> Result<Claim> {
        let now = Instant::now();
        self.touch(key)?;
        while let Some((sequence, flight)) = self.touch(key)?.next_due(now) {
            if let Some(message) = self.claim_again(key, sequence, flight, now).await? {
                return Ok(Claim::Messages(vec![message]));
            }
        }
        let consumer = self.touch(key)?;
        let want = consumer.room().min(consumer.spec.prefetch);
        let fresh = if want > 0 {
            self.claim_new(key, want, now).await?
        } else {
            Vec::new()
        };
        if fresh.is_empty() {
            return Ok(Claim::Nothing(self.touch(key)?.wait_until()));
        }
        Ok(Claim::Messages(fresh))
    }

    /// `None` when the message was parked or has expired instead.
    async fn claim_again(
        &mut self,
        key: &Key,
        sequence: i64,
        flight: Flight,
        now: Instant,
    ) -> Result<Option<(Stored, u32)>> {
        let spec = self.touch(key)?.spec.clone();
        if flight.count >= spec.max_deliver && !spec.handler_counts {
            let why = match flight.reason.as_str() {
                "" => "not settled within the ack wait, or its process ended",
                said => said,
            };
            self.park(key, sequence, flight.count, why).await?;
            return Ok(None);
        }
        let row = sqlx::query("SELECT * FROM messages WHERE sequence = ?1")
            .bind(sequence)
            .fetch_optional(&mut self.conn)
            .await
            .map_err(failure)?;
        let Some(row) = row else {
            self.settle(key, sequence).await?;
            return Ok(None);
        };
        let count = flight.count + 1;
        self.fly(key, sequence, count, "", now + spec.ack_wait)
            .await?;
        Ok(Some((stored(&row)?, count)))
    }

    async fn claim_new(
        &mut self,
        key: &Key,
        want: u32,
        now: Instant,
    ) -> Result<Vec<(Stored, u32)>> {
        let consumer = self.touch(key)?;
        let (cursor, due) = (consumer.cursor, now + consumer.spec.ack_wait);
        let rows = sqlx::query(
            "SELECT * FROM messages WHERE stream = ?1 AND sequence > ?2 \
             ORDER BY sequence LIMIT ?3",
        )
        .bind(&key.stream)
        .bind(cursor)
        .bind(i64::from(want))
        .fetch_all(&mut self.conn)
        .await
        .map_err(failure)?;
        let mut messages = Vec::with_capacity(rows.len());
        for row in &rows {
            let message = stored(row)?;
            let sequence = to_i64(message.sequence);
            self.fly(key, sequence, 1, "", due).await?;
            self.touch(key)?.cursor = sequence;
            messages.push((message, 1));
        }
        if !messages.is_empty() {
            let cursor = self.touch(key)?.cursor;
            sqlx::query("UPDATE consumers SET cursor = ?3 WHERE stream = ?1 AND durable = ?2")
                .bind(&key.stream)
                .bind(&key.durable)
                .bind(cursor)
                .execute(&mut self.conn)
                .await
                .map_err(failure)?;
        }
        Ok(messages)
    }

    /// Notes that a message is in flight.
    pub(super) async fn fly(
        &mut self,
        key: &Key,
        sequence: i64,
        count: u32,
        reason: &str,
        due: Instant,
    ) -> Result<()> {
        sqlx::query(
            "INSERT INTO in_flight (stream, durable, sequence, delivery_count, reason) \
             VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE \
             SET delivery_count = excluded.delivery_count, reason = excluded.reason",
        )
        .bind(&key.stream)
        .bind(&key.durable)
        .bind(sequence)
        .bind(i64::from(count))
        .bind(reason)
        .execute(&mut self.conn)
        .await
        .map_err(failure)?;
        let flight = Flight {
            count,
            due,
            reason: reason.to_owned(),
        };
        self.touch(key)?.in_flight.insert(sequence, flight);
        Ok(())
    }

    /// Forgets a message in flight; unknown ones are fine, since an ack may
    /// come twice.
    pub(super) async fn settle(&mut self, key: &Key, sequence: i64) -> Result<()> {
        let consumer = self.touch(key)?;
        let was_full = consumer.room() == 0;
        if consumer.in_flight.remove(&sequence).is_none() {
            return Ok(());
        }
        sqlx::query("DELETE FROM in_flight WHERE stream = ?1 AND durable = ?2 AND sequence = ?3")
            .bind(&key.stream)
            .bind(&key.durable)
            .bind(sequence)
            .execute(&mut self.conn)
            .await
            .map_err(failure)?;
        // Otherwise nobody waits for room, and waking would only cost.
        if was_full {
            self.woken.push(key.clone());
        }
        Ok(())
    }

    /// Takes a message back. A delivery that was superseded in the meantime
    /// has no say.
    pub(super) async fn nak(
        &mut self,
        key: &Key,
        sequence: i64,
        count: u32,
        delay: Option<Duration>,
        reason: &str,
    ) -> Result<Settled> {
        let consumer = self.touch(key)?;
        let current = consumer.in_flight.get(&sequence).map(|f| f.count);
        if current != Some(count) {
            return Ok(Settled::Retried);
        }
        if count >= consumer.spec.max_deliver && !consumer.spec.handler_counts {
            self.park(key, sequence, count, reason).await?;
            return Ok(Settled::Parked);
        }
        let delay = delay.unwrap_or_else(|| consumer.spec.delay_after(count));
        self.fly(key, sequence, count, reason, Instant::now() + delay)
            .await?;
        self.woken.push(key.clone());
        Ok(Settled::Retried)
    }

    /// Starts the ack wait anew for a delivery that is still current.
    pub(super) fn extend(&mut self, key: &Key, sequence: i64, count: u32) -> Result<()> {
        let consumer = self.touch(key)?;
        let due = Instant::now() + consumer.spec.ack_wait;
        if let Some(flight) = consumer.in_flight.get_mut(&sequence)
            && flight.count == count
        {
            flight.due = due;
        }
        Ok(())
    }
}
