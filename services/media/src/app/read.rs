use covergen_ids::{AssetId, WorkspaceId};
use covergen_objects::{Body, Key};

use super::App;
use crate::error::Error;
use crate::store;
use crate::store::entity::asset;

/// Content on its way out.
pub(crate) struct Served {
    pub(crate) content_type: String,
    pub(crate) body: Body,
}

impl App {
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
