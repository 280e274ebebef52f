use covergen_ids::UserId;

use super::App;
use crate::domain::period_at;
use crate::error::Error;
use crate::events;
use crate::store::{self, accounts, entity::profile, quota};

impl App {
    /// Sets a user's tier, and the limit of the period that runs.
    pub(crate) async fn set_tier(&self, user: UserId, tier: &str) -> Result<profile::Model, Error> {
        self.profile(user).await?;
        let tier = store::tier(self.store.read(), tier)
            .await?
            .ok_or_else(|| Error::invalid("tier", "there is no such tier"))?;
        let tx = self.store.begin_for(user).await?;
        let at = period_at(tx.now_ms());
        let mut profile = accounts::hold(&tx, user)
            .await?
            .ok_or(Error::UserNotFound)?;
        let workspace = profile.workspace_id;
        quota::open_period(&tx, user, workspace, &at, tier.covers_per_month).await?;
        quota::set_limit(&tx, user, &at.name, tier.covers_per_month).await?;
        if profile.tier != tier.id {
            profile.tier_since_ms = tx.now_ms();
        }
        profile.tier = tier.id;
        profile.tier_source = profile::TierSource::Operator;
        profile.updated_at_ms = tx.now_ms();
        store::save_profile(&tx, profile.clone()).await?;
        events::updated(&tx, user, workspace, vec!["tier".to_owned()]).await?;
        tx.commit().await?;
        Ok(profile)
    }
}
