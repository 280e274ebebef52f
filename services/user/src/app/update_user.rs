use covergen_ids::UserId;
use covergen_proto::user::v1::{UpdateUserRequest, User};
use covergen_store::ClaimScope;

use super::App;
use crate::api::encode;
use crate::error::Error;
use crate::events;
use crate::store::{self, accounts, entity::profile};

const UPDATE: &str = "covergen.user.v1.UserService/UpdateUser";

/// The fields that a person may change, as masks name them.
const FIELDS: [&str; 8] = [
    "username",
    "display_name",
    "avatar_url",
    "language",
    "time_zone",
    "given_name",
    "family_name",
    "avatar_asset_id",
];

impl App {
    /// Changes the fields that the mask names; without one, those that are
    /// present.
    pub(crate) async fn update_user(
        &self,
        user: UserId,
        request: UpdateUserRequest,
    ) -> Result<User, Error> {
        // Made where it is not there yet.
        self.profile(user).await?;
        let new = request.user.clone().unwrap_or_default();
        let fields = changed_fields(&request, &new)?;
        let picture = self.picture(&fields, &new).await?;
        let scope = ClaimScope::new(user.to_string(), UPDATE, &request.request_id);
        self.store
            .idempotent(&scope, &request, |claim| async {
                let tx = self.store.begin_for(user).await?;
                let mut row = accounts::hold(&tx, user)
                    .await?
                    .ok_or(Error::UserNotFound)?;
                let workspace = row.workspace_id;
                apply(&mut row, &fields, &new)?;
                if let Some(address) = picture {
                    row.avatar_asset_url = address;
                }
                row.updated_at_ms = tx.now_ms();
                let saved = row.clone();
                store::save_profile(&tx, row).await.map_err(|error| {
                    if error.is_unique("profiles", "username") {
                        Error::UsernameTaken
                    } else {
                        error.into()
                    }
                })?;
                let names = fields.iter().map(|field| (*field).to_owned()).collect();
                events::updated(&tx, user, workspace, names).await?;
                Ok(tx.commit_with(claim, encode::user(saved)).await?)
            })
            .await
    }
}

impl App {
    /// The address of the asset that becomes somebody's picture, where one
    /// does; empty where they take theirs away.
    async fn picture(&self, fields: &[&str], new: &User) -> Result<Option<String>, Error> {
        if !fields.contains(&"avatar_asset_id") {
            return Ok(None);
        }
        if new.avatar_asset_id.is_empty() {
            return Ok(Some(String::new()));
        }
        let address = self.media.address(&new.avatar_asset_id).await?;
        address
            .map(Some)
            .ok_or_else(|| Error::invalid("avatarAssetId", "there is no such asset"))
    }
}

fn changed_fields(request: &UpdateUserRequest, new: &User) -> Result<Vec<&'static str>, Error> {
    let Some(mask) = &request.update_mask else {
        let present = [
            (FIELDS[0], &new.username),
            (FIELDS[1], &new.display_name),
            (FIELDS[2], &new.avatar_url),
            (FIELDS[3], &new.language),
            (FIELDS[4], &new.time_zone),
            (FIELDS[5], &new.given_name),
            (FIELDS[6], &new.family_name),
            (FIELDS[7], &new.avatar_asset_id),
        ];
        return Ok(present
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(field, _)| field)
            .collect());
    };
    let mut fields = Vec::new();
    let mut unknown = Vec::new();
    for path in &mask.paths {
        match FIELDS.into_iter().find(|field| field == path) {
            Some(field) => fields.push(field),
            None => unknown.push((
                "updateMask".to_owned(),
                format!("`{path}` is not a field that can be changed"),
            )),
        }
    }
    if unknown.is_empty() {
        Ok(fields)
    } else {
        Err(Error::Invalid(unknown))
    }
}

fn apply(row: &mut profile::Model, fields: &[&str], new: &User) -> Result<(), Error> {
    for field in fields {
        match *field {
            "username" => {
                row.username = Some(new.username.clone()).filter(|name| !name.is_empty());
            }
            "display_name" => {
                let name = new.display_name.trim();
                if name.is_empty() {
                    return Err(Error::invalid("displayName", "must hold more than spaces"));
                }
                name.clone_into(&mut row.display_name);
            }
            "avatar_url" => row.avatar_url.clone_from(&new.avatar_url),
            "language" => row.language.clone_from(&new.language),
            "given_name" => new.given_name.trim().clone_into(&mut row.given_name),
            "family_name" => new.family_name.trim().clone_into(&mut row.family_name),
            "avatar_asset_id" => row.avatar_asset_id.clone_from(&new.avatar_asset_id),
            _ => row.time_zone.clone_from(&new.time_zone),
        }
    }
    Ok(())
}
