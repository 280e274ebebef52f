use covergen_ids::UserId;

use super::App;
use crate::error::Error;
use crate::events;
use crate::store::erase;

/// What somebody says who means it.
const CONFIRMATION: &str = "delete my account";

impl App {
    /// Deletes an account here, and tells everybody who keeps something of it
    /// to do so. Doing it again changes nothing.
    pub(crate) async fn delete_user(&self, user: UserId, confirmation: &str) -> Result<(), Error> {
        if confirmation.trim() != CONFIRMATION {
            return Err(Error::NotConfirmed(CONFIRMATION));
        }
        if self.store.is_departed(user).await? {
            return Ok(());
        }
        let profile = self.profile(user).await?;
        let tx = self.store.begin().await?;
        if !tx.depart(user).await? {
            return Ok(());
        }
        erase::user(&tx, user, profile.workspace_id).await?;
        tx.forget_principal(&user.to_string()).await?;
        events::deleted(&tx, user, profile.workspace_id).await?;
        tx.commit().await?;
        tracing::info!("an account was deleted");
        Ok(())
    }
}
