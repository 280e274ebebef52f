use covergen_ids::{UserId, WorkspaceId};

use super::App;
use crate::error::Error;
use crate::store;

/// The name under which the inbox knows the erasing: not the one of the
/// counting, which a rebuild forgets.
const ERASER: &str = "template-users";

impl App {
    /// Erases everything of a person. Covers that others made with a template
    /// of theirs keep their pictures; the template itself is gone.
    pub(crate) async fn user_deleted(
        &self,
        event_id: &str,
        user: UserId,
        home: WorkspaceId,
    ) -> Result<(), Error> {
        self.store.depart(user).await?;
        let samples = store::personal::versions(self.store.read(), user, home).await?;
        let tx = self.store.begin().await?;
        if tx.first_delivery(ERASER, event_id).await? {
            store::personal::erase(&tx, user, home).await?;
            tx.commit().await?;
        } else {
            tx.rollback().await?;
        }
        self.thumbnails.forget(&samples).await;
        Ok(())
    }
}
