//! One file per table.

pub(crate) mod account;
pub(crate) mod api_key;
pub(crate) mod oauth_flow;
pub(crate) mod one_time_token;
pub(crate) mod passkey;
pub(crate) mod passkey_challenge;
pub(crate) mod provider_link;
pub(crate) mod recovery_code;
pub(crate) mod refresh_token;
pub(crate) mod role_binding;
pub(crate) mod session;
pub(crate) mod totp;
