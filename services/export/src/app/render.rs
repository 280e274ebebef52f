use covergen_ids::{AssetId, ExportId, UserId, WorkspaceId};
use covergen_imaging::FileFormat;
use covergen_proto::media::v1::PutAssetHeader;
use covergen_render::Size;
use covergen_saga::StepError;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use super::draw::{Job, LastPictures};
use super::{App, Lease};
use crate::design::Source;
use crate::domain::{Compression, format_named};
use crate::encoding::{Encoded, Plan};
use crate::error::Error;
use crate::store;
use crate::store::entity::export::{self, Kind};

/// What the step `render` leaves for `finish`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stored {
    /// None for an archive.
    pub(crate) asset_id: Option<AssetId>,
    /// Length of the download.
    pub(crate) bytes: i64,
    /// Quality that was used.
    #[serde(default)]
    pub(crate) quality: Option<u8>,
    /// Files of an archive.
    #[serde(default)]
    pub(crate) files: i32,
    /// Whose it is: the row may be erased before the files are.
    #[serde(default)]
    pub(crate) owner: Option<(WorkspaceId, UserId)>,
}

/// The asset that an execution of an export stores. Every execution has its
/// own, so that one's undoing never removes another's file.
pub(crate) fn asset_of(id: ExportId, execution: i32) -> AssetId {
    AssetId::derived(&id.uuid(), u32::try_from(execution).unwrap_or(0))
}

impl App {
    /// Renders an export and stores its file or files.
    pub(crate) async fn render(
        &self,
        id: ExportId,
        lease: Lease,
        stop: &CancellationToken,
    ) -> Result<Stored, StepError> {
        let row = self.begin(id, lease).await.map_err(judge)?;
        match row.kind {
            Kind::File => self.render_file(row, lease, stop).await,
            Kind::Archive => self.render_archive(row, lease, stop).await,
        }
    }

    async fn render_file(
        &self,
        row: export::Model,
        lease: Lease,
        stop: &CancellationToken,
    ) -> Result<Stored, StepError> {
        let source = Source::stored(&row.document, &row.pictures)
            .map_err(|error| StepError::fatal("DESIGN_NOT_EXPORTABLE", error.to_string()))?;
        let job = Job {
            source,
            size: size(row.width, row.height),
            watermark: row.watermark,
            plan: plan(&row.format, row.quality, row.max_bytes, &row.compression)?,
        };
        let format = job.plan.format;
        let encoded = self.draw(job, &LastPictures::default(), stop).await?;
        let asset_id = asset_of(row.id, lease.execution);
        let (bytes, quality) = (length(&encoded), encoded.quality);
        let place = (format, row.width, row.height);
        self.keep(&row, asset_id, place, encoded).await?;
        Ok(Stored {
            asset_id: Some(asset_id),
            bytes: i64::from(bytes),
            quality,
            files: 0,
            owner: Some((row.workspace_id, row.user_id)),
        })
    }

    /// Stores a file that was made for an export.
    pub(super) async fn keep(
        &self,
        row: &export::Model,
        asset_id: AssetId,
        (format, width, height): (FileFormat, i32, i32),
        encoded: Encoded,
    ) -> Result<(), StepError> {
        let header = PutAssetHeader {
            asset_id: asset_id.to_string(),
            workspace_id: row.workspace_id.to_string(),
            user_id: row.user_id.to_string(),
            content_type: format.media_type().to_owned(),
            file_name: format!("cover-{width}x{height}.{}", format.extension()),
        };
        let put = self.peers.put_asset(header, encoded.bytes.into()).await;
        put.map_err(|status| StepError::from_status(&status))?;
        // Whoever left while it was made leaves nothing behind.
        let still = store::any_export(self.store.read(), row.id).await;
        if still.map_err(|error| judge(error.into()))?.is_none() {
            let gone = self.peers.delete_assets(&[asset_id]).await;
            gone.map_err(|status| StepError::from_status(&status))?;
            return Err(judge(Error::ExportNotFound));
        }
        Ok(())
    }

    async fn begin(&self, id: ExportId, lease: Lease) -> Result<export::Model, Error> {
        let tx = self.store.begin().await?;
        let begun = store::begin(&tx, id, lease.fencing_token, tx.now_ms()).await?;
        let row = store::any_export(&tx, id)
            .await?
            .ok_or(Error::ExportNotFound)?;
        if !begun {
            // A later worker has it, or it has ended.
            return Err(covergen_store::Error::Fenced.into());
        }
        tx.commit().await?;
        Ok(row)
    }
}

/// How a row wants its file to be written.
pub(super) fn plan(
    format: &str,
    quality: i32,
    max_bytes: Option<i32>,
    compression: &str,
) -> Result<Plan, StepError> {
    let format = format_named(format)
        .ok_or_else(|| StepError::fatal("FORMAT_UNKNOWN", "this format is not written any more"))?;
    Ok(Plan {
        format,
        quality: u8::try_from(quality).unwrap_or(85).clamp(1, 100),
        compression: Compression::named(compression),
        max_bytes: max_bytes.and_then(|bytes| usize::try_from(bytes).ok()),
    })
}

pub(super) fn size(width: i32, height: i32) -> Size {
    let side = |px: i32| u32::try_from(px).unwrap_or(0);
    Size {
        width: side(width),
        height: side(height),
    }
}

/// Length of a file, which media bounds far below this number's end.
pub(super) fn length(encoded: &Encoded) -> i32 {
    i32::try_from(encoded.bytes.len()).unwrap_or(i32::MAX)
}

pub(crate) fn judge(error: Error) -> StepError {
    match error {
        Error::ExportNotFound => StepError::fatal("EXPORT_NOT_FOUND", error.to_string()),
        error => StepError::Transient(error.to_string()),
    }
}
