use std::collections::HashSet;
use std::sync::Arc;

use covergen_ids::AssetId;
use covergen_store::{CommandDraft, Refusal as _};

use super::App;
use super::complete_upload::{COMPLETE_UPLOAD, lost, payload};
use super::record::Placed;
use crate::archive::{Archive, Bounds, Listed, Parts, Refused, Unreadable};
use crate::error::Error;
use crate::facts::{Keep, small};
use crate::spool::Spooled;
use crate::store::entity::{entry, upload};
use crate::store::{entries, uploads};

/// Files worked on in one round: few enough that a command does not last, and
/// that archives take turns.
const ROUND: usize = 8;

type Opened = Arc<Archive<Parts>>;

impl App {
    /// Makes an asset of each picture in an archive, some in one round. What
    /// came of a file is written down with its asset, so that whoever begins
    /// anew goes on behind it.
    ///
    /// # Errors
    /// What may be otherwise another time.
    pub(crate) async fn read_archive(
        &self,
        upload: upload::Model,
        round: i32,
    ) -> Result<(), Error> {
        if upload.round != round {
            return Ok(());
        }
        let turn = self.reading.of(&upload.id.to_string()).try_lock();
        let _alone = turn.map_err(|_| Error::UnderWay)?;
        let _turn = self.archives.acquire().await;
        match self.read_round(&upload).await {
            Ok(true) => self.settle_archive(&upload).await,
            Ok(false) => self.hand_on(&upload).await,
            Err(error) if error.is_definite() => self.fail_upload(&upload, &error).await,
            Err(error) => Err(error),
        }
    }

    /// Works on some files; `true` where none is left.
    async fn read_round(&self, upload: &upload::Model) -> Result<bool, Error> {
        let (archive, listed) = self.open_archive(upload).await?;
        if upload.entries.is_none() {
            let tx = self.store.begin().await?;
            entries::count(&tx, upload.id, small(listed.len())).await?;
            tx.commit().await?;
        }
        let done = entries::positions(self.store.read(), upload.id).await?;
        let done: HashSet<i32> = done.into_iter().collect();
        let mut left = listed
            .into_iter()
            .filter(|entry| !done.contains(&entry.position));
        for entry in left.by_ref().take(ROUND) {
            self.take_entry(upload, &archive, entry).await?;
        }
        Ok(left.next().is_none())
    }

    /// Finds the directory of an archive and what stands in it.
    async fn open_archive(&self, upload: &upload::Model) -> Result<(Opened, Vec<Listed>), Error> {
        let rows = uploads::parts(self.store.read(), upload.id).await?;
        let parts = Parts::new(Arc::clone(&self.objects), rows);
        let length = parts
            .length()
            .filter(|length| i64::try_from(*length) == Ok(upload.total_bytes))
            .ok_or_else(lost)?;
        let bounds = Bounds {
            entries: self.config.archive_entries,
            entry_bytes: self.config.upload_limits().max_bytes as u64,
        };
        let opened = tokio::task::spawn_blocking(move || {
            let archive = match Archive::open(parts, length) {
                Ok(archive) => archive,
                Err((parts, error)) => return Err(cause(&parts, Error::Archive(error))),
            };
            match archive.list(bounds) {
                Ok(listed) => Ok((Arc::new(archive), listed)),
                Err(error) => Err(cause(archive.source(), Error::Archive(error))),
            }
        });
        let opened = opened.await.map_err(|error| {
            let damaged = Unreadable::Damaged("it cannot be read".to_owned());
            Error::of_join(&error, Error::Archive(damaged))
        })?;
        opened.map_err(gone)
    }

    /// Makes an asset of a file, or writes down why none can be made.
    async fn take_entry(
        &self,
        upload: &upload::Model,
        archive: &Opened,
        listed: Listed,
    ) -> Result<(), Error> {
        let mut row = entry::Model {
            upload_id: upload.id,
            position: listed.position,
            workspace_id: upload.workspace_id,
            name: listed.name.clone(),
            asset_id: None,
            error_reason: None,
            error_message: None,
        };
        let refused = match self.make_entry(upload, archive, listed, &row).await {
            Ok(()) => return Ok(()),
            // Nothing of the archive can be had any more, or be put anywhere.
            Err(error @ (Error::UploadFailed { .. } | Error::WorkspaceClosed)) => {
                return Err(error);
            }
            Err(error) if error.is_definite() => error,
            Err(error) => return Err(error),
        };
        row.error_reason = Some(refused.told_reason().to_owned());
        row.error_message = Some(refused.to_string());
        let tx = self.store.begin().await?;
        if entries::insert(&tx, &row).await? {
            tx.commit().await?;
            metrics::counter!("media_archive_entries_total", "outcome" => "failed").increment(1);
        } else {
            tx.rollback().await?;
        }
        Ok(())
    }

    async fn make_entry(
        &self,
        upload: &upload::Model,
        archive: &Opened,
        listed: Listed,
        row: &entry::Model,
    ) -> Result<(), Error> {
        // First, so that a full workspace costs no decoding of what is left.
        self.check_room_of(upload.workspace_id).await?;
        let file = self.extract(archive, &listed).await?;
        let keep = Keep {
            metadata: upload.keep_metadata,
            location: upload.keep_location,
        };
        let (limits, timeout_ms) = (self.config.upload_limits(), self.config.upload_timeout_ms);
        let made = self.pictures.process(file, limits, keep, timeout_ms);
        let made = made.await?;
        let index = u32::try_from(listed.position).map_err(|_| Error::Interrupted)?;
        let placed = Placed {
            // So that whoever does this again makes the same asset.
            id: AssetId::derived(&upload.id.uuid(), index),
            workspace_id: upload.workspace_id,
            user_id: upload.user_id,
            file_name: listed.name,
        };
        let (tx, asset) = match self.place(placed, made).await {
            Ok(placed) => placed,
            // Somebody else was faster, and has written it down with it.
            Err(Error::AssetIdTaken) => return Ok(()),
            Err(error) => return Err(error),
        };
        let row = entry::Model {
            asset_id: Some(asset.id),
            ..row.clone()
        };
        if entries::insert(&tx, &row).await? {
            tx.commit().await?;
            metrics::counter!("media_uploads_total", "type" => asset.content_type).increment(1);
            metrics::counter!("media_archive_entries_total", "outcome" => "succeeded").increment(1);
        } else {
            // The upload was removed meanwhile: nobody would know of the asset.
            tx.rollback().await?;
        }
        Ok(())
    }

    /// The content of a file, in one without a name.
    async fn extract(&self, archive: &Opened, listed: &Listed) -> Result<Spooled, Error> {
        let found = listed.found.clone().map_err(Error::Entry)?;
        let archive = Arc::clone(archive);
        let limit_bytes = self.config.upload_limits().max_bytes as u64;
        let folder = self.config.spool_folder.clone();
        let extracted = tokio::task::spawn_blocking(move || {
            let extracted = archive.extract(found, limit_bytes, folder.as_deref());
            match extracted {
                Ok(Ok(file)) => Ok(file),
                Ok(Err(refused)) => Err(cause(archive.source(), Error::Entry(refused))),
                Err(error) => Err(Error::Spool(error)),
            }
        });
        let extracted = extracted.await.map_err(|error| {
            let damaged = Refused::Damaged("it cannot be read".to_owned());
            Error::of_join(&error, Error::Entry(damaged))
        })?;
        extracted.map_err(gone)
    }

    /// Leaves a command for the next round.
    async fn hand_on(&self, upload: &upload::Model) -> Result<(), Error> {
        let tx = self.store.begin().await?;
        if entries::next_round(&tx, upload.id, upload.round).await? {
            let payload = payload(upload.id, upload.round.saturating_add(1))?;
            let draft = CommandDraft::new(COMPLETE_UPLOAD, &upload.id, payload);
            tx.command(draft.workspace(upload.workspace_id)).await?;
            tx.commit().await?;
        } else {
            tx.rollback().await?;
        }
        Ok(())
    }

    /// Every file was looked at.
    async fn settle_archive(&self, upload: &upload::Model) -> Result<(), Error> {
        let Some(seen) = uploads::any(self.store.read(), upload.id).await? else {
            return Ok(());
        };
        if seen.entries_done == 0 {
            let entries = seen.entries.unwrap_or_default();
            let error = Error::NoPictures { entries };
            return self.fail_upload(&seen, &error).await;
        }
        let tx = self.store.begin().await?;
        if uploads::settle(&tx, upload.id, Ok(None)).await? {
            self.let_parts_go(&tx, upload).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

/// Why something in an archive cannot be read: what the object store said comes
/// before what the archive looks like without it.
fn cause(parts: &Parts, seen: Error) -> Error {
    parts.take_failure().map_or(seen, Error::Objects)
}

/// A part that is not there was told as stored, and will not come back by
/// itself.
fn gone(error: Error) -> Error {
    match error {
        Error::Objects(covergen_objects::Error::NotFound(_)) => lost(),
        error => error,
    }
}
