use serde::Deserialize;

use super::{Refused, RelyingParty, decode};

/// What the browser says of the page and the ceremony (5.8.1).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClientData {
    r#type: String,
    challenge: String,
    origin: String,
    #[serde(default)]
    cross_origin: bool,
    #[serde(default)]
    top_origin: Option<String>,
}

/// Checks client data of a ceremony and hands out its challenge, which is yet
/// to be found among ours.
pub(super) fn check(json: &[u8], ceremony: &str, party: &RelyingParty) -> Result<Vec<u8>, Refused> {
    let data: ClientData = serde_json::from_slice(json).map_err(|_| Refused::ClientData)?;
    if data.r#type != ceremony {
        return Err(Refused::ClientData);
    }
    // We are never framed by another site, so a frame is somebody else's work.
    if data.cross_origin || data.top_origin.is_some() || !party.origins.contains(&data.origin) {
        return Err(Refused::Origin);
    }
    decode(&data.challenge).map_err(|_| Refused::ClientData)
}
