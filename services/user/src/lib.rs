//! Profiles, workspaces, tier and quota.
//!
//! Invariants:
//! - `used + reserved` never passes the limit, however many reserve at once:
//!   one statement checks and takes.
//! - What was reserved in a period is committed, released and refunded in that
//!   period, whatever the calendar says by then.
//! - Every balance equals the sum of its ledger.
//! - A profile is made from the verified caller when it is first needed, so
//!   nothing waits for an event.
//!
//! Modules in reading order: `config`, `domain`, `store`, `peers`, `app` (one
//! function per RPC), `keep` (workers), `api`, `events`, `error`.

mod api;
mod app;
mod config;
mod domain;
mod error;
mod events;
mod keep;
mod peers;
mod store;

use std::sync::Arc;

use covergen_chassis::{BoxError, Context, Service, Wiring};
use covergen_proto::user::v1::user_service;

use crate::api::Api;
use crate::app::App;
use crate::config::Config;
use crate::peers::Auth;

/// The user service.
#[must_use]
pub fn service() -> Service {
    Service::new("user", start).migrations(store::migrations())
}

async fn start(context: Context) -> Result<Wiring, BoxError> {
    let config: Config = context.config()?;
    let app = Arc::new(App {
        store: context.store.clone(),
        auth: Auth::new(context.channel("auth")),
        clock: context.clock.clone(),
        config,
    });
    Ok(Wiring::new()
        .grpc(user_service(Api(Arc::clone(&app))))
        .subscribe(events::subscription(&app))
        .worker(
            "sweep",
            keep::sweep(Arc::clone(&app), context.shutdown.clone()),
        )
        .worker("audit", keep::audit(app, context.shutdown)))
}
