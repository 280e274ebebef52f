//! How rules come into force.

use covergen_ids::WorkspaceId;

use super::App;
use crate::domain::Rule;
use crate::domain::screen::Screen;
use crate::error::Error;
use crate::store;

impl App {
    /// Adds the versions that are not there yet; the newest of each rule is in
    /// force. The same rules again change nothing. Returns how many were new.
    pub(crate) async fn sync_rules(&self, rules: &[Rule]) -> Result<usize, Error> {
        let tx = self.store.begin().await?;
        // Processes that start together take turns at this row.
        store::lock_state(&tx).await?;
        let mut added = 0;
        for rule in rules {
            if store::insert_rule(&tx, rule).await? {
                store::enforce_newest(&tx, &rule.id).await?;
                added += 1;
            }
        }
        if added > 0 {
            store::raise_revision(&tx).await?;
            tracing::info!(added, "rules were added");
        }
        tx.commit().await?;
        Ok(added)
    }

    /// Puts the stored rules in force here, if they have changed.
    pub(crate) async fn refresh_rules(&self) -> Result<(), Error> {
        // The revision is read first: rules that change in between are read
        // again next time, and never missed.
        let db = self.store.read();
        let revision = store::revision(db).await?;
        if revision <= self.rulebook.revision() {
            return Ok(());
        }
        let rows = store::every_rule_in_force(db, WorkspaceId::SYSTEM).await?;
        let rules: Vec<Rule> = rows.into_iter().map(Rule::from).collect();
        let count = rules.len();
        let screen = tokio::task::spawn_blocking(move || Screen::new(rules))
            .await
            .map_err(|_| Error::Interrupted)??;
        self.rulebook.replace(revision, screen);
        tracing::info!(revision, rules = count, "rules are in force");
        Ok(())
    }
}
