use covergen_ids::{UserId, WorkspaceId};
use covergen_proto::user::v1::ListWorkspacesRequest;
use covergen_store::{Cursor, Page, page_size};

use super::App;
use crate::error::Error;
use crate::store::{self, entity::workspace};

const LIST: &str = "user.workspaces";

impl App {
    /// The workspaces a user belongs to, with their role in each.
    pub(crate) async fn list_workspaces(
        &self,
        user: UserId,
        request: &ListWorkspacesRequest,
    ) -> Result<Page<(workspace::Model, String)>, Error> {
        // Somebody who has just registered has a workspace, too.
        self.profile(user).await?;
        let size = page_size(request.page_size);
        let after = Cursor::decode::<(bool, WorkspaceId)>(LIST, &request.page_token)?;
        let rows = store::workspaces(self.store.read(), user, after, size + 1).await?;
        Ok(Page::cut(
            rows,
            size,
            LIST,
            |(space, _): &(workspace::Model, String)| (!space.personal, space.workspace_id),
        ))
    }
}
