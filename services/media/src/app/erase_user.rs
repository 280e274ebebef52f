use covergen_ids::{UserId, WorkspaceId};

use super::App;
use crate::error::Error;
use crate::store::{owned, room, tombstones, uploads};

/// Assets deleted in one transaction.
const BATCH: u64 = 50;

impl App {
    /// Erases everything of a user who left: their assets and what is still
    /// coming in, in every workspace, whatever stands in the workspace that goes with them, and the replies
    /// kept for them. Their objects follow by the outbox.
    ///
    /// Their workspace is closed, so that nobody else stores anything there
    /// afterwards. Doing it twice does it once.
    pub(crate) async fn erase_user(
        &self,
        user: UserId,
        workspace: Option<WorkspaceId>,
    ) -> Result<(), Error> {
        self.store.depart(user).await?;
        let tx = self.store.begin().await?;
        if let Some(workspace) = workspace {
            room::close(&tx, workspace).await?;
            tombstones::clear(&tx, workspace).await?;
        }
        tx.commit().await?;
        loop {
            let tx = self.store.begin().await?;
            let ids = uploads::of_leaver(&tx, user, workspace, BATCH).await?;
            if ids.is_empty() {
                break;
            }
            self.remove_uploads(&tx, ids).await?;
            tx.commit().await?;
        }
        loop {
            let tx = self.store.begin().await?;
            let deleted = owned::delete_some(&tx, user, workspace, BATCH).await?;
            if deleted.is_empty() {
                return Ok(());
            }
            self.let_go(&tx, &deleted).await?;
            tx.commit().await?;
        }
    }
}
