use std::sync::Arc;

use covergen_ids::{AssetId, ExportId};
use covergen_imaging::Picture;
use covergen_proto::media::v1::PutAssetHeader;
use covergen_render::{Renderer, Size};
use covergen_saga::StepError;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use super::{App, Lease};
use crate::design::{self, DesignError};
use crate::domain::format_named;
use crate::encoding::{self, EncodingError};
use crate::error::Error;
use crate::store;
use crate::store::entity::export;

/// What the step `render` leaves for `finish`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stored {
    pub(crate) asset_id: AssetId,
    pub(crate) bytes: i32,
}

/// The asset that an execution of an export stores. Every execution has its
/// own, so that one's undoing never removes another's file.
pub(crate) fn asset_of(id: ExportId, execution: i32) -> AssetId {
    AssetId::derived(&id.uuid(), u32::try_from(execution).unwrap_or(0))
}

impl App {
    /// Renders an export and stores its file.
    pub(crate) async fn render(
        &self,
        id: ExportId,
        lease: Lease,
        stop: &CancellationToken,
    ) -> Result<Stored, StepError> {
        let row = self.begin(id, lease).await.map_err(judge)?;
        let turn = Arc::clone(&self.turns)
            .acquire_owned()
            .await
            .map_err(|_| StepError::Transient("shutting down".to_owned()))?;
        let (renderer, stop, export) = (Arc::clone(&self.renderer), stop.clone(), row.clone());
        let file = tokio::task::spawn_blocking(move || {
            // Inside, so that a step that is dropped does not make room for
            // one more while this still runs.
            let _turn = turn;
            make(&renderer, &export, &stop)
        })
        .await
        .map_err(|error| StepError::Transient(error.to_string()))??;
        let asset_id = asset_of(id, lease.execution);
        let bytes = i32::try_from(file.len()).unwrap_or(i32::MAX);
        let content_type = format_named(&row.format)
            .map(covergen_imaging::FileFormat::media_type)
            .unwrap_or_default();
        let header = PutAssetHeader {
            asset_id: asset_id.to_string(),
            workspace_id: row.workspace_id.to_string(),
            user_id: row.user_id.to_string(),
            content_type: content_type.to_owned(),
            file_name: file_name(&row),
        };
        self.peers
            .put_asset(header, file.into())
            .await
            .map_err(|status| StepError::from_status(&status))?;
        Ok(Stored { asset_id, bytes })
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

/// From the design to the file; runs for as long as it takes.
fn make(
    renderer: &Renderer,
    row: &export::Model,
    stop: &CancellationToken,
) -> Result<Vec<u8>, StepError> {
    let side = |px: i32| u32::try_from(px).unwrap_or(0);
    let size = Size {
        width: side(row.width),
        height: side(row.height),
    };
    let scene = design::lay_out(&row.document, size, row.watermark).map_err(refused)?;
    if stop.is_cancelled() {
        return Err(StepError::Transient("stopped".to_owned()));
    }
    let started = std::time::Instant::now();
    let rendered = renderer
        .render(&scene)
        .map_err(|error| refused(error.into()))?;
    metrics::histogram!("export_render_seconds").record(started.elapsed().as_secs_f64());
    let picture = rendered.picture;
    let picture = Picture::new(picture.width, picture.height, picture.rgba)
        .map_err(|error| StepError::Transient(error.to_string()))?;
    let format = format_named(&row.format)
        .ok_or_else(|| StepError::fatal("FORMAT_UNKNOWN", "this format is not written any more"))?;
    encoding::write(
        &picture,
        format,
        u8::try_from(row.quality).unwrap_or(85),
        row.max_bytes.and_then(|bytes| usize::try_from(bytes).ok()),
        stop,
    )
    .map_err(|error| match error {
        EncodingError::Unreachable { .. } => {
            StepError::fatal("MAX_BYTES_UNREACHABLE", error.to_string())
        }
        EncodingError::Stopped | EncodingError::Encoder(_) => {
            StepError::Transient(error.to_string())
        }
    })
}

/// A design that is at fault stays so; a font that is missing here may be
/// there on another machine.
fn refused(error: DesignError) -> StepError {
    match error {
        DesignError::Refused(cause) if !cause.is_input() => StepError::Transient(cause.to_string()),
        error => StepError::fatal("DESIGN_NOT_EXPORTABLE", error.to_string()),
    }
}

pub(crate) fn judge(error: Error) -> StepError {
    match error {
        Error::ExportNotFound => StepError::fatal("EXPORT_NOT_FOUND", error.to_string()),
        error => StepError::Transient(error.to_string()),
    }
}

fn file_name(row: &export::Model) -> String {
    let extension = format_named(&row.format)
        .map(covergen_imaging::FileFormat::extension)
        .unwrap_or_default();
    format!("cover-{}x{}.{extension}", row.width, row.height)
}
