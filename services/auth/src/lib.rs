//! Who a caller is: credentials, sessions, tokens, roles.
//!
//! Invariants:
//! - Passwords and tokens are stored as hashes only.
//! - A login that names no account does the same work and gets the same answer
//!   as one with a wrong password.
//! - A refresh token has at most one successor, however many present it at once.
//! - A session that ended lets no token of its own in again: here at once, and
//!   in every other process by event.
//! - A mailed token, a recovery code, a time step of an authenticator app and a
//!   passkey's challenge work once: condition and change are one statement.
//! - Whoever proves an address gets an account that nobody else has a way into.
//!
//! Modules in reading order: `config`, `domain` (rules without I/O),
//! `password`, `refresh_token` and `secrets`, `mail` (what is written to
//! people), `oauth` (providers, by HTTP), `store`, `app` (one function per
//! RPC), `api`, `events`, `error`.

mod api;
mod app;
mod config;
mod domain;
mod error;
mod events;
mod mail;
mod oauth;
mod password;
mod refresh_token;
mod secrets;
mod store;

use std::sync::Arc;

use covergen_chassis::{BoxError, Context, Service, Wiring};
use covergen_mail::Mailer;
use covergen_proto::auth::v1::{
    account_service, api_key_service, auth_service, mfa_service, o_auth_service, passkey_service,
};
use covergen_store::Sealer;
use url::{Host, Url};

use crate::api::Api;
use crate::app::App;
use crate::config::Config;
use crate::domain::webauthn::RelyingParty;
use crate::mail::SEND_MAIL;
use crate::oauth::Providers;
use crate::password::Passwords;
use crate::refresh_token::RefreshTokens;
use crate::secrets::Derived;

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
    let mail: covergen_mail::Config =
        toml::Value::Table(context.process().mail.clone()).try_into()?;
    let app = Arc::new(App {
        store: context
            .store
            .clone()
            .with_sealer(Sealer::new(derive("auth.replies")?, &[])),
        refresh_tokens: RefreshTokens::new(derive("auth.refresh")?),
        passwords: Passwords::new(&config)?,
        sealer: secrets::sealer(&config.sealing_keys, &keys.derive_all("auth.totp"))?,
        derived: Derived::new(derive("auth.derived")?),
        mailer: Mailer::new(&mail)?,
        providers: Providers::new(&config.providers, &config.public_url, &context.clock)?,
        party: relying_party(&config)?,
        identity: context.identity.clone(),
        clock: context.clock.clone(),
        config,
    });
    let (mailing, sweeping) = (Arc::clone(&app), Arc::clone(&app));
    let api = || Api(Arc::clone(&app));
    Ok(Wiring::new()
        .grpc(auth_service(api()))
        .grpc(mfa_service(api()))
        .grpc(passkey_service(api()))
        .grpc(o_auth_service(api()))
        .grpc(api_key_service(api()))
        .grpc(account_service(api()))
        .subscribe(events::subscription(&app))
        .command(SEND_MAIL, move |command| {
            let app = Arc::clone(&mailing);
            async move { app.send_mail(command).await }
        })
        .worker("sweep", async move {
            sweeping.sweep_until(context.shutdown).await;
        }))
}

/// Who passkeys belong to. Browsers take a domain, never an address, so pages
/// on an address of this machine use the name of this machine.
fn relying_party(config: &Config) -> Result<RelyingParty, BoxError> {
    let url = Url::parse(&config.public_url)
        .map_err(|error| format!("services.auth.public_url: {error}"))?;
    let own = url.origin().ascii_serialization();
    let (domain, local) = match url.host() {
        Some(Host::Domain(domain)) => (domain.to_owned(), None),
        Some(host) => {
            let port = url.port_or_known_default().unwrap_or_default();
            tracing::debug!(%host, "passkeys belong to localhost");
            let origin = format!("{}://localhost:{port}", url.scheme());
            ("localhost".to_owned(), Some(origin))
        }
        None => return Err("services.auth.public_url names no host".into()),
    };
    let mut origins = config.passkey_origins.clone();
    if origins.is_empty() {
        origins.push(own);
        origins.extend(local);
    }
    Ok(RelyingParty {
        id: if config.passkey_domain.is_empty() {
            domain
        } else {
            config.passkey_domain.clone()
        },
        origins,
    })
}
