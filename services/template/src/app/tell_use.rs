use covergen_ids::WorkspaceId;
use covergen_proto::cover::v1::CoverGenerated;
use covergen_store::Tx;

use super::App;
use crate::error::Error;
use crate::events;
use crate::store;

impl App {
    /// Tells that covers were made with a template.
    pub(crate) async fn tell_use(
        &self,
        tx: &Tx,
        workspace: WorkspaceId,
        made: &CoverGenerated,
    ) -> Result<(), Error> {
        let id = made.template_id.as_str();
        if let Some(owner) = store::usage::owner(tx, workspace, id).await? {
            // Counting goes its own way: it may be behind, most of all during a
            // rebuild. That it was used once is known without it.
            let uses = store::usage::counted(tx, id).await?.max(1);
            events::used(tx, owner, made, uses).await?;
        }
        Ok(())
    }
}
