//! The RPCs that only look.

use covergen_ids::{ExportId, WorkspaceId};
use covergen_proto::export::v1::{ListPresetsResponse, Preset};

use super::App;
use crate::domain::{Platform, format_name};
use crate::error::Error;
use crate::store;
use crate::store::entity::export::{self, Kind, Status};
use crate::store::entity::file;
use crate::store::files;

/// An export, its files where it is an archive, and where it can be had.
pub(crate) struct ExportView {
    pub(crate) export: export::Model,
    pub(crate) files: Vec<file::Model>,
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
        let is_done = export.status == Status::Succeeded;
        let download_url = match export.asset_id {
            _ if !is_done => String::new(),
            Some(asset) => self.peers.address(asset).await?,
            // Put together as it is sent, so it has no address in media.
            None => format!("/api/v1/export/{id}/download"),
        };
        let files = match export.kind {
            Kind::File => Vec::new(),
            Kind::Archive => files::of(self.store.read(), id).await?,
        };
        Ok(ExportView {
            export,
            files,
            download_url,
        })
    }

    pub(super) async fn export(
        &self,
        workspace: WorkspaceId,
        id: ExportId,
    ) -> Result<export::Model, Error> {
        store::export(self.store.read(), workspace, id)
            .await?
            .ok_or(Error::ExportNotFound)
    }

    /// The platforms' sizes, the most wanted first.
    pub(crate) fn list_presets() -> ListPresetsResponse {
        let presets = covergen_render::Preset::ALL.iter().map(|preset| {
            let platform = Platform::of(preset.id);
            let max_bytes = platform.and_then(|platform| platform.max_bytes);
            let formats = platform.map_or(&[][..], |platform| platform.formats);
            // At most 4096 a side.
            let side = |px: u32| i32::try_from(px).unwrap_or(i32::MAX);
            Preset {
                id: preset.id.to_owned(),
                name: preset.name.to_owned(),
                width: side(preset.size.width),
                height: side(preset.size.height),
                platform: platform.map_or("", |platform| platform.name).to_owned(),
                max_bytes: max_bytes
                    .and_then(|bytes| i32::try_from(bytes).ok())
                    .unwrap_or(0),
                formats: formats
                    .iter()
                    .map(|format| format_name(*format).to_owned())
                    .collect(),
            }
        });
        ListPresetsResponse {
            presets: presets.collect(),
        }
    }
}
