//! Stored images: upload, delivery under signed addresses, deletion.
//!
//! Invariants:
//! - What is stored was decoded first: size, type and caps are those of the
//!   pixels, not those of a header.
//! - An asset that is answered has its object; an object that no asset needs
//!   is deleted, also when a process dies in between.
//! - The same content is stored once, and never changes: it may be cached for
//!   ever.
//! - An image is served only under an address that this service signed, and
//!   in one spelling of it.
//!
//! Modules in reading order: `config`, `domain` (operations and sizes),
//! `address` (signed addresses), `pictures` (decoding and resizing, a few at a
//! time), `store`, `app` (one function per RPC, and the life of an object),
//! `api`, `events`, `error`.

mod address;
mod api;
mod app;
mod config;
mod domain;
mod error;
mod events;
mod pictures;
mod store;

use std::sync::Arc;

use covergen_chassis::{BoxError, Context, Service, Wiring};
use covergen_proto::media::v1::media_service;
use tokio::sync::Semaphore;

use crate::address::Addresses;
use crate::api::Api;
use crate::app::{App, DELETE_OBJECT, Stripes};
use crate::config::Config;
use crate::pictures::Pictures;

/// The media service.
#[must_use]
pub fn service() -> Service {
    Service::new("media", start).migrations(store::migrations())
}

async fn start(context: Context) -> Result<Wiring, BoxError> {
    let config: Config = context.config()?;
    let derived = context.identity.internal.keys().derive("media.urls");
    let app = Arc::new(App {
        store: context.store.clone(),
        objects: Arc::clone(&context.objects),
        addresses: Addresses::new(&config, derived)
            .ok_or("media needs services.media.url_key, or the private keys of internal tokens")?,
        pictures: Pictures::new(config.concurrent_pictures),
        making: Stripes::default(),
        uploads: Arc::new(Semaphore::new(config.concurrent_uploads.max(1))),
        config,
    });
    let (deleting, sweeping) = (Arc::clone(&app), Arc::clone(&app));
    Ok(Wiring::new()
        .grpc(media_service(Api(app)))
        .command(DELETE_OBJECT, move |command| {
            let app = Arc::clone(&deleting);
            async move { app.object_deletion(command).await }
        })
        .worker("sweep", async move {
            sweeping.sweep_until(context.shutdown).await;
        }))
}
