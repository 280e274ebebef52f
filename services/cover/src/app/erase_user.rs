use covergen_chassis::Event;
use covergen_ids::{UserId, WorkspaceId};
use covergen_proto::user::v1::UserDeleted;

use super::{App, commands};
use crate::error::Error;
use crate::store::erase;

impl App {
    /// Erases everything of a user who left, once, and asks the queue to stop
    /// what was still being made for them. Their files are media's to erase.
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
            for (task, workspace) in erase::erase(&tx, user, workspace).await? {
                commands::cancel_task(&tx, task, user, workspace).await?;
            }
        }
        tx.commit().await?;
        Ok(())
    }
}
