use covergen_ids::UserId;
use covergen_proto::user::v1::Subscription;

use super::App;
use crate::api::encode;
use crate::error::Error;
use crate::store;

impl App {
    /// What a user's tier gives, where it comes from, and what is above it.
    pub(crate) async fn get_subscription(&self, user: UserId) -> Result<Subscription, Error> {
        let (profile, tier) = self.get_entitlements(user).await?;
        let tiers = store::tiers(self.store.read()).await?;
        let above = tiers
            .iter()
            .find(|other| other.covers_per_month > tier.covers_per_month);
        Ok(encode::subscription(&profile, &tier, above))
    }
}
