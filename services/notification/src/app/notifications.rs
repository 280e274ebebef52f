//! A person's list.

use covergen_identity::Principal;
use covergen_ids::NotificationId;
use covergen_proto::notification::v1::{ListNotificationsRequest, MarkReadRequest};
use covergen_store::{Cursor, Page, page_size};

use super::App;
use crate::error::Error;
use crate::store;
use crate::store::entity::notification;
use crate::store::notifications::Reader;

/// A page, and how much there is to read.
pub(crate) struct Listed {
    pub(crate) page: Page<notification::Model>,
    pub(crate) unread: u64,
}

/// The caller as a reader of the list that is asked for: nobody reads
/// another's.
fn reader(who: &Principal, user: &str) -> Result<Reader, Error> {
    if user != "me" && user.parse() != Ok(who.user_id) {
        return Err(Error::UserNotFound);
    }
    Ok(Reader {
        workspace: who.workspace_id,
        user: who.user_id,
    })
}

impl App {
    /// The caller's, newest first.
    pub(crate) async fn list_notifications(
        &self,
        who: &Principal,
        request: &ListNotificationsRequest,
    ) -> Result<Listed, Error> {
        let reader = reader(who, &request.user_id)?;
        let unread_only = request.unread_only;
        let list = format!(
            "notification.notifications:{}:{}:{unread_only}",
            who.workspace_id, who.user_id
        );
        let size = page_size(request.page_size);
        let before = Cursor::decode::<NotificationId>(&list, &request.page_token)?;
        let db = self.store.read();
        let rows = store::notifications::list(db, reader, unread_only, before, size + 1).await?;
        Ok(Listed {
            page: Page::cut(rows, size, &list, |row: &notification::Model| row.id),
            unread: store::notifications::count_unread(db, reader).await?,
        })
    }

    /// How many the caller has not read.
    pub(crate) async fn get_unread_count(&self, who: &Principal, user: &str) -> Result<u64, Error> {
        let reader = reader(who, user)?;
        Ok(store::notifications::count_unread(self.store.read(), reader).await?)
    }

    /// Marks one of the caller's as read, or as not read.
    pub(crate) async fn mark_read(
        &self,
        who: &Principal,
        request: &MarkReadRequest,
    ) -> Result<notification::Model, Error> {
        let id = request.notification_id.parse();
        let id = id.map_err(|_| Error::NotificationNotFound)?;
        let tx = self.store.begin().await?;
        let read_at_ms = (!request.unread).then(|| tx.now_ms());
        let row = store::notifications::mark(&tx, reader(who, "me")?, id, read_at_ms).await?;
        let row = row.ok_or(Error::NotificationNotFound)?;
        tx.commit().await?;
        Ok(row)
    }

    /// Marks all of the caller's as read.
    pub(crate) async fn mark_all_read(&self, who: &Principal, user: &str) -> Result<(), Error> {
        let reader = reader(who, user)?;
        let tx = self.store.begin().await?;
        store::notifications::mark_all(&tx, reader).await?;
        tx.commit().await?;
        Ok(())
    }
}
