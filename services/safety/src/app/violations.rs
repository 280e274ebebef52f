use std::collections::HashMap;

use covergen_identity::Principal;
use covergen_ids::ViolationId;
use covergen_proto::safety::v1::ListViolationsRequest;
use covergen_store::{Cursor, Page, page_size};

use super::{App, asked_for, reach};
use crate::error::Error;
use crate::store::entity::violation;
use crate::store::violations::{self, Narrowed};
use crate::store::{blocked, rules};

const LIST: &str = "safety.violations";

/// A violation as it is shown.
pub(crate) struct Seen {
    pub(crate) violation: violation::Model,
    /// What was forbidden, in a sentence.
    pub(crate) description: String,
    pub(crate) appealable_until_ms: i64,
}

/// What a violation was against.
pub(super) struct Forbidden {
    pub(super) description: String,
    pub(super) is_law: bool,
    pub(super) ground_reference: String,
}

impl App {
    /// Violations, newest first: the caller's, or for moderators everybody's.
    pub(crate) async fn list_violations(
        &self,
        caller: &Principal,
        request: &ListViolationsRequest,
    ) -> Result<Page<Seen>, Error> {
        let whose = asked_for(caller, &request.user_id)?;
        let size = page_size(request.page_size);
        let before = Cursor::decode::<ViolationId>(LIST, &request.page_token)?;
        let to = Narrowed {
            category: &request.category,
            rule_id: &request.rule_id,
        };
        let db = self.store.read();
        let rows = violations::list(db, whose, &to, before, size + 1).await?;
        let page = Page::cut(rows, size, LIST, |row: &violation::Model| row.id);
        let mut descriptions = HashMap::new();
        for row in &page.items {
            let key = (row.rule_id.clone(), row.rule_version);
            if let std::collections::hash_map::Entry::Vacant(vacant) = descriptions.entry(key) {
                vacant.insert(self.forbidden(row).await?.description);
            }
        }
        Ok(page.map(|row| {
            let key = (row.rule_id.clone(), row.rule_version);
            let description = descriptions.get(&key).cloned().unwrap_or_default();
            self.seen(row, description)
        }))
    }

    /// One violation, if the caller sees it.
    pub(crate) async fn get_violation(
        &self,
        caller: &Principal,
        id: ViolationId,
    ) -> Result<Seen, Error> {
        let row = violations::find(self.store.read(), reach(caller), id)
            .await?
            .ok_or(Error::NotFound("violation"))?;
        let description = self.forbidden(&row).await?.description;
        Ok(self.seen(row, description))
    }

    fn seen(&self, violation: violation::Model, description: String) -> Seen {
        Seen {
            appealable_until_ms: self.config.appealable_until_ms(violation.created_at_ms),
            violation,
            description,
        }
    }

    /// What a violation was against: the very version that matched.
    pub(super) async fn forbidden(&self, row: &violation::Model) -> Result<Forbidden, Error> {
        let db = self.store.read();
        let found = if row.is_image {
            let id = row
                .rule_id
                .parse()
                .map_err(|_| Error::NotFound("blocked picture"))?;
            blocked::find(db, id).await?.map(|row| Forbidden {
                description: row.description,
                is_law: row.is_law,
                ground_reference: row.ground_reference,
            })
        } else {
            let version = Some(row.rule_version);
            let rule = rules::version(db, &row.rule_id, version).await?;
            rule.map(|row| Forbidden {
                description: row.description,
                is_law: row.is_law,
                ground_reference: row.ground_reference,
            })
        };
        // Versions and blocked pictures are never removed.
        found.ok_or(Error::NotFound("rule"))
    }
}
