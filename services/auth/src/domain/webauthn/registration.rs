use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::authenticator::{AttestedCredential, AuthenticatorData};
use super::cbor::Item;
use super::{Refused, RelyingParty, client_data, decode};

/// RegistrationResponseJSON, as far as it is read. What a browser adds besides
/// is left alone.
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
    attestation_object: String,
    #[serde(default)]
    transports: Vec<String>,
}

/// A browser's answer to creation options. Its challenge is yet to be found
/// among ours.
pub(crate) struct Registration {
    pub(crate) challenge: Vec<u8>,
    pub(crate) credential: NewCredential,
}

/// A credential to keep.
pub(crate) struct NewCredential {
    pub(crate) id: Vec<u8>,
    /// COSE_Key.
    pub(crate) public_key: Vec<u8>,
    pub(crate) sign_count: u32,
    pub(crate) backup_eligible: bool,
    pub(crate) backed_up: bool,
    pub(crate) transports: Vec<String>,
}

/// Transports that exist (5.8.4), so that nothing else is stored.
const TRANSPORTS: [&str; 6] = ["ble", "hybrid", "internal", "nfc", "smart-card", "usb"];

impl Registration {
    /// Checks all of 7.1 but the challenge and that the id is new.
    pub(crate) fn check(
        credential: serde_json::Value,
        party: &RelyingParty,
    ) -> Result<Self, Refused> {
        let json: Json = serde_json::from_value(credential).map_err(|_| Refused::Shape)?;
        if json.r#type != "public-key" {
            return Err(Refused::Shape);
        }
        let client_data = decode(&json.response.client_data)?;
        let challenge = client_data::check(&client_data, "webauthn.create", party)?;
        let object = decode(&json.response.attestation_object)?;
        let object = Item::read_whole(&object).map_err(|_| Refused::Attestation)?;
        let data = object
            .text_key("authData")
            .and_then(Item::as_bytes)
            .ok_or(Refused::Attestation)?;
        let parsed = AuthenticatorData::check(data, party)?;
        let new = parsed.credential.ok_or(Refused::AuthenticatorData)?;
        if decode(&json.raw_id)? != new.id {
            return Err(Refused::Shape);
        }
        attestation(&object, data, &client_data, &new)?;
        let mut transports = json.response.transports;
        transports.retain(|transport| TRANSPORTS.contains(&transport.as_str()));
        transports.sort();
        transports.dedup();
        Ok(Self {
            challenge,
            credential: NewCredential {
                id: new.id,
                public_key: new.cose,
                sign_count: parsed.sign_count,
                backup_eligible: parsed.backup_eligible,
                backed_up: parsed.backed_up,
                transports,
            },
        })
    }
}

/// `none` says nothing, and must then say nothing. Self attestation is signed
/// by the new key itself. Any other statement was not asked for and is not
/// relied on.
fn attestation(
    object: &Item,
    data: &[u8],
    client_data: &[u8],
    new: &AttestedCredential,
) -> Result<(), Refused> {
    let format = object.text_key("fmt").and_then(Item::as_text);
    let statement = object.text_key("attStmt");
    let (Some(format), Some(statement @ Item::Map(entries))) = (format, statement) else {
        return Err(Refused::Attestation);
    };
    match format {
        "none" if entries.is_empty() => Ok(()),
        "none" => Err(Refused::Attestation),
        "packed" if statement.text_key("x5c").is_none() => {
            let signature = statement.text_key("sig").and_then(Item::as_bytes);
            let algorithm = statement.text_key("alg").and_then(Item::as_int);
            let (Some(signature), Some(algorithm)) = (signature, algorithm) else {
                return Err(Refused::Attestation);
            };
            if algorithm != new.key.algorithm() {
                return Err(Refused::Attestation);
            }
            let signed = [data, &Sha256::digest(client_data)[..]].concat();
            new.key.verify(&signed, signature)
        }
        _ => Ok(()),
    }
}
