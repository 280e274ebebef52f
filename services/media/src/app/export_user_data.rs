use std::sync::Arc;

use bytes::Bytes;
use covergen_ids::{AssetId, UserId};
use futures::StreamExt as _;
use futures::stream::BoxStream;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::App;
use crate::domain::{extension, format_of};
use crate::error::Error;
use crate::store::entity::asset::{self, Kind};
use crate::store::entity::{entry, upload};
use crate::store::{entries, owned, uploads};

/// Rows read at once.
const PAGE: u64 = 100;
/// Bytes of one piece: a message may have 1 MiB.
const PIECE_BYTES: usize = 512 * 1024;

/// A piece of a file.
pub(crate) struct Chunk {
    pub(crate) path: String,
    pub(crate) data: Bytes,
}

type Pieces = mpsc::Sender<Result<Chunk, Error>>;

/// Nobody listens any more.
struct Unheard;

impl App {
    /// Everything kept of a user: `assets.json`, `uploads.jsonl` where there
    /// are uploads in parts, then each file.
    pub(crate) fn export_user_data(
        self: Arc<Self>,
        user: UserId,
    ) -> BoxStream<'static, Result<Chunk, Error>> {
        let (pieces, stream) = mpsc::channel(2);
        tokio::spawn(async move {
            if let Err(error) = self.write_files(user, &pieces).await {
                drop(pieces.send(Err(error)).await);
            }
        });
        tokio_stream::wrappers::ReceiverStream::new(stream).boxed()
    }

    async fn write_files(&self, user: UserId, pieces: &Pieces) -> Result<(), Error> {
        let mut text = b"[".to_vec();
        let mut after: Option<AssetId> = None;
        loop {
            let rows = owned::of_user(self.store.read(), user, after, PAGE).await?;
            let Some(last) = rows.last() else { break };
            for row in &rows {
                let first = after.is_none() && row.id == rows[0].id;
                text.extend_from_slice(if first { b"\n" } else { b",\n" });
                text.extend_from_slice(described(row).to_string().as_bytes());
            }
            after = Some(last.id);
            let page = std::mem::take(&mut text);
            if send(pieces, "assets.json", page.into()).await.is_err() {
                return Ok(());
            }
        }
        if send(pieces, "assets.json", Bytes::from_static(b"\n]\n"))
            .await
            .is_err()
        {
            return Ok(());
        }

        let mut after = None;
        loop {
            let rows = uploads::of_user(self.store.read(), user, after, PAGE).await?;
            let Some(last) = rows.last() else { break };
            after = Some(last.id);
            for row in rows {
                let entries = match row.kind {
                    upload::Kind::Picture => Vec::new(),
                    upload::Kind::Archive => {
                        let db = self.store.read();
                        entries::of_upload(db, row.workspace_id, row.id).await?
                    }
                };
                let line = format!("{}\n", coming_in(&row, &entries));
                if send(pieces, "uploads.jsonl", line.into()).await.is_err() {
                    return Ok(());
                }
            }
        }

        let mut after: Option<AssetId> = None;
        loop {
            let rows = owned::of_user(self.store.read(), user, after, PAGE).await?;
            let Some(last) = rows.last() else {
                return Ok(());
            };
            after = Some(last.id);
            for row in rows {
                let path = path(&row);
                match self.content(row).await {
                    Ok(mut served) => {
                        while let Some(chunk) = served.body.next().await {
                            if send(pieces, &path, chunk?).await.is_err() {
                                return Ok(());
                            }
                        }
                    }
                    // Deleted since the page was read.
                    Err(Error::AssetNotFound) => {}
                    Err(error) => return Err(error),
                }
            }
        }
    }
}

async fn send(pieces: &Pieces, path: &str, mut data: Bytes) -> Result<(), Unheard> {
    while !data.is_empty() {
        let piece = data.split_to(data.len().min(PIECE_BYTES));
        let chunk = Chunk {
            path: path.to_owned(),
            data: piece,
        };
        pieces.send(Ok(chunk)).await.map_err(|_| Unheard)?;
    }
    Ok(())
}

fn path(row: &asset::Model) -> String {
    let extension = format_of(&row.content_type).map_or("bin", extension);
    format!("files/{}.{extension}", row.id)
}

/// An upload in parts, which is kept for a day.
fn coming_in(row: &upload::Model, entries: &[entry::Model]) -> Value {
    let entry = |entry: &entry::Model| {
        json!({
            "name": entry.name,
            "assetId": entry.asset_id.map(|id| id.to_string()),
            "error": entry.error_reason,
        })
    };
    json!({
        "id": row.id.to_string(),
        "workspaceId": row.workspace_id.to_string(),
        "fileName": row.file_name,
        "metadata": row.metadata,
        "totalBytes": row.total_bytes,
        "storedBytes": row.stored_bytes,
        "assetId": row.asset_id.map(|id| id.to_string()),
        "createTimeMs": row.created_at_ms,
        "expireTimeMs": row.expires_at_ms,
        "entries": entries.iter().map(entry).collect::<Vec<_>>(),
    })
}

fn described(row: &asset::Model) -> Value {
    let parsed = |text: &Option<String>| -> Value {
        text.as_deref()
            .and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or(Value::Null)
    };
    json!({
        "id": row.id.to_string(),
        "kind": match row.kind {
            Kind::Upload => "UPLOAD",
            Kind::Generated => "GENERATED",
        },
        "workspaceId": row.workspace_id.to_string(),
        "fileName": row.file_name,
        "file": path(row),
        "contentType": row.content_type,
        "width": row.width,
        "height": row.height,
        "bytes": row.bytes,
        "sha256": row.sha256,
        "dominantColor": row.dominant_color,
        "createTimeMs": row.created_at_ms,
        "source": parsed(&row.source_json),
        "metadata": parsed(&row.metadata_json),
    })
}
