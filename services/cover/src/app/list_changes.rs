use std::collections::HashMap;

use covergen_identity::Principal;
use covergen_ids::CoverId;
use covergen_proto::cover::v1::ListChangesRequest;
use covergen_store::{Cursor, page_size};
use serde::{Deserialize, Serialize};

use super::App;
use super::read::CoverView;
use crate::error::Error;
use crate::store::{self, changes};

/// How far a device has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Known {
    /// The last change it was told.
    sequence: i64,
    /// What was forgotten when it began: it never had those covers.
    forgotten: i64,
}

impl Known {
    /// Whether changes can be told from here on. A number that was never given
    /// out comes from a database that was since set back.
    fn is_good(self, head: i64, forgotten: i64) -> bool {
        self.sequence <= head && forgotten <= self.sequence.max(self.forgotten)
    }
}

/// What changed since a cursor.
pub(crate) struct Changes {
    pub(crate) upserted: Vec<CoverView>,
    pub(crate) deleted: Vec<CoverId>,
    pub(crate) next_cursor: String,
    pub(crate) has_more: bool,
}

impl App {
    /// What changed in the caller's library.
    pub(crate) async fn list_changes(
        &self,
        who: &Principal,
        request: &ListChangesRequest,
    ) -> Result<Changes, Error> {
        // A cursor is good for the library that it was given out for.
        let list = format!("cover.changes/{}/{}", who.workspace_id, who.user_id);
        let known = Cursor::decode::<Known>(&list, &request.cursor)?;
        let from = known.unwrap_or_default().sequence;
        let size = page_size(request.page_size);
        let db = self.store.read();
        let mut rows = changes::after(db, who.into(), from, size + 1).await?;
        // Read last: what is forgotten by now may be missing from the rows.
        let head = changes::head(db, who.into()).await?;
        let (head, forgotten) = head.map_or((0, 0), |row| (row.head, row.forgotten));
        let known = known.unwrap_or(Known {
            sequence: 0,
            forgotten,
        });
        if !known.is_good(head, forgotten) {
            return Err(Error::CursorExpired);
        }
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let has_more = rows.len() > size;
        rows.truncate(size);
        let next = Known {
            sequence: rows.last().map_or(known.sequence, |row| row.sequence),
            ..known
        };
        let living = rows.iter().filter(|row| !row.deleted);
        let ids: Vec<CoverId> = living.map(|row| row.cover_id).collect();
        let covers = store::covers_by_id(db, who, &ids).await?;
        let views = self.with_images(covers).await?.into_iter();
        let mut views: HashMap<CoverId, CoverView> =
            views.map(|view| (view.cover.id, view)).collect();
        let (mut upserted, mut deleted) = (Vec::new(), Vec::new());
        for row in rows {
            match views.remove(&row.cover_id) {
                // A cover has a picture: one that lost them all is being
                // deleted between these reads.
                Some(view) if !view.images.is_empty() => upserted.push(view),
                // Gone, perhaps since the rows were read.
                _ => deleted.push(row.cover_id),
            }
        }
        Ok(Changes {
            upserted,
            deleted,
            next_cursor: Cursor::encode(&list, &next),
            has_more,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Known;

    #[test]
    fn a_cursor_is_good_as_long_as_nothing_after_it_is_forgotten() {
        let known = |sequence, forgotten| Known {
            sequence,
            forgotten,
        };
        assert!(known(5, 0).is_good(9, 5));
        assert!(!known(5, 0).is_good(9, 6));
        // Whoever began when 6 was forgotten has nothing of what went before.
        assert!(known(5, 6).is_good(9, 6));
        assert!(!known(5, 6).is_good(9, 7));
        assert!(!known(10, 0).is_good(9, 0));
    }
}
