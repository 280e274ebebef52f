//! From content to a row that needs it: the part that every way of storing
//! shares. `objects` tells how deletions are kept apart from it.

use std::time::Duration;

use bytes::Bytes;
use covergen_ids::{AssetId, UserId, WorkspaceId};
use covergen_imaging::FileFormat;
use covergen_objects::{Key, PutMode};
use covergen_store::Tx;

use super::App;
use crate::error::Error;
use crate::events;
use crate::facts::small;
use crate::pictures::Processed;
use crate::store::entity::asset::{self, Kind};
use crate::store::entity::object::State;
use crate::store::{self, room};

/// How often storing begins again because the same content was being deleted,
/// and the pause before each time.
pub(super) const TRIES: usize = 20;
pub(super) const PAUSE: Duration = Duration::from_millis(50);

/// What came of recording an asset.
pub(super) enum Recorded {
    /// It is in the transaction.
    Fresh,
    /// The object was deleted meanwhile: store it again.
    ObjectGone,
    /// Somebody was faster with this id.
    IdTaken,
}

/// A person's file that becomes an asset: whose, and under what name.
pub(super) struct Placed {
    pub(super) id: AssetId,
    pub(super) workspace_id: WorkspaceId,
    pub(super) user_id: UserId,
    pub(super) file_name: String,
}

impl App {
    /// Stores what was made of a person's file and records its asset. What goes
    /// with the asset follows in the same transaction, which is still open.
    pub(super) async fn place(
        &self,
        placed: Placed,
        made: Processed,
    ) -> Result<(Tx, asset::Model), Error> {
        let mut row = asset::Model {
            id: placed.id,
            workspace_id: placed.workspace_id,
            user_id: placed.user_id,
            content_type: made.format.media_type().to_owned(),
            file_name: placed.file_name,
            width: small(made.look.width),
            height: small(made.look.height),
            bytes: small(made.content.len()),
            sha256: made.sha256,
            object_key: made.key.as_str().to_owned(),
            dominant_color: made.look.dominant_color,
            created_at_ms: 0,
            kind: Kind::Upload,
            placeholder: made.look.placeholder,
            has_alpha: made.look.has_alpha,
            source_json: Some(json(&made.source)?),
            metadata_json: made.metadata.as_ref().map(json).transpose()?,
        };
        for _ in 0..TRIES {
            if let Some(epoch) = self.reserve(&made.key).await? {
                self.store_object(&made.key, made.content.clone(), made.format)
                    .await?;
                let tx = self.store.begin_for(row.user_id).await?;
                row.created_at_ms = tx.now_ms();
                match self.record(&tx, &row, &epoch).await? {
                    Recorded::Fresh => return Ok((tx, row)),
                    Recorded::ObjectGone => tx.rollback().await?,
                    Recorded::IdTaken => return Err(Error::AssetIdTaken),
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
        Err(Error::Contended)
    }

    /// Makes sure that the object has a row, and returns its epoch; `None`
    /// while it is being deleted.
    pub(super) async fn reserve(&self, key: &Key) -> Result<Option<String>, Error> {
        let tx = self.store.begin().await?;
        let now = tx.lease_now_ms();
        let fresh = self.store.clock().uuid_v7().simple().to_string();
        if store::insert_object(&tx, key.as_str(), &fresh, now).await? {
            tx.commit().await?;
            return Ok(Some(fresh));
        }
        let Some(seen) = store::object(&tx, key.as_str()).await? else {
            return Ok(None);
        };
        let epoch = match seen.state {
            State::Live => seen.epoch.clone(),
            State::Gone => fresh,
            State::Deleting => return Ok(None),
        };
        // Touched also when nothing else changes, so that the sweep does not
        // take an upload that is under way for an interrupted one.
        if store::move_object(&tx, &seen, State::Live, &epoch, now).await? {
            tx.commit().await?;
            Ok(Some(epoch))
        } else {
            Ok(None)
        }
    }

    pub(super) async fn store_object(
        &self,
        key: &Key,
        content: Bytes,
        format: FileFormat,
    ) -> Result<(), Error> {
        let stored = self
            .objects
            .put(key, content, format.media_type(), PutMode::IfAbsent)
            .await;
        match stored {
            // The key is the content's hash: what is there is the same.
            Ok(_) | Err(covergen_objects::Error::AlreadyExists(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Inserts an asset whose object was stored under an epoch, takes room for
    /// it, and tells. Roll back unless it is fresh.
    pub(super) async fn record(
        &self,
        tx: &Tx,
        row: &asset::Model,
        epoch: &str,
    ) -> Result<Recorded, Error> {
        if !store::refer(tx, &row.object_key, epoch, tx.lease_now_ms()).await? {
            return Ok(Recorded::ObjectGone);
        }
        if !store::insert_asset(tx, row).await? {
            return Ok(Recorded::IdTaken);
        }
        let (bytes, uploads) = (self.config.workspace_bytes, self.config.workspace_uploads);
        if !room::take(tx, row, bytes, uploads).await? {
            let storage = room::storage(tx, row.workspace_id).await?;
            return Err(if storage.closed {
                Error::WorkspaceClosed
            } else {
                self.storage_full(&storage)
            });
        }
        events::uploaded(tx, row).await?;
        if row.kind == Kind::Upload {
            events::processed(tx, row).await?;
        }
        Ok(Recorded::Fresh)
    }

    pub(super) fn storage_full(&self, storage: &store::entity::storage::Model) -> Error {
        Error::StorageFull {
            used_bytes: storage.upload_bytes,
            limit_bytes: self.config.workspace_bytes,
            uploads: storage.uploads,
            limit_uploads: self.config.workspace_uploads,
        }
    }
}

fn json(facts: &impl serde::Serialize) -> Result<String, Error> {
    serde_json::to_string(facts).map_err(|_| Error::Interrupted)
}
