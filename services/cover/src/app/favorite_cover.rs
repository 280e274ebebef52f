use covergen_identity::Principal;
use covergen_ids::CoverId;

use super::{App, CoverView};
use crate::domain::history::Happening;
use crate::error::Error;
use crate::store::{self, history};

impl App {
    /// Marks a cover as a favourite, or takes the mark away; as it is already
    /// is as it stays.
    pub(crate) async fn favorite_cover(
        &self,
        who: &Principal,
        id: CoverId,
        favorite: bool,
    ) -> Result<CoverView, Error> {
        let view = self.get_cover(who, id).await?;
        if view.cover.favorite == favorite {
            return Ok(view);
        }
        let happening = if favorite {
            Happening::Favorited(id)
        } else {
            Happening::Unfavorited(id)
        };
        let tx = self.store.begin().await?;
        history::append(&tx, view.cover.task_id, vec![happening]).await?;
        if store::set_favorite(&tx, who, id, favorite).await? {
            store::changes::note(&tx, who.into(), &[id], false).await?;
        }
        tx.commit().await?;
        self.get_cover(who, id).await
    }
}
