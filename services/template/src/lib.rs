//! The gallery, custom templates and brand kits.
//!
//! Invariants:
//! - The tables follow the renderer's catalogue: after a start every design it
//!   knows is listed, and an older process that starts later takes nothing back.
//! - A version of a template never changes: a change is a new version, and so
//!   is the restoring of an old one. A cover names the version it was made with.
//! - A version of a template is told of once, in the transaction that adds it.
//! - Custom templates and brand kits are found within their workspace alone.
//! - A use is counted once and told of once, however often its event comes. What
//!   is counted follows from events and the templates that are there alone, so
//!   that it can be counted anew.
//! - The same seed chooses the same template, and a new template changes only
//!   the choices that fall on it.
//! - A thumbnail is of the version in its cache key.
//!
//! Modules in reading order: `config`, `domain` (the gallery, the choice, and
//! one file per kind of rule), `store`, `peers`, `thumbnails`, `app` (one
//! function per RPC, the sync, the events), `api`, `events`, `error`.

mod api;
mod app;
mod config;
mod domain;
mod error;
mod events;
mod peers;
mod store;
mod thumbnails;

use std::sync::Arc;

use covergen_chassis::{BoxError, Context, Service, Wiring};
use covergen_proto::template::v1::template_service;
use covergen_studio::Studio;

use crate::api::Api;
use crate::app::App;
use crate::config::Config;
use crate::peers::Peers;
use crate::thumbnails::Thumbnails;

/// The template service.
#[must_use]
pub fn service() -> Service {
    Service::new("template", start).migrations(store::migrations())
}

async fn start(context: Context) -> Result<Wiring, BoxError> {
    let config: Config = context.config()?;
    let studio = Studio::shared(&context.process().fonts.dir);
    let app = Arc::new(App {
        store: context.store.clone(),
        stale: context.stale_reads(),
        peers: Peers::new(|service| context.channel(service)),
        thumbnails: Thumbnails::new(context.cache.clone(), Arc::clone(&studio), &config),
        studio,
        config,
    });
    app.sync_catalog(&domain::gallery()).await?;
    Ok(Wiring::new()
        .read_model(events::popularity(&app))
        .subscribe(events::covers(&app))
        .subscribe(events::users(&app))
        .grpc(template_service(Api(app))))
}
