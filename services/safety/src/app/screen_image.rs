use covergen_ids::ViolationId;

use super::screen_text::log;
use super::{App, Authored, Pictured};
use crate::domain::Verdict;
use crate::error::Error;
use crate::store::entity::violation::{self, State};
use crate::store::violations;

impl App {
    /// Which blocked pictures an asset looks like; each is logged as a
    /// violation of the author, once per subject. What an appeal cleared is not
    /// held against the same picture again.
    pub(crate) async fn screen_image(
        &self,
        asset_id: String,
        author: Authored,
    ) -> Result<Verdict, Error> {
        let images = vec![Pictured::Asset(asset_id)];
        let mut verdict = self.check_image(images, Vec::new()).await?;
        let Some(print) = verdict.prints.first() else {
            return Ok(verdict);
        };
        if verdict.image_matches.is_empty() {
            return Ok(verdict);
        }
        let content = print.hash().to_string();
        let found: Vec<&str> = verdict
            .image_matches
            .iter()
            .map(|found| found.blocked_id.as_str())
            .collect();
        let db = self.store.read();
        let cleared = violations::cleared(db, author.user, author.workspace, &found).await?;
        verdict
            .image_matches
            .retain(|found| !cleared.contains(&(found.blocked_id.clone(), content.clone())));
        let tx = self.store.begin_for(author.user).await?;
        let rows = verdict.image_matches.iter().map(|found| violation::Model {
            id: ViolationId::new(&self.clock),
            workspace_id: author.workspace,
            user_id: author.user,
            subject: author.subject.clone(),
            rule_id: found.blocked_id.clone(),
            rule_version: 0,
            category: found.category.clone(),
            region: found.region.clone(),
            score: found.score,
            text_index: found.image_index,
            match_start: 0,
            match_end: 0,
            text_sha256: content.clone(),
            created_at_ms: tx.now_ms(),
            is_image: true,
            state: State::Standing,
            appeal_id: None,
        });
        if log(&tx, rows.collect()).await? {
            tx.commit().await?;
        } else {
            tx.rollback().await?;
        }
        Ok(verdict)
    }
}
