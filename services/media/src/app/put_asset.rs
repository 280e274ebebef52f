use bytes::Bytes;
use covergen_ids::{AssetId, UserId, WorkspaceId};
use covergen_imaging::FileFormat;

use super::App;
use super::record::{PAUSE, Recorded, TRIES};
use crate::error::Error;
use crate::facts::small;
use crate::pictures::Inspected;
use crate::store::entity::asset::{self, Kind};
use crate::store::{self, tombstones};

/// A service's upload, complete.
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
    /// the same asset, other content is refused, and so is what comes after the
    /// id was deleted.
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
        // Asked again where it counts; here so that nothing is stored in vain.
        if self.store.is_departed(new.user_id).await? {
            return Err(covergen_store::Error::Departed.into());
        }
        if tombstones::lies(self.store.read(), new.workspace_id, new.id).await? {
            return Err(Error::AssetDeleted);
        }
        for _ in 0..TRIES {
            if let Some(epoch) = self.reserve(&inspected.key).await? {
                self.store_object(&inspected.key, new.content.clone(), new.format)
                    .await?;
                if let Some(asset) = self.insert(&new, &inspected, &epoch).await? {
                    return same(asset, &new, &inspected.sha256);
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
        Err(Error::Contended)
    }

    /// Inserts the asset, or returns the one that has its id; `None` when the
    /// object was deleted meanwhile.
    async fn insert(
        &self,
        new: &NewAsset,
        inspected: &Inspected,
        epoch: &str,
    ) -> Result<Option<asset::Model>, Error> {
        let tx = self.store.begin_for(new.user_id).await?;
        let row = asset::Model {
            id: new.id,
            workspace_id: new.workspace_id,
            user_id: new.user_id,
            content_type: new.format.media_type().to_owned(),
            file_name: new.file_name.clone(),
            width: small(inspected.look.width),
            height: small(inspected.look.height),
            bytes: small(new.content.len()),
            sha256: inspected.sha256.clone(),
            object_key: inspected.key.as_str().to_owned(),
            dominant_color: inspected.look.dominant_color.clone(),
            created_at_ms: tx.now_ms(),
            kind: Kind::Generated,
            placeholder: inspected.look.placeholder.clone(),
            has_alpha: inspected.look.has_alpha,
            source_json: None,
            metadata_json: None,
        };
        match self.record(&tx, &row, epoch).await? {
            Recorded::Fresh => {
                // It has passed by the workspace's row.
                if tombstones::lies(&tx, new.workspace_id, new.id).await? {
                    return Err(Error::AssetDeleted);
                }
                tx.commit().await?;
                metrics::counter!("media_uploads_total", "type" => row.content_type.clone())
                    .increment(1);
                Ok(Some(row))
            }
            Recorded::ObjectGone => Ok(None),
            Recorded::IdTaken => {
                // The reference is taken back.
                tx.rollback().await?;
                Ok(store::any_asset(self.store.read(), new.id).await?)
            }
        }
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
