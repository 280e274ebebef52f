//! What happened, told: in the app, on people's devices, to their servers.
//!
//! Invariants:
//! - What an event causes here commits with its inbox row, so an event that is
//!   acknowledged is told, and one that comes twice is told once.
//! - A delivery is sent at least once until it arrives, is given up, or its
//!   target is disabled or gone; only the holder of its latest fencing token
//!   writes down how an attempt ended.
//! - Nothing is sent to an address that is not of the public internet, unless
//!   configuration allows this machine; a name is resolved once per connection.
//! - Secrets of webhooks and devices are sealed at rest, and are in no log.
//! - Of a person who left nothing is kept, and nothing is added later.
//!
//! Modules in reading order: `config`, `domain` (rules), `store`, `sealing`,
//! `outbound` (HTTP to strangers), `app` (one function per RPC, the recording
//! of events, the attempts), `sender` (the worker), `api`, `events`, `error`.

mod api;
mod app;
mod config;
mod domain;
mod error;
mod events;
mod outbound;
mod sealing;
mod sender;
mod store;

use std::sync::Arc;

use covergen_chassis::{BoxError, Context, Service, Wiring};
use covergen_proto::notification::v1::{notification_service, push_service, webhook_service};
use covergen_store::Sealer;

use crate::api::Api;
use crate::app::App;
use crate::config::Config;
use crate::outbound::Outbound;

/// The notification service.
#[must_use]
pub fn service() -> Service {
    Service::new("notification", start).migrations(store::migrations())
}

async fn start(context: Context) -> Result<Wiring, BoxError> {
    let config: Config = context.config()?;
    let keys = context.identity.internal.keys();
    let replies = keys.derive_all("notification.replies");
    let (current, previous) = replies
        .split_first()
        .ok_or("notification needs the private keys of internal tokens")?;
    let store = context
        .store
        .clone()
        .with_sealer(Sealer::new(*current, previous));
    let sealer = sealing::sealer(
        &config.sealing_keys,
        &keys.derive_all("notification.secrets"),
    )?;
    let vapid = app::vapid(&store, &sealer, &config.vapid_contact).await?;
    let app = Arc::new(App {
        store,
        sealer,
        vapid,
        outbound: Outbound::new(&config)?,
        wake: tokio::sync::Notify::new(),
        config,
    });
    app.take_over().await?;
    let (sending, sweeping) = (Arc::clone(&app), Arc::clone(&app));
    let api = || Api(Arc::clone(&app));
    Ok(Wiring::new()
        .grpc(notification_service(api()))
        .grpc(webhook_service(api()))
        .grpc(push_service(api()))
        .subscribe(events::covers(&app))
        .subscribe(events::exports(&app))
        .subscribe(events::users(&app))
        .subscribe(events::verdicts(&app))
        .subscribe(events::accounts(&app))
        .worker("deliveries", sender::run(sending, context.shutdown.clone()))
        .worker("sweep", async move {
            sweeping.sweep_until(context.shutdown).await;
        }))
}
