use covergen_ids::WorkspaceId;

use super::App;
use crate::domain::popularity::counted_at;
use crate::error::Error;
use crate::events::COUNTER;
use crate::store;

impl App {
    /// Counts that covers were made with a template, once per event. It writes
    /// nothing but popularity and tells nobody: a rebuild does it all anew, for
    /// the templates that are there.
    pub(crate) async fn count_use(
        &self,
        event_id: &str,
        workspace: WorkspaceId,
        at_ms: i64,
        template_id: &str,
    ) -> Result<(), Error> {
        let tx = self.store.begin().await?;
        if !tx.first_delivery(COUNTER, event_id).await? {
            tx.rollback().await?;
            return Ok(());
        }
        if let Some(owner) = store::usage::hold(&tx, workspace, template_id).await? {
            let at_ms = counted_at(at_ms, tx.now_ms());
            store::usage::count(&tx, owner, template_id, at_ms).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}
