//! What template emits. It subscribes to nothing.

use covergen_ids::WorkspaceId;
use covergen_proto::template::v1::TemplatePublished;
use covergen_store::{Error, EventDraft, Tx};

use crate::domain::Design;

/// A version of a built-in template can be used.
pub(crate) async fn published(tx: &Tx, design: &Design) -> Result<(), Error> {
    let event = TemplatePublished {
        template_id: design.id.clone(),
        version: design.version,
    };
    tx.emit(EventDraft::new(&design.id, WorkspaceId::SYSTEM, &event))
        .await?;
    Ok(())
}
