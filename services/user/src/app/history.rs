use covergen_ids::{UserId, WorkspaceId};
use covergen_proto::user::v1::GetHistoryRequest;
use covergen_store::{Cursor, Page, Tx, page_size};

use super::App;
use crate::error::Error;
use crate::store::entity::history::{self, CoverIds, Kind};
use crate::store::{self, history as store_history};

const LIST: &str = "user.history";

/// What an event told of somebody's work.
pub(crate) struct Told {
    /// The event's id.
    pub(crate) id: String,
    pub(crate) user: UserId,
    pub(crate) workspace: WorkspaceId,
    pub(crate) kind: Kind,
    pub(crate) subject_id: String,
    pub(crate) cover_ids: Vec<String>,
    pub(crate) template_id: String,
    pub(crate) outcome: String,
    pub(crate) at_ms: i64,
}

impl App {
    /// What became of a user's work, newest first.
    pub(crate) async fn get_history(
        &self,
        user: UserId,
        request: &GetHistoryRequest,
    ) -> Result<Page<history::Model>, Error> {
        let size = page_size(request.page_size);
        let before = Cursor::decode::<(i64, String)>(LIST, &request.page_token)?;
        let rows = store_history::list(&self.stale.of(user).await, user, before, size + 1).await?;
        Ok(Page::cut(rows, size, LIST, |row: &history::Model| {
            (row.created_at_ms, row.id.clone())
        }))
    }

    /// Notes what an event told, once; nothing of those who have left. Answers
    /// whose history has grown, which is to be told once it is committed.
    pub(crate) async fn note(&self, tx: &Tx, told: Told) -> Result<Option<UserId>, Error> {
        if tx.is_departed(told.user).await? {
            return Ok(None);
        }
        let row = history::Model {
            id: told.id,
            user_id: told.user,
            workspace_id: told.workspace,
            kind: told.kind,
            subject_id: told.subject_id,
            cover_ids: CoverIds(told.cover_ids),
            template_id: told.template_id,
            outcome: told.outcome,
            created_at_ms: told.at_ms,
        };
        let user = row.user_id;
        store_history::insert(tx, row).await?;
        Ok(Some(user))
    }

    /// A user's history has grown.
    pub(crate) async fn noted(&self, user: UserId) {
        self.stale.wrote(user).await;
    }

    /// Takes over the address that auth knows now.
    pub(crate) async fn refresh_email(&self, user: UserId) -> Result<(), Error> {
        let Some(identity) = self.auth.identity(user).await? else {
            return Ok(());
        };
        let tx = self.store.begin().await?;
        let held = store::accounts::hold(&tx, user).await?;
        if let Some(mut profile) = held.filter(|row| row.email != identity.email) {
            profile.email = identity.email;
            profile.updated_at_ms = tx.now_ms();
            let workspace = profile.workspace_id;
            store::save_profile(&tx, profile).await?;
            let names = vec!["email".to_owned()];
            crate::events::updated(&tx, user, workspace, names).await?;
            tx.commit().await?;
        }
        Ok(())
    }
}
