//! The queue and the saga journal.
//!
//! Invariants:
//! - A terminal state is written once per execution.
//! - Only the holder of the latest fencing token changes a running task.
//! - A task that was begun is never failed here: it is handed out until a
//!   worker has finished or undone it, because only its owner can undo it.
//! - Progress never falls within an execution.
//!
//! Modules in reading order: `config`, `domain` (ranks, backoff, turns),
//! `store`, `live` (who is told at once), `app` (one function per RPC), `api`,
//! `events`, `keep` (a worker), `error`.

mod api;
mod app;
mod config;
mod domain;
mod error;
mod events;
mod keep;
mod live;
mod store;

use std::sync::Arc;

use covergen_chassis::{BoxError, Context, Service, Wiring};
use covergen_proto::task::v1::task_service;

use crate::api::Api;
use crate::app::App;
use crate::config::Config;
use crate::live::Live;

/// The task service.
#[must_use]
pub fn service() -> Service {
    Service::new("task", start).migrations(store::migrations())
}

async fn start(context: Context) -> Result<Wiring, BoxError> {
    let config: Config = context.config()?;
    let tx = context.store.begin().await?;
    let until = tx.lease_now_ms() + i64::from(config.lease_ms);
    store::renew_leases(&tx, until).await?;
    tx.commit().await?;
    let live = Live::new(Arc::clone(&context.events));
    let app = Arc::new(App {
        store: context.store.clone(),
        clock: context.clock.clone(),
        live: live.clone(),
        shutdown: context.shutdown.clone(),
        config,
    });
    Ok(Wiring::new()
        .subscribe(events::subscription(&app))
        .grpc(task_service(Api(Arc::clone(&app))))
        .worker("count", keep::watch_queue(app, context.shutdown.clone()))
        .worker("wake", live.follow(context.shutdown)))
}
