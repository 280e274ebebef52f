use std::sync::Arc;
use std::time::Duration;

use covergen_ids::{AssetId, UploadId};
use covergen_objects::Key;
use covergen_store::{CommandDraft, DispatchFailure, OutboxCommand, Refusal as _, Tx};
use futures::StreamExt as _;
use serde::{Deserialize, Serialize};

use super::App;
use super::record::Placed;
use crate::error::Error;
use crate::facts::Keep;
use crate::spool::{Spool, Spooled};
use crate::store::entity::upload::{self, Kind, State};
use crate::store::uploads;

/// The command that makes an asset of an upload that came in whole.
pub(crate) const COMPLETE_UPLOAD: &str = "media.complete_upload";
/// The command that removes the parts of an upload.
pub(crate) const REMOVE_PARTS: &str = "media.remove_parts";

/// Reason of an upload that was told as stored, and is not.
const LOST: &str = "UPLOAD_LOST";

/// Rows looked at together.
const BATCH: u64 = 100;

#[derive(Serialize, Deserialize)]
struct Named {
    upload_id: UploadId,
    /// Of the work on an archive, which is done in several rounds.
    #[serde(default)]
    round: i32,
}

/// What both commands say.
pub(super) fn payload(upload_id: UploadId, round: i32) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(&Named { upload_id, round }).map_err(|_| Error::Interrupted)
}

fn named(command: &OutboxCommand) -> Result<Named, DispatchFailure> {
    serde_json::from_slice(&command.payload)
        .map_err(|error| DispatchFailure::Refused(error.to_string()))
}

fn retry(error: impl std::fmt::Display) -> DispatchFailure {
    DispatchFailure::Retry(error.to_string())
}

/// Trying again would not help, and would take up the person's room for ever.
pub(super) fn lost() -> Error {
    Error::UploadFailed {
        reason: LOST.to_owned(),
        message: "a part of this upload is gone; send it again".to_owned(),
    }
}

impl App {
    /// Makes an asset of an upload that came in whole, by the same way as of a
    /// file that is sent at once, or writes down why none can be made. Doing it
    /// twice does it once.
    ///
    /// # Errors
    /// What may be otherwise another time.
    pub(crate) async fn complete_upload(&self, id: UploadId) -> Result<(), Error> {
        // The call that brought the last byte and the command come together.
        let _alone = self.completing.of(&id.to_string()).lock().await;
        let Some(upload) = uploads::any(self.store.read(), id).await? else {
            return Ok(());
        };
        if upload.state != State::Processing {
            return Ok(());
        }
        match self.make_asset(&upload).await {
            Ok(()) => Ok(()),
            Err(error) if error.is_definite() => self.fail_upload(&upload, &error).await,
            Err(error) => Err(error),
        }
    }

    /// Writes down that nothing can be made of an upload, and why.
    pub(super) async fn fail_upload(
        &self,
        upload: &upload::Model,
        error: &Error,
    ) -> Result<(), Error> {
        let message = error.to_string();
        let tx = self.store.begin().await?;
        let outcome = Err((error.told_reason(), &*message));
        if !uploads::settle(&tx, upload.id, outcome).await? {
            // Somebody ended it meanwhile: nothing failed.
            return Ok(tx.rollback().await?);
        }
        self.let_parts_go(&tx, upload).await?;
        tx.commit().await?;
        if error.told_reason() == LOST {
            tracing::error!(upload = %upload.id, "the parts of an upload do not make up its length");
        }
        metrics::counter!("media_uploads_failed_total").increment(1);
        Ok(())
    }

    async fn make_asset(&self, upload: &upload::Model) -> Result<(), Error> {
        let file = self.joined(upload).await?;
        let keep = Keep {
            metadata: upload.keep_metadata,
            location: upload.keep_location,
        };
        let made = self
            .pictures
            .process(
                file,
                self.config.upload_limits(),
                keep,
                self.config.upload_timeout_ms,
            )
            .await?;
        let placed = Placed {
            // So that whoever does this again makes the same asset.
            id: AssetId::derived(&upload.id.uuid(), 0),
            workspace_id: upload.workspace_id,
            user_id: upload.user_id,
            file_name: upload.file_name.clone(),
        };
        let (tx, asset) = self.place(placed, made).await?;
        if uploads::settle(&tx, upload.id, Ok(Some(asset.id))).await? {
            self.let_parts_go(&tx, upload).await?;
            tx.commit().await?;
            metrics::counter!("media_uploads_total", "type" => asset.content_type).increment(1);
        } else {
            // It was removed meanwhile, and nobody would know of the asset.
            tx.rollback().await?;
        }
        Ok(())
    }

    /// The parts, one behind the other, in a file without a name.
    async fn joined(&self, upload: &upload::Model) -> Result<Spooled, Error> {
        let mut spool = Spool::open(self.config.spool_folder.as_deref()).await?;
        for part in uploads::parts(self.store.read(), upload.id).await? {
            let found = self.objects.get(&Key::parse(&part.object_key)?, None).await;
            let mut object = match found {
                // It was told as stored, and will not come back by itself.
                Err(covergen_objects::Error::NotFound(_)) => return Err(lost()),
                found => found?,
            };
            while let Some(chunk) = object.body.next().await {
                spool.write(&chunk?).await?;
            }
        }
        if i64::try_from(spool.length()).is_ok_and(|length| length == upload.total_bytes) {
            Ok(spool.finish().await?)
        } else {
            Err(lost())
        }
    }

    /// Leaves a command that removes the parts of an upload.
    pub(super) async fn let_parts_go(&self, tx: &Tx, upload: &upload::Model) -> Result<(), Error> {
        let draft = CommandDraft::new(REMOVE_PARTS, &upload.id, payload(upload.id, 0)?);
        tx.command(draft.workspace(upload.workspace_id)).await?;
        Ok(())
    }

    /// Comes again until it has worked.
    pub(crate) async fn completion(
        self: &Arc<Self>,
        command: OutboxCommand,
    ) -> Result<(), DispatchFailure> {
        let Named { upload_id, round } = named(&command)?;
        let app = Arc::clone(self);
        // On its own: whoever sends commands waits less long than decoding may
        // take, and what was begun should not be begun anew.
        let work = async move {
            let found = uploads::any(app.store.read(), upload_id).await?;
            match found.filter(|upload| upload.state == State::Processing) {
                Some(upload) if upload.kind == Kind::Archive => {
                    app.read_archive(upload, round).await
                }
                Some(_) => app.complete_upload(upload_id).await,
                None => Ok(()),
            }
        };
        tokio::spawn(work).await.map_err(retry)?.map_err(retry)
    }

    /// Removes the parts of an upload that does not need them any more. Comes
    /// again until none is left.
    pub(crate) async fn parts_removal(
        &self,
        command: OutboxCommand,
    ) -> Result<(), DispatchFailure> {
        let id = named(&command)?.upload_id;
        loop {
            let found = uploads::every_part(self.store.read(), id, BATCH)
                .await
                .map_err(retry)?;
            if found.is_empty() {
                return Ok(());
            }
            let tx = self.store.begin().await.map_err(retry)?;
            let now = tx.lease_now_ms();
            tx.rollback().await.map_err(retry)?;
            for part in found {
                // One that is being stored right now could come after its
                // removal.
                let is_settled = part.state != crate::store::entity::part::State::Pending
                    || now - part.touched_at_ms >= self.config.deletion_lease_ms;
                if !is_settled {
                    return Err(retry("a part may still be on its way"));
                }
                self.remove_part(&part.object_key).await.map_err(retry)?;
            }
        }
    }

    /// Removes a part unless it counts by now, and says whether it did.
    pub(super) async fn remove_uncounted(&self, key: &str) -> Result<bool, Error> {
        let tx = self.store.begin().await?;
        let taken = uploads::take_away(&tx, key).await?;
        tx.commit().await?;
        if taken {
            self.remove_part(key).await?;
        }
        Ok(taken)
    }

    /// Removes a part, first the object, then the row.
    pub(super) async fn remove_part(&self, key: &str) -> Result<(), Error> {
        let lease = u64::try_from(self.config.deletion_lease_ms).unwrap_or(0);
        let parsed = Key::parse(key)?;
        let delete = self.objects.delete(&parsed);
        tokio::time::timeout(Duration::from_millis((lease / 2).max(1)), delete)
            .await
            .map_err(|_| Error::Interrupted)??;
        let tx = self.store.begin().await?;
        uploads::forget_part(&tx, key).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Removes uploads whose time has come, and parts that interrupted senders
    /// left.
    pub(super) async fn sweep_uploads(&self) -> Result<(), Error> {
        loop {
            let tx = self.store.begin().await?;
            let ids = uploads::expired(&tx, BATCH).await?;
            if ids.is_empty() {
                break;
            }
            let removed = uploads::delete_expired(&tx, ids).await?;
            for upload in &removed {
                self.let_parts_go(&tx, upload).await?;
            }
            tx.commit().await?;
            metrics::counter!("media_uploads_expired_total").increment(removed.len() as u64);
        }
        loop {
            let tx = self.store.begin().await?;
            let since = tx.lease_now_ms() - self.config.orphan_after_ms;
            tx.rollback().await?;
            let left = uploads::left(self.store.read(), since, BATCH).await?;
            if left.is_empty() {
                return Ok(());
            }
            for part in left {
                if self.remove_uncounted(&part.object_key).await? {
                    metrics::counter!("media_leftovers_total").increment(1);
                }
            }
        }
    }

    /// Removes uploads; their parts follow by the outbox. Returns how many were
    /// there.
    pub(super) async fn remove_uploads(
        &self,
        tx: &Tx,
        ids: impl IntoIterator<Item = UploadId>,
    ) -> Result<u64, Error> {
        let removed = uploads::delete(tx, ids).await?;
        for upload in &removed {
            self.let_parts_go(tx, upload).await?;
        }
        Ok(removed.len() as u64)
    }
}
