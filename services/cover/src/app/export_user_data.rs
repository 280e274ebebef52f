use std::sync::Arc;

use covergen_ids::{BulkId, CoverId, TaskId, UserId};
use futures::StreamExt as _;
use futures::stream::BoxStream;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::App;
use crate::error::Error;
use crate::store::entity::{bulk_row, cover, generation_event, request};
use crate::store::erase;

/// Rows read at once.
const PAGE: u64 = 200;
/// Bytes of one piece: a message may have 1 MiB.
const PIECE: usize = 512 * 1024;

/// A piece of a file.
pub(crate) struct Chunk {
    pub(crate) path: &'static str,
    pub(crate) data: Vec<u8>,
}

type Pieces = mpsc::Sender<Result<Chunk, Error>>;

impl App {
    /// Everything kept of a user, as JSON files in pieces.
    pub(crate) fn export_user_data(
        self: Arc<Self>,
        user: UserId,
    ) -> BoxStream<'static, Result<Chunk, Error>> {
        let (pieces, stream) = mpsc::channel(2);
        tokio::spawn(async move {
            if let Err(error) = self.write_files(user, &pieces).await {
                // Nobody may be listening any more, which is fine.
                drop(pieces.send(Err(error)).await);
            }
        });
        tokio_stream::wrappers::ReceiverStream::new(stream).boxed()
    }

    async fn write_files(&self, user: UserId, pieces: &Pieces) -> Result<(), Error> {
        let db = self.store.read();
        let mut file = Array::new("covers.json", pieces);
        let mut after: Option<CoverId> = None;
        loop {
            let rows = erase::covers(db, user, after, PAGE).await?;
            let Some(last) = rows.last() else { break };
            after = Some(last.id);
            for row in &rows {
                file.push(&cover_json(row)).await?;
            }
        }
        file.end().await?;

        let mut file = Array::new("requests.json", pieces);
        let mut after: Option<TaskId> = None;
        loop {
            let rows = erase::requests(db, user, after, PAGE).await?;
            let Some(last) = rows.last() else { break };
            after = Some(last.task_id);
            for row in &rows {
                file.push(&request_json(row)).await?;
            }
        }
        file.end().await?;

        let mut file = Array::new("history.json", pieces);
        let mut after: Option<(TaskId, i32)> = None;
        loop {
            let rows = erase::events(db, user, after, PAGE).await?;
            let Some(last) = rows.last() else { break };
            after = Some((last.task_id, last.sequence));
            for row in &rows {
                file.push(&event_json(row)).await?;
            }
        }
        file.end().await?;

        let mut file = Array::new("bulk_rows.json", pieces);
        let mut after: Option<(BulkId, i32)> = None;
        loop {
            let rows = erase::bulk_rows(db, user, after, PAGE).await?;
            let Some(last) = rows.last() else { break };
            after = Some((last.bulk_id, last.row_number));
            for row in &rows {
                file.push(&row_json(row)).await?;
            }
        }
        file.end().await
    }
}

/// A JSON array that is sent while it is written.
struct Array<'a> {
    path: &'static str,
    pieces: &'a Pieces,
    data: Vec<u8>,
    is_empty: bool,
}

impl<'a> Array<'a> {
    fn new(path: &'static str, pieces: &'a Pieces) -> Self {
        Self {
            path,
            pieces,
            data: b"[".to_vec(),
            is_empty: true,
        }
    }

    async fn push(&mut self, item: &Value) -> Result<(), Error> {
        let text = item.to_string();
        if self.data.len() + text.len() > PIECE {
            self.send().await?;
        }
        self.data
            .extend_from_slice(if self.is_empty { b"\n" } else { b",\n" });
        self.is_empty = false;
        // One item is bounded by the bounds of a request, far below a piece's.
        self.data.extend_from_slice(text.as_bytes());
        Ok(())
    }

    async fn end(mut self) -> Result<(), Error> {
        self.data.extend_from_slice(b"\n]\n");
        self.send().await
    }

    async fn send(&mut self) -> Result<(), Error> {
        let chunk = Chunk {
            path: self.path,
            data: std::mem::take(&mut self.data),
        };
        self.pieces
            .send(Ok(chunk))
            .await
            .map_err(|_| Error::Corrupt("nobody takes the export".to_owned()))
    }
}

/// A stored document as it is; as text where it cannot be read.
fn document(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}

fn cover_json(row: &cover::Model) -> Value {
    json!({
        "id": row.id, "workspaceId": row.workspace_id, "taskId": row.task_id,
        "variant": row.variant, "title": row.title, "subtitle": row.subtitle,
        "templateId": row.template_id, "templateVersion": row.template_version,
        "paletteId": row.palette_id, "seed": row.seed.cast_unsigned().to_string(),
        "watermarked": row.watermarked, "favorite": row.favorite, "provider": row.provider,
        "costUnits": row.units, "sourceCoverId": row.source_cover_id, "bulkId": row.bulk_id,
        "look": document(&row.look_json), "design": document(&row.design_json),
        "createTimeMs": row.created_at_ms,
    })
}

fn request_json(row: &request::Model) -> Value {
    json!({
        "taskId": row.task_id, "workspaceId": row.workspace_id, "status": row.status.name(),
        "order": document(&row.order_json), "errorReason": row.error_reason,
        "errorMessage": row.error_message, "retryCount": row.retry_count,
        "provider": row.provider, "costUnits": row.units,
        "sourceCoverId": row.source_cover_id, "bulkId": row.bulk_id, "bulkRow": row.bulk_row,
        "createTimeMs": row.created_at_ms, "endTimeMs": row.ended_at_ms,
    })
}

fn event_json(row: &generation_event::Model) -> Value {
    json!({
        "taskId": row.task_id, "sequence": row.sequence, "kind": row.kind.name(),
        "coverId": row.cover_id, "templateId": row.template_id,
        "seed": row.seed.map(|seed| seed.cast_unsigned().to_string()),
        "provider": row.provider, "units": row.units, "attempt": row.attempt,
        "pictures": row.pictures, "reason": row.reason, "message": row.message,
        "durationMs": row.duration_ms, "occurTimeMs": row.occurred_at_ms,
    })
}

fn row_json(row: &bulk_row::Model) -> Value {
    json!({
        "bulkId": row.bulk_id, "rowNumber": row.row_number, "state": row.state.name(),
        "attempt": row.attempt, "row": document(&row.row_json), "taskId": row.task_id,
        "errorReason": row.error_reason, "errorMessage": row.error_message,
    })
}
