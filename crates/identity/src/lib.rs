//! Who is calling: principals, roles, and the tokens that carry them.
//!
//! Two kinds of token exist. An *access token* is what people hold: it names a
//! user, lives at most 15 minutes and is signed by auth. An *internal token*
//! is what services hand each other: it names the calling service, lives at
//! most 5 minutes, and says on whose behalf it calls. Both are JWTs signed
//! with Ed25519 (RFC 8037) and verified locally, without a call to auth.
//!
//! Invariants: the algorithm is fixed, never read from the token; a token of
//! one kind never passes for the other; nothing is granted that a role, a
//! scope or a list of callers does not name.
//!
//! Modules in reading order: `role`, `principal`, `authorize`, `keys`,
//! `token`, `api_key`, `request_key`, `revocation`.

mod api_key;
mod authorize;
mod keys;
mod principal;
mod request_key;
mod revocation;
mod role;
mod token;

pub use api_key::ApiKeySecret;
pub use authorize::{Denied, EDGES, Requirement, authorize};
pub use keys::{KeyError, KeySet, PublicKey};
pub use principal::{Caller, Principal};
pub use request_key::{RequestKey, RequestKeyError};
pub use revocation::{API_KEY_CACHE_SECONDS, Asked, Revocations};
pub use role::{Role, UnknownRole};
pub use token::{
    ACCESS_TOKEN_SECONDS, AccessTokens, INTERNAL_TOKEN_SECONDS, InternalTokens, LEEWAY_SECONDS,
    TokenError,
};
