//! Passkeys by WebAuthn level 3: what a browser's answer must hold before a
//! credential is kept (7.1) or believed (7.2).
//!
//! User verification is always asked for, so a passkey is two factors in one.
//! Attestation is not asked for: who made an authenticator decides nothing
//! here, and the statement is read only to refuse what contradicts itself.
//!
//! Modules in reading order: `party`, `cbor`, `cose`, `client_data`,
//! `authenticator`, `registration`, `assertion`.

mod assertion;
mod authenticator;
mod cbor;
mod client_data;
mod cose;
mod party;
mod registration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

pub(crate) use assertion::{Assertion, Known};
pub(crate) use party::{Person, RelyingParty};
pub(crate) use registration::Registration;

/// Why an answer is not believed. For logs and for who builds a client; a
/// stranger is told less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refused {
    #[error("the credential is not the JSON of WebAuthn level 3")]
    Shape,
    #[error("the client data is not of this ceremony")]
    ClientData,
    #[error("the challenge is not ours, or was used, or its time is over")]
    Challenge,
    #[error("the page is not one of ours")]
    Origin,
    #[error("the credential belongs to another site")]
    RpId,
    #[error("the authenticator has not verified its user")]
    UserVerification,
    #[error("the authenticator data is malformed")]
    AuthenticatorData,
    #[error("the key is of a kind that was not offered")]
    Key,
    #[error("the attestation contradicts itself")]
    Attestation,
    #[error("the signature is wrong")]
    Signature,
    #[error("the credential is somebody else's")]
    UserHandle,
}

/// Bytes as WebAuthn's JSON writes them.
pub(crate) fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn decode(text: &str) -> Result<Vec<u8>, Refused> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| Refused::Shape)
}
