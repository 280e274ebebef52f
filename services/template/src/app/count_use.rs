use covergen_ids::WorkspaceId;
use covergen_proto::cover::v1::CoverGenerated;

use super::App;
use crate::error::Error;
use crate::events;
use crate::store;

/// The name under which the inbox knows this service.
pub(super) const CONSUMER: &str = "template";

impl App {
    /// Counts that covers were made with a template, once per event.
    pub(crate) async fn count_use(
        &self,
        event_id: &str,
        workspace: WorkspaceId,
        at_ms: i64,
        made: &CoverGenerated,
    ) -> Result<(), Error> {
        let tx = self.store.begin().await?;
        if !tx.first_delivery(CONSUMER, event_id).await? {
            tx.rollback().await?;
            return Ok(());
        }
        let id = made.template_id.as_str();
        if let Some(owner) = store::usage::owner(&tx, workspace, id).await? {
            // A clock that runs ahead must not make a template hot for days.
            let at_ms = at_ms.min(self.store.clock().now_ms());
            let uses = store::usage::count(&tx, owner, id, at_ms).await?;
            events::used(&tx, owner, made, uses).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}
