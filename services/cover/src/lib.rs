//! From a title to covers.
//!
//! Invariants:
//! - A request, its task submission and its event commit together; the task id
//!   is minted before anything else and is the key of all that follows.
//! - The same task makes the same covers: ids of covers and assets derive from
//!   the task id, so a repeated step writes the same rows and files.
//! - Covers exist only if their quota was charged, and quota is charged only
//!   if their files are stored.
//!
//! Modules in reading order: `config`, `order` (what is asked for), `domain`,
//! `store`, `peers`, `saga`, `app` (one function per RPC), `api`, `events`,
//! `error`.

mod api;
mod app;
mod config;
mod domain;
mod error;
mod events;
mod order;
mod peers;
mod saga;
mod store;

use std::sync::Arc;

use covergen_chassis::{BoxError, Context, Service, Wiring};
use covergen_proto::cover::v1::cover_service;
use covergen_studio::Studio;

use crate::api::Api;
use crate::app::App;
use crate::config::Config;
use crate::peers::Peers;

/// The cover service.
#[must_use]
pub fn service() -> Service {
    Service::new("cover", start).migrations(store::migrations())
}

async fn start(context: Context) -> Result<Wiring, BoxError> {
    let config: Config = context.config()?;
    let app = Arc::new(App {
        store: context.store.clone(),
        peers: Peers::new(|service| context.channel(service)),
        studio: Studio::shared(&context.process().fonts.dir),
        shutdown: context.shutdown.clone(),
        config,
    });
    let submit = Arc::clone(&app);
    Ok(Wiring::new()
        .grpc(cover_service(Api(Arc::clone(&app))))
        .command(app::SUBMIT_TASK, move |command| {
            let app = Arc::clone(&submit);
            async move { app.carry_out_submission(&command.payload).await }
        })
        .worker("generate", saga::work(app, context)))
}
