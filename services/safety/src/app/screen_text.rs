use std::collections::BTreeSet;

use covergen_ids::{UserId, ViolationId, WorkspaceId};
use sha2::{Digest as _, Sha256};

use super::App;
use crate::domain::{Match, Verdict};
use crate::error::Error;
use crate::events;
use crate::store::{self, entity::violation};

/// Whose text it is, and what it is part of.
pub(crate) struct Authored {
    pub(crate) user: UserId,
    pub(crate) workspace: WorkspaceId,
    pub(crate) subject: String,
}

impl App {
    /// What the rules of every region say about texts; each rule that matches
    /// is logged as a violation of the author, once per subject.
    pub(crate) async fn screen_text(
        &self,
        texts: Vec<String>,
        author: Authored,
    ) -> Result<Verdict, Error> {
        let verdict = self.check_text(texts.clone(), Vec::new()).await?;
        if verdict.matches.is_empty() {
            return Ok(verdict);
        }
        let tx = self.store.begin().await?;
        let mut worst = None;
        let mut seen = BTreeSet::new();
        // Worst first, so the first match of a rule is the one that is kept.
        for found in &verdict.matches {
            if !seen.insert(&found.rule_id) {
                continue;
            }
            let row = self.violation(&author, found, &texts, tx.now_ms());
            if store::insert_violation(&tx, &row).await? && worst.is_none() {
                worst = Some(row);
            }
        }
        if let Some(worst) = worst {
            events::blocked(&tx, &worst).await?;
            tx.commit().await?;
        } else {
            tx.rollback().await?;
        }
        Ok(verdict)
    }

    fn violation(
        &self,
        author: &Authored,
        found: &Match,
        texts: &[String],
        now_ms: i64,
    ) -> violation::Model {
        let text = usize::try_from(found.text_index)
            .ok()
            .and_then(|index| texts.get(index))
            .map_or("", String::as_str);
        violation::Model {
            id: ViolationId::new(&self.clock),
            workspace_id: author.workspace,
            user_id: author.user,
            subject: author.subject.clone(),
            rule_id: found.rule_id.clone(),
            rule_version: found.rule_version,
            category: found.category.clone(),
            region: found.region.clone(),
            score: found.score,
            text_index: found.text_index,
            match_start: found.start,
            match_end: found.end,
            text_sha256: hex(&Sha256::digest(text)),
            created_at_ms: now_ms,
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
