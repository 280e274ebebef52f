use serde::Deserialize;

use super::http::Http;
use super::{Error, Profile};

#[derive(Deserialize)]
struct User {
    id: u64,
    login: String,
    #[serde(default)]
    name: Option<String>,
}

#[derive(Deserialize)]
struct Email {
    email: String,
    primary: bool,
    verified: bool,
}

/// Who an access token of GitHub is for. The address on the profile page is
/// whatever its owner typed; the proved ones are in a list of their own.
pub(super) async fn profile(
    http: &Http,
    api_url: &str,
    access_token: &str,
) -> Result<Profile, Error> {
    let user: User = http
        .get(&format!("{api_url}/user"), Some(access_token))
        .await?;
    let emails: Vec<Email> = http
        .get(&format!("{api_url}/user/emails"), Some(access_token))
        .await?;
    let primary = emails.into_iter().find(|email| email.primary);
    Ok(Profile {
        subject: user.id.to_string(),
        email_verified: primary.as_ref().is_some_and(|email| email.verified),
        email: primary.map(|email| email.email).unwrap_or_default(),
        name: user
            .name
            .filter(|name| !name.is_empty())
            .unwrap_or(user.login),
    })
}
