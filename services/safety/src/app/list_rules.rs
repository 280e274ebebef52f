use covergen_ids::WorkspaceId;
use covergen_proto::safety::v1::ListRulesRequest;
use covergen_store::{Cursor, Page, page_size};

use super::App;
use crate::error::Error;
use crate::store::{self, entity::rule};

const LIST: &str = "safety.rules";

impl App {
    /// The rules in force, by id.
    pub(crate) async fn list_rules(
        &self,
        request: &ListRulesRequest,
    ) -> Result<Page<rule::Model>, Error> {
        let size = page_size(request.page_size);
        let after = Cursor::decode::<String>(LIST, &request.page_token)?;
        let db = self.store.read();
        let rows = store::rules_in_force(db, WorkspaceId::SYSTEM, after, size + 1).await?;
        Ok(Page::cut(rows, size, LIST, |row: &rule::Model| {
            row.id.clone()
        }))
    }
}
