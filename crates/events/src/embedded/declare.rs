use sea_orm::sqlx;
use tokio::sync::watch;

use super::failure;
use super::rows::{now_ms, to_i64, to_ms};
use super::state::{Consumer, Key};
use super::writer::Writer;
use crate::{ConsumerSpec, Position, Result};

impl Writer {
    /// Notes a stream; one that is known stays as it is.
    pub(super) async fn declare_stream(&mut self, stream: &str) -> Result<()> {
        sqlx::query(
            "INSERT INTO streams (name, declared_at) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
        )
        .bind(stream)
        .bind(now_ms())
        .execute(&mut self.conn)
        .await
        .map(drop)
        .map_err(failure)
    }

    /// Adds a consumer or takes over its new settings; the answer changes
    /// whenever there may be something to claim.
    pub(super) async fn declare_consumer(
        &mut self,
        spec: ConsumerSpec,
    ) -> Result<watch::Receiver<u64>> {
        self.check_stream(&spec.stream).await?;
        let key = Key::from(&spec);
        if self.consumers.contains_key(&key) {
            let consumer = self.touch(&key)?;
            consumer.spec = spec;
            return Ok(consumer.wake.subscribe());
        }
        let cursor = self.cursor_at(&spec.stream, spec.start).await?;
        self.store_cursor(&key, cursor).await?;
        let consumer = Consumer::new(spec, cursor);
        let wake = consumer.wake.subscribe();
        self.put(&key, Some(consumer));
        Ok(wake)
    }

    /// Sets a consumer to a position and forgets what it had in flight. One
    /// that is known keeps its settings.
    pub(super) async fn rewind(&mut self, spec: ConsumerSpec, to: Position) -> Result<()> {
        let key = Key::from(&spec);
        if self.consumers.contains_key(&key) {
            self.check_stream(&key.stream).await?;
        } else {
            self.declare_consumer(spec).await?;
        }
        let cursor = self.cursor_at(&key.stream, to).await?;
        self.store_cursor(&key, cursor).await?;
        self.forget_flights(&key).await?;
        let consumer = self.touch(&key)?;
        consumer.cursor = cursor;
        consumer.in_flight.clear();
        self.woken.push(key);
        Ok(())
    }

    /// Forgets a consumer.
    pub(super) async fn delete_consumer(&mut self, key: &Key) -> Result<bool> {
        if !self.consumers.contains_key(key) {
            return Ok(false);
        }
        self.forget_flights(key).await?;
        sqlx::query("DELETE FROM consumers WHERE stream = ?1 AND durable = ?2")
            .bind(&key.stream)
            .bind(&key.durable)
            .execute(&mut self.conn)
            .await
            .map_err(failure)?;
        self.put(key, None);
        Ok(true)
    }

    async fn store_cursor(&mut self, key: &Key, cursor: i64) -> Result<()> {
        sqlx::query(
            "INSERT INTO consumers (stream, durable, cursor) VALUES (?1, ?2, ?3) \
             ON CONFLICT DO UPDATE SET cursor = excluded.cursor",
        )
        .bind(&key.stream)
        .bind(&key.durable)
        .bind(cursor)
        .execute(&mut self.conn)
        .await
        .map(drop)
        .map_err(failure)
    }

    async fn forget_flights(&mut self, key: &Key) -> Result<()> {
        sqlx::query("DELETE FROM in_flight WHERE stream = ?1 AND durable = ?2")
            .bind(&key.stream)
            .bind(&key.durable)
            .execute(&mut self.conn)
            .await
            .map(drop)
            .map_err(failure)
    }

    /// The sequence just before a position.
    async fn cursor_at(&mut self, stream: &str, position: Position) -> Result<i64> {
        let first: Option<i64> = match position {
            Position::Beginning => return Ok(0),
            Position::Sequence(sequence) => return Ok(to_i64(sequence).saturating_sub(1)),
            Position::End => None,
            Position::Time(at) => sqlx::query_scalar(
                "SELECT min(sequence) FROM messages WHERE stream = ?1 AND published_at >= ?2",
            )
            .bind(stream)
            .bind(to_ms(at))
            .fetch_one(&mut self.conn)
            .await
            .map_err(failure)?,
        };
        if let Some(first) = first {
            return Ok(first - 1);
        }
        sqlx::query_scalar("SELECT last_sequence FROM streams WHERE name = ?1")
            .bind(stream)
            .fetch_one(&mut self.conn)
            .await
            .map_err(failure)
    }
}
