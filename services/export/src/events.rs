//! What export emits. It subscribes to nothing.

use covergen_proto::export::v1::ExportReady;
use covergen_store::{Error, EventDraft, Tx};

use crate::store::entity::export::{self, Status};

/// An export ended. One that was cancelled has no file, so it has failed for
/// whoever waits for it.
pub(crate) async fn ready(tx: &Tx, export: &export::Model) -> Result<(), Error> {
    let status = match export.status {
        Status::Succeeded => Status::Succeeded,
        _ => Status::Failed,
    };
    let event = ExportReady {
        export_id: export.id.to_string(),
        user_id: export.user_id.to_string(),
        cover_id: export.cover_id.to_string(),
        status: status.as_str().to_owned(),
    };
    tx.emit(EventDraft::new(&export.id, export.workspace_id, &event))
        .await?;
    Ok(())
}
