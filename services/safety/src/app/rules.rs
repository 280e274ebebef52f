//! How rules come into force.

use super::App;
use crate::domain::Rule;
use crate::domain::gallery::{Blocked, Gallery, MAX_BLOCKED};
use crate::domain::screen::Screen;
use crate::error::Error;
use crate::rulebook::Book;
use crate::store::entity::rule::Origin;
use crate::store::entity::{blocked_image, rule};
use crate::store::{blocked, rules};

impl App {
    /// Adds the versions of this build that are newer than what is there. What
    /// moderators have changed is theirs, and left alone. The same rules again
    /// change nothing. Returns how many were new.
    pub(crate) async fn sync_rules(&self, bundled: &[Rule]) -> Result<usize, Error> {
        let tx = self.store.begin().await?;
        // Processes that start together take turns at this row.
        rules::lock_state(&tx).await?;
        let mut added = 0;
        for rule in bundled {
            let newest = rules::version(&tx, &rule.id, None).await?;
            let is_new = match newest {
                None => true,
                Some(row) if row.origin == Origin::Moderator => {
                    tracing::debug!(rule = rule.id, "a rule was changed by hand and stays so");
                    false
                }
                Some(row) => row.version < rule.version,
            };
            if is_new {
                let row = rule::Model::bundled(rule.clone(), tx.now_ms());
                rules::add_version(&tx, row).await?;
                added += 1;
            }
        }
        if added > 0 {
            // Not told: processes of a build that is being replaced find them
            // when they look.
            rules::raise_revision(&tx).await?;
            tracing::info!(added, "rules were added");
        }
        tx.commit().await?;
        Ok(added)
    }

    /// Puts the stored rules and blocked pictures in force here, if they have
    /// changed.
    pub(crate) async fn refresh_rules(&self) -> Result<(), Error> {
        // The revision is read first: rules that change in between are read
        // again next time, and never missed.
        let db = self.store.read();
        let revision = rules::revision(db).await?;
        if revision <= self.rulebook.revision() {
            return Ok(());
        }
        let rows = rules::matched(db).await?;
        let pictures = blocked::list(db, None, MAX_BLOCKED as u64).await?;
        let (count, blocked) = (rows.len(), pictures.len());
        let book = tokio::task::spawn_blocking(move || book(rows, pictures))
            .await
            .map_err(|_| Error::Interrupted)??;
        self.rulebook.replace(revision, book);
        tracing::info!(revision, rules = count, blocked, "rules are in force");
        Ok(())
    }

    /// As [`App::refresh_rules`], after a change of one's own: the change is
    /// committed, whatever becomes of this.
    pub(super) async fn apply_change(&self) {
        if let Err(error) = self.refresh_rules().await {
            tracing::warn!(%error, "changed rules are not in force here yet");
        }
    }
}

fn book(rows: Vec<rule::Model>, pictures: Vec<blocked_image::Model>) -> Result<Book, Error> {
    let screen = Screen::new(rows.into_iter().map(Rule::from).collect())?;
    let readable = pictures.into_iter().filter_map(|row| {
        let Ok(pdq) = row.pdq.parse() else {
            tracing::error!(id = %row.id, "a blocked picture's hash is none");
            return None;
        };
        Some(Blocked {
            id: row.id.to_string(),
            pdq,
            category: row.category,
            region: row.region,
            score: row.score,
        })
    });
    let gallery = Gallery::new(readable.collect());
    Ok(Book { screen, gallery })
}
