use std::time::Duration;

use bytes::Bytes;
use covergen_ids::{AssetId, UserId, WorkspaceId};
use covergen_imaging::FileFormat;
use covergen_objects::{Key, PutMode};

use super::App;
use crate::error::Error;
use crate::events;
use crate::pictures::Inspected;
use crate::store;
use crate::store::entity::asset;
use crate::store::entity::object::State;

/// How often an upload begins again because the same content was being
/// deleted, and the pause before each time.
const TRIES: usize = 20;
const PAUSE: Duration = Duration::from_millis(50);

/// An upload, complete.
pub(crate) struct NewAsset {
    pub(crate) id: AssetId,
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) user_id: UserId,
    pub(crate) format: FileFormat,
    pub(crate) file_name: String,
    pub(crate) content: Bytes,
}

impl App {
    /// Stores an asset. Its id is the key: the same content again answers with
    /// the same asset, other content is refused.
    ///
    /// The object's row comes first, then the object, then the asset: a crash
    /// in between leaves a row that no asset refers to, and the sweep finds it.
    pub(crate) async fn put_asset(&self, new: NewAsset) -> Result<asset::Model, Error> {
        let inspected = self
            .pictures
            .inspect(new.content.clone(), new.format)
            .await?;
        let known = store::any_asset(self.store.read(), new.id).await?;
        if let Some(known) = known {
            return same(known, &new, &inspected.sha256);
        }
        for _ in 0..TRIES {
            if let Some(epoch) = self.reserve(&inspected.key).await? {
                self.store_object(&inspected.key, &new).await?;
                if let Some(asset) = self.record(&new, &inspected, &epoch).await? {
                    return same(asset, &new, &inspected.sha256);
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
        Err(Error::Contended)
    }

    /// Makes sure that the object has a row, and returns its epoch; `None`
    /// while it is being deleted.
    async fn reserve(&self, key: &Key) -> Result<Option<String>, Error> {
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

    async fn store_object(&self, key: &Key, new: &NewAsset) -> Result<(), Error> {
        let stored = self
            .objects
            .put(
                key,
                new.content.clone(),
                new.format.media_type(),
                PutMode::IfAbsent,
            )
            .await;
        match stored {
            // The key is the content's hash: what is there is the same.
            Ok(_) | Err(covergen_objects::Error::AlreadyExists(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Inserts the asset, or returns the one that has its id; `None` when the
    /// object was deleted meanwhile.
    async fn record(
        &self,
        new: &NewAsset,
        inspected: &Inspected,
        epoch: &str,
    ) -> Result<Option<asset::Model>, Error> {
        let tx = self.store.begin().await?;
        let now = tx.now_ms();
        let key = inspected.key.as_str();
        if !store::refer(&tx, key, epoch, tx.lease_now_ms()).await? {
            return Ok(None);
        }
        let row = asset::Model {
            id: new.id,
            workspace_id: new.workspace_id,
            user_id: new.user_id,
            content_type: new.format.media_type().to_owned(),
            file_name: new.file_name.clone(),
            width: small(inspected.width),
            height: small(inspected.height),
            bytes: i32::try_from(new.content.len()).unwrap_or(i32::MAX),
            sha256: inspected.sha256.clone(),
            object_key: key.to_owned(),
            dominant_color: inspected.dominant_color.clone(),
            created_at_ms: now,
        };
        if store::insert_asset(&tx, &row).await? {
            events::uploaded(&tx, &row).await?;
            tx.commit().await?;
            metrics::counter!("media_uploads_total", "type" => row.content_type.clone())
                .increment(1);
            return Ok(Some(row));
        }
        // Somebody was faster with this id; the reference is taken back.
        tx.rollback().await?;
        Ok(store::any_asset(self.store.read(), new.id).await?)
    }
}

/// The asset that has the id, if it is the one that was sent.
fn same(known: asset::Model, new: &NewAsset, sha256: &str) -> Result<asset::Model, Error> {
    let same = known.workspace_id == new.workspace_id
        && known.user_id == new.user_id
        && known.content_type == new.format.media_type()
        && known.sha256 == sha256;
    if same {
        Ok(known)
    } else {
        Err(Error::AssetIdTaken)
    }
}

/// The caps are far below what the column holds.
fn small(side: u32) -> i32 {
    i32::try_from(side).unwrap_or(i32::MAX)
}
