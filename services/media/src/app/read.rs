use std::collections::HashMap;

use covergen_identity::Principal;
use covergen_ids::{AssetId, WorkspaceId};
use covergen_objects::{Body, Key};
use covergen_proto::media::v1::ListAssetsRequest;
use covergen_proto::media::v1::asset::Kind as Wanted;
use covergen_store::{Cursor, Page, page_size};

use super::App;
use crate::error::Error;
use crate::store::entity::asset::{self, Kind};
use crate::store::entity::storage;
use crate::store::{self, owned, room};

/// Content on its way out.
pub(crate) struct Served {
    pub(crate) content_type: String,
    pub(crate) body: Body,
}

/// A page of a person's assets, and the room that their workspace takes.
pub(crate) struct Listed {
    pub(crate) page: Page<asset::Model>,
    pub(crate) storage: storage::Model,
}

impl App {
    /// A person's assets, newest first.
    pub(crate) async fn list_assets(
        &self,
        who: &Principal,
        request: &ListAssetsRequest,
    ) -> Result<Listed, Error> {
        let (kind, list) = match request.kind() {
            Wanted::Generated => (Kind::Generated, "media.generated"),
            Wanted::Upload | Wanted::Unspecified => (Kind::Upload, "media.uploads"),
        };
        let size = page_size(request.page_size);
        let after = Cursor::decode::<(i64, AssetId)>(list, &request.page_token)?;
        let db = self.store.read();
        let rows = owned::assets(db, who, kind, after, size + 1).await?;
        Ok(Listed {
            page: Page::cut(rows, size, list, |row: &asset::Model| {
                (row.created_at_ms, row.id)
            }),
            storage: room::storage(db, who.workspace_id).await?,
        })
    }

    /// An asset of a workspace.
    pub(crate) async fn get_asset(
        &self,
        workspace: WorkspaceId,
        id: AssetId,
    ) -> Result<asset::Model, Error> {
        store::asset(self.store.read(), workspace, id)
            .await?
            .ok_or(Error::AssetNotFound)
    }

    /// Those of some assets that a workspace has, in the order asked for and
    /// each once.
    pub(crate) async fn size_images(
        &self,
        workspace: WorkspaceId,
        ids: &[AssetId],
    ) -> Result<Vec<asset::Model>, Error> {
        let found = store::assets(self.store.read(), workspace, ids).await?;
        let mut by_id: HashMap<AssetId, asset::Model> =
            found.into_iter().map(|row| (row.id, row)).collect();
        Ok(ids.iter().filter_map(|id| by_id.remove(id)).collect())
    }

    /// The content of a workspace's asset.
    pub(crate) async fn read_asset(
        &self,
        workspace: WorkspaceId,
        id: AssetId,
    ) -> Result<Served, Error> {
        let asset = self.get_asset(workspace, id).await?;
        self.content(asset).await
    }

    /// The stored file of an asset.
    pub(crate) async fn content(&self, asset: asset::Model) -> Result<Served, Error> {
        let object = self
            .objects
            .get(&Key::parse(&asset.object_key)?, None)
            .await;
        match object {
            Ok(object) => Ok(Served {
                content_type: asset.content_type,
                body: object.body,
            }),
            // Deleted between the look at the row and the look at the object.
            Err(covergen_objects::Error::NotFound(_))
                if store::any_asset(self.store.read(), asset.id)
                    .await?
                    .is_none() =>
            {
                Err(Error::AssetNotFound)
            }
            Err(error) => Err(error.into()),
        }
    }
}
