//! Profiles, workspaces, tier and quota, preferences and history; a copy of
//! one's data, and leaving.
//!
//! Invariants:
//! - `used + reserved` never passes the limit, however many reserve at once:
//!   one statement checks and takes.
//! - What was reserved in a period is committed, released and refunded in that
//!   period, whatever the calendar says by then.
//! - Every balance equals the sum of its ledger.
//! - A profile is made from the verified caller when it is first needed, so
//!   nothing waits for an event, and never again for somebody who has left.
//! - A copy of somebody's data is whole or breaks off; nothing of it is stored.
//!
//! Modules in reading order: `config`, `domain`, `store`, `peers`, `app` (one
//! function per RPC), `gather` (a copy of one's data), `keep`
//! (workers), `api`, `events`, `error`.

mod api;
mod app;
mod config;
mod domain;
mod error;
mod events;
mod gather;
mod keep;
mod peers;
mod store;

use std::sync::Arc;

use covergen_chassis::{BoxError, Context, Service, Wiring};
use covergen_proto::user::v1::user_service;
use tokio::sync::Semaphore;

use crate::api::Api;
use crate::app::App;
use crate::config::Config;
use crate::peers::{Auth, Keepers, Media};

/// The user service.
#[must_use]
pub fn service() -> Service {
    Service::new("user", start).migrations(store::migrations())
}

async fn start(context: Context) -> Result<Wiring, BoxError> {
    let config: Config = context.config()?;
    let tx = context.store.begin().await?;
    let until = tx.lease_now_ms() + config.reservation_ttl_ms;
    store::quota::renew_terms(&tx, until).await?;
    tx.commit().await?;
    let app = Arc::new(App {
        store: context.store.clone(),
        stale: context.stale_reads(),
        auth: Auth::new(&context),
        media: Media::new(&context),
        keepers: Keepers::new(&context, &config.data_keepers),
        clock: context.clock.clone(),
        copies: Arc::new(Semaphore::new(config.concurrent_data_exports)),
        config,
    });
    Ok(Wiring::new()
        .grpc(user_service(Api(Arc::clone(&app))))
        .subscribe(events::people(&app))
        .read_model(events::history(&app))
        .worker(
            "sweep",
            keep::sweep(Arc::clone(&app), context.shutdown.clone()),
        )
        .worker("audit", keep::audit(app, context.shutdown)))
}
