//! Who a caller is: credentials, sessions, tokens, roles.
//!
//! Invariants:
//! - Passwords and tokens are stored as hashes only.
//! - A login that names no account does the same work and gets the same answer
//!   as one with a wrong password.
//! - A refresh token has at most one successor, however many present it at once.
//! - A session that ended lets no token of its own in again: here at once, and
//!   in every other process by event.
//!
//! Modules in reading order: `config`, `domain` (rules without I/O),
//! `password` and `refresh_token` (the two secrets), `store`, `app` (one
//! function per RPC), `api`, `events`, `error`.

mod api;
mod app;
mod config;
mod domain;
mod error;
mod events;
mod password;
mod refresh_token;
mod store;

use std::sync::Arc;

use covergen_chassis::{BoxError, Context, Service, Wiring};
use covergen_proto::auth::v1::auth_service;
use covergen_store::Sealer;

use crate::api::Api;
use crate::app::App;
use crate::config::Config;
use crate::password::Passwords;
use crate::refresh_token::RefreshTokens;

/// The auth service.
#[must_use]
pub fn service() -> Service {
    Service::new("auth", start).migrations(store::migrations())
}

async fn start(context: Context) -> Result<Wiring, BoxError> {
    let config: Config = context.config()?;
    let keys = context.identity.access.keys();
    let derive = |purpose| {
        keys.derive(purpose)
            .ok_or("auth needs the private keys of access tokens: see identity.access_keys_dir")
    };
    let app = App {
        store: context
            .store
            .clone()
            .with_sealer(Sealer::new(derive("auth.replies")?, &[])),
        refresh_tokens: RefreshTokens::new(derive("auth.refresh")?),
        passwords: Passwords::new(&config)?,
        identity: context.identity.clone(),
        clock: context.clock.clone(),
        config,
    };
    Ok(Wiring::new().grpc(auth_service(Api(Arc::new(app)))))
}
