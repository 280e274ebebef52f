use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::authenticator::AuthenticatorData;
use super::cbor::Item;
use super::cose::Key;
use super::{Refused, RelyingParty, client_data, decode};

/// AuthenticationResponseJSON, as far as it is read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Json {
    raw_id: String,
    r#type: String,
    response: ResponseJson,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ResponseJson {
    #[serde(rename = "clientDataJSON")]
    client_data: String,
    authenticator_data: String,
    signature: String,
    #[serde(default)]
    user_handle: Option<String>,
}

/// A browser's answer to request options. Its challenge and credential are
/// yet to be found among ours, and its signature to be checked.
pub(crate) struct Assertion {
    pub(crate) challenge: Vec<u8>,
    pub(crate) credential_id: Vec<u8>,
    user_handle: Vec<u8>,
    signed: Vec<u8>,
    signature: Vec<u8>,
    sign_count: u32,
    backup_eligible: bool,
    backed_up: bool,
}

/// A credential that is kept.
pub(crate) struct Known<'a> {
    /// COSE_Key.
    pub(crate) public_key: &'a [u8],
    /// Handle of its owner.
    pub(crate) user_handle: &'a [u8],
    pub(crate) backup_eligible: bool,
}

/// What to keep after a sign-in.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) sign_count: u32,
    pub(crate) backed_up: bool,
}

impl Assertion {
    /// Checks what needs no credential.
    pub(crate) fn check(
        credential: serde_json::Value,
        party: &RelyingParty,
    ) -> Result<Self, Refused> {
        let json: Json = serde_json::from_value(credential).map_err(|_| Refused::Shape)?;
        if json.r#type != "public-key" {
            return Err(Refused::Shape);
        }
        let client_data = decode(&json.response.client_data)?;
        let challenge = client_data::check(&client_data, "webauthn.get", party)?;
        let data = decode(&json.response.authenticator_data)?;
        let parsed = AuthenticatorData::check(&data, party)?;
        // No name was asked for, so the passkey must say whose it is.
        let handle = json.response.user_handle.ok_or(Refused::UserHandle)?;
        Ok(Self {
            challenge,
            credential_id: decode(&json.raw_id)?,
            user_handle: decode(&handle)?,
            signed: [&data[..], &Sha256::digest(&client_data)[..]].concat(),
            signature: decode(&json.response.signature)?,
            sign_count: parsed.sign_count,
            backup_eligible: parsed.backup_eligible,
            backed_up: parsed.backed_up,
        })
    }

    /// Checks the rest against the credential it names. The counter is judged
    /// by whoever stores it, in the statement that stores it.
    pub(crate) fn verify(&self, known: &Known<'_>) -> Result<Seen, Refused> {
        if self.user_handle != known.user_handle {
            return Err(Refused::UserHandle);
        }
        // A credential cannot become one that is carried to other devices.
        if self.backup_eligible != known.backup_eligible {
            return Err(Refused::AuthenticatorData);
        }
        let key = Item::read_whole(known.public_key).map_err(|_| Refused::Key)?;
        Key::read(&key)?.verify(&self.signed, &self.signature)?;
        Ok(Seen {
            sign_count: self.sign_count,
            backed_up: self.backed_up,
        })
    }
}
