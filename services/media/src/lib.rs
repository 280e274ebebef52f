//! Stored images: upload, delivery under signed addresses, deletion.
//!
//! What services store is kept as it is, once it was decoded. What people
//! upload is written anew: upright, in sRGB, without metadata.
//!
//! Invariants:
//! - What is stored was decoded first: size, type and caps are those of the
//!   pixels, not those of a header.
//! - An asset that is answered has its object; an object that no asset needs
//!   is deleted, also when a process dies in between.
//! - The same content is stored once, and never changes: it may be cached for
//!   ever.
//! - No byte of a person's file is served: what is stored was written by our
//!   own encoders from the pixels.
//! - Of an upload that comes in part by part, what was told as stored is
//!   durable, and one sender at a time adds to it.
//! - A file in an archive goes the way of a file sent by itself, and once,
//!   however often the work on the archive begins anew.
//! - The room a workspace takes is counted in the transaction that stores or
//!   deletes, and a workspace whose owner left takes nothing in.
//! - An image is served only under an address that this service signed, and
//!   in one spelling of it.
//!
//! Modules in reading order: `config`, `domain` (operations and sizes),
//! `facts` (what is kept about an upload), `address` (signed addresses),
//! `tus` and `spool` (uploads on their way in), `archive` (many pictures in
//! one file), `pictures` (decoding and writing, a few
//! at a time), `store`, `app` (one function per RPC, and the life of an
//! object), `api`, `events`, `error`.

mod address;
mod api;
mod app;
mod archive;
mod config;
mod domain;
mod error;
mod events;
mod facts;
mod pictures;
mod spool;
mod store;
mod tus;

use std::sync::Arc;

use covergen_chassis::{BoxError, Context, Service, Wiring};
use covergen_proto::media::v1::media_service;
use tokio::sync::Semaphore;

use crate::address::Addresses;
use crate::api::Api;
use crate::app::{App, COMPLETE_UPLOAD, DELETE_OBJECT, REMOVE_PARTS, Senders, Stripes};
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
        completing: Stripes::default(),
        reading: Stripes::default(),
        archives: Arc::new(Semaphore::new(config.concurrent_archives.max(1))),
        receptions: Arc::new(Semaphore::new(config.concurrent_receptions.max(1))),
        senders: Senders::default(),
        appends: Arc::new(Semaphore::new(config.concurrent_appends.max(1))),
        config,
    });
    let (deleting, sweeping) = (Arc::clone(&app), Arc::clone(&app));
    let (completing, removing) = (Arc::clone(&app), Arc::clone(&app));
    Ok(Wiring::new()
        .subscribe(events::subscription(&app))
        .grpc(media_service(Api(app)))
        .command(DELETE_OBJECT, move |command| {
            let app = Arc::clone(&deleting);
            async move { app.object_deletion(command).await }
        })
        .command(COMPLETE_UPLOAD, move |command| {
            let app = Arc::clone(&completing);
            async move { app.completion(command).await }
        })
        .command(REMOVE_PARTS, move |command| {
            let app = Arc::clone(&removing);
            async move { app.parts_removal(command).await }
        })
        .worker("sweep", async move {
            sweeping.sweep_until(context.shutdown).await;
        }))
}
