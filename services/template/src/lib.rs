//! The gallery: templates, their categories, their thumbnails.
//!
//! Invariants:
//! - The tables follow the renderer's catalogue: after a start every design it
//!   knows is listed, and an older process that starts later takes nothing back.
//! - A version of a template is told of once, in the transaction that adds it.
//! - The same seed chooses the same template, and a new template changes only
//!   the choices that fall on it.
//! - A thumbnail is of the version in its cache key.
//!
//! Modules in reading order: `config`, `domain` (the gallery, the choice),
//! `store`, `thumbnails` (rendering, a few at a time), `app` (one function per
//! RPC, and the sync), `api`, `events`, `error`.

mod api;
mod app;
mod config;
mod domain;
mod error;
mod events;
mod store;
mod thumbnails;

use std::sync::Arc;

use covergen_chassis::{BoxError, Context, Service, Wiring};
use covergen_proto::template::v1::template_service;

use crate::api::Api;
use crate::app::App;
use crate::config::Config;
use crate::thumbnails::Thumbnails;

/// The template service.
#[must_use]
pub fn service() -> Service {
    Service::new("template", start).migrations(store::migrations())
}

async fn start(context: Context) -> Result<Wiring, BoxError> {
    let config: Config = context.config()?;
    let fonts = context.process().fonts.dir.clone();
    let app = Arc::new(App {
        store: context.store.clone(),
        thumbnails: Thumbnails::new(context.cache.clone(), fonts, &config),
    });
    app.sync_catalog(&domain::gallery()).await?;
    Ok(Wiring::new().grpc(template_service(Api {
        app,
        public_prefix: config.public_prefix,
    })))
}
