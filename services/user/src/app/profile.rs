use covergen_ids::UserId;

use super::App;
use crate::error::Error;
use crate::store::{self, entity::profile, entity::tier};

impl App {
    /// A user's profile, made from what auth knows when it is first needed.
    pub(crate) async fn profile(&self, user: UserId) -> Result<profile::Model, Error> {
        if let Some(profile) = store::profile(self.store.read(), user).await? {
            return Ok(profile);
        }
        // Their tokens live a little longer than they do.
        if self.store.is_departed(user).await? {
            return Err(Error::UserNotFound);
        }
        let identity = self.auth.identity(user).await?.ok_or(Error::UserNotFound)?;
        let workspace = identity
            .workspace_id
            .parse()
            .map_err(|error| Error::invalid("workspaceId", &error))?;
        let tx = self.store.begin().await?;
        let now = tx.now_ms();
        let row = profile::Model {
            user_id: user,
            workspace_id: workspace,
            username: None,
            display_name: identity.display_name,
            email: identity.email,
            avatar_url: String::new(),
            language: identity.language,
            time_zone: String::new(),
            tier: "free".to_owned(),
            created_at_ms: now,
            updated_at_ms: now,
            given_name: String::new(),
            family_name: String::new(),
            avatar_asset_id: String::new(),
            avatar_asset_url: String::new(),
            status: profile::Status::Active,
            tier_source: profile::TierSource::Default,
            tier_since_ms: now,
        };
        if tx.is_departed(user).await? {
            return Err(Error::UserNotFound);
        }
        store::insert_profile(&tx, row).await?;
        let profile = store::profile(&tx, user)
            .await?
            .ok_or(Error::UserNotFound)?;
        tx.commit().await?;
        Ok(profile)
    }

    /// A user's profile, and what their tier allows. A tier that is not in the
    /// table allows what the free one does: unknown means least.
    pub(crate) async fn get_entitlements(
        &self,
        user: UserId,
    ) -> Result<(profile::Model, tier::Model), Error> {
        let profile = self.profile(user).await?;
        let tier = match store::tier(self.store.read(), &profile.tier).await? {
            Some(tier) => tier,
            None => store::tier(self.store.read(), "free")
                .await?
                .ok_or_else(|| Error::invalid("tier", "no tiers are configured"))?,
        };
        Ok((profile, tier))
    }
}
