use covergen_identity::Principal;
use covergen_ids::CoverId;

use super::{App, commands};
use crate::domain::history::Happening;
use crate::error::Error;
use crate::events;
use crate::store::{self, changes, history};

impl App {
    /// Deletes a cover of the caller's: the row now, its files as soon as the
    /// outbox gets to them. What was deleted before is no error.
    pub(crate) async fn delete_cover(&self, who: &Principal, id: CoverId) -> Result<(), Error> {
        let Some(cover) = store::cover(self.store.read(), who, id).await? else {
            return match history::task_of_deleted(self.store.read(), who, id).await? {
                Some(_) => Ok(()),
                None => Err(Error::CoverNotFound),
            };
        };
        let tx = self.store.begin().await?;
        // Locks the request first, as everybody does.
        history::append(&tx, cover.task_id, vec![Happening::Deleted(id)]).await?;
        if let Some(assets) = store::delete_cover(&tx, who, id).await? {
            events::deleted(&tx, &cover, &assets).await?;
            commands::delete_assets(&tx, assets, cover.user_id, cover.workspace_id).await?;
            changes::note(&tx, who.into(), &[id], true).await?;
            let kept_since = tx.now_ms() - self.config.deletions_kept_ms;
            changes::forget(&tx, who.into(), kept_since).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}
