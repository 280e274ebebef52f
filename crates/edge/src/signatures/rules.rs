//! What a signature has to say to be taken.

use covergen_bff::{CredentialSource, Presented};
use http::HeaderValue;

use super::digest;
use super::input::Signed;
use super::refusal::Refusal;

/// How far the clocks of a signer and of this edge may be apart, and how long
/// a signed request may be on its way, in seconds.
pub(super) const WINDOW_SECONDS: i64 = 300;

/// The one algorithm.
const ALGORITHM: &str = "ed25519";

/// Headers that change what a request does, and are covered where they are.
const WHERE_PRESENT: [&str; 8] = [
    "if-match",
    "upload-checksum",
    "upload-length",
    "upload-metadata",
    "upload-offset",
    "idempotency-key",
    "x-idempotency-key",
    "x-http-method-override",
];

/// What the signature of a request has to cover.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    /// Beside the method and the target.
    headers: Vec<&'static str>,
}

impl Wanted {
    pub(super) fn of(request: &Presented<'_>) -> Self {
        let mut headers = vec![match request.credential.source {
            CredentialSource::ApiKey => "x-api-key",
            CredentialSource::Bearer | CredentialSource::Cookie => "authorization",
        }];
        if request.has_body {
            headers.push(digest::HEADER);
        }
        let present = WHERE_PRESENT.iter();
        headers.extend(present.filter(|name| request.headers.contains_key(**name)));
        Self { headers }
    }

    pub(super) fn check(&self, signed: &Signed) -> Result<(), Refusal> {
        let has_target = signed.covers("@target-uri")
            || ["@authority", "@path", "@query"]
                .iter()
                .all(|part| signed.covers(part));
        if !has_target {
            return Err(Refusal::invalid(
                "it must cover `@target-uri`, or `@authority`, `@path` and `@query`",
            ));
        }
        let others = std::iter::once(&"@method").chain(&self.headers);
        match others.into_iter().find(|name| !signed.covers(name)) {
            Some(missing) => Err(Refusal::invalid(format!("it must cover `{missing}`"))),
            None => Ok(()),
        }
    }

    /// `Accept-Signature` (RFC 9421, section 5.1): the signature that would
    /// have been taken, its nonce included.
    pub(super) fn accept_signature(&self, id: &str) -> Option<HeaderValue> {
        let target = ["@method", "@authority", "@path", "@query"];
        let components: Vec<String> = target
            .iter()
            .chain(&self.headers)
            .map(|name| format!("\"{name}\""))
            .collect();
        let nonce = uuid::Uuid::new_v4().simple();
        let text = format!(
            "sig1=({});created;keyid=\"{id}\";alg=\"{ALGORITHM}\";nonce=\"{nonce}\"",
            components.join(" ")
        );
        HeaderValue::try_from(text).ok()
    }
}

/// Judges what a signature says of itself, its covered components apart.
pub(super) fn check_parameters(signed: &Signed, id: &str, now: i64) -> Result<(), Refusal> {
    if !signed.names(id) {
        return Err(Refusal::invalid("`keyid` must be the id of the API key"));
    }
    if signed
        .algorithm
        .as_deref()
        .is_some_and(|it| it != ALGORITHM)
    {
        return Err(Refusal::invalid("`alg` must be `ed25519`, or left out"));
    }
    if signed.nonce.is_none() {
        return Err(Refusal::invalid("`nonce` is missing"));
    }
    let Some(created) = signed.created else {
        return Err(Refusal::invalid("`created` is missing"));
    };
    // Unsigned, so that no time that can be written overflows.
    if created.abs_diff(now) > WINDOW_SECONDS.unsigned_abs() {
        return Err(Refusal::Expired(
            "The request was signed more than 300 seconds ago, or by a clock that is not right.",
        ));
    }
    match signed.expires {
        Some(expires) if expires <= now => {
            Err(Refusal::Expired("The time that `expires` names is over."))
        }
        _ => Ok(()),
    }
}
