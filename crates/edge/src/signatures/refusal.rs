use std::borrow::Cow;
use std::time::Duration;

use covergen_bff::Problem;
use http::{HeaderValue, StatusCode};
use tonic::Code;

/// Why a request is not taken for signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It bears no signature.
    Required,
    /// It bears none that holds, and why.
    Invalid(Cow<'static, str>),
    /// It was signed at another time than now.
    Expired(&'static str),
    /// It was sent before.
    Replayed,
    /// Whether it was sent before cannot be told.
    NotChecked,
    /// Its key has signed too many, and until when.
    TooMany(Duration),
}

impl Refusal {
    pub(super) fn invalid(why: impl Into<Cow<'static, str>>) -> Self {
        Self::Invalid(why.into())
    }

    /// The refusal as callers see it, with what a good signature covers.
    pub(super) fn told(self, accepted: Option<HeaderValue>) -> Problem {
        let problem = match self {
            Self::Required => required(),
            Self::Invalid(why) => {
                Problem::unauthenticated("SIGNATURE_INVALID", format!("The signature: {why}."))
            }
            Self::Expired(why) => Problem::unauthenticated("SIGNATURE_EXPIRED", why),
            Self::Replayed => Problem::unauthenticated(
                "SIGNATURE_REPLAYED",
                "A request with this nonce was sent before; sign each one with a fresh nonce.",
            ),
            Self::NotChecked => Problem::unavailable(
                "SIGNATURE_NOT_CHECKED",
                "Whether this request was sent before cannot be checked now; try again.",
            ),
            Self::TooMany(wait) => Problem::new(
                Code::ResourceExhausted,
                "RATE_LIMITED",
                "No more signed requests of this API key are granted here.",
            )
            .with_retry_after(wait),
        };
        match accepted {
            Some(accepted) if problem.status() == StatusCode::UNAUTHORIZED => {
                problem.with_header("accept-signature", accepted)
            }
            _ => problem,
        }
    }
}

/// The refusal of a key that is good for signed requests alone.
pub(crate) fn required() -> Problem {
    Problem::unauthenticated(
        "SIGNATURE_REQUIRED",
        "This API key is good for signed requests alone (RFC 9421).",
    )
}
