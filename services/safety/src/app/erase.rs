use covergen_ids::UserId;

use super::App;
use crate::error::Error;
use crate::store;

impl App {
    /// Removes everything that is kept of a person. Doing it again changes
    /// nothing.
    pub(crate) async fn erase_user(&self, user: UserId) -> Result<(), Error> {
        self.store.depart(user).await?;
        let tx = self.store.begin().await?;
        store::erase::user(&tx, user).await?;
        tx.commit().await?;
        Ok(())
    }
}
