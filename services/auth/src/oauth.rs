//! Providers that people can sign in with, spoken to over HTTP.
//!
//! Invariants: no address is spoken to that configuration, or the metadata of
//! a configured issuer, has not named; redirects are not followed; answers are
//! bounded; what a provider says is believed only after the checks of OpenID
//! Connect Core 3.1.3.7, RFC 7636 and RFC 9207.
//!
//! Modules in reading order: `http`, `provider`, `metadata`, `keys`,
//! `id_token`, `exchange`, `github`.

mod exchange;
mod github;
mod http;
mod id_token;
mod keys;
mod metadata;
mod provider;

pub(crate) use provider::{Answer, Asked, Profile, Provider, Providers};

/// Why a provider did not sign anybody in.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// It cannot be reached, or fails.
    #[error("the provider does not answer: {0}")]
    Unavailable(String),
    /// Its answer is not one to believe.
    #[error("the provider's answer was refused: {0}")]
    Refused(&'static str),
}
