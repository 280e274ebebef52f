use covergen_ids::{UserId, WorkspaceId};

use super::App;
use crate::error::Error;
use crate::store;

impl App {
    /// Deletes every task of a person who left, whatever its state. A worker
    /// that holds one loses its lease and stops; what its steps left is erased
    /// by the services that own it, which hear the same event.
    pub(crate) async fn erase_user(
        &self,
        user: UserId,
        personal: WorkspaceId,
    ) -> Result<(), Error> {
        self.store.depart(user).await?;
        let tx = self.store.begin().await?;
        let erased = store::erase(&tx, user, personal).await?;
        tx.commit().await?;
        if erased > 0 {
            tracing::info!(erased, "tasks of a person who left were deleted");
        }
        Ok(())
    }
}
