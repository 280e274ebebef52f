use covergen_ids::{UserId, WorkspaceId};

use super::App;
use crate::error::Error;
use crate::store;

impl App {
    /// Erases everything of a person who left, and remembers that they did, so
    /// that an event which comes late adds nothing. Doing so twice does
    /// nothing more: no inbox row is needed.
    pub(crate) async fn erase_user(
        &self,
        user: UserId,
        home: Option<WorkspaceId>,
    ) -> Result<(), Error> {
        self.store.depart(user).await?;
        let tx = self.store.begin().await?;
        store::erase::erase(&tx, user, home).await?;
        tx.commit().await?;
        Ok(())
    }
}
