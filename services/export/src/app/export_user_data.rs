use std::sync::Arc;

use covergen_ids::{ExportId, UserId};
use futures::stream::BoxStream;
use futures::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};

use super::App;
use crate::error::Error;
use crate::store::entity::export;
use crate::store::{erase, files};

/// The one file there is.
pub(crate) const PATH: &str = "exports.json";
/// Rows read at once.
const PAGE: u64 = 100;
/// Bytes of one piece: a message may have 1 MiB.
const PIECE: usize = 512 * 1024;

type Pieces = futures::channel::mpsc::Sender<Result<Vec<u8>, Error>>;

impl App {
    /// Every export of a user, as a JSON array in pieces.
    pub(crate) fn export_user_data(
        self: Arc<Self>,
        user: UserId,
    ) -> BoxStream<'static, Result<Vec<u8>, Error>> {
        let (mut pieces, stream) = futures::channel::mpsc::channel(1);
        tokio::spawn(async move {
            if let Err(error) = self.write_exports(user, &mut pieces).await {
                // Nobody may be listening any more, which is fine.
                drop(pieces.send(Err(error)).await);
            }
        });
        stream.boxed()
    }

    async fn write_exports(&self, user: UserId, pieces: &mut Pieces) -> Result<(), Error> {
        let db = self.store.read();
        let mut data = b"[".to_vec();
        let mut after: Option<ExportId> = None;
        loop {
            let rows = erase::exports(db, user, after, PAGE).await?;
            let Some(last) = rows.last() else { break };
            for row in &rows {
                data.extend_from_slice(if after.is_none() && row.id == rows[0].id {
                    b"\n"
                } else {
                    b",\n"
                });
                let files = files::of(db, row.id).await?;
                let files: Vec<Value> = files.iter().map(file_json).collect();
                data.extend_from_slice(export_json(row, &files).to_string().as_bytes());
                while data.len() > PIECE {
                    let rest = data.split_off(PIECE);
                    send(pieces, std::mem::replace(&mut data, rest)).await?;
                }
            }
            after = Some(last.id);
        }
        data.extend_from_slice(b"\n]\n");
        send(pieces, data).await
    }
}

async fn send(pieces: &mut Pieces, data: Vec<u8>) -> Result<(), Error> {
    let sent = pieces.send(Ok(data)).await;
    sent.map_err(|_| Error::Corrupt("nobody takes the export".to_owned()))
}

fn export_json(row: &export::Model, files: &[Value]) -> Value {
    json!({
        "id": row.id, "workspaceId": row.workspace_id, "coverId": row.cover_id,
        "kind": row.kind.as_str(), "status": row.status.as_str(), "preset": row.preset,
        "width": row.width, "height": row.height, "format": row.format, "quality": row.quality,
        "maxBytes": row.max_bytes, "compression": row.compression, "watermark": row.watermark,
        "fileName": row.file_name, "totalBytes": row.total_bytes, "assetId": row.asset_id,
        "errorReason": row.error_reason, "errorMessage": row.error_message,
        "createTimeMs": row.created_at_ms, "files": files,
    })
}

fn file_json(row: &crate::store::entity::file::Model) -> Value {
    json!({
        "name": row.name, "coverId": row.cover_id, "preset": row.preset, "width": row.width,
        "height": row.height, "format": row.format, "status": row.status.as_str(),
        "bytes": row.bytes, "assetId": row.asset_id, "errorReason": row.error_reason,
    })
}
