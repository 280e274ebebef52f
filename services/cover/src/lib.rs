//! From a title to covers.
//!
//! Invariants:
//! - A request, its task submission and its event commit together; the task id
//!   is minted before anything else and is the key of all that follows.
//! - The same task makes the same covers: ids of covers and assets derive from
//!   the task id, so a repeated step writes the same rows and files.
//! - Covers exist only if their quota was charged, and quota is charged only
//!   if their files are stored.
//! - Where a request stands is what its events fold to; they are only ever
//!   added to, in the transaction of what they tell.
//! - A row of a bulk is an ordinary task whose id derives from the row, so no
//!   row is made twice.
//!
//! Modules in reading order: `config`, `order` (what is asked for) with `look`
//! (colours, type and pictures) and `bulk` (many of them), `domain`, `store`,
//! `peers`, `pictures`, `live`, `saga`, `app` (one function per RPC), `api`,
//! `events`, `error`.

mod api;
mod app;
mod bulk;
mod config;
mod domain;
mod drawings;
mod error;
mod events;
mod live;
mod look;
mod order;
mod peers;
mod pictures;
mod saga;
mod store;

use std::sync::Arc;

use covergen_chassis::{BoxError, Context, Service, Wiring};
use covergen_proto::cover::v1::{cover_service, cover_task_service};
use covergen_studio::Studio;

use crate::api::Api;
use crate::app::App;
use crate::config::Config;
use crate::drawings::Drawings;
use crate::live::Live;
use crate::peers::Peers;
use crate::pictures::PictureReader;

/// The cover service.
#[must_use]
pub fn service() -> Service {
    Service::new("cover", start).migrations(store::migrations())
}

async fn start(context: Context) -> Result<Wiring, BoxError> {
    let config: Config = context.config()?;
    let limits = covergen_imaging::Limits {
        max_bytes: config.max_picture_bytes,
        max_pixels: config.max_picture_pixels,
        ..covergen_imaging::Limits::default()
    };
    let studio = Studio::shared(&context.process().fonts.dir);
    let app = Arc::new(App {
        drawings: Drawings::new(Arc::clone(&studio)),
        store: context.store.clone(),
        stale: context.stale_reads(),
        peers: Peers::new(|service| context.channel(service)),
        studio,
        pictures: PictureReader::new(config.picture_cache_bytes, limits),
        live: Live::new(Arc::clone(&context.events)),
        identity: context.identity.clone(),
        shutdown: context.shutdown.clone(),
        config,
    });
    let (submit, cancel, delete) = (Arc::clone(&app), Arc::clone(&app), Arc::clone(&app));
    Ok(Wiring::new()
        .grpc(cover_service(Api(Arc::clone(&app))))
        .grpc(cover_task_service(Api(Arc::clone(&app))))
        .subscribe(events::subscription(&app))
        .command(app::SUBMIT_TASK, move |command| {
            let app = Arc::clone(&submit);
            async move { app.carry_out_submission(&command.payload).await }
        })
        .command(app::CANCEL_TASK, move |command| {
            let app = Arc::clone(&cancel);
            async move { app.carry_out_cancel(&command.payload).await }
        })
        .command(app::DELETE_ASSETS, move |command| {
            let app = Arc::clone(&delete);
            async move { app.carry_out_deletion(&command.payload).await }
        })
        .worker("bulks", Arc::clone(&app).work_on_bulks())
        .worker("generate", saga::work(app, context)))
}
