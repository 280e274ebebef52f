//! One file per table.

pub(crate) mod account;
pub(crate) mod refresh_token;
pub(crate) mod role_binding;
pub(crate) mod session;
