use covergen_ids::UserId;
use covergen_proto::user::v1::{Preferences, UpdatePreferencesRequest};
use covergen_store::ClaimScope;

use super::App;
use crate::api::encode;
use crate::error::Error;
use crate::events;
use crate::store::accounts;
use crate::store::entity::preference::{self, Chosen};

const UPDATE: &str = "covergen.user.v1.UserService/UpdatePreferences";

impl App {
    /// How somebody likes to work.
    pub(crate) async fn get_preferences(&self, user: UserId) -> Result<Preferences, Error> {
        let profile = self.profile(user).await?;
        let row = accounts::preferences(self.store.read(), user).await?;
        Ok(encode::preferences(&profile, &chosen(row)))
    }

    /// Replaces preferences; with an etag, only those that it names.
    pub(crate) async fn update_preferences(
        &self,
        user: UserId,
        request: UpdatePreferencesRequest,
    ) -> Result<Preferences, Error> {
        // Made where it is not there yet.
        self.profile(user).await?;
        let new = request.preferences.clone().unwrap_or_default();
        let scope = ClaimScope::new(user.to_string(), UPDATE, &request.request_id);
        self.store
            .idempotent(&scope, &request, |claim| async {
                let tx = self.store.begin_for(user).await?;
                let mut profile = accounts::hold(&tx, user)
                    .await?
                    .ok_or(Error::UserNotFound)?;
                let before = chosen(accounts::preferences(&tx, user).await?);
                let etag = encode::preferences(&profile, &before).etag;
                if !request.etag.is_empty() && request.etag != etag {
                    return Err(Error::EtagMismatch);
                }
                let is_profile_new =
                    (&new.language, &new.time_zone) != (&profile.language, &profile.time_zone);
                if is_profile_new {
                    profile.language.clone_from(&new.language);
                    profile.time_zone.clone_from(&new.time_zone);
                    profile.updated_at_ms = tx.now_ms();
                    crate::store::save_profile(&tx, profile.clone()).await?;
                    let names = ["language", "time_zone"].map(str::to_owned).to_vec();
                    events::updated(&tx, user, profile.workspace_id, names).await?;
                }
                let chosen = encode::chosen(&new);
                let row = preference::Model {
                    user_id: user,
                    workspace_id: profile.workspace_id,
                    chosen: chosen.clone(),
                    updated_at_ms: tx.now_ms(),
                };
                accounts::put_preferences(&tx, row).await?;
                let answer = encode::preferences(&profile, &chosen);
                Ok(tx.commit_with(claim, answer).await?)
            })
            .await
    }
}

fn chosen(row: Option<preference::Model>) -> Chosen {
    row.map(|row| row.chosen).unwrap_or_default()
}
