use std::collections::BTreeSet;

use covergen_ids::{UserId, ViolationId, WorkspaceId};
use covergen_store::Tx;
use sha2::{Digest as _, Sha256};

use super::App;
use crate::domain::{Match, Verdict};
use crate::error::Error;
use crate::events;
use crate::store::entity::violation::State;
use crate::store::entity::{shadow_match, violation};
use crate::store::violations;

/// Whose work it is, and what it is part of.
pub(crate) struct Authored {
    pub(crate) user: UserId,
    pub(crate) workspace: WorkspaceId,
    pub(crate) subject: String,
}

impl App {
    /// What the rules of every region say about texts; each rule that matches
    /// is logged as a violation of the author, once per subject. What an
    /// appeal cleared is not held against the same text again.
    pub(crate) async fn screen_text(
        &self,
        texts: Vec<String>,
        author: Authored,
    ) -> Result<Verdict, Error> {
        let mut verdict = self.check_text(texts.clone(), Vec::new()).await?;
        if verdict.matches.is_empty() && verdict.shadow.is_empty() {
            return Ok(verdict);
        }
        let hashes: Vec<String> = texts
            .iter()
            .map(|text| hex(&Sha256::digest(text)))
            .collect();
        let hash_of = |found: &Match| {
            let index = usize::try_from(found.text_index).ok();
            index.and_then(|index| hashes.get(index)).cloned()
        };
        let cleared = self.cleared(&author, &verdict).await?;
        verdict.matches.retain(|found| {
            let content = hash_of(found).unwrap_or_default();
            !cleared.contains(&(found.rule_id.clone(), content))
        });
        let tx = self.store.begin_for(author.user).await?;
        let mut rows = Vec::new();
        let mut seen = BTreeSet::new();
        // Worst first, so the first match of a rule is the one that is kept.
        for found in &verdict.matches {
            if seen.insert(&found.rule_id) {
                let content = hash_of(found).unwrap_or_default();
                rows.push(self.violation(&author, found, content, tx.now_ms()));
            }
        }
        let is_flagged = !rows.is_empty();
        let is_new = log(&tx, rows).await?;
        let noted = self.note_shadow(&tx, &author, &verdict.shadow, is_flagged);
        if noted.await? || is_new {
            tx.commit().await?;
        } else {
            tx.rollback().await?;
        }
        Ok(verdict)
    }

    /// The rules and contents of an author's that appeals cleared.
    async fn cleared(
        &self,
        author: &Authored,
        verdict: &Verdict,
    ) -> Result<BTreeSet<(String, String)>, Error> {
        let rules: BTreeSet<&str> = verdict
            .matches
            .iter()
            .map(|found| found.rule_id.as_str())
            .collect();
        if rules.is_empty() {
            return Ok(BTreeSet::new());
        }
        let rules: Vec<&str> = rules.into_iter().collect();
        let db = self.store.read();
        let cleared = violations::cleared(db, author.user, author.workspace, &rules).await?;
        Ok(cleared.into_iter().collect())
    }

    fn violation(
        &self,
        author: &Authored,
        found: &Match,
        text_sha256: String,
        now_ms: i64,
    ) -> violation::Model {
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
            text_sha256,
            created_at_ms: now_ms,
            is_image: false,
            state: State::Standing,
            appeal_id: None,
        }
    }

    /// Notes what rules in shadow matched; whether anything was new.
    async fn note_shadow(
        &self,
        tx: &Tx,
        author: &Authored,
        shadow: &[Match],
        flagged_anyway: bool,
    ) -> Result<bool, Error> {
        let mut is_new = false;
        for found in shadow {
            let row = shadow_match::Model {
                id: self.clock.uuid_v7().simple().to_string(),
                workspace_id: author.workspace,
                user_id: author.user,
                subject: author.subject.clone(),
                rule_id: found.rule_id.clone(),
                rule_version: found.rule_version,
                match_start: found.start,
                match_end: found.end,
                flagged_anyway,
                created_at_ms: tx.now_ms(),
            };
            is_new |= violations::insert_shadow(tx, row).await?;
        }
        Ok(is_new)
    }
}

/// Logs violations, worst first, and tells of the worst that is new; whether
/// any was.
pub(super) async fn log(tx: &Tx, rows: Vec<violation::Model>) -> Result<bool, Error> {
    let mut worst = None;
    for row in rows {
        if violations::insert(tx, &row).await? && worst.is_none() {
            worst = Some(row);
        }
    }
    if let Some(worst) = &worst {
        events::blocked(tx, worst).await?;
    }
    Ok(worst.is_some())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
