//! The RPCs that only look.

use covergen_ids::{ExportId, WorkspaceId};
use covergen_proto::export::v1::{ListPresetsResponse, Preset};

use super::App;
use crate::error::Error;
use crate::peers::Content;
use crate::store;
use crate::store::entity::export::{self, Status};

/// An export, and where its file can be had.
pub(crate) struct ExportView {
    pub(crate) export: export::Model,
    /// Empty until there is a file.
    pub(crate) download_url: String,
}

impl App {
    /// An export of a workspace.
    pub(crate) async fn get_status(
        &self,
        workspace: WorkspaceId,
        id: ExportId,
    ) -> Result<ExportView, Error> {
        let export = self.export(workspace, id).await?;
        let download_url = match export.asset_id {
            Some(asset) if export.status == Status::Succeeded => self.peers.address(asset).await?,
            _ => String::new(),
        };
        Ok(ExportView {
            export,
            download_url,
        })
    }

    /// The file of an export.
    pub(crate) async fn download(
        &self,
        workspace: WorkspaceId,
        id: ExportId,
    ) -> Result<Content, Error> {
        let export = self.export(workspace, id).await?;
        match export.asset_id {
            Some(asset) if export.status == Status::Succeeded => {
                Ok(self.peers.content(asset).await?)
            }
            _ => Err(Error::NotReady(export.status.as_str())),
        }
    }

    async fn export(&self, workspace: WorkspaceId, id: ExportId) -> Result<export::Model, Error> {
        store::export(self.store.read(), workspace, id)
            .await?
            .ok_or(Error::ExportNotFound)
    }

    /// The platforms' sizes, the most wanted first.
    pub(crate) fn list_presets() -> ListPresetsResponse {
        // At most 4096 a side.
        let side = |px: u32| i32::try_from(px).unwrap_or(i32::MAX);
        ListPresetsResponse {
            presets: covergen_render::Preset::ALL
                .iter()
                .map(|preset| Preset {
                    id: preset.id.to_owned(),
                    name: preset.name.to_owned(),
                    width: side(preset.size.width),
                    height: side(preset.size.height),
                })
                .collect(),
        }
    }
}
