use covergen_chassis::Event;
use covergen_ids::{UserId, WorkspaceId};
use covergen_proto::user::v1::UserDeleted;

use super::App;
use crate::error::Error;
use crate::store::erase;

impl App {
    /// Erases everything of a user who left, once. Their files are media's to
    /// erase; work on an export that is gone ends by itself and takes what it
    /// has stored since with it.
    pub(crate) async fn erase_user(
        &self,
        consumer: &str,
        event: &Event<UserDeleted>,
        user: UserId,
        workspace: Option<WorkspaceId>,
    ) -> Result<(), Error> {
        self.store.depart(user).await?;
        let tx = self.store.begin().await?;
        if tx.first_delivery(consumer, &event.id).await? {
            erase::erase(&tx, user, workspace).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}
