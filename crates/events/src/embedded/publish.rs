use sea_orm::sqlx::{self, QueryBuilder, Row, Sqlite};

use super::failure;
use super::rows::{now_ms, to_u64};
use super::writer::Writer;
use crate::{Error, Published, Record, Result};

/// Rows of one INSERT: six values each, far below SQLite's bound on values.
const ROWS: usize = 128;

impl Writer {
    /// Stores records; an id that is known already stores nothing.
    pub(super) async fn publish(&mut self, records: Vec<Record>) -> Result<Vec<Published>> {
        let streams = self.check_streams(&records).await?;
        let now = now_ms();
        let mut answers = Vec::with_capacity(records.len());
        for chunk in records.chunks(ROWS) {
            self.insert(chunk, now, &mut answers).await?;
        }
        for stream in streams {
            sqlx::query(
                "UPDATE streams SET last_sequence = max(last_sequence, coalesce((SELECT \
                 max(sequence) FROM messages WHERE stream = ?1), 0)) WHERE name = ?1",
            )
            .bind(&stream)
            .execute(&mut self.conn)
            .await
            .map_err(failure)?;
            if !self.grown.contains(&stream) {
                self.grown.push(stream);
            }
        }
        Ok(answers)
    }

    async fn check_streams(&mut self, records: &[Record]) -> Result<Vec<String>> {
        let mut streams: Vec<String> = Vec::new();
        for record in records {
            if !streams.iter().any(|known| known == record.stream()) {
                streams.push(record.stream().to_owned());
            }
        }
        for stream in &streams {
            self.check_stream(stream).await?;
        }
        Ok(streams)
    }

    /// Answers [`Error::UnknownStream`] unless the stream is declared.
    pub(super) async fn check_stream(&mut self, stream: &str) -> Result<()> {
        let known: Option<i64> = sqlx::query_scalar("SELECT 1 FROM streams WHERE name = ?1")
            .bind(stream)
            .fetch_optional(&mut self.conn)
            .await
            .map_err(failure)?;
        known
            .map(drop)
            .ok_or_else(|| Error::UnknownStream(stream.to_owned()))
    }

    async fn insert(
        &mut self,
        records: &[Record],
        now: i64,
        answers: &mut Vec<Published>,
    ) -> Result<()> {
        let mut insert = QueryBuilder::<Sqlite>::new(
            "INSERT INTO messages (id, stream, subject, payload, headers, published_at) ",
        );
        insert.push_values(records, |mut row, record| {
            let headers = serde_json::to_string(&record.headers).expect("a map of strings is JSON");
            row.push_bind(record.id.to_string())
                .push_bind(record.stream().to_owned())
                .push_bind(record.subject.as_str().to_owned())
                .push_bind(record.payload.to_vec())
                .push_bind(headers)
                .push_bind(now);
        });
        insert.push(" ON CONFLICT (id) DO NOTHING RETURNING id, sequence");
        let rows = insert
            .build()
            .fetch_all(&mut self.conn)
            .await
            .map_err(failure)?;
        let mut new = std::collections::HashMap::with_capacity(rows.len());
        for row in rows {
            let id: String = row.try_get("id").map_err(failure)?;
            let sequence: i64 = row.try_get("sequence").map_err(failure)?;
            new.insert(id, sequence);
        }
        for record in records {
            let id = record.id.to_string();
            // Removed, so that a second record with the same id in one call
            // is told that it is a duplicate.
            let (sequence, duplicate) = match new.remove(&id) {
                Some(sequence) => (sequence, false),
                None => (self.sequence_of(&id).await?, true),
            };
            answers.push(Published {
                sequence: to_u64(sequence),
                duplicate,
            });
        }
        Ok(())
    }

    async fn sequence_of(&mut self, id: &str) -> Result<i64> {
        sqlx::query_scalar("SELECT sequence FROM messages WHERE id = ?1")
            .bind(id)
            .fetch_one(&mut self.conn)
            .await
            .map_err(failure)
    }
}
