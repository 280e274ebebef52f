//! A copy of everything that is kept of a person: what user keeps, then what
//! every other service does, one folder each, in one ZIP that is written while
//! it is read. A few pieces are in memory at a time.

use std::sync::Arc;

use covergen_archive::{Stream, ZipError};
use covergen_chassis::timestamp;
use covergen_ids::UserId;
use futures::stream::{self, BoxStream, StreamExt as _};
use serde_json::{Value, json};
use tokio::sync::{OwnedSemaphorePermit, mpsc};

use crate::app::App;
use crate::error::Error;
use crate::peers::{Keeper, user_data};
use crate::store::entity::{history, ledger, profile};
use crate::store::{self, accounts, quota};

/// Bytes of a piece at most: below what any hop takes as a message.
const PIECE_BYTES: usize = 256 * 1024;

/// Pieces that wait to be read.
const WAITING: usize = 2;

/// Rows read at a time.
const ROWS: u64 = 200;

/// A ZIP, piece by piece.
pub(crate) type Pieces = BoxStream<'static, Result<Vec<u8>, Error>>;

/// Why gathering ended early.
enum Stop {
    /// It failed, and the reader is told.
    Failed(Error),
    /// Nobody reads any more.
    Abandoned,
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<covergen_store::Error> for Stop {
    fn from(error: covergen_store::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl From<ZipError> for Stop {
    fn from(error: ZipError) -> Self {
        Self::Failed(Error::Copy(error))
    }
}

/// Gathers everything of a person, for as long as somebody reads.
pub(crate) fn everything(app: Arc<App>, user: UserId, admitted: OwnedSemaphorePermit) -> Pieces {
    let (sender, receiver) = mpsc::channel(WAITING);
    tokio::spawn(async move {
        let _admitted = admitted;
        let mut writer = Writer {
            zip: Stream::default(),
            sender: sender.clone(),
        };
        let gathered = async {
            writer.own(&app, user).await?;
            for (keeper, channel) in app.keepers.each() {
                writer.keeper(*keeper, channel.clone(), user).await?;
            }
            writer.finish().await
        };
        if let Err(Stop::Failed(error)) = gathered.await {
            tracing::warn!(%error, "a copy of somebody's data broke off");
            // A copy that lacks something must not look whole.
            let _ = sender.send(Err(error)).await;
        }
    });
    stream::unfold(receiver, |mut receiver| async move {
        receiver.recv().await.map(|piece| (piece, receiver))
    })
    .boxed()
}

struct Writer {
    zip: Stream,
    sender: mpsc::Sender<Result<Vec<u8>, Error>>,
}

impl Writer {
    /// What user itself keeps.
    async fn own(&mut self, app: &App, user: UserId) -> Result<(), Stop> {
        let profile = app.profile(user).await?;
        self.file("user/profile.json", &profile_json(&profile))
            .await?;
        let db = app.store.read();
        if let Some(row) = accounts::preferences(db, user).await? {
            let chosen = serde_json::to_value(&row.chosen).unwrap_or_default();
            self.file("user/preferences.json", &chosen).await?;
        }
        let spaces = store::workspaces(db, user, None, 1_000).await?;
        let spaces = spaces.into_iter().map(|(space, role)| {
            json!({ "id": space.workspace_id.to_string(), "name": space.name, "role": role })
        });
        self.file("user/workspaces.json", &spaces.collect()).await?;

        self.begin("user/quota.jsonl").await?;
        let mut after = None;
        loop {
            let rows = quota::movements(db, user, after, ROWS).await?;
            self.lines(rows.iter().map(movement_json)).await?;
            let Some(last) = rows.last() else { break };
            after = Some(last.id.clone());
        }
        self.begin("user/history.jsonl").await?;
        let mut before = None;
        loop {
            let rows = store::history::list(db, user, before, ROWS).await?;
            self.lines(rows.iter().map(history_json)).await?;
            let Some(last) = rows.last() else { break };
            before = Some((last.created_at_ms, last.id.clone()));
        }
        Ok(())
    }

    /// What another service keeps.
    async fn keeper(
        &mut self,
        keeper: Keeper,
        channel: covergen_mesh::Channel,
        user: UserId,
    ) -> Result<(), Stop> {
        let mut chunks = user_data(keeper, channel, user).await?;
        while let Some(chunk) = chunks.next().await? {
            let path = format!("{}/{}", keeper.name(), chunk.path);
            if self.zip.open_path() != Some(path.as_str()) {
                self.begin(&path).await?;
            }
            self.data(&chunk.data).await?;
        }
        Ok(())
    }

    async fn file(&mut self, path: &str, content: &Value) -> Result<(), Stop> {
        self.begin(path).await?;
        self.data(format!("{content:#}\n").as_bytes()).await
    }

    async fn lines(&mut self, rows: impl Iterator<Item = Value>) -> Result<(), Stop> {
        let lines: String = rows.map(|row| format!("{row}\n")).collect();
        self.data(lines.as_bytes()).await
    }

    async fn begin(&mut self, path: &str) -> Result<(), Stop> {
        let header = self.zip.begin(path)?;
        self.send(header).await
    }

    async fn data(&mut self, data: &[u8]) -> Result<(), Stop> {
        for piece in data.chunks(PIECE_BYTES) {
            self.zip.write(piece)?;
            self.send(piece.to_vec()).await?;
        }
        Ok(())
    }

    async fn finish(&mut self) -> Result<(), Stop> {
        let end = std::mem::take(&mut self.zip).finish();
        for piece in end.chunks(PIECE_BYTES) {
            self.send(piece.to_vec()).await?;
        }
        Ok(())
    }

    async fn send(&self, piece: Vec<u8>) -> Result<(), Stop> {
        if piece.is_empty() {
            return Ok(());
        }
        self.sender
            .send(Ok(piece))
            .await
            .map_err(|_| Stop::Abandoned)
    }
}

fn profile_json(row: &profile::Model) -> Value {
    json!({
        "id": row.user_id.to_string(),
        "workspaceId": row.workspace_id.to_string(),
        "username": row.username,
        "displayName": row.display_name,
        "givenName": row.given_name,
        "familyName": row.family_name,
        "email": row.email,
        "avatarUrl": row.avatar_url,
        "avatarAssetId": row.avatar_asset_id,
        "language": row.language,
        "timeZone": row.time_zone,
        "tier": row.tier,
        "createTime": timestamp(row.created_at_ms).to_string(),
        "updateTime": timestamp(row.updated_at_ms).to_string(),
    })
}

fn movement_json(row: &ledger::Model) -> Value {
    json!({
        "period": row.period,
        "movement": row.movement,
        "taskId": row.task_id.map(|id| id.to_string()),
        "used": row.used_delta,
        "reserved": row.reserved_delta,
        "time": timestamp(row.at_ms).to_string(),
    })
}

fn history_json(row: &history::Model) -> Value {
    json!({
        "kind": format!("{:?}", row.kind),
        "subjectId": row.subject_id,
        "coverIds": row.cover_ids.0,
        "templateId": row.template_id,
        "outcome": row.outcome,
        "time": timestamp(row.created_at_ms).to_string(),
    })
}
