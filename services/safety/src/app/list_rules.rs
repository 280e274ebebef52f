use covergen_identity::Principal;
use covergen_proto::safety::v1::{
    GetRuleRequest, ListRuleVersionsRequest, ListRulesRequest, ListShadowMatchesRequest,
};
use covergen_store::{Cursor, Page, page_size};

use super::{App, moderates};
use crate::error::Error;
use crate::store::entity::{rule, shadow_match};
use crate::store::rules::{self, Listed};
use crate::store::violations;

const LIST: &str = "safety.rules";
const LIST_ALL: &str = "safety.rules.all";
const VERSIONS: &str = "safety.rules.versions";
const SHADOW: &str = "safety.shadow";

impl App {
    /// The rules that flag, by id; for moderators, the newest of every one.
    pub(crate) async fn list_rules(
        &self,
        caller: Option<&Principal>,
        request: &ListRulesRequest,
    ) -> Result<Page<rule::Model>, Error> {
        let (which, list) = if request.include_all {
            if !caller.is_some_and(moderates) {
                return Err(Error::NotModerator("see every rule"));
            }
            (Listed::All, LIST_ALL)
        } else {
            (Listed::Enforced, LIST)
        };
        let size = page_size(request.page_size);
        let after = Cursor::decode::<String>(list, &request.page_token)?;
        let rows = rules::list(self.store.read(), which, after, size + 1).await?;
        Ok(Page::cut(rows, size, list, |row: &rule::Model| {
            row.id.clone()
        }))
    }

    /// One version of a rule; the newest where none is named.
    pub(crate) async fn get_rule(&self, request: &GetRuleRequest) -> Result<rule::Model, Error> {
        let version = Some(request.version).filter(|version| *version > 0);
        rules::version(self.store.read(), &request.rule_id, version)
            .await?
            .ok_or(Error::NotFound("rule"))
    }

    /// The versions of a rule, newest first.
    pub(crate) async fn list_rule_versions(
        &self,
        request: &ListRuleVersionsRequest,
    ) -> Result<Page<rule::Model>, Error> {
        let size = page_size(request.page_size);
        let before = Cursor::decode::<i32>(VERSIONS, &request.page_token)?;
        let db = self.store.read();
        let rows = rules::versions(db, &request.rule_id, before, size + 1).await?;
        if rows.is_empty() && before.is_none() {
            return Err(Error::NotFound("rule"));
        }
        Ok(Page::cut(rows, size, VERSIONS, |row: &rule::Model| {
            row.version
        }))
    }

    /// What a rule matched while it was in shadow, newest first.
    pub(crate) async fn list_shadow_matches(
        &self,
        request: &ListShadowMatchesRequest,
    ) -> Result<Page<shadow_match::Model>, Error> {
        let size = page_size(request.page_size);
        let before = Cursor::decode::<String>(SHADOW, &request.page_token)?;
        let db = self.store.read();
        let rows = violations::shadow_matches(db, &request.rule_id, before, size + 1).await?;
        Ok(Page::cut(
            rows,
            size,
            SHADOW,
            |row: &shadow_match::Model| row.id.clone(),
        ))
    }
}
